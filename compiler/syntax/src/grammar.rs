//! The parser that pest makes of `grammar.pest`.

use pest_derive::Parser;

/// Parses one item, or a part of one, of its plain text.
#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(crate) struct Grammar;
