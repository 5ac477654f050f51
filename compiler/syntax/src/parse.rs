//! A file to its tree: cut, look up or parse each item, place it.

use crate::ast::{Comment, File, Item, ItemKind, Placed};
use crate::build::doc_line;
use crate::codes;
use crate::lex::{LexProblem, Token, TokenKind, lex};
use crate::recover::{ParsedItem, parse_item};
use crate::split::{Slice, split};
use carapace_diagnostic::{Diagnostic, FileId, Label, Span, TextRange};
use std::collections::HashMap;
use std::sync::Arc;

/// How long a file may be. Offsets are 32 bits wide; nobody writes flows of this size.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A file's tree and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    /// The tree; what did not parse is in it as error nodes.
    pub file: File,
    /// Mistakes, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses `text`. Never fails, and takes time in proportion to its length.
pub fn parse(file: FileId, text: &str) -> Parse {
    ItemCache::default().parse(file, text)
}

/// Items parsed before, by their text. Keeps those of the last file parsed through it; one per open file makes a
/// keystroke cost one item.
#[derive(Debug, Clone, Default)]
pub struct ItemCache {
    items: HashMap<Box<str>, Arc<[ParsedItem]>>,
}

impl ItemCache {
    /// Parses `text`, taking unchanged items (the same `Arc`) from the file parsed before.
    pub fn parse(&mut self, file: FileId, text: &str) -> Parse {
        let mut old = std::mem::take(&mut self.items);
        assemble(file, text, &mut |key, fresh| {
            let parsed = match self.items.get(key).cloned().or_else(|| old.remove(key)) {
                Some(parsed) => parsed,
                None => fresh(),
            };
            self.items.insert(key.into(), Arc::clone(&parsed));
            parsed
        })
    }

    /// The same of a text that is only tried: the file parsed before stays what is kept.
    pub fn probe(&self, file: FileId, text: &str) -> Parse {
        assemble(file, text, &mut |key, fresh| self.items.get(key).cloned().unwrap_or_else(fresh))
    }
}

/// Parses an item that is not known yet.
type Fresh<'a> = &'a dyn Fn() -> Arc<[ParsedItem]>;

/// Cuts a file into items, has each looked up or parsed, and puts them where they stand.
fn assemble(file: FileId, text: &str, item: &mut dyn FnMut(&str, Fresh<'_>) -> Arc<[ParsedItem]>) -> Parse {
    if text.len() > MAX_BYTES {
        return too_large(file, text);
    }
    let tokens = lex(text);
    let slices = split(text, &tokens.list);
    let mut out =
        Parse { file: File { docs: None, items: Vec::new(), comments: Vec::new() }, diagnostics: Vec::new() };
    let mut problems = tokens.problems.as_slice();
    for slice in &slices {
        let Some(list) = tokens.list.get(slice.first..slice.end) else { continue };
        let (Some(first), Some(last)) = (list.first(), list.last()) else { continue };
        let (start, end) = (first.start, last.end);
        let own = take_problems(&mut problems, start, end);
        let key = text.get(start as usize..end as usize).unwrap_or_default();
        let parsed = item(key, &|| parse_slice(key, list, slice, own, start).into());
        place(&mut out, file, start, &parsed);
    }
    out.file.docs = module_docs(text, &tokens.list, &slices);
    out.file.comments = comments_between(&tokens.list, &slices);
    out.diagnostics.sort_by_key(|d| (d.primary.span.range.start, d.primary.span.range.end));
    out
}

fn too_large(file: FileId, text: &str) -> Parse {
    let span = Span::new(file, TextRange::new(0, 0));
    let message = format!("the file has {} bytes, more than {MAX_BYTES}", text.len());
    Parse {
        file: File { docs: None, items: Vec::new(), comments: Vec::new() },
        diagnostics: vec![
            Diagnostic::new(codes::TOO_LARGE, span, message).help("spread it over several files"),
        ],
    }
}

/// Cuts the problems that lie before `end` off the front of the list.
fn take_problems<'a>(problems: &mut &'a [LexProblem], start: u32, end: u32) -> &'a [LexProblem] {
    let from = problems.partition_point(|p| p.start < start);
    let to = problems.partition_point(|p| p.start < end);
    let own = problems.get(from..to).unwrap_or_default();
    *problems = problems.get(to..).unwrap_or_default();
    own
}

/// Parses an item with everything counted from its first byte.
fn parse_slice(
    source: &str,
    tokens: &[Token],
    slice: &Slice,
    problems: &[LexProblem],
    start: u32,
) -> Vec<ParsedItem> {
    let tokens: Vec<Token> =
        tokens.iter().map(|t| Token { kind: t.kind, start: t.start - start, end: t.end - start }).collect();
    let problems: Vec<LexProblem> = problems
        .iter()
        .map(|p| LexProblem { kind: p.kind, start: p.start - start, end: p.end - start })
        .collect();
    parse_item(source, &tokens, slice.keyword - slice.first, slice.is_item, &problems)
}

fn place(out: &mut Parse, file: FileId, start: u32, parsed: &[ParsedItem]) {
    for piece in parsed {
        let offset = start + piece.offset;
        out.file.items.push(Placed { offset, item: Arc::clone(&piece.item) });
        out.diagnostics.extend(piece.diagnostics.iter().map(|d| shifted(d, file, offset)));
    }
}

fn shifted(diagnostic: &Diagnostic, file: FileId, by: u32) -> Diagnostic {
    let span = |s: Span| Span::new(file, s.range.shift(by));
    let label = |l: &Label| Label { span: span(l.span), text: l.text.clone() };
    let mut out = diagnostic.clone();
    out.primary = label(&diagnostic.primary);
    out.secondary = diagnostic.secondary.iter().map(label).collect();
    if let Some(fix) = &mut out.fix {
        for edit in &mut fix.edits {
            edit.span = span(edit.span);
        }
    }
    out
}

/// `///` lines at the very top with a blank line under them document the module.
fn module_docs(source: &str, tokens: &[Token], slices: &[Slice]) -> Option<String> {
    let until = slices.first().map_or(tokens.len(), |s| s.first);
    let mut lines = Vec::new();
    let mut newlines = 0;
    for token in tokens.get(..until)? {
        match token.kind {
            TokenKind::Newline => newlines += 1,
            TokenKind::Doc if newlines < 2 || lines.is_empty() => {
                lines.push(doc_line(token.text(source)));
                newlines = 0;
            }
            _ => break,
        }
    }
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}

fn comments_between(tokens: &[Token], slices: &[Slice]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut from = 0;
    let ends = slices.iter().map(|s| (s.first, s.end)).chain([(tokens.len(), tokens.len())]);
    for (until, next) in ends {
        comments.extend(comments_of(tokens.get(from..until).unwrap_or_default()));
        from = next;
    }
    comments
}

/// The comments among `tokens`.
pub(crate) fn comments_of(tokens: &[Token]) -> impl Iterator<Item = Comment> {
    tokens
        .iter()
        .filter(|t| matches!(t.kind, TokenKind::Comment | TokenKind::Doc))
        .map(|t| Comment { range: TextRange::new(t.start, t.end) })
}

impl ParsedItem {
    /// An item that is nothing but its text.
    pub(crate) fn error(offset: u32, item: Item, diagnostics: Vec<Diagnostic>) -> ParsedItem {
        ParsedItem { offset, item: Arc::new(Item { kind: ItemKind::Error, ..item }), diagnostics }
    }
}
