//! `-x`, `not x`, arithmetic, `and`, `or`, `??`.

use super::narrow::Shown;
use super::{Body, Want};
use crate::code;
use crate::tree::{Arith, Expr, ExprKind};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{self, BinaryOp, UnaryOp};

impl<'a> Body<'_, 'a> {
    /// A prefix operator.
    pub(crate) fn unary(
        &mut self,
        range: TextRange,
        op: UnaryOp,
        operand: &'a ast::Expr,
        want: Want<'_>,
    ) -> Expr {
        match op {
            UnaryOp::Not => {
                let (operand, _) = self.cond(operand);
                self.make(range, Type::Bool, ExprKind::Not(Box::new(operand)))
            }
            UnaryOp::Neg => self.negate(range, operand, want),
        }
    }

    fn negate(&mut self, range: TextRange, operand: &'a ast::Expr, want: Want<'_>) -> Expr {
        let operand = self.infer(operand, want);
        match operand.ty {
            Type::Int | Type::Number | Type::Duration | Type::Money => {
                let ty = operand.ty.clone();
                match folded(&operand) {
                    Some(value) => self.make(range, ty, ExprKind::Const(value)),
                    None => self.make(range, ty, ExprKind::Neg(Box::new(operand))),
                }
            }
            Type::Error | Type::Never => self.error(range),
            ref other => {
                let shown = self.cx.show(other);
                let told = self
                    .told(code::OPERATOR, range, format!("`-` has no meaning for a `{shown}`"))
                    .help("only numbers, money and durations are negated");
                self.report(told);
                self.error(range)
            }
        }
    }

    /// An infix operator.
    pub(crate) fn binary(
        &mut self,
        range: TextRange,
        op: BinaryOp,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        want: Want<'_>,
    ) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logic(range, op, left, right).0,
            BinaryOp::Coalesce => self.coalesce(range, left, right, want),
            BinaryOp::Add => self.arith(range, Arith::Add, "+", left, right, want),
            BinaryOp::Sub => self.arith(range, Arith::Sub, "-", left, right, want),
            BinaryOp::Mul => self.arith(range, Arith::Mul, "*", left, right, want),
            BinaryOp::Div => self.arith(range, Arith::Div, "/", left, right, want),
            BinaryOp::Rem => self.arith(range, Arith::Rem, "%", left, right, want),
        }
    }

    /// `and`, `or`: the right side knows what the left one showed.
    pub(crate) fn logic(
        &mut self,
        range: TextRange,
        op: BinaryOp,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
    ) -> (Expr, Shown) {
        let (left, first) = self.cond(left);
        let known = self.known.len();
        let names = self.names.len();
        let (right, second) = {
            self.learn(if op == BinaryOp::And { &first.yes } else { &first.no });
            self.cond(right)
        };
        self.known.truncate(known);
        self.names.truncate(names);
        let (kind, shown) = if op == BinaryOp::And {
            let yes = first.yes.into_iter().chain(second.yes).collect();
            (ExprKind::And(Box::new(left), Box::new(right)), Shown { yes, no: Vec::new() })
        } else {
            let no = first.no.into_iter().chain(second.no).collect();
            (ExprKind::Or(Box::new(left), Box::new(right)), Shown { yes: Vec::new(), no })
        };
        (self.make(range, Type::Bool, kind), shown)
    }

    /// `a ?? b`.
    fn coalesce(
        &mut self,
        range: TextRange,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        want: Want<'_>,
    ) -> Expr {
        let left = self.infer_value(left);
        let Type::Optional(inner) = &left.ty else {
            let right = self.infer(right, want);
            if !matches!(left.ty, Type::Error | Type::Never) {
                let shown = self.cx.show(&left.ty);
                let told = carapace_diagnostic::Diagnostic::new(
                    code::OPERATOR,
                    left.span,
                    format!("`??` is for what may be none, and this `{shown}` never is"),
                )
                .help("leave `??` and what follows out");
                self.report(told);
            }
            return Expr { ty: if left.ty == Type::Error { right.ty } else { left.ty }, ..self.error(range) };
        };
        let inner = (**inner).clone();
        let right = self.infer(right, Want::Ty(&inner));
        let Some(ty) = crate::ty::join(&inner, &right.ty) else {
            self.convert(right, &inner);
            return self.error(range);
        };
        self.coalesced(range, left, right, ty)
    }

    /// The optional's value or the other one, both made one of `ty`.
    pub(crate) fn coalesced(&mut self, range: TextRange, left: Expr, right: Expr, ty: Type) -> Expr {
        let left = self.convert(left, &ty.clone().optional());
        let right = self.convert(right, &ty);
        self.make(range, ty, ExprKind::Coalesce(Box::new(left), Box::new(right)))
    }

    fn arith(
        &mut self,
        range: TextRange,
        op: Arith,
        sign: &str,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        want: Want<'_>,
    ) -> Expr {
        let hint = match want.ty() {
            Some(ty @ (Type::Number | Type::Int)) if op != Arith::Mul => Want::Ty(ty),
            _ => Want::Any,
        };
        let left = self.infer(left, hint);
        let hint = match &left.ty {
            ty @ (Type::Number | Type::List(_)) => Want::Ty(ty),
            _ => hint,
        };
        let right = self.infer(right, hint);
        if matches!(left.ty, Type::Error | Type::Never) || matches!(right.ty, Type::Error | Type::Never) {
            return self.error(range);
        }
        self.arith_of(range, op, sign, left, right)
    }

    /// The table of what goes with what.
    fn arith_of(&mut self, range: TextRange, op: Arith, sign: &str, mut left: Expr, mut right: Expr) -> Expr {
        use Type::{Date, Duration, Int, Money, Number, Text, Time};
        if left.ty == Int && right.ty == Number {
            left = self.widen(left);
        } else if left.ty == Number && right.ty == Int {
            right = self.widen(right);
        }
        // The factor of an amount stands on the right in the tree.
        if op == Arith::Mul && matches!((&left.ty, &right.ty), (Int, Duration | Money) | (Number, Money)) {
            std::mem::swap(&mut left, &mut right);
        }
        let ty = match (op, &left.ty, &right.ty) {
            (_, Int, Int) => Some(Int),
            (_, Number, Number) => Some(Number),
            (Arith::Add | Arith::Sub, Duration, Duration) => Some(Duration),
            (Arith::Add | Arith::Sub, Money, Money) => Some(Money),
            (Arith::Add | Arith::Sub, Time, Duration) => Some(Time),
            (Arith::Add | Arith::Sub, Date, Int) => Some(Date),
            (Arith::Sub, Time, Time) => Some(Duration),
            (Arith::Mul, Duration, Int) => Some(Duration),
            (Arith::Mul, Money, Int | Number) => Some(Money),
            (Arith::Add, Text, Text) => Some(Text),
            (Arith::Add, Type::List(_), Type::List(_)) => crate::ty::join(&left.ty, &right.ty),
            _ => None,
        };
        let Some(ty) = ty else {
            self.no_operator(range, op, sign, &left, &right);
            return self.error(range);
        };
        self.make(range, ty, ExprKind::Arith(op, Box::new(left), Box::new(right)))
    }

    pub(crate) fn widen(&mut self, value: Expr) -> Expr {
        let span = value.span;
        Expr { ty: Type::Number, span, kind: ExprKind::IntToNumber(Box::new(value)) }
    }

    fn no_operator(&mut self, range: TextRange, op: Arith, sign: &str, left: &Expr, right: &Expr) {
        for side in [left, right] {
            if let Type::Optional(_) = side.ty {
                let shown = self.cx.show(&side.ty);
                let told = carapace_diagnostic::Diagnostic::new(
                    code::MAY_BE_NONE,
                    side.span,
                    format!("this may be none, which `{sign}` cannot work with"),
                )
                .label(format!("is `{shown}`"))
                .help("say what holds then: `(… ?? 0)`, or ask `is some` before");
                self.report(told);
                return;
            }
        }
        let (a, b) = (self.cx.show(&left.ty), self.cx.show(&right.ty));
        let told =
            self.told(code::OPERATOR, range, format!("`{sign}` has no meaning between a `{a}` and a `{b}`"));
        let told = match (op, &left.ty, &right.ty) {
            (Arith::Add, Type::Text, _) | (Arith::Add, _, Type::Text) => {
                told.help("put values into a text: `\"… {x} …\"`")
            }
            (Arith::Div, Type::Money | Type::Duration, Type::Int | Type::Number) => {
                told.help("the library divides with a rounding that is said: `x.divide(…)`")
            }
            (_, Type::Date, Type::Duration) => told.help("a date and a number of days: `date + 3`"),
            (_, Type::Time, Type::Int) => told.help("a time and a duration: `time + 3d`"),
            (_, Type::Money, Type::Int | Type::Number) => told.help("name the currency: `50 EUR`"),
            _ => told.help("nothing converts by itself"),
        };
        self.report(told);
    }
}

/// The negative of a literal.
fn folded(operand: &Expr) -> Option<carapace_module::Value> {
    use carapace_module::Value;
    let ExprKind::Const(value) = &operand.kind else { return None };
    Some(match value {
        Value::Int(v) => Value::Int(v.checked_neg()?),
        Value::Duration(v) => Value::Duration(v.checked_neg()?),
        Value::Number(v) => {
            Value::Number(carapace_module::Decimal { mantissa: v.mantissa.checked_neg()?, scale: v.scale })
        }
        Value::Money(v) => {
            Value::Money(carapace_module::MoneyValue { mantissa: v.mantissa.checked_neg()?, ..*v })
        }
        _ => return None,
    })
}
