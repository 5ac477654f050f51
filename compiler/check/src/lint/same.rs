//! Whether two expressions give the same value in one condition.

use crate::tree::{Expr, ExprKind};

/// The expression without what changes its type and not its value.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Narrow(inner) | ExprKind::IntToNumber(inner) => bare(inner),
        _ => expr,
    }
}

/// Whether both read the same thing. What is computed at random is never the same.
pub(super) fn same(left: &Expr, right: &Expr) -> bool {
    use ExprKind as E;
    let all = |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (&bare(left).kind, &bare(right).kind) {
        (E::Local(a), E::Local(b)) => a == b,
        (E::Setting(a), E::Setting(b)) => a == b,
        (E::Const(a), E::Const(b)) => a == b,
        (E::Field(a, x), E::Field(b, y)) => x == y && same(a, b),
        (E::StateGet(a, x), E::StateGet(b, y)) => a == b && all(x, y),
        (E::Call(a, x), E::Call(b, y)) => a == b && all(x, y),
        (E::CallNative(a, x), E::CallNative(b, y)) => a == b && all(x, y),
        (E::ListIndex(a, x), E::ListIndex(b, y))
        | (E::MapIndex(a, x), E::MapIndex(b, y))
        | (E::JsonIndex(a, x), E::JsonIndex(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
