//! Conditions: as values, and as jumps.

use crate::function::{Emitter, Label};
use carapace_check::tree::{Compare, Expr, ExprKind, TextOp};
use carapace_module::code::Op;
use carapace_module::{Type, Value};

impl Emitter<'_, '_> {
    /// Goes to `label` unless `cond` holds.
    pub(crate) fn jump_unless(&mut self, cond: &Expr, label: Label) {
        let mark = self.mark();
        match &cond.kind {
            _ if self.jump_by_field(cond, false, label) => {}
            ExprKind::Const(Value::Bool(true)) => {}
            ExprKind::Const(Value::Bool(false)) => self.jump(label),
            ExprKind::And(left, right) => {
                self.jump_unless(left, label);
                self.jump_unless(right, label);
            }
            ExprKind::Or(left, right) => {
                let holds = self.label();
                self.jump_when(left, holds);
                self.jump_unless(right, label);
                self.place(holds);
            }
            ExprKind::Not(inner) => self.jump_when(inner, label),
            ExprKind::Narrow(inner) => self.jump_unless(inner, label),
            ExprKind::IsNone(inner) => {
                let register = self.value(inner);
                self.jump_wide(Op::JumpIfSome, register, label);
            }
            ExprKind::IsTag(inner, tag) if u16::try_from(*tag).is_ok() => {
                let register = self.value(inner);
                let tag = self.operand(*tag as usize);
                self.jump_near(Op::JumpUnlessTag, register, tag, label);
            }
            ExprKind::Compare { op, left, right, ignoring_case: false } if fused(*op, &left.ty).is_some() => {
                let (a, b) = self.pair(left, right);
                let (op, swapped) = fused(*op, &left.ty).unwrap_or((Op::JumpUnlessEq, false));
                let (a, b) = if swapped { (b, a) } else { (a, b) };
                self.at(cond.span);
                self.jump_near(op, a, b, label);
            }
            ExprKind::Compare { op: Compare::Ne, left, right, ignoring_case } => {
                self.jump_when_equal(cond, left, right, *ignoring_case, label);
            }
            _ => {
                let register = self.value(cond);
                self.jump_wide(Op::JumpIfNot, register, label);
            }
        }
        self.release(mark);
    }

    /// Goes to `label` when `cond` holds.
    pub(crate) fn jump_when(&mut self, cond: &Expr, label: Label) {
        let mark = self.mark();
        match &cond.kind {
            _ if self.jump_by_field(cond, true, label) => {}
            ExprKind::Const(Value::Bool(true)) => self.jump(label),
            ExprKind::Const(Value::Bool(false)) => {}
            ExprKind::Or(left, right) => {
                self.jump_when(left, label);
                self.jump_when(right, label);
            }
            ExprKind::And(left, right) => {
                let fails = self.label();
                self.jump_unless(left, fails);
                self.jump_when(right, label);
                self.place(fails);
            }
            ExprKind::Not(inner) => self.jump_unless(inner, label),
            ExprKind::Narrow(inner) => self.jump_when(inner, label),
            ExprKind::IsNone(inner) => {
                let register = self.value(inner);
                self.jump_wide(Op::JumpIfNone, register, label);
            }
            ExprKind::Compare { op, left, right, ignoring_case: false } if opposite(*op, left).is_some() => {
                let (a, b) = self.pair(left, right);
                let (op, swapped) = opposite(*op, left).unwrap_or((Op::JumpUnlessEq, false));
                let (a, b) = if swapped { (b, a) } else { (a, b) };
                self.at(cond.span);
                self.jump_near(op, a, b, label);
            }
            _ => {
                let register = self.value(cond);
                self.jump_wide(Op::JumpIf, register, label);
            }
        }
        self.release(mark);
    }

    fn jump_when_equal(&mut self, cond: &Expr, left: &Expr, right: &Expr, fold: bool, label: Label) {
        let register = self.temp();
        self.at(cond.span);
        self.compare(Compare::Eq, left, right, fold, register);
        self.jump_wide(Op::JumpIf, register, label);
    }

