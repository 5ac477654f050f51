//! What can be folded away.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::{ItemKind, Placed};
use carapace_syntax::{Bracket, TokenKind};

/// What a fold holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldKind {
    /// Something in braces, brackets or parentheses.
    Block,
    /// Comments that follow each other.
    Comment,
    /// `use` lines that follow each other.
    Uses,
}

/// Something that can be folded away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// From its first byte to its last. Of a block: from the opening bracket to the closing one, which stays visible.
    pub range: TextRange,
    /// What it holds.
    pub kind: FoldKind,
}

/// Everything that can be folded in a file and goes over more than one line, by place.
pub fn folds(snapshot: &Snapshot, file: FileId) -> Vec<Fold> {
    let Some(tree) = snapshot.tree(file) else { return Vec::new() };
    let (text, lines) = (snapshot.text(file), snapshot.lines(file));
    let mut comments: Vec<TextRange> = tree.comments.iter().map(|c| c.range).collect();
    for placed in &tree.items {
        comments.extend(placed.item.comments.iter().map(|c| c.range.shift(placed.offset)));
    }
    comments.sort_by_key(|r| r.start);
    let mut folds = Vec::new();
    for range in runs(&comments, |a, b| lines.line(b.start) == lines.line(a.end).saturating_add(1)) {
        folds.push(Fold { range, kind: FoldKind::Comment });
    }
    let uses: Vec<TextRange> =
        tree.items.iter().filter(|p| matches!(p.item.kind, ItemKind::Use(_))).map(range).collect();
    for range in
        runs(&uses, |a, b| text.get(a.end as usize..b.start as usize).is_some_and(|t| t.trim().is_empty()))
    {
        folds.push(Fold { range, kind: FoldKind::Uses });
    }
    for placed in &tree.items {
        folds.extend(
            brackets(text, range(placed)).into_iter().map(|range| Fold { range, kind: FoldKind::Block }),
        );
    }
    folds.retain(|f| lines.line(f.range.start) < lines.line(f.range.end));
    folds.sort_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end)));
    folds
}

fn range(placed: &Placed) -> TextRange {
    placed.item.range.shift(placed.offset)
}

/// Neighbours that belong together, as one range each.
fn runs(ranges: &[TextRange], together: impl Fn(TextRange, TextRange) -> bool) -> Vec<TextRange> {
    let mut out: Vec<TextRange> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if together(*last, *range) => *last = last.cover(*range),
            _ => out.push(*range),
        }
    }
    out
}

/// The pairs of brackets inside an item, those in texts left out.
fn brackets(text: &str, item: TextRange) -> Vec<TextRange> {
    let mut open: Vec<u32> = Vec::new();
    let mut out = Vec::new();
    for token in carapace_syntax::tokens(text.get(item.start as usize..item.end as usize).unwrap_or_default())
    {
        let at = item.start.saturating_add(token.start);
        match token.kind {
            TokenKind::Open(_) => open.push(at),
            TokenKind::Close(bracket) => {
                if let Some(start) = open.pop()
                    && bracket != Bracket::Interp
                {
                    out.push(TextRange::new(start, at));
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    fn folded(text: &str) -> Vec<(FoldKind, String)> {
        let f = fixture(text);
        folds(&f.snapshot, f.file)
            .into_iter()
            .map(|fold| (fold.kind, f.slice(fold.range).to_owned()))
            .collect()
    }

    #[test]
    fn blocks_comments_and_uses_fold() {
        let found = folded(
            "// one\n// two\nuse std/text\nuse std/list\n\nchannel chat: any\nflow a on chat.message {\n  reply(\n    \"{1}\"\n  )\n}\n",
        );
        let words: Vec<(FoldKind, &str)> = found.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        assert_eq!(
            words,
            [
                (FoldKind::Comment, "// one\n// two"),
                (FoldKind::Uses, "use std/text\nuse std/list"),
                (FoldKind::Block, "{\n  reply(\n    \"{1}\"\n  )\n"),
                (FoldKind::Block, "(\n    \"{1}\"\n  "),
            ]
        );
    }

    #[test]
    fn what_is_on_one_line_or_never_closed_does_not() {
        assert_eq!(folded("const a = [1, 2]\nflow b on {\n"), []);
    }
}
