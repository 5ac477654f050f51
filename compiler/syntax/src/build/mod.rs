//! Pairs to tree. What the grammar accepts is built whole; the few rules it cannot say (a number's range, the order of
//! suffixes) are checked here and told as problems, and the tree stays.

mod climb;
mod expr;
mod flow;
mod item;
mod library;
mod pattern;
mod stmt;
mod suffix;
mod testing;
mod text;
mod ty;

use crate::ast::{Expr, ExprKind, Name, NodeId, Path};
use crate::grammar::Rule;
use carapace_diagnostic::{Code, Diagnostic, FileId, Span, TextRange};

pub(crate) use item::build_item;

type Pair<'a> = pest::iterators::Pair<'a, Rule>;
type Pairs<'a> = pest::iterators::Pairs<'a, Rule>;

/// What the builder knows about its item.
pub(crate) struct Builder<'a> {
    /// The item's source.
    pub(crate) source: &'a str,
    /// Its doc comments, line by line.
    pub(crate) docs: &'a [TextRange],
    /// What the recovery has taken out.
    pub(crate) broken: &'a [TextRange],
    /// What is wrong although it parses; ranges count from the item's start.
    pub(crate) problems: Vec<Diagnostic>,
    next_id: u32,
    next_doc: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(source: &'a str, docs: &'a [TextRange], broken: &'a [TextRange]) -> Builder<'a> {
        Builder { source, docs, broken, problems: Vec::new(), next_id: 0, next_doc: 0 }
    }

    /// How many nodes were numbered.
    pub(crate) fn nodes(&self) -> u32 {
        self.next_id
    }

    fn id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        id
    }

    fn range(&self, pair: &Pair<'_>) -> TextRange {
        let span = pair.as_span();
        let start = self.clamp(span.start());
        // A rule may have run into blanks before what did not follow; in the plain text, comments are blanks too.
        let end = self.clamp(span.start() + span.as_str().trim_end().len());
        TextRange::new(start, end.max(start))
    }

    /// Braces that were put in behind the end stand at the end.
    fn clamp(&self, offset: usize) -> u32 {
        offset.min(self.source.len()) as u32
    }

    fn slice(&self, range: TextRange) -> &'a str {
        self.source.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    fn problem(&mut self, code: Code, range: TextRange, message: impl Into<String>) -> &mut Diagnostic {
        self.problems.push(Diagnostic::new(code, relative(range), message));
        let last = self.problems.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "the element was pushed two lines above")]
        &mut self.problems[last]
    }

    fn name(&self, pair: &Pair<'_>) -> Name {
        Name { text: pair.as_str().to_owned(), range: self.range(pair) }
    }

    fn path(&self, pair: Pair<'_>) -> Path {
        Path { names: pair.into_inner().map(|p| self.name(&p)).collect() }
    }

    fn expr_node(&mut self, range: TextRange, kind: ExprKind) -> Expr {
        Expr { id: self.id(), range, kind }
    }

    fn error_expr(&mut self, range: TextRange) -> Expr {
        self.expr_node(range, ExprKind::Error)
    }

    /// The range that the recovery took out at the place of `pair`.
    fn broken_range(&self, pair: &Pair<'_>) -> TextRange {
        let start = self.clamp(pair.as_span().start());
        let index = self.broken.partition_point(|r| r.start < start);
        self.broken.get(index).copied().unwrap_or(TextRange::new(start, start))
    }

    /// The doc comment that stands before `start` and after the last one asked for.
    fn docs_before(&mut self, start: u32) -> Option<String> {
        let mut lines = Vec::new();
        while let Some(range) = self.docs.get(self.next_doc)
            && range.end <= start
        {
            lines.push(doc_line(self.slice(*range)));
            self.next_doc += 1;
        }
        if lines.is_empty() { None } else { Some(lines.join("\n")) }
    }
}

/// A doc comment's line without its slashes and the blank behind them.
pub(crate) fn doc_line(line: &str) -> &str {
    let text = line.trim_start_matches('/');
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}

/// A place in an item, before it is known where the item stands.
pub(crate) fn relative(range: TextRange) -> Span {
    Span::new(FileId(0), range)
}

/// The words that are never names of values.
pub(crate) fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "await"
            | "break"
            | "continue"
            | "do"
            | "else"
            | "false"
            | "for"
            | "if"
            | "in"
            | "is"
            | "let"
            | "listen"
            | "match"
            | "none"
            | "not"
            | "or"
            | "parallel"
            | "race"
            | "return"
            | "start"
            | "true"
            | "var"
            | "while"
    )
}
