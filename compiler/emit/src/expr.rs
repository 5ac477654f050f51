//! Expressions.

use crate::function::Emitter;
use carapace_check::tree::{Arith, Expr, ExprKind, LocalId};
use carapace_module::code::Op;
use carapace_module::{Type, Value};

impl Emitter<'_, '_> {
    /// A register that holds the value; a local's own where it is one, to save a move.
    pub(crate) fn value(&mut self, expr: &Expr) -> u16 {
        match &expr.kind {
            ExprKind::Local(local) => self.read(*local),
            ExprKind::Narrow(inner) => self.value(inner),
            _ => {
                let register = self.temp();
                self.expr(expr, register);
                register
            }
        }
    }

    /// Both operands. The left one is copied where the right one might assign to its local.
    pub(crate) fn pair(&mut self, left: &Expr, right: &Expr) -> (u16, u16) {
        let a = if may_assign(right) {
            let register = self.temp();
            self.expr(left, register);
            register
        } else {
            self.value(left)
        };
        let b = self.value(right);
        (a, b)
    }

    /// Values in a row of fresh registers.
    pub(crate) fn row<'e>(&mut self, exprs: impl ExactSizeIterator<Item = &'e Expr>) -> u16 {
        let base = self.temps(exprs.len());
        for (offset, expr) in exprs.enumerate() {
            let register = base.saturating_add(self.operand(offset));
            self.expr(expr, register);
        }
        base
    }

    /// Locals' values in a row of fresh registers.
    pub(crate) fn captures(&mut self, locals: &[LocalId]) -> u16 {
        let base = self.temps(locals.len());
        for (offset, local) in locals.iter().enumerate() {
            let register = base.saturating_add(self.operand(offset));
            let mark = self.mark();
            let from = self.read(*local);
            self.put(Op::Move, register, from, 0);
            self.release(mark);
        }
        base
    }

    /// The value, in `dst`.
    pub(crate) fn expr(&mut self, expr: &Expr, dst: u16) {
        let mark = self.mark();
        self.at(expr.span);
        match &expr.kind {
            ExprKind::Const(value) => self.load(dst, value),
            ExprKind::Local(local) => {
                let from = self.read(*local);
                if from != dst {
                    self.put(Op::Move, dst, from, 0);
                }
            }
            ExprKind::Narrow(inner) => self.expr(inner, dst),
            ExprKind::Setting(setting) => {
                let number = self.operand(setting.0 as usize);
                self.put(Op::Setting, dst, number, 0);
            }
            ExprKind::Slot(name) => self.load(dst, &Value::text(&**name)),
            ExprKind::Now => self.put(Op::Now, dst, 0, 0),
            ExprKind::Random => self.put(Op::Random, dst, 0, 0),
            ExprKind::ThisRun => self.put(Op::ThisRun, dst, 0, 0),
            ExprKind::Neg(inner) => self.unary(Op::Neg, inner, dst),
            ExprKind::Not(inner) => self.unary(Op::Not, inner, dst),
            ExprKind::IntToNumber(inner) => self.unary(Op::IntToNumber, inner, dst),
            ExprKind::IsEmpty(inner) => self.unary(Op::IsEmpty, inner, dst),
            ExprKind::IsNone(inner) => self.unary(Op::IsNone, inner, dst),
            ExprKind::IsTag(inner, tag) => {
                let register = self.value(inner);
                let tag = self.operand(*tag as usize);
                self.put(Op::IsTag, dst, register, tag);
            }
            ExprKind::Arith(op, left, right) => self.arith(*op, left, right, dst),
            ExprKind::Compare { op, left, right, ignoring_case } => {
                self.compare(*op, left, right, *ignoring_case, dst);
            }
            ExprKind::TextTest { op, left, right, ignoring_case } => {
                self.text_test(*op, left, right, *ignoring_case, dst);
            }
            ExprKind::In { item, list, ignoring_case } => self.contained(item, list, *ignoring_case, dst),
            ExprKind::Matches { text, regex, found, ignoring_case } => {
                self.matches(text, regex, found.as_ref(), *ignoring_case, dst);
            }
            ExprKind::And(..) | ExprKind::Or(..) => self.truth(expr, dst),
            ExprKind::If(cond, then, otherwise) => {
                self.branch_value(expr.span, cond, then, otherwise.as_ref(), Some(dst))
            }
            ExprKind::Match(subject, arms) => self.match_value(subject, arms, dst),
            ExprKind::Block(block) => self.block(block, dst),
            ExprKind::Call(..)
            | ExprKind::CallNative(..)
            | ExprKind::CallClosure(..)
            | ExprKind::Lambda(_)
            | ExprKind::FunctionValue(_) => self.call(expr, dst),
            ExprKind::StateGet(state, keys) => {
                let base = self.row(keys.iter());
                let state = self.operand(state.0 as usize);
                self.put(Op::StateGet, dst, state, base);
            }
            ExprKind::Text(_)
            | ExprKind::Template(..)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Range(..)
            | ExprKind::Record(..)
            | ExprKind::Tag(..)
            | ExprKind::Field(..)
            | ExprKind::OptionalChain { .. }
            | ExprKind::ListIndex(..)
            | ExprKind::MapIndex(..)
            | ExprKind::JsonIndex(..)
            | ExprKind::HasKey(..)
            | ExprKind::Coalesce(..)
            | ExprKind::TextToContent(_) => self.data(expr, dst),
            ExprKind::Fail(_)
            | ExprKind::Cancel(_)
            | ExprKind::Return(_)
            | ExprKind::Break
            | ExprKind::Continue => self.leave(expr),
            ExprKind::Effect(_)
            | ExprKind::CallFlow(..)
            | ExprKind::Start(..)
            | ExprKind::Await(..)
            | ExprKind::ListenNext(..)
            | ExprKind::Parallel(..)
            | ExprKind::Race(..)
            | ExprKind::ForParallel { .. }
            | ExprKind::Do(..) => self.waiting(expr, dst),
            ExprKind::Error => self.mistake(),
        }
        self.release(mark);
    }

    fn unary(&mut self, op: Op, inner: &Expr, dst: u16) {
        let register = self.value(inner);
        self.put(op, dst, register, 0);
    }

    fn arith(&mut self, op: Arith, left: &Expr, right: &Expr, dst: u16) {
        let int = left.ty == Type::Int && right.ty == Type::Int;
        if let (true, Arith::Add | Arith::Sub, ExprKind::Const(Value::Int(small))) = (int, op, &right.kind) {
            let by = if op == Arith::Add { Some(*small) } else { small.checked_neg() };
            if let Some(by) = by.and_then(|by| i16::try_from(by).ok()) {
                let register = self.value(left);
                self.put(Op::AddIntConst, dst, register, by.cast_unsigned());
                return;
            }
        }
        if let (Arith::Add, ExprKind::List(items)) = (op, &right.kind)
            && let [item] = items.as_slice()
        {
            let (a, b) = self.pair(left, item);
            self.put(Op::Append, dst, a, b);
            return;
        }
        let (a, b) = self.pair(left, right);
        let op = match (op, int) {
            (Arith::Add, true) => Op::AddInt,
            (Arith::Sub, true) => Op::SubInt,
            (Arith::Mul, true) => Op::MulInt,
            (Arith::Div, true) => Op::DivInt,
            (Arith::Rem, true) => Op::RemInt,
            (Arith::Add, false) => Op::Add,
            (Arith::Sub, false) => Op::Sub,
            (Arith::Mul, false) => Op::Mul,
            (Arith::Div, false) => Op::Div,
            (Arith::Rem, false) => Op::Rem,
        };
        self.put(op, dst, a, b);
    }

    /// `and` and `or` as a value.
    fn truth(&mut self, expr: &Expr, dst: u16) {
        let (no, out) = (self.label(), self.label());
        self.jump_unless(expr, no);
        self.load(dst, &Value::Bool(true));
        self.jump(out);
        self.place(no);
        self.load(dst, &Value::Bool(false));
        self.place(out);
    }

    fn call(&mut self, expr: &Expr, dst: u16) {
        match &expr.kind {
            ExprKind::Call(function, args) => {
                let base = self.row(args.iter());
                let function = self.operand(function.0 as usize);
                self.at(expr.span);
                self.put(Op::Call, dst, function, base);
            }
            ExprKind::CallNative(native, args) => {
                let base = self.row(args.iter());
                let native = self.operand(native.0 as usize);
                self.at(expr.span);
                self.put(Op::CallNative, dst, native, base);
            }
            ExprKind::CallClosure(callee, args) => {
                let closure = self.temp();
                self.expr(callee, closure);
                let base = self.row(args.iter());
                self.at(expr.span);
                self.put(Op::CallClosure, dst, closure, base);
            }
            ExprKind::Lambda(lambda) => {
                let base = self.captures(&lambda.captures);
                let function = self.lambda(lambda);
                let (function, count) =
                    (self.operand(function.0 as usize), self.operand(lambda.captures.len()));
                self.put(Op::Closure, dst, function, base);
                self.put(Op::Ext, count, 0, 0);
            }
            ExprKind::FunctionValue(function) => {
                let function = self.operand(function.0 as usize);
                self.put(Op::Closure, dst, function, 0);
                self.put(Op::Ext, 0, 0, 0);
            }
            _ => self.mistake(),
        }
    }

    /// What the tree should not hold.
    pub(crate) fn mistake(&mut self) {
        let _: u16 = self.fits(None);
    }
}

