//! What the parser and the formatter do with whole files.
//!
//! A case is a file: source on top, `=====` on a line of its own, and what must come out below. `BLESS=1` writes what
//! does come out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the cases are files, and the time a parse takes is measured")]

mod cases;
mod edits;
mod formatting;
mod recovery;
mod whole;