    /// A comparison as a value.
    pub(crate) fn compare(&mut self, op: Compare, left: &Expr, right: &Expr, fold: bool, dst: u16) {
        let (a, b) = self.pair(left, right);
        let int = left.ty == Type::Int && right.ty == Type::Int;
        let pick = |plain: Op, of_int: Op, folded: Op| match (int, fold) {
            (_, true) => folded,
            (true, false) => of_int,
            (false, false) => plain,
        };
        let (eq, lt, le) = (
            pick(Op::Eq, Op::EqInt, Op::EqFold),
            pick(Op::Lt, Op::LtInt, Op::LtFold),
            pick(Op::Le, Op::LeInt, Op::LeFold),
        );
        match op {
            Compare::Eq => self.put(eq, dst, a, b),
            Compare::Ne => {
                self.put(eq, dst, a, b);
                self.put(Op::Not, dst, dst, 0);
            }
            Compare::Lt => self.put(lt, dst, a, b),
            Compare::Le => self.put(le, dst, a, b),
            Compare::Gt => self.put(lt, dst, b, a),
            Compare::Ge => self.put(le, dst, b, a),
        }
    }

    pub(crate) fn text_test(&mut self, op: TextOp, left: &Expr, right: &Expr, fold: bool, dst: u16) {
        let (a, b) = self.pair(left, right);
        let op = match (op, fold) {
            (TextOp::Contains, false) => Op::Contains,
            (TextOp::StartsWith, false) => Op::StartsWith,
            (TextOp::EndsWith, false) => Op::EndsWith,
            (TextOp::Contains, true) => Op::ContainsFold,
            (TextOp::StartsWith, true) => Op::StartsWithFold,
            (TextOp::EndsWith, true) => Op::EndsWithFold,
        };
        self.put(op, dst, a, b);
    }

    /// `x in xs`; of a range as two comparisons.
    pub(crate) fn contained(&mut self, item: &Expr, list: &Expr, fold: bool, dst: u16) {
        if let (ExprKind::Range(from, to), Type::Int) = (&list.kind, &item.ty) {
            let (value, low, high) = (self.temp(), self.temp(), self.temp());
            self.expr(item, value);
            self.expr(from, low);
            self.expr(to, high);
            let out = self.label();
            self.put(Op::LeInt, dst, low, value);
            self.jump_wide(Op::JumpIfNot, dst, out);
            self.put(Op::LeInt, dst, value, high);
            self.place(out);
            return;
        }
        let (a, b) = self.pair(item, list);
        self.put(if fold { Op::InFold } else { Op::In }, dst, a, b);
    }

    pub(crate) fn matches(
        &mut self,
        text: &Expr,
        regex: &Expr,
        found: Option<&(carapace_check::tree::LocalId, Vec<std::sync::Arc<str>>)>,
        fold: bool,
        dst: u16,
    ) {
        let (a, b) = self.pair(text, regex);
        let Some((local, names)) = found else {
            self.put(Op::Matches, dst, a, b);
            self.put(Op::Ext, u16::from(fold), 0, 0);
            return;
        };
        let names = Value::list(names.iter().map(|n| Value::text(&**n)).collect());
        let names = self.builder.constant(&names);
        let captures = self.own(*local);
        self.put(Op::Captures, captures, a, b);
        self.put_wide(Op::Ext, u16::from(fold), names);
        self.put(Op::IsNone, dst, captures, 0);
        self.put(Op::Not, dst, dst, 0);
    }
}

/// The jump that leaves unless the comparison holds, and whether its operands change places.
fn fused(op: Compare, ty: &Type) -> Option<(Op, bool)> {
    match (op, ty) {
        (Compare::Eq, Type::Int) => Some((Op::JumpUnlessEqInt, false)),
        (Compare::Lt, Type::Int) => Some((Op::JumpUnlessLtInt, false)),
        (Compare::Le, Type::Int) => Some((Op::JumpUnlessLeInt, false)),
        (Compare::Gt, Type::Int) => Some((Op::JumpUnlessLtInt, true)),
        (Compare::Ge, Type::Int) => Some((Op::JumpUnlessLeInt, true)),
        (Compare::Eq, _) => Some((Op::JumpUnlessEq, false)),
        _ => None,
    }
}

/// The jump that leaves when the comparison holds, and whether its operands change places. Of Ints alone: of them, one
/// that is not less is greater or the same.
fn opposite(op: Compare, left: &Expr) -> Option<(Op, bool)> {
    match (op, &left.ty) {
        (Compare::Ne, Type::Int) => Some((Op::JumpUnlessEqInt, false)),
        (Compare::Lt, Type::Int) => Some((Op::JumpUnlessLeInt, true)),
        (Compare::Le, Type::Int) => Some((Op::JumpUnlessLtInt, true)),
        (Compare::Gt, Type::Int) => Some((Op::JumpUnlessLeInt, false)),
        (Compare::Ge, Type::Int) => Some((Op::JumpUnlessLtInt, false)),
        (Compare::Ne, _) => Some((Op::JumpUnlessEq, false)),
        _ => None,
    }
}
