//! What the parser and the formatter do with whole files.
//!
//! A case is a file: source on top, `=====` on a line of its own, and what must come out below. `BLESS=1` writes what
//! does come out.

mod cases;
mod edits;
mod formatting;
mod recovery;
mod whole;
