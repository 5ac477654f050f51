//! `// allow W0309: reason`: warnings that the author knows of. W0313 and W0314 are about the allowances themselves.
//!
//! On a line of its own it is about the item or statement that begins below it; behind code, about its line.

use super::walk::{Part, each_part};
use crate::code;
use crate::collect::Checker;
use crate::sources::Source;
use carapace_diagnostic::{Diagnostic, FileId, Span, TextRange, codes, suggest};
use carapace_syntax::ast::Item;
use carapace_syntax::{Allowance, allowance};
use rustc_hash::FxHashMap;

/// An allowance that is written as it should be.
struct Allowed {
    code: String,
    /// The comment.
    span: Span,
    /// What it is about.
    covers: TextRange,
    /// The comment, with its line where it has one of its own.
    removed: TextRange,
    used: bool,
}

/// Where each statement that begins at a byte ends: the largest, as a block's value begins where its own parts do.
type Ends = FxHashMap<(FileId, u32), u32>;

impl<'a> Checker<'a> {
    /// Takes out the warnings that are allowed, and tells the allowances that are wrong or idle.
    pub(super) fn apply_allowances(&mut self) {
        let found = self.allowances();
        if found.is_empty() {
            return;
        }
        let ends = self.statement_ends();
        let mut allowed = Vec::new();
        for (source, comment) in found {
            let text = source.text.get(comment.start as usize..comment.end as usize).unwrap_or_default();
            let Some(written) = allowance(text) else { continue };
            let span = Span::new(source.file, comment);
            match mistake(text, &written, span) {
                Some(told) => self.report(told),
                None => allowed.push(Allowed {
                    code: written.code.to_owned(),
                    span,
                    covers: covered(source, comment, &ends),
                    removed: whole_line(&source.text, comment),
                    used: false,
                }),
            }
        }
        self.diagnostics.retain(|told| !is_allowed(told, &mut allowed));
        if self.focus.is_some() || !self.sources.intact || self.diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        for idle in allowed.iter().filter(|a| !a.used) {
            let message = format!("there is no {} here to allow", idle.code);
            let told = Diagnostic::new(code::IDLE_ALLOWANCE, idle.span, message);
            let told = told.help("take the line out: what it was about is no more");
            let told = told.fix("take the allowance out", Span::new(idle.span.file, idle.removed), "");
            self.report(told);
        }
    }

    /// The comments of the author's that are allowances, by file and place.
    fn allowances(&self) -> Vec<(&'a Source, TextRange)> {
        let mut found = Vec::new();
        let package = |m: &&Source| self.sources.whole || m.origin == crate::sources::Origin::Package;
        let own = |m: &&Source| package(m) && self.is_focused_file(m.file);
        let modules: &'a [Source] = self.sources.modules;
        for source in modules.iter().filter(own) {
            let between = source.tree.comments.iter().map(|c| c.range);
            let inside =
                source.tree.items.iter().flat_map(|placed| {
                    placed.item.comments.iter().map(move |c| c.range.shift(placed.offset))
                });
            let is_one = |range: &TextRange| {
                source
                    .text
                    .get(range.start as usize..range.end as usize)
                    .is_some_and(|t| allowance(t).is_some())
            };
            found.extend(between.chain(inside).filter(is_one).map(|range| (source, range)));
        }
        found
    }

    fn statement_ends(&self) -> Ends {
        let mut ends = Ends::default();
        super::pass::bodies(&self.program).into_iter().for_each(|part| note(part, &mut ends));
        ends
    }
}

fn note(part: Part<'_>, ends: &mut Ends) {
    if let Part::Block(block) = part {
        let value = block.value.iter().map(|v| v.span);
        for span in block.stmts.iter().map(|s| s.span).chain(value) {
            let end = ends.entry((span.file, span.range.start)).or_insert(span.range.end);
            *end = span.range.end.max(*end);
        }
    }
    each_part(part, &mut |_, inner| note(inner, ends));
}

