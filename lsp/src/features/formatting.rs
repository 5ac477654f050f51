//! The one style, as the smallest edits that lead to it, so that cursors, folds and marks stay where they are.

use carapace_diagnostic::TextRange;
use carapace_syntax::{Bracket, TokenKind};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A piece of text to be put in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is replaced.
    pub range: TextRange,
    /// With what.
    pub text: String,
}

/// What has to be replaced so that `text` has the one style; only whole lines.
pub fn document(text: &str) -> Vec<Replacement> {
    differences(text, &carapace_syntax::format(text))
}

/// The same, of those items that a range touches.
pub fn range(text: &str, range: TextRange) -> Vec<Replacement> {
    let touched = |r: &Replacement| r.range.start <= range.end && range.start <= r.range.end;
    document(text).into_iter().filter(touched).collect()
}

/// After a `}` was typed that ends at `offset`: what it closes, from the beginning of the line in which that opens.
pub fn closed(text: &str, offset: u32) -> Vec<Replacement> {
    let mut open: Vec<u32> = Vec::new();
    for token in carapace_syntax::tokens(text) {
        match token.kind {
            TokenKind::Open(_) => open.push(token.start),
            TokenKind::Close(bracket) => {
                let start = open.pop();
                if token.end != offset {
                    continue;
                }
                let Some(start) = start.filter(|_| bracket == Bracket::Brace) else { return Vec::new() };
                let before = text.get(..start as usize).unwrap_or_default();
                let line = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
                return range(text, TextRange::new(clamp(line), offset));
            }
            _ => {}
        }
    }
    Vec::new()
}

/// The differences of two texts, line by line.
pub fn differences(old: &str, new: &str) -> Vec<Replacement> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut starts = vec![0_usize];
    for line in &before {
        starts.push(starts.last().copied().unwrap_or_default().saturating_add(line.len()));
    }
    let at = |line: usize| clamp(starts.get(line).copied().unwrap_or(old.len()));
    capture_diff_slices(Algorithm::Myers, &before, &after)
        .into_iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| Replacement {
            range: TextRange::new(at(op.old_range().start), at(op.old_range().end)),
            text: after.get(op.new_range()).unwrap_or_default().concat(),
        })
        .collect()
}

/// `text` with everything replaced.
pub fn apply(text: &str, replacements: &[Replacement]) -> String {
    let mut out = text.to_owned();
    for r in replacements.iter().rev() {
        let range = usize::try_from(r.range.start).unwrap_or(usize::MAX)
            ..usize::try_from(r.range.end).unwrap_or(usize::MAX);
        if out.get(range.clone()).is_some() {
            out.replace_range(range, &r.text);
        }
    }
    out
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROOKED: &str = "channel chat: any\n\nflow a on chat.message {\nreply(\"x\")\n}\n\nflow b on chat.message {\nreply( \"y\" )\n}\n";

    #[test]
    fn the_edits_lead_to_the_style_and_touch_only_what_differs() {
        let edits = document(CROOKED);
        assert_eq!(apply(CROOKED, &edits), carapace_syntax::format(CROOKED));
        assert_eq!(edits.len(), 2, "one line each: {edits:?}");
        assert_eq!(document(&carapace_syntax::format(CROOKED)), []);
    }

    #[test]
    fn of_a_range_only_that_is_formatted() {
        let at = u32::try_from(CROOKED.find("\"y\"").unwrap()).unwrap();
        let done = apply(CROOKED, &range(CROOKED, TextRange::new(at, at)));
        assert!(done.contains("\nreply(\"x\")\n") && done.contains("\n  reply(\"y\")\n"), "{done}");
    }

    #[test]
    fn a_closing_brace_formats_what_it_closes() {
        let at = u32::try_from(CROOKED.find("}\n\nflow b").unwrap()).unwrap() + 1;
        let done = apply(CROOKED, &closed(CROOKED, at));
        assert!(done.contains("\n  reply(\"x\")\n") && done.contains("\nreply( \"y\" )\n"), "{done}");
    }

    #[test]
    fn nothing_is_lost_of_what_does_not_parse() {
        let broken = "flow a on {\n  reply(\n";
        assert!(apply(broken, &document(broken)).contains("reply("));
        assert_eq!(closed("}", 1), []);
        assert_eq!(closed("", 7), []);
    }
}
