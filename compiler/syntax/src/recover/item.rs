//! The way of one item: parse, and where that fails, take out what does not parse and parse again.

use super::blocks::{Block, Piece, block_ends, blocks, clauses, pieces, rule_of};
use super::explain::{Failure, explain, not_items};
use super::fold::{Folded, fold};
use super::told::{Told, told};
use crate::ast::{Item, ItemKind};
use crate::build::{Builder, build_item, doc_line, relative};
use crate::codes;
use crate::format::{Role, roles};
use crate::grammar::{Grammar, Rule};
use crate::lex::{LexProblem, Token, TokenKind};
use crate::parse::comments_of;
use crate::split::{Brackets, Mark, PLAIN_BROKEN, match_brackets, plain_text, put_missing_braces, shape};
use carapace_diagnostic::{Diagnostic, TextRange};
use pest::Parser;
use pest::error::{Error, InputLocation};
use std::collections::HashMap;
use std::sync::Arc;

/// How deep an item may go on the caller's stack.
const SHALLOW: usize = 40;
/// Bytes of stack for what is deeper; only what is used is ever touched.
const LARGE_STACK: usize = 128 * 1024 * 1024;

/// An item (or what is left of one) and what is wrong with it; all ranges count from its first byte.
#[derive(Debug)]
pub(crate) struct ParsedItem {
    /// Bytes from the start of the slice it was found in.
    pub(crate) offset: u32,
    pub(crate) item: Arc<Item>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Parses the item that `tokens` are; `source` is exactly theirs. Mostly one item comes back; a second one is what
/// stands behind it and is none.
pub(crate) fn parse_item(
    source: &str,
    tokens: &[Token],
    keyword: usize,
    is_item: bool,
    problems: &[LexProblem],
) -> Vec<ParsedItem> {
    let work = Work::new(source, tokens, keyword, problems);
    let deep = work.brackets.depth > SHALLOW;
    match (is_item, deep) {
        (false, _) => work.no_item(),
        (true, false) => work.run(),
        (true, true) => on_large_stack(work),
    }
}

/// The generated parser takes some kilobytes of stack per level: what is deeper than people write gets a stack of its
/// own, so that the caller's may be small (rejected: a lower limit on nesting, which generated flows would meet).
fn on_large_stack(work: Work<'_>) -> Vec<ParsedItem> {
    let (shell, source) = (work.shell(), work.source);
    let result = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(LARGE_STACK).spawn_scoped(scope, || work.run());
        thread.ok().and_then(|t| t.join().ok())
    });
    result.unwrap_or_else(|| {
        let range = TextRange::new(0, source.lines().next().map_or(0, str::len) as u32);
        let message = "nested too deep for this machine";
        vec![ParsedItem::error(0, shell, vec![Diagnostic::new(codes::TOO_DEEP, relative(range), message)])]
    })
}

/// What the formatter wants to know of an item.
pub(crate) struct Skeleton {
    pub(crate) marks: Vec<Mark>,
    /// What does not parse and is left alone.
    pub(crate) broken: Vec<TextRange>,
    pub(crate) roles: HashMap<u32, Role>,
    /// A flow's clauses, by token.
    pub(crate) clauses: Vec<(usize, usize)>,
}

