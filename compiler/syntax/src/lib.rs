//! Text to tree.
//!
//! A splitter that knows strings, comments and braces cuts a file into items; `grammar.pest` parses each one; what does
//! not parse becomes an error node that keeps its text. Parsing never fails. Nobody outside this crate sees pest.
//! [`walk`] goes through a tree again, and finds what stands at a place.

mod allowance;
pub mod ast;
mod codes;

mod lex;
mod split;

mod build;
mod grammar;
mod recover;

mod cache;
mod format;
mod parse;
pub mod walk;

pub use allowance::{Allowance, allowance};
pub use cache::ItemCache;
pub use format::format;
pub use lex::{Bracket, Token, TokenKind};
pub use parse::{Parse, parse};

/// The tokens of a text, blanks left out: what a highlighter wants. Every text has some; what is no token is
/// [`TokenKind::Unknown`].
pub fn tokens(text: &str) -> Vec<Token> {
    lex::lex(text).list
}
