//! W0311: a regular expression that matches every text.

use super::pass::Lint;
use crate::code;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::Diagnostic;
use carapace_module::Value;
use regex_syntax::hir::{Look, LookSet};

/// Tells a `matches` that holds whatever the text is. One that captures something is there for what it captures.
pub(super) fn look(lint: &mut Lint<'_>, expr: &Expr) {
    let ExprKind::Matches { regex, found: None, .. } = &expr.kind else { return };
    let ExprKind::Const(Value::Regex(source)) = &regex.kind else { return };
    if !matches_all(&source.0) {
        return;
    }
    lint.told.push(
        Diagnostic::new(code::ALWAYS_MATCHES, regex.span, "this matches every text")
            .label("nothing at all is enough for it")
            .help("`*` and `?` may stand for nothing: use `+`, or `^` and `$` around what the whole text must be"),
    );
}

/// Whether it matches nothing at all, at the beginning or the end of every text.
fn matches_all(source: &str) -> bool {
    let Ok(tree) = regex_syntax::parse(source) else { return false };
    let properties = tree.properties();
    let only = |look| properties.look_set().subtract(LookSet::singleton(look)).is_empty();
    properties.minimum_len() == Some(0) && (only(Look::Start) || only(Look::End))
}

#[cfg(test)]
mod tests {
    use super::matches_all;

    #[test]
    fn what_needs_nothing_matches_everything() {
        for source in ["", "a*", "(help)?", "^", "^a*", "a|b|", ".*", "$", "a*$", "(?i)x{0,3}"] {
            assert!(matches_all(source), "{source}");
        }
        for source in ["a", "a+", "^$", "^a*$", r"\b", "(?m)^$", ".", "a*b"] {
            assert!(!matches_all(source), "{source}");
        }
    }
}
