//! The fast path: one parse of the whole item.

use crate::ast::{Item, ItemKind};
use crate::build::{Builder, build_item, doc_line, relative};
use crate::codes;
use crate::grammar::{Grammar, Rule};
use crate::lex::{LexProblem, Token, TokenKind};
use crate::parse::comments_of;
use crate::split::{match_brackets, plain_text, put_missing_braces, shape};
use carapace_diagnostic::{Diagnostic, TextRange};
use pest::Parser;
use std::sync::Arc;

/// An item (or what is left of one) and what is wrong with it; all ranges count from its first byte.
#[derive(Debug)]
pub(crate) struct ParsedItem {
    /// Bytes from the start of the slice it was found in.
    pub(crate) offset: u32,
    pub(crate) item: Arc<Item>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(crate) fn parse_item(
    source: &str,
    tokens: &[Token],
    keyword: usize,
    _is_item: bool,
    _problems: &[LexProblem],
) -> Vec<ParsedItem> {
    let brackets = match_brackets(source, tokens);
    let marks = shape(source, tokens, keyword, &brackets);
    let mut plain = plain_text(source, tokens, &marks);
    put_missing_braces(&mut plain, tokens, &brackets);
    let plain = String::from_utf8_lossy(&plain);
    let docs: Vec<TextRange> =
        tokens.iter().filter(|t| t.kind == TokenKind::Doc).map(|t| TextRange::new(t.start, t.end)).collect();
    let mut item = Item {
        docs: item_docs(source, tokens.get(..keyword).unwrap_or_default()),
        name: None,
        range: TextRange::new(0, source.len() as u32),
        nodes: 0,
        comments: comments_of(tokens.get(keyword..).unwrap_or_default()).collect(),
        kind: ItemKind::Error,
    };
    let mut builder = Builder::new(source, &docs, &[]);
    match Grammar::parse(Rule::item, &plain) {
        Ok(pairs) => {
            if let Some((name, kind)) = build_item(&mut builder, pairs) {
                item.name = name;
                item.kind = kind;
            }
            item.nodes = builder.nodes();
            vec![ParsedItem { offset: 0, item: Arc::new(item), diagnostics: builder.problems }]
        }
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(p) | pest::error::InputLocation::Span((p, _)) => p as u32,
            };
            let d = Diagnostic::new(
                codes::SYNTAX,
                relative(TextRange::new(at, at + 1)),
                format!("syntax error: {:?}", error.variant),
            );
            vec![ParsedItem::error(0, item, vec![d])]
        }
    }
}

fn item_docs(source: &str, before: &[Token]) -> Option<String> {
    let lines: Vec<&str> =
        before.iter().filter(|t| t.kind == TokenKind::Doc).map(|t| doc_line(t.text(source))).collect();
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}
