//! Values that are known when compiled: literals, constants made of them, and what is computed from no more than that.

use crate::collect::Checker;
use crate::tree::{Expr, ExprKind, FunctionRef, Part};
use carapace_module::Value;

/// The value, where it is known.
pub(crate) fn constant(cx: &mut Checker<'_>, expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::Tag(tag, fields) if fields.is_empty() => Some(Value::Tag(*tag)),
        ExprKind::Call(function, args) if args.is_empty() => constant_item(cx, *function),
        ExprKind::IntToNumber(inner) => match constant(cx, inner)? {
            Value::Int(n) => Some(Value::Number(carapace_module::Decimal { mantissa: n, scale: 0 })),
            _ => None,
        },
        ExprKind::Text(_) => constant_text(cx, expr).map(|t| crate::infer::text_value(&t)),
        ExprKind::Arith(op, left, right) => arith(*op, &constant(cx, left)?, &constant(cx, right)?),
        ExprKind::TextToContent(inner) | ExprKind::Narrow(inner) => constant(cx, inner),
        _ => None,
    }
}

/// Whole numbers and durations only: `2 * DAY`.
fn arith(op: crate::tree::Arith, left: &Value, right: &Value) -> Option<Value> {
    use crate::tree::Arith;
    let int = |a: i64, b: i64| match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div => a.checked_div(b),
        Arith::Rem => a.checked_rem(b),
    };
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => int(*a, *b).map(Value::Int),
        (Value::Duration(a), Value::Duration(b) | Value::Int(b)) => int(*a, *b).map(Value::Duration),
        _ => None,
    }
}

/// The value of a `const` item.
fn constant_item(cx: &mut Checker<'_>, function: FunctionRef) -> Option<Value> {
    let index = function.0 as usize;
    let def = *cx.function_defs.get(index)?;
    if cx.def(def).kind != crate::collect::DefKind::Const {
        return None;
    }
    cx.lower_function(def);
    let body = &cx.program.functions.get(index)?.body;
    if !body.stmts.is_empty() {
        return None;
    }
    let value = body.value.as_deref()?.clone();
    // A constant that needs itself is told elsewhere; here it just has no value.
    if matches!(&value.kind, ExprKind::Call(f, _) if *f == function) {
        return None;
    }
    constant(cx, &value)
}

/// The text, where it is known.
pub(crate) fn constant_text(cx: &mut Checker<'_>, expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Text(parts) => {
            let mut out = String::new();
            for part in parts {
                match part {
                    Part::Literal(text) => out.push_str(text),
                    Part::Value(value) => match constant(cx, value)? {
                        Value::Text(text) => out.push_str(&text.0),
                        Value::Int(n) => out.push_str(&n.to_string()),
                        _ => return None,
                    },
                }
            }
            Some(out)
        }
        _ => match constant(cx, expr)? {
            Value::Text(text) => Some(text.0.to_string()),
            _ => None,
        },
    }
}
