//! W0310: a condition that cannot hold.

use super::pass::Lint;
use super::same::{bare, same};
use super::walk::Part;
use crate::code;
use crate::tree::{Compare, Expr, ExprKind, StmtKind, WaitFor};
use carapace_diagnostic::{Diagnostic, Span};
use carapace_module::Value;
use carapace_module::value::compare;
use std::cmp::Ordering;

/// Tells the conditions in a piece of the tree that cannot hold.
pub(super) fn look(lint: &mut Lint<'_>, part: Part<'_>) {
    match part {
        Part::Expr(expr) => match &expr.kind {
            ExprKind::If(cond, ..) => condition(lint, cond),
            ExprKind::Match(_, arms) => {
                arms.iter().filter_map(|a| a.guard.as_ref()).for_each(|g| condition(lint, g))
            }
            ExprKind::Await(wait, _) => of_wait(lint, wait),
            _ => {}
        },
        Part::Stmt(stmt) => match &stmt.kind {
            StmtKind::While(cond, _) => condition(lint, cond),
            StmtKind::Listen(_, wait, _) => of_wait(lint, wait),
            _ => {}
        },
        Part::Block(_) => {}
    }
}

fn of_wait(lint: &mut Lint<'_>, wait: &WaitFor) {
    if let Some(where_) = &wait.condition {
        condition(lint, &where_.body);
    }
}

/// Tells the smallest part of a condition that cannot hold, once.
pub(super) fn condition(lint: &mut Lint<'_>, expr: &Expr) {
    if let ExprKind::Or(left, right) = &expr.kind {
        condition(lint, left);
        condition(lint, right);
        return;
    }
    if holds(expr) != Some(false) {
        return;
    }
    let told = Diagnostic::new(code::NEVER_HOLDS, expr.span, "this never holds");
    let told = match clash(expr) {
        // `between` is one condition.
        Some((first, second)) if first == second => told.help("the smaller one comes first"),
        Some((first, second)) => told
            .also(first, "where this holds…")
            .also(second, "…this does not")
            .help("one of the two is not what was meant; `or` holds where one of them does"),
        None => told.help("take it out, with what it guards, or say what is meant"),
    };
    lint.told.push(told);
}

/// Whether it holds, where that is known from the source alone.
fn holds(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Const(Value::Bool(value)) => Some(*value),
        ExprKind::Not(inner) => match holds(inner) {
            Some(value) => Some(!value),
            None => clash(expr).map(|_| false),
        },
        ExprKind::Or(left, right) => match (holds(left), holds(right)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        ExprKind::And(left, right) => match (holds(left), holds(right)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => clash(expr).map(|_| false),
        },
        ExprKind::Compare { op, left, right, ignoring_case: false } => {
            let (left, right) = (value(left)?, value(right)?);
            let order = compare(&left, &right);
            Some(match op {
                Compare::Eq => left == right,
                Compare::Ne => left != right,
                Compare::Lt => order? == Ordering::Less,
                Compare::Le => order? != Ordering::Greater,
                Compare::Gt => order? == Ordering::Greater,
                Compare::Ge => order? != Ordering::Less,
            })
        }
        _ => None,
    }
}

/// What a condition says about a value.
struct Fact<'e> {
    about: &'e Expr,
    says: Says,
    span: Span,
}

enum Says {
    Is(Compare, Value),
    None(bool),
}

/// Two parts of a condition that do not hold together.
fn clash(expr: &Expr) -> Option<(Span, Span)> {
    let mut facts = Vec::new();
    gather(expr, true, &mut facts);
    facts.iter().enumerate().find_map(|(index, first)| {
        let rest = facts.get(index.saturating_add(1)..).unwrap_or_default();
        let other =
            rest.iter().find(|other| excludes(&first.says, &other.says) && same(first.about, other.about))?;
        Some((first.span, other.span))
    })
}

