//! Words that a message must hold for a guard to say yes: an index for dispatch, so that most guards are never run.

use crate::infer::Body;
use crate::tree::{Compare, Expr, ExprKind, Flow, TextOp};
use carapace_module::{Type, TypeKind, TypeTable};
use std::sync::Arc;

/// Lower-case texts one of which occurs in `message.text` wherever the guard holds; empty where nothing is known.
pub(crate) fn required_words(guard: &Expr, flow: &Flow, table: &TypeTable) -> Vec<Arc<str>> {
    words(guard, flow, table).unwrap_or_default()
}

fn words(expr: &Expr, flow: &Flow, table: &TypeTable) -> Option<Vec<Arc<str>>> {
    match &expr.kind {
        ExprKind::And(a, b) => words(a, flow, table).or_else(|| words(b, flow, table)),
        ExprKind::Or(a, b) => {
            let (mut a, b) = (words(a, flow, table)?, words(b, flow, table)?);
            a.extend(b);
            Some(a)
        }
        ExprKind::TextTest {
            op: TextOp::Contains | TextOp::StartsWith | TextOp::EndsWith,
            left,
            right,
            ..
        }
        | ExprKind::Compare { op: Compare::Eq, left, right, .. } => {
            if !is_message_text(left, flow, table) {
                return None;
            }
            let ExprKind::Const(value) = &right.kind else { return None };
            let text = Body::literal_text(value)?;
            // Letters that change length or fold unlike their lower case are left to the guard itself.
            (text.is_ascii() && !text.is_empty()).then(|| vec![Arc::from(text.to_lowercase())])
        }
        _ => None,
    }
}

fn is_message_text(expr: &Expr, flow: &Flow, table: &TypeTable) -> bool {
    let ExprKind::Field(base, slot) = &expr.kind else { return false };
    let (ExprKind::Local(local), Type::Declared(id, _)) = (&base.kind, &base.ty) else { return false };
    let Some(event) = flow.params.iter().position(|p| p == local) else { return false };
    let named =
        flow.triggers.first().and_then(|t| t.fields.get(event)).is_some_and(|(n, _)| **n == *"message");
    named
        && matches!(table.get(*id).map(|d| &d.kind), Some(TypeKind::Record(fields))
            if fields.get(*slot as usize).is_some_and(|f| *f.name == *"text"))
}