/// Whether evaluating it may assign to a local: only what holds statements can.
pub(crate) fn may_assign(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Setting(_)
        | ExprKind::Slot(_)
        | ExprKind::Now
        | ExprKind::Random
        | ExprKind::ThisRun
        | ExprKind::Lambda(_)
        | ExprKind::FunctionValue(_) => false,
        ExprKind::Neg(x)
        | ExprKind::Not(x)
        | ExprKind::IntToNumber(x)
        | ExprKind::IsEmpty(x)
        | ExprKind::IsNone(x)
        | ExprKind::IsTag(x, _)
        | ExprKind::Narrow(x)
        | ExprKind::Field(x, _) => may_assign(x),
        ExprKind::Arith(_, a, b)
        | ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Range(a, b)
        | ExprKind::ListIndex(a, b)
        | ExprKind::MapIndex(a, b)
        | ExprKind::JsonIndex(a, b)
        | ExprKind::HasKey(a, b)
        | ExprKind::Coalesce(a, b)
        | ExprKind::Compare { left: a, right: b, .. }
        | ExprKind::TextTest { left: a, right: b, .. } => may_assign(a) || may_assign(b),
        ExprKind::List(all) | ExprKind::Call(_, all) | ExprKind::CallNative(_, all) => {
            all.iter().any(may_assign)
        }
        _ => true,
    }
}

