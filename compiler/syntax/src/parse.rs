//! A file to its tree: cut, look up or parse each item, place it.

use crate::ast::{Comment, File, Item, ItemKind, Placed};
use crate::build::doc_line;
use crate::cache::ItemCache;
use crate::codes;
use crate::lex::{LexProblem, Token, TokenKind, lex};
use crate::recover::{ParsedItem, parse_item};
use crate::split::{Slice, split};
use carapace_diagnostic::{Diagnostic, FileId, Label, Span, TextRange};
use std::collections::HashMap;
use std::ops::Range;
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

/// A stretch of a file, cut into items.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts {
    /// The items, in order.
    pub(crate) list: Vec<Cut>,
    /// Comments behind the last one.
    pub(crate) tail: Vec<Comment>,
    /// What documents the module, where the stretch is the file's beginning.
    pub(crate) docs: Option<String>,
}

/// An item where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// Its first byte in the file: of its doc comment, if it has one.
    pub(crate) start: u32,
    /// The byte behind its last.
    pub(crate) end: u32,
    /// Whether it begins like an item.
    pub(crate) is_item: bool,
    /// What it was parsed to.
    pub(crate) parsed: Arc<[ParsedItem]>,
    /// Comments between it and the item before.
    pub(crate) comments: Vec<Comment>,
}

/// Whether a file is longer than offsets are wide.
pub(crate) fn is_too_large(text: &str) -> bool {
    text.len() > MAX_BYTES
}

/// Cuts what stands from byte `from` on into items, each taken from `known` by its text, or parsed. Two of one text are one.
pub(crate) fn cut<'t>(text: &'t str, from: u32, known: &mut HashMap<&'t str, Arc<[ParsedItem]>>) -> Cuts {
    let tokens = lex(text);
    let slices = split(text, &tokens.list);
    let mut problems = tokens.problems.as_slice();
    let mut cuts = Cuts { docs: module_docs(text, &tokens.list, &slices), ..Cuts::default() };
    let mut behind = 0;
    for slice in &slices {
        let Some(list) = tokens.list.get(slice.first..slice.end) else { continue };
        let (Some(first), Some(last)) = (list.first(), list.last()) else { continue };
        let (start, end) = (first.start, last.end);
        let own = take_problems(&mut problems, start, end);
        let key = text.get(start as usize..end as usize).unwrap_or_default();
        let fresh = || parse_slice(key, list, slice, own, start).into();
        let parsed = Arc::clone(known.entry(key).or_insert_with(fresh));
        let comments = comments_in(&tokens.list, behind..slice.first, from);
        behind = slice.end;
        let (start, end) = (start + from, end + from);
        cuts.list.push(Cut { start, end, is_item: slice.is_item, parsed, comments });
    }
    cuts.tail = comments_in(&tokens.list, behind..tokens.list.len(), from);
    cuts
}

/// A file's tree, of its items where they stand.
pub(crate) fn placed(file: FileId, cuts: &Cuts) -> Parse {
    let mut items = Vec::with_capacity(cuts.list.len());
    let (mut comments, mut diagnostics) = (Vec::new(), Vec::new());
    for cut in &cuts.list {
        comments.extend_from_slice(&cut.comments);
        for piece in &*cut.parsed {
            let offset = cut.start + piece.offset;
            items.push(Placed { offset, item: Arc::clone(&piece.item) });
            diagnostics.extend(piece.diagnostics.iter().map(|d| shifted(d, file, offset)));
        }
    }
    comments.extend_from_slice(&cuts.tail);
    diagnostics.sort_by_key(|d| (d.primary.span.range.start, d.primary.span.range.end));
    Parse { file: File { docs: cuts.docs.clone(), items, comments }, diagnostics }
}

/// What is said of a file that is too large.
pub(crate) fn too_large(file: FileId, text: &str) -> Parse {
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

/// The comments among some tokens, where they stand in the file.
fn comments_in(tokens: &[Token], range: Range<usize>, from: u32) -> Vec<Comment> {
    let comments = comments_of(tokens.get(range).unwrap_or_default());
    comments.map(|comment| Comment { range: comment.range.shift(from) }).collect()
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