fn is_allowed(told: &Diagnostic, allowed: &mut [Allowed]) -> bool {
    if told.is_error() {
        return false;
    }
    let at = told.primary.span;
    // The last is the nearest: an allowance on a statement is used before one on the whole item.
    let found = allowed.iter_mut().rev().find(|a| {
        let begins_in = a.covers.start <= at.range.start && at.range.start < a.covers.end;
        a.code == told.code.0 && a.span.file == at.file && begins_in
    });
    found.map(|a| a.used = true).is_some()
}

/// What is wrong with an allowance as it is written.
fn mistake(text: &str, written: &Allowance<'_>, span: Span) -> Option<Diagnostic> {
    let code = written.code;
    let told = |message: String| Some(Diagnostic::new(code::ALLOWANCE, span, message));
    if !codes().any(|known| known == code) {
        let near = suggest(code, codes().filter(|known| known.starts_with('W')));
        let told = told(format!("there is no warning `{code}`"))?;
        return Some(match near {
            Some(near) => {
                let place = code_place(text, code, span);
                told.help(format!("did you mean `{near}`?")).fix(
                    format!("replace with `{near}`"),
                    place,
                    near,
                )
            }
            None => told.help("the code stands before the message: `W0309`"),
        });
    }
    if !code.starts_with('W') {
        return told(format!("{code} is an error, and only warnings can be allowed"))
            .map(|t| t.help("repair it: `carapace explain` shows how"));
    }
    if written.reason.is_empty() {
        return told(format!("nothing says why {code} is meant"))
            .map(|t| t.help(format!("write the reason behind it: `// allow {code}: …`")));
    }
    None
}

/// The place of the code in the comment.
fn code_place(text: &str, code: &str, comment: Span) -> Span {
    let start = comment.range.start.saturating_add(offset(text.find(code).unwrap_or(0)));
    Span::new(comment.file, TextRange::new(start, start.saturating_add(offset(code.len()))))
}

/// What an allowance is about.
fn covered(source: &Source, comment: TextRange, ends: &Ends) -> TextRange {
    let text = &*source.text;
    let before = text.get(..comment.start as usize).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    if before.get(line..).is_some_and(|head| !head.trim().is_empty()) {
        return TextRange::new(offset(line), comment.start);
    }
    let start = code_behind(text, comment.end);
    if let Some(end) = ends.get(&(source.file, start)) {
        return TextRange::new(start, *end);
    }
    let item = source.tree.items.iter().find(|placed| begins_at(text, placed.offset, &placed.item, start));
    if let Some(placed) = item {
        return TextRange::new(start, placed.item.range.end.saturating_add(placed.offset));
    }
    let rest = text.get(start as usize..).unwrap_or_default();
    let length = rest.find('\n').unwrap_or(rest.len());
    TextRange::new(start, start.saturating_add(offset(length)))
}

/// The comment and the blanks before it; the line's end too, where nothing else stands on the line.
fn whole_line(text: &str, comment: TextRange) -> TextRange {
    let before = text.get(..comment.start as usize).unwrap_or_default();
    let kept = before.trim_end_matches([' ', '\t']).len();
    let alone = kept == 0 || before.get(..kept).is_some_and(|head| head.ends_with('\n'));
    let end = comment.end.saturating_add(u32::from(
        alone && text.get(comment.end as usize..).is_some_and(|t| t.starts_with('\n')),
    ));
    TextRange::new(offset(kept), end)
}

fn begins_at(text: &str, placed: u32, item: &Item, start: u32) -> bool {
    let first = item.range.start.saturating_add(placed);
    let end = item.range.end.saturating_add(placed);
    first <= start && start < end && code_behind(text, first) == start
}

/// The first byte behind `from` that is neither blank nor in a comment.
fn code_behind(text: &str, from: u32) -> u32 {
    let mut at = from as usize;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len().saturating_sub(rest.trim_start().len());
        at = at.saturating_add(blank);
        let rest = rest.get(blank..).unwrap_or_default();
        if !rest.starts_with("//") {
            return offset(at);
        }
        at = at.saturating_add(rest.find('\n').unwrap_or(rest.len()));
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
