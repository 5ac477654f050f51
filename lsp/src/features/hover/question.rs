//! From a place to what is said about it.

use super::{amount, cron, name, regex, word};
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::TokenKind;
use carapace_syntax::ast::{Expr, ExprKind, InterpolationPart, TriggerArg, TriggerArgValue, TriggerRef};
use carapace_syntax::walk::{Node, path_at};

/// What is said about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: TextRange,
    /// In Markdown.
    pub text: String,
}

/// What is said about the place at `offset`. `now` (milliseconds since 1970) is when schedules are counted from.
pub fn hover(snapshot: &Snapshot, file: FileId, offset: u32, now: i64) -> Option<Hover> {
    if let Some(found) = name::at(snapshot, file, offset) {
        return Some(found);
    }
    let placed = snapshot.item_at(file, offset)?;
    let path = path_at(&placed.item, offset.saturating_sub(placed.offset));
    if let Some((range, text)) = literal(&path, now) {
        return Some(Hover { range: range.shift(placed.offset), text });
    }
    let text = snapshot.text(file);
    let token = carapace_syntax::tokens(text).into_iter().find(|t| {
        t.kind == TokenKind::Word
            && TextRange::new(t.start, t.end).touches(offset)
            && !t.text(text).is_empty()
    })?;
    let written = token.text(text);
    let in_type = path.iter().rev().any(|node| matches!(node, Node::Type(_)));
    let named = match path.as_slice() {
        [.., Node::Property(_) | Node::Expect(_) | Node::Arg(_), Node::Name(_)] => true,
        // `when c.answers(…)`, `expect f.waiting`.
        [.., Node::Expr(Expr { kind: ExprKind::Field { .. }, .. }), Node::Name(_)] => true,
        _ => false,
    };
    let said = match (in_type, named) {
        (true, _) => word::builtin(written),
        (false, true) => word::listed(written).or_else(|| word::other(written)),
        (false, false) => word::sentence(written),
    };
    let said = said.or_else(|| word::builtin(written)).or_else(|| word::other(written))?;
    let range = TextRange::new(token.start, token.end);
    Some(Hover { range, text: format!("```flow\n{written}\n```\n\n{said}") })
}

/// A literal, in words.
fn literal(path: &[Node<'_>], now: i64) -> Option<(TextRange, String)> {
    let expr = path.iter().rev().find_map(|node| match node {
        Node::Expr(expr) => Some(*expr),
        _ => None,
    })?;
    let text = match &expr.kind {
        ExprKind::Duration(ms) => {
            let words = amount::duration_words(*ms);
            format!("**{words}**\n\nA `Duration`.")
        }
        ExprKind::Money(number, currency) => {
            format!("**{}**\n\n`Money`.", amount::money_words(number, currency))
        }
        ExprKind::Tagged { tag, parts } if tag.text == "re" => regex::explain(plain(parts)?)?,
        ExprKind::Text(parts) => {
            let trigger = path.iter().rev().find_map(|node| match node {
                Node::Trigger(trigger) => Some(*trigger),
                _ => None,
            })?;
            cron_text(trigger, expr, plain(parts)?, now)?
        }
        _ => return None,
    };
    Some((expr.range, text))
}

fn plain(parts: &[InterpolationPart]) -> Option<&str> {
    match parts {
        [] => Some(""),
        [InterpolationPart::Literal(text)] => Some(text),
        _ => None,
    }
}

/// The expression of a `cron`, with its next times.
fn cron_text(trigger: &TriggerRef, expr: &Expr, written: &str, now: i64) -> Option<String> {
    if trigger.path.names.last()?.text != "cron" {
        return None;
    }
    let args = trigger.args.as_deref().unwrap_or_default();
    let value = |arg: &TriggerArg| match &arg.value {
        TriggerArgValue::Expr(Expr { kind: ExprKind::Text(parts), .. }) => plain(parts).map(str::to_owned),
        _ => None,
    };
    let first =
        args.first().filter(|arg| matches!(&arg.value, TriggerArgValue::Expr(e) if e.range == expr.range));
    let named = |wanted: &str| args.iter().find(|arg| arg.name.as_ref().is_some_and(|n| n.text == wanted));
    let expression = first.or_else(|| named("expression"));
    if expression.is_none_or(|arg| !matches!(&arg.value, TriggerArgValue::Expr(e) if e.range == expr.range)) {
        return None;
    }
    let zone = named("zone").or_else(|| args.get(1).filter(|arg| arg.name.is_none())).and_then(value);
    cron::explain(written, zone.as_deref().unwrap_or("UTC"), now)
}
