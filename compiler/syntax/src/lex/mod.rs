//! Source to tokens: lossless (only blanks are left out), never failing, one pass.
//!
//! The tokens are not what the grammar reads: they are what the splitter, the recovery and the formatter stand on. So
//! they know texts with nested interpolation, comments and brackets, and leave keywords to the grammar.

mod scan;
mod token;

pub(crate) use scan::lex;
pub use token::{Bracket, Token, TokenKind};
pub(crate) use token::{LexProblem, LexProblemKind, Tokens};
