//! Fields of records: on their way into a register, and as conditions, where nothing has to be put into one. Most of what
//! flows ask of an event is of this kind.

use crate::function::{Emitter, Label, Place};
use carapace_check::tree::{Compare, Expr, ExprKind, TextOp};
use carapace_module::code::{Op, Path, TextTest};
use carapace_module::{Type, Value};

impl Emitter<'_, '_> {
    /// The register and the path of a field; none where it is none, or deeper than a path goes.
    pub(crate) fn path(&self, expr: &Expr) -> Option<(u16, Path)> {
        let mut slots = Vec::new();
        let mut inner = expr;
        let register = loop {
            match &inner.kind {
                ExprKind::Narrow(narrowed) => inner = narrowed,
                ExprKind::Field(base, slot) => {
                    slots.push(u16::try_from(*slot).ok()?);
                    inner = base;
                }
                ExprKind::Local(local) => match self.places.get(local)? {
                    Place::Register(register) => break *register,
                    Place::Event(slot) => {
                        slots.push(*slot);
                        break 0;
                    }
                },
                _ => return None,
            }
        };
        slots.reverse();
        if slots.is_empty() { None } else { Some((register, Path::through(&slots)?)) }
    }

    /// Goes to `label` when the condition is `holds`, where that can be said of a field; false where it cannot.
    pub(crate) fn jump_by_field(&mut self, cond: &Expr, holds: bool, label: Label) -> bool {
        if cond.ty == Type::Bool
            && let Some((register, path)) = self.path(cond)
        {
            self.at(cond.span);
            let op = if holds { Op::JumpIfField } else { Op::JumpUnlessField };
            self.jump_near(op, register, path.0, label);
            return true;
        }
        let Some((text, test, holds_with, constant)) = text_test(cond) else { return false };
        let (register, path) = match self.path(text) {
            Some(found) => found,
            None => (self.value(text), Path::WHOLE),
        };
        let constant = self.builder.constant(constant);
        self.at(cond.span);
        let op = if holds == holds_with { Op::JumpIfText } else { Op::JumpUnlessText };
        self.jump_near(op, register, path.0, label);
        self.put_wide(Op::Ext, test, constant);
        true
    }
}

/// A test of a text with a constant: the text, the test as an operand, what it comes to where the condition holds, and
/// the constant.
fn text_test(cond: &Expr) -> Option<(&Expr, u16, bool, &Value)> {
    let (text, test, holds, other) = match &cond.kind {
        ExprKind::TextTest { op, left, right, ignoring_case } => {
            let test = match op {
                TextOp::Contains => TextTest::Contains,
                TextOp::StartsWith => TextTest::StartsWith,
                TextOp::EndsWith => TextTest::EndsWith,
            };
            (left, test.operand(*ignoring_case), true, right)
        }
        ExprKind::Compare { op: op @ (Compare::Eq | Compare::Ne), left, right, ignoring_case } => {
            (left, TextTest::Equals.operand(*ignoring_case), *op == Compare::Eq, right)
        }
        _ => return None,
    };
    let constant = constant_text(other)?;
    (text.ty == Type::Text).then_some((text, test, holds, constant))
}

fn constant_text(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        ExprKind::Const(value @ Value::Text(_)) => Some(value),
        _ => None,
    }
}