/// Everything that has to hold for the condition to be `wanted`.
fn gather<'e>(expr: &'e Expr, wanted: bool, facts: &mut Vec<Fact<'e>>) {
    let mut fact = |about, says| facts.push(Fact { about, says, span: expr.span });
    match (&expr.kind, wanted) {
        (ExprKind::And(left, right), true) | (ExprKind::Or(left, right), false) => {
            gather(left, wanted, facts);
            gather(right, wanted, facts);
        }
        (ExprKind::Not(inner), _) => gather(inner, !wanted, facts),
        (ExprKind::IsNone(inner), _) => fact(inner, Says::None(wanted)),
        (ExprKind::IsTag(inner, tag), true) => fact(inner, Says::Is(Compare::Eq, Value::Tag(*tag))),
        (ExprKind::Compare { op, left, right, ignoring_case: false }, _) => {
            let op = if wanted { *op } else { opposite(*op) };
            if let Some(right) = value(right) {
                fact(left, Says::Is(op, right));
            } else if let Some(left) = value(left) {
                fact(right, Says::Is(turned(op), left));
            }
        }
        _ => {}
    }
}

/// A constant of a type whose equality is that of the language.
fn value(expr: &Expr) -> Option<Value> {
    match &bare(expr).kind {
        ExprKind::Tag(tag, fields) if fields.is_empty() => Some(Value::Tag(*tag)),
        ExprKind::Const(
            known @ (Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Duration(_)
            | Value::Time(_)
            | Value::Date(_)
            | Value::Tag(_)),
        ) if bare(expr).ty == expr.ty => Some(known.clone()),
        _ => None,
    }
}

fn excludes(first: &Says, second: &Says) -> bool {
    match (first, second) {
        (Says::None(a), Says::None(b)) => a != b,
        // What is missing differs from every value, and is neither more nor less.
        (Says::None(true), Says::Is(op, _)) | (Says::Is(op, _), Says::None(true)) => *op != Compare::Ne,
        (Says::None(false), Says::Is(..)) | (Says::Is(..), Says::None(false)) => false,
        (Says::Is(first, a), Says::Is(second, b)) => match compare(a, b) {
            Some(order) => no_value(*first, *second, order, between_is_empty(a, b)),
            None => false,
        },
    }
}

/// Whether nothing lies between two whole numbers.
fn between_is_empty(a: &Value, b: &Value) -> bool {
    matches!((a, b), (Value::Int(a), Value::Int(b)) if a.abs_diff(*b) <= 1)
}

/// Whether nothing is `first` to `a` and `second` to `b`, where `order` is how `a` is to `b`.
fn no_value(first: Compare, second: Compare, order: Ordering, close: bool) -> bool {
    use Compare::{Eq, Ge, Gt, Le, Lt, Ne};
    match (first, second) {
        (Eq, Eq) => order.is_ne(),
        (Eq, Ne) | (Ne, Eq) => order.is_eq(),
        (Eq, Lt) => order.is_ge(),
        (Eq, Le) => order.is_gt(),
        (Eq, Gt) => order.is_le(),
        (Eq, Ge) => order.is_lt(),
        (_, Eq) => no_value(second, first, order.reverse(), close),
        (Lt, Gt) => order.is_le() || close,
        (Lt, Ge) | (Le, Gt) => order.is_le(),
        (Le, Ge) => order.is_lt(),
        (Gt | Ge, Lt | Le) => no_value(second, first, order.reverse(), close),
        (Ne | Lt | Le, Ne | Lt | Le) | (Ne | Gt | Ge, Ne | Gt | Ge) => false,
    }
}

fn opposite(op: Compare) -> Compare {
    match op {
        Compare::Eq => Compare::Ne,
        Compare::Ne => Compare::Eq,
        Compare::Lt => Compare::Ge,
        Compare::Le => Compare::Gt,
        Compare::Gt => Compare::Le,
        Compare::Ge => Compare::Lt,
    }
}

/// The comparison with its sides changed.
fn turned(op: Compare) -> Compare {
    match op {
        Compare::Eq | Compare::Ne => op,
        Compare::Lt => Compare::Gt,
        Compare::Le => Compare::Ge,
        Compare::Gt => Compare::Lt,
        Compare::Ge => Compare::Le,
    }
}
