//! What an event must have for a guard to say yes: an index for dispatch, so that most guards are never run.

use crate::infer::Body;
use crate::tree::{Compare, Expr, ExprKind, Flow, TextOp};
use carapace_module::signature::Mark;
use carapace_module::{Type, TypeKind, TypeTable, Value};
use std::sync::Arc;

/// Fields of an event that the engine makes itself, or that are found under another value than the channel gave.
const MADE: [&str; 4] = ["trigger", "received_at", "scheduled_at", "channel"];

/// What the index may go by.
#[derive(Debug, Default)]
pub(crate) struct Required {
    /// Lower-case texts one of which occurs in `message.text` wherever the guard holds; empty where nothing is known.
    pub(crate) words: Vec<Arc<str>>,
    /// Marks one of which the event has wherever the guard holds; empty where the words say as much.
    pub(crate) marks: Vec<Mark>,
}

/// What a guard requires of an event.
pub(crate) fn required(guard: &Expr, flow: &Flow, table: &TypeTable) -> Required {
    let reading = Reading { flow, table };
    let words = reading.marks(guard, true).unwrap_or_default().into_iter().filter_map(|mark| match mark {
        Mark::Word(word) => Some(word),
        Mark::Field { .. } => None,
    });
    let words = words.collect();
    let marks = reading.marks(guard, false).unwrap_or_default();
    let new = marks.iter().any(|mark| matches!(mark, Mark::Field { .. }));
    Required { words, marks: if new { marks } else { Vec::new() } }
}

struct Reading<'a> {
    flow: &'a Flow,
    table: &'a TypeTable,
}

impl Reading<'_> {
    /// Marks one of which is there wherever the condition holds; none where nothing is known.
    fn marks(&self, expr: &Expr, words_only: bool) -> Option<Vec<Mark>> {
        match &expr.kind {
            ExprKind::And(a, b) => match (self.marks(a, words_only), self.marks(b, words_only)) {
                // Both are there: the index goes by the one that fewer events have.
                (Some(a), Some(b)) => Some(if !words_only && frequency(&b) < frequency(&a) { b } else { a }),
                (a, b) => a.or(b),
            },
            ExprKind::Or(a, b) => {
                let (mut a, b) = (self.marks(a, words_only)?, self.marks(b, words_only)?);
                a.extend(b);
                Some(a)
            }
            ExprKind::TextTest {
                op: TextOp::Contains | TextOp::StartsWith | TextOp::EndsWith,
                left,
                right,
                ..
            } => self.word(left, right).map(|mark| vec![mark]),
            ExprKind::Compare { op: Compare::Eq, left, right, ignoring_case } => {
                let field = || {
                    let (left, right) = if constant(left).is_some() { (right, left) } else { (left, right) };
                    self.field(left, constant(right)?)
                };
                let mark = self.word(left, right);
                mark.or_else(|| field().filter(|_| !words_only && !ignoring_case)).map(|mark| vec![mark])
            }
            ExprKind::In { item, list, ignoring_case: false } if !words_only => {
                constants(list)?.into_iter().map(|text| self.field(item, text)).collect()
            }
            ExprKind::Narrow(inner) => self.marks(inner, words_only),
            _ => None,
        }
    }

    fn word(&self, left: &Expr, right: &Expr) -> Option<Mark> {
        let path = self.path(left)?;
        if !matches!(path.as_slice(), [message, text] if **message == *"message" && **text == *"text") {
            return None;
        }
        let text = constant(right)?;
        // Letters that change length or fold unlike their lower case are left to the guard itself.
        (text.is_ascii() && !text.is_empty()).then(|| Mark::Word(text.to_lowercase().into()))
    }

    fn field(&self, field: &Expr, is: &str) -> Option<Mark> {
        let path = self.path(field)?;
        let (first, last) = (path.first()?, path.last()?);
        // Wherever a channel is named, flows see the name of its slot.
        let plain = !MADE.contains(&&**first) && **last != *"channel";
        plain.then(|| Mark::Field { path, is: is.into() })
    }

    /// The JSON keys that lead to a text in the event, from the event's field inwards.
    fn path(&self, expr: &Expr) -> Option<Vec<Arc<str>>> {
        let is_text = |ty: &Type| matches!(ty, Type::Text);
        match &expr.ty {
            Type::Optional(inner) if is_text(inner) => {}
            ty if is_text(ty) => {}
            _ => return None,
        }
        self.keys(expr).filter(|keys| !keys.is_empty())
    }

    fn keys(&self, expr: &Expr) -> Option<Vec<Arc<str>>> {
        match &expr.kind {
            ExprKind::Local(local) => {
                let at = self.flow.params.iter().position(|param| param == local)?;
                let (name, _) = self.flow.triggers.first()?.fields.get(at)?;
                Some(vec![name.clone()])
            }
            ExprKind::Narrow(inner) => self.keys(inner),
            ExprKind::Field(base, slot) => {
                let mut keys = self.keys(base)?;
                let Type::Declared(id, _) = &base.ty else { return None };
                let Some(TypeKind::Record(fields)) = self.table.get(*id).map(|def| &def.kind) else {
                    return None;
                };
                let field = fields.get(*slot as usize)?;
                keys.push(field.json_key.clone().unwrap_or_else(|| field.name.clone()));
                Some(keys)
            }
            _ => None,
        }
    }
}

/// How common events with one of the marks are likely to be: ids are the rarest, then words; then how many there are.
fn frequency(marks: &[Mark]) -> (u8, usize) {
    let of = |mark: &Mark| match mark {
        Mark::Field { path, .. } => {
            if path.last().is_some_and(|key| **key == *"id") {
                0
            } else {
                2
            }
        }
        Mark::Word(_) => 1,
    };
    (marks.iter().map(of).max().unwrap_or(u8::MAX), marks.len())
}

fn constant(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Const(value) => Body::literal_text(value),
        _ => None,
    }
}

/// The texts of a list that is written out; none where it has something else, or nothing.
fn constants(list: &Expr) -> Option<Vec<&str>> {
    let texts: Option<Vec<&str>> = match &list.kind {
        ExprKind::List(items) => items.iter().map(constant).collect(),
        ExprKind::Const(Value::List(list)) => list.items.iter().map(Body::literal_text).collect(),
        _ => None,
    };
    texts.filter(|texts| !texts.is_empty())
}
