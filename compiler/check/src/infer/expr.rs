//! The forms of an expression, each to its family.

use super::{Body, Want};
use crate::code;
use crate::tree::{Expr, ExprKind};
use carapace_module::{Type, Value};
use carapace_syntax::ast;

impl<'a> Body<'_, 'a> {
    /// The expression with its type; `want` helps to find it but is not enforced.
    pub(crate) fn infer(&mut self, expr: &'a ast::Expr, want: Want<'_>) -> Expr {
        let made = self.infer_kind(expr, want);
        self.note_type(expr.range, &made.ty);
        made
    }

    /// The same, of an expression that must have a value.
    pub(crate) fn infer_value(&mut self, expr: &'a ast::Expr) -> Expr {
        let made = self.infer(expr, Want::Any);
        if made.ty != Type::Nothing {
            return made;
        }
        let told = self
            .told(code::NO_VALUE, expr.range, "this gives no value")
            .help("do it in a statement of its own");
        self.report(told);
        self.error(expr.range)
    }

    fn infer_kind(&mut self, expr: &'a ast::Expr, want: Want<'_>) -> Expr {
        use ast::ExprKind as E;
        let range = expr.range;
        let constant = |body: &Self, ty, value| body.make(range, ty, ExprKind::Const(value));
        match &expr.kind {
            E::Int(value) => self.int(range, *value, want),
            E::Number(text) => self.number(range, text),
            E::Bool(value) => constant(self, Type::Bool, Value::Bool(*value)),
            E::None => {
                let ty = match want.ty() {
                    Some(ty @ Type::Optional(_)) => ty.clone(),
                    _ => crate::ty::optional(Type::Never),
                };
                constant(self, ty, Value::None)
            }
            E::Duration(ms) => constant(self, Type::Duration, Value::Duration(*ms)),
            E::Money(amount, currency) => self.money(range, amount, currency),
            E::Text(parts) => self.text(range, parts),
            E::Tagged { tag, parts } => self.tagged(range, tag, parts),
            E::List(items) => self.list(range, items, want),
            E::Map(entries) => self.map(range, entries, want),
            E::Range(from, to) => {
                let from = Box::new(self.check(from, &Type::Int));
                let to = Box::new(self.check(to, &Type::Int));
                self.make(range, Type::list(Type::Int), ExprKind::Range(from, to))
            }
            E::Record { path, fields } => self.record(range, path, fields, want),
            E::Name(name) => self.name(name, want),
            E::Any => {
                let told = self
                    .told(
                        code::TEST_ONLY,
                        range,
                        "`_` matches anything, and only a test's `given` and `called` can ask that",
                    )
                    .help("write a value");
                self.report(told);
                self.error(range)
            }
            E::Field { base, optional, name } => self.field(expr, base, *optional, name, want),
            E::Index { base, index } => self.index(range, base, index),
            E::Call { callee, type_args, args } => self.call(expr, callee, type_args, args, want),
            E::Lambda(_) => {
                let told = self
                    .told(code::MISMATCH, range, "a lambda can only be an argument")
                    .help("write a function: `fn name(x: T) -> R = …`");
                self.report(told);
                self.error(range)
            }
            E::Unary(op, operand) => self.unary(range, *op, operand, want),
            E::Binary(op, left, right) => self.binary(range, *op, left, right, want),
            E::Cond { .. } => self.condition(expr).0,
            E::If(branch) => self.if_(range, branch, want),
            E::Match(cases) => self.match_(range, cases, want),
            E::For(each) => self.for_parallel_or_loop(range, each, want),
            E::Parallel(branches) => self.parallel(range, branches, want),
            E::Race(branches) => self.race(range, branches, want),
            E::Do(block) => self.do_(range, block, want),
            E::Await(wait) => self.await_(range, wait),
            E::Start(call) => self.start(range, call),
            E::Suffixed { base, suffixes } => self.suffixed(range, base, suffixes, want),
            E::Paren(inner) => self.infer(inner, want),
            E::Error => self.error(range),
        }
    }
}
