//! What the parser and the formatter do with whole files.

mod whole;
