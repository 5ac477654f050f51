//! Which operator binds tighter than which.

use super::Table;
use super::parsing::expression;
use carapace_syntax::ast::{BinaryOp, CondOp, Expr, ExprKind, UnaryOp};
use libtest_mimic::Failed;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let levels: Vec<Vec<String>> = table.rows.iter().map(|row| row[0].clone()).collect();
    for (tight, tighter) in levels.iter().enumerate() {
        for looser in levels.iter().skip(tight + 1) {
            for a in tighter {
                for b in looser {
                    compare(a, b)?;
                }
            }
        }
    }
    for op in levels.iter().flatten() {
        in_a_row(op)?;
    }
    complete(&levels)
}

/// Of `tighter` and `looser` in one expression, the looser one is at the top, on whichever side it stands.
fn compare(tighter: &str, looser: &str) -> Result<(), Failed> {
    let mut sources = Vec::new();
    match (infix(tighter), infix(looser)) {
        (Some(t), Some(l)) => {
            sources.push(format!("a {t} {} {l} {}", right_of(tighter), right_of(looser)));
            // What stands right of `between`, `is` and `matches` is closed, or has its own `and`.
            if !closed(looser) {
                sources.push(format!("a {l} b {t} {}", right_of(tighter)));
            }
        }
        (None, Some(l)) => {
            sources.push(format!("{} {l} {}", prefixed(tighter), right_of(looser)));
        }
        (Some(t), None) => sources.push(looser_prefix(looser, &format!("a {t} {}", right_of(tighter)))),
        (None, None) => sources.push(looser_prefix(looser, &prefixed(tighter))),
    }
    for source in sources {
        let Some(expr) = expression(&source) else { return Err(format!("`{source}` does not parse").into()) };
        let top = name(&expr);
        if top != looser {
            return Err(format!("in `{source}` the top is `{top}`, and not `{looser}`").into());
        }
    }
    Ok(())
}

/// Two of the same: the left one first, the inner one first, or a mistake.
fn in_a_row(op: &str) -> Result<(), Failed> {
    let Some(sign) = infix(op) else { return Ok(()) };
    let parsed = expression(&format!("a {sign} {} {sign} {}", right_of(op), right_of(op)));
    let single =
        closed(op) || op == ".." || matches!(parsed.as_ref().map(|e| &e.kind), Some(ExprKind::Cond { .. }));
    match parsed {
        None => Ok(()),
        Some(_) if single => Err(format!("two of `{op}` in a row are taken").into()),
        Some(Expr { kind: ExprKind::Binary(_, left, _), .. }) if name(&left) == op => Ok(()),
        Some(_) => Err(format!("of two `{op}` in a row, the right one goes first").into()),
    }
}

/// Every operator of the tree stands in the table.
fn complete(levels: &[Vec<String>]) -> Result<(), Failed> {
    let binary = [
        BinaryOp::Coalesce,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Rem,
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::And,
        BinaryOp::Or,
    ];
    for wanted in binary.map(sign) {
        if !levels.iter().flatten().any(|op| op == wanted) {
            return Err(format!("`{wanted}` is missing").into());
        }
    }
    Ok(())
}

/// How an operator of the table is written between two operands; none for those that stand elsewhere.
fn infix(op: &str) -> Option<&str> {
    (!op.contains('x') && op != "not").then_some(op)
}

fn right_of(op: &str) -> &'static str {
    match op {
        "between" => "1 and 2",
        "is" => "none",
        "matches" => "re\"x\"",
        _ => "c",
    }
}

fn closed(op: &str) -> bool {
    matches!(op, "between" | "is" | "matches")
}

/// A tight operator that does not stand between two operands, with its operand.
fn prefixed(op: &str) -> String {
    if op == "not" { "not a".to_owned() } else { op.to_owned() }
}

/// A looser prefix operator before something.
fn looser_prefix(op: &str, inner: &str) -> String {
    match op {
        "-x" => format!("-{inner}"),
        _ => format!("{op} {inner}"),
    }
}

fn name(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Field { optional: false, .. } => "x.f",
        ExprKind::Field { optional: true, .. } => "x?.f",
        ExprKind::Index { .. } => "x[i]",
        ExprKind::Call { .. } => "f(x)",
        ExprKind::Unary(UnaryOp::Neg, _) => "-x",
        ExprKind::Unary(UnaryOp::Not, _) => "not",
        ExprKind::Binary(op, _, _) => sign(*op),
        ExprKind::Range(..) => "..",
        ExprKind::Cond { op, .. } => condition(op),
        _ => "something else",
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Coalesce => "??",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}

fn condition(op: &CondOp) -> &'static str {
    match op {
        CondOp::Eq(_) => "==",
        CondOp::Ne(_) => "!=",
        CondOp::Lt(_) => "<",
        CondOp::Le(_) => "<=",
        CondOp::Gt(_) => ">",
        CondOp::Ge(_) => ">=",
        CondOp::Contains(_) => "contains",
        CondOp::StartsWith(_) => "starts with",
        CondOp::EndsWith(_) => "ends with",
        CondOp::Matches(..) => "matches",
        CondOp::In(_) => "in",
        CondOp::NotIn(_) => "not in",
        CondOp::Between(..) => "between",
        CondOp::IsEmpty | CondOp::IsNotEmpty | CondOp::IsNone | CondOp::IsSome | CondOp::IsTag(_) => "is",
    }
}
