//! `x => …`, only as an argument.

use super::body::LAMBDA;
use super::{Body, Want};
use crate::code;
use crate::tree::{Expr, ExprKind, Lambda};
use crate::ty::has_param;
use carapace_module::Type;
use carapace_syntax::ast;
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// A lambda for a parameter of that type.
    pub(crate) fn lambda(&mut self, expr: &'a ast::Expr, ty: &Type) -> Expr {
        let lambda = match &expr.kind {
            ast::ExprKind::Paren(inner) => return self.lambda(inner, ty),
            ast::ExprKind::Lambda(lambda) => lambda,
            _ => return self.check(expr, ty),
        };
        let (Type::Fn(params, result), range) = (ty, expr.range) else {
            if *ty != Type::Error {
                let shown = self.cx.show(ty);
                let told = self
                    .told(
                        code::MISMATCH,
                        expr.range,
                        format!("a `{shown}` is needed, but this is a function"),
                    )
                    .help("give a value");
                self.report(told);
            }
            return self.error(expr.range);
        };
        if lambda.params.len() != params.len() {
            let told = self
                .told(
                    code::MISMATCH,
                    range,
                    format!(
                        "a function of {} is needed, but this one has {}",
                        count(params.len()),
                        count(lambda.params.len())
                    ),
                )
                .help("name each parameter: `(a, b) => …`");
            self.report(told);
            return self.error(range);
        }
        // `return` and `fail` would have to leave the call that the lambda is handed to.
        let outer = self.result.take();
        let ((locals, body), captures) = self.framed(LAMBDA, lambda.body.range, |body| {
            let locals: Vec<_> = lambda
                .params
                .iter()
                .zip(params.iter())
                .map(|(p, ty)| body.declare(p, ty.clone(), false))
                .collect();
            let value = if has_param(result) {
                body.infer_value(&lambda.body)
            } else if **result == Type::Nothing {
                body.infer(&lambda.body, Want::Discard)
            } else {
                body.check(&lambda.body, result)
            };
            (locals, value)
        });
        self.result = outer;
        let ty = Type::Fn(params.clone(), Arc::new(body.ty.clone()));
        self.make(range, ty, ExprKind::Lambda(Box::new(Lambda { params: locals, captures, body })))
    }
}

fn count(n: usize) -> String {
    match n {
        0 => "no parameters".to_owned(),
        1 => "one parameter".to_owned(),
        n => format!("{n} parameters"),
    }
}