/// Whether its register is written when everything in it has been read: then it may be a local's that it reads.
pub(crate) fn is_written_last(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Narrow(inner) => is_written_last(inner),
        ExprKind::Block(block) => block.value.as_deref().is_none_or(is_written_last),
        ExprKind::If(_, then, otherwise) => [Some(then), otherwise.as_ref()]
            .into_iter()
            .flatten()
            .all(|block| block.value.as_deref().is_none_or(is_written_last)),
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Setting(_)
        | ExprKind::Slot(_)
        | ExprKind::Now
        | ExprKind::Random
        | ExprKind::ThisRun
        | ExprKind::Text(_)
        | ExprKind::Template(..)
        | ExprKind::List(_)
        | ExprKind::Map(_)
        | ExprKind::Range(..)
        | ExprKind::Record(..)
        | ExprKind::Tag(..)
        | ExprKind::Field(..)
        | ExprKind::ListIndex(..)
        | ExprKind::MapIndex(..)
        | ExprKind::JsonIndex(..)
        | ExprKind::HasKey(..)
        | ExprKind::Call(..)
        | ExprKind::CallNative(..)
        | ExprKind::CallClosure(..)
        | ExprKind::Lambda(_)
        | ExprKind::FunctionValue(_)
        | ExprKind::Neg(_)
        | ExprKind::Not(_)
        | ExprKind::IntToNumber(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsNone(_)
        | ExprKind::IsTag(..)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::Arith(..)
        | ExprKind::Compare { .. }
        | ExprKind::TextTest { .. }
        | ExprKind::In { .. }
        | ExprKind::StateGet(..) => true,
        _ => false,
    }
}