/// The skeleton of an item; none where it does not parse as a whole, or brackets are missing, so that its lines are all
/// that shows what was meant.
pub(crate) fn skeleton(
    source: &str,
    tokens: &[Token],
    keyword: usize,
    is_item: bool,
    problems: &[LexProblem],
) -> Option<Skeleton> {
    let mut work = Work::new(source, tokens, keyword, problems);
    let unbalanced = !work.brackets.unclosed.is_empty() || !work.brackets.stray.is_empty();
    if !is_item || unbalanced || work.brackets.depth > SHALLOW {
        return None;
    }
    let ends = block_ends(tokens, &work.marks, &work.brackets);
    let plain = String::from_utf8(work.plain.clone()).ok()?;
    if !work.told.costly.is_empty() || Grammar::parse(Rule::item, &plain).is_err() {
        for block in blocks(&work.marks, &ends) {
            work.mend_block(&ends, block);
        }
        if !matches!(work.ground(&ends), Ground::Whole) {
            return None;
        }
    }
    // A clause that was taken out may hold what belongs to its neighbours: then nothing is put into order.
    let in_header =
        |c: &Piece| tokens.get(c.from).is_some_and(|t| work.broken.iter().any(|r| r.start == t.start));
    if clauses(source, tokens, &work.brackets, &ends, keyword).iter().any(in_header) {
        return None;
    }
    let clauses = match tokens.get(keyword).map(|t| t.text(source)) {
        Some("flow") => clauses(source, tokens, &work.brackets, &ends, keyword),
        _ => Vec::new(),
    };
    let plain = String::from_utf8(work.plain).ok()?;
    let roles = roles(Grammar::parse(Rule::item, &plain).ok()?);
    Some(Skeleton {
        marks: work.marks,
        broken: work.broken,
        roles,
        clauses: clauses.into_iter().map(|c| (c.from, c.to)).collect(),
    })
}

struct Work<'a> {
    source: &'a str,
    tokens: &'a [Token],
    keyword: usize,
    brackets: Brackets,
    marks: Vec<Mark>,
    plain: Vec<u8>,
    told: Told,
    broken: Vec<TextRange>,
    out: Vec<Diagnostic>,
}

/// What the header came to.
enum Ground {
    /// The whole item parses now.
    Whole,
    /// It ends before this token; what follows is no item.
    Until(usize),
    /// It does not parse.
    Nothing,
}

impl<'a> Work<'a> {
    fn new(source: &'a str, tokens: &'a [Token], keyword: usize, problems: &[LexProblem]) -> Work<'a> {
        let brackets = match_brackets(source, tokens);
        let marks = shape(source, tokens, keyword, &brackets);
        let plain = plain_text(source, tokens, &marks);
        let told = told(source, tokens, &brackets, problems);
        Work { source, tokens, keyword, brackets, marks, plain, told, broken: Vec::new(), out: Vec::new() }
    }

    fn run(mut self) -> Vec<ParsedItem> {
        self.out.append(&mut self.told.braces);
        if self.told.costly.is_empty()
            && self.out.is_empty()
            && let Some(item) = self.build()
        {
            return vec![item];
        }
        let ends = block_ends(self.tokens, &self.marks, &self.brackets);
        for block in blocks(&self.marks, &ends) {
            self.mend_block(&ends, block);
        }
        match self.ground(&ends) {
            Ground::Whole => match self.build() {
                Some(item) => vec![item],
                None => vec![self.error_item()],
            },
            Ground::Until(token) => self.cut(token),
            Ground::Nothing => vec![self.error_item()],
        }
    }

    /// Parses every piece of a block and takes out what fails.
    fn mend_block(&mut self, ends: &[Option<u32>], block: Block) {
        let Some(rule) = rule_of(block.parts) else { return };
        for piece in pieces(self.source, self.tokens, &self.marks, &self.brackets, ends, block) {
            if let Some(known) = self.told.take(piece.from, piece.to) {
                self.out.push(known);
                self.take_out(piece);
                continue;
            }
            let folded = self.fold(ends, piece);
            if let Err(error) = Grammar::parse(rule, &folded.text) {
                let failure = self.failure(piece, &folded, &error, rule);
                self.out.push(explain(&failure));
                self.take_out(piece);
            }
        }
    }

    fn fold(&self, ends: &[Option<u32>], piece: Piece) -> Folded {
        fold(&self.plain, self.tokens, &self.marks, &self.brackets, ends, piece)
    }

    fn failure<'f>(
        &'f self,
        piece: Piece,
        folded: &Folded,
        error: &'f Error<Rule>,
        rule: Rule,
    ) -> Failure<'f> {
        let place = folded.place(location(error)) as u32;
        Failure {
            source: self.source,
            tokens: self.tokens,
            from: piece.from,
            to: piece.to,
            place,
            error,
            rule,
        }
    }

    /// Puts the mark of something broken in the place of `piece`.
    fn take_out(&mut self, piece: Piece) {
        let Some(range) = self.range_of(piece) else { return };
        if let Some(place) = self.plain.get_mut(range.start as usize..range.end as usize) {
            place.fill(b' ');
            if let Some(first) = place.first_mut() {
                *first = PLAIN_BROKEN;
            }
        }
        self.broken.push(range);
    }

    fn range_of(&self, piece: Piece) -> Option<TextRange> {
        let list = self.tokens.get(piece.from..piece.to)?;
        let last = list.iter().rev().find(|t| !t.is_trivia())?;
        Some(TextRange::new(list.first()?.start, last.end))
    }

    /// The header with all blocks folded.
    fn ground(&mut self, ends: &[Option<u32>]) -> Ground {
        let whole = Piece { from: self.keyword, to: self.tokens.len() };
        // What is nested too deep is not even tried: the parser would follow it down.
        let error = if self.is_too_deep() { None } else { self.try_ground(ends, whole) };
        if error.is_none() && self.told.costly.is_empty() {
            return Ground::Whole;
        }
        if let Some(error) = &error
            && let Some(token) = self.stranger_at(&error.1)
            && self.try_ground(ends, Piece { from: self.keyword, to: token }).is_none()
            && self.told.costly.range(..token).next().is_none()
        {
            return Ground::Until(token);
        }
        let mut taken = false;
        for clause in clauses(self.source, self.tokens, &self.brackets, ends, self.keyword) {
            taken |= self.mend_clause(ends, clause);
        }
        if taken && !self.is_too_deep() && self.try_ground(ends, whole).is_none() {
            return Ground::Whole;
        }
        match self.told.take(0, self.tokens.len()) {
            Some(known) => self.out.push(known),
            None if taken || !self.out.is_empty() && self.brackets_told() => {}
            None => {
                let Some((error, folded)) = error else { return Ground::Nothing };
                let failure = self.failure(whole, &folded.1, &error, Rule::item);
                let diagnostic = explain(&failure);
                self.out.push(diagnostic);
            }
        }
        Ground::Nothing
    }

    fn is_too_deep(&self) -> bool {
        self.told.costly.values().any(|d| d.code == codes::TOO_DEEP)
    }

    fn brackets_told(&self) -> bool {
        self.out.iter().any(|d| d.code == codes::UNCLOSED || d.code == codes::STRAY)
    }

    /// None if it parses; else the error, the place in the item, and the text that was tried.
    fn try_ground(&self, ends: &[Option<u32>], piece: Piece) -> Option<(Error<Rule>, (usize, Folded))> {
        let folded = self.fold(ends, piece);
        let error = Grammar::parse(Rule::item, &folded.text).err()?;
        let place = folded.place(location(&error));
        Some((error, (place, folded)))
    }

    /// The token at a failure, where it begins a line behind the first: it may be none of the item's.
    fn stranger_at(&self, at: &(usize, Folded)) -> Option<usize> {
        let from = self.tokens.partition_point(|t| (t.start as usize) < at.0);
        let index = from + self.tokens.get(from..)?.iter().position(|t| !t.is_trivia())?;
        let previous = index.checked_sub(1).and_then(|i| self.tokens.get(i))?;
        (index > self.keyword + 1 && index < self.tokens.len() && previous.is_trivia()).then_some(index)
    }

    fn mend_clause(&mut self, ends: &[Option<u32>], clause: Piece) -> bool {
        let diagnostic = match self.told.take(clause.from, clause.to) {
            Some(known) => known,
            None => {
                let folded = self.fold(ends, clause);
                let Err(error) = Grammar::parse(Rule::clause_only, &folded.text) else { return false };
                let failure = self.failure(clause, &folded, &error, Rule::clause_only);
                explain(&failure)
            }
        };
        self.out.push(diagnostic);
        self.take_out(clause);
        true
    }

    /// The tree of the plain text as it is now.
    fn build(&mut self) -> Option<ParsedItem> {
        let mut plain = self.plain.clone();
        put_missing_braces(&mut plain, self.tokens, &self.brackets);
        let plain = String::from_utf8(plain).ok()?;
        let pairs = Grammar::parse(Rule::item, &plain).ok()?;
        self.broken.sort_by_key(|r| (r.start, std::cmp::Reverse(r.end)));
        let docs: Vec<TextRange> = self
            .tokens
            .iter()
            .filter(|t| t.kind == TokenKind::Doc)
            .map(|t| TextRange::new(t.start, t.end))
            .collect();
        let mut builder = Builder::new(self.source, &docs, &self.broken);
        let (name, kind) = build_item(&mut builder, pairs)?;
        let nodes = builder.nodes();
        self.out.append(&mut builder.problems);
        let item = Item { name, nodes, kind, ..self.shell() };
        Some(ParsedItem { offset: 0, item: Arc::new(item), diagnostics: std::mem::take(&mut self.out) })
    }

    /// What is known of an item that does not parse.
    fn shell(&self) -> Item {
        let before = self.tokens.get(..self.keyword).unwrap_or_default();
        let lines: Vec<&str> = before
            .iter()
            .filter(|t| t.kind == TokenKind::Doc)
            .map(|t| doc_line(t.text(self.source)))
            .collect();
        Item {
            docs: if lines.is_empty() { None } else { Some(lines.join("\n")) },
            name: None,
            range: TextRange::new(0, self.source.len() as u32),
            nodes: 0,
            comments: comments_of(self.tokens.get(self.keyword..).unwrap_or_default()).collect(),
            kind: ItemKind::Error,
        }
    }

    fn error_item(mut self) -> ParsedItem {
        let name = self.tokens.get(self.keyword + 1).filter(|t| t.kind == TokenKind::Word);
        let item = Item {
            name: name.map(|t| crate::ast::Name {
                text: t.text(self.source).to_owned(),
                range: TextRange::new(t.start, t.end),
            }),
            ..self.shell()
        };
        ParsedItem::error(0, item, std::mem::take(&mut self.out))
    }

    /// An item, and behind it what is none.
    fn cut(self, token: usize) -> Vec<ParsedItem> {
        let Some(start) = self.tokens.get(token).map(|t| t.start) else { return vec![self.error_item()] };
        let list = self.tokens.get(..token).unwrap_or_default();
        let length = list.iter().rposition(|t| !t.is_trivia()).map_or(0, |i| i + 1);
        let end = list.get(length.saturating_sub(1)).map_or(0, |t| t.end);
        let source = self.source.get(..end as usize).unwrap_or_default();
        let mut first = Work {
            source,
            tokens: list.get(..length).unwrap_or_default(),
            keyword: self.keyword,
            brackets: match_brackets(source, list.get(..length).unwrap_or_default()),
            marks: self.marks.get(..length).unwrap_or_default().to_vec(),
            plain: self.plain.get(..end as usize).unwrap_or_default().to_vec(),
            told: Told::default(),
            broken: self.broken.iter().filter(|r| r.end <= end).copied().collect(),
            out: self.out,
        };
        let mut out = Vec::new();
        let quiet = first.brackets_told();
        // Mistakes inside the stranger go with it: it is told once.
        first.out.retain(|d| d.primary.span.range.start < start || d.code == codes::STRAY);
        match first.build() {
            Some(item) => out.push(item),
            None => out.push(first.error_item()),
        }
        let rest = self.source.get(start as usize..).unwrap_or_default();
        let tokens: Vec<Token> =
            self.tokens.get(token..).unwrap_or_default().iter().map(|t| t.back(start)).collect();
        out.push(stranger(rest, &tokens, start, quiet));
        out
    }

    /// What stands at the top level and is no item.
    fn no_item(self) -> Vec<ParsedItem> {
        vec![stranger(self.source, self.tokens, 0, false)]
    }
}

fn stranger(source: &str, tokens: &[Token], offset: u32, quiet: bool) -> ParsedItem {
    let item = Item {
        docs: None,
        name: None,
        range: TextRange::new(0, source.len() as u32),
        nodes: 0,
        comments: comments_of(tokens).collect(),
        kind: ItemKind::Error,
    };
    let diagnostics = if quiet { Vec::new() } else { not_items(source, tokens) };
    ParsedItem::error(offset, item, diagnostics)
}

fn location(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}
