//! Children of expressions.

use super::Node;
use crate::ast::{
    Arg, Await, Branch, CondOp, Expr, ExprKind, FieldInit, InterpolationPart, MatchArm, Suffixes, Within,
};

pub(super) fn expr<'a>(expr: &'a Expr, each: &mut dyn FnMut(Node<'a>)) {
    match &expr.kind {
        ExprKind::Text(parts) => interpolated(parts, each),
        ExprKind::Tagged { tag, parts } => {
            each(Node::Name(tag));
            interpolated(parts, each);
        }
        ExprKind::List(items) => items.iter().for_each(|item| each(Node::Expr(item))),
        ExprKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            each(Node::Expr(key));
            each(Node::Expr(value));
        }),
        ExprKind::Range(first, second) | ExprKind::Binary(_, first, second) => {
            each(Node::Expr(first));
            each(Node::Expr(second));
        }
        ExprKind::Index { base, index } => {
            each(Node::Expr(base));
            each(Node::Expr(index));
        }
        ExprKind::Record { path, fields } => {
            each(Node::Path(path));
            fields.iter().for_each(|field| each(Node::FieldInit(field)));
        }
        ExprKind::Name(name) => each(Node::Name(name)),
        ExprKind::Field { base, name, .. } => {
            each(Node::Expr(base));
            each(Node::Name(name));
        }
        ExprKind::Call { callee, type_args, args } => {
            each(Node::Expr(callee));
            type_args.iter().for_each(|ty| each(Node::Type(ty)));
            args.iter().for_each(|arg| each(Node::Arg(arg)));
        }
        ExprKind::Lambda(lambda) => {
            lambda.params.iter().for_each(|name| each(Node::Name(name)));
            each(Node::Expr(&lambda.body));
        }
        ExprKind::Unary(_, inner) | ExprKind::Start(inner) | ExprKind::Paren(inner) => {
            each(Node::Expr(inner));
        }
        ExprKind::Cond { subject, op, .. } => {
            each(Node::Expr(subject));
            cond(op, each);
        }
        ExprKind::If(branch) => {
            each(Node::Expr(&branch.cond));
            each(Node::Block(&branch.then));
            branch.otherwise.iter().for_each(|otherwise| each(Node::Expr(otherwise)));
        }
        ExprKind::Match(cases) => {
            each(Node::Expr(&cases.subject));
            cases.arms.iter().for_each(|arm| each(Node::Arm(arm)));
        }
        ExprKind::For(each_of) => {
            each(Node::Name(&each_of.var));
            each(Node::Expr(&each_of.items));
            each_of.parallel.iter().flatten().for_each(|limit| each(Node::Expr(limit)));
            each(Node::Block(&each_of.body));
        }
        ExprKind::Parallel(branches) | ExprKind::Race(branches) => {
            branches.iter().for_each(|branch| each(Node::Branch(branch)));
        }
        ExprKind::Do(block) => each(Node::Block(block)),
        ExprKind::Await(wait) => each(Node::Await(wait)),
        ExprKind::Suffixed { base, suffixes } => {
            each(Node::Expr(base));
            each(Node::Suffixes(suffixes));
        }
        ExprKind::Int(_)
        | ExprKind::Number(_)
        | ExprKind::Bool(_)
        | ExprKind::None
        | ExprKind::Duration(_)
        | ExprKind::Money(..)
        | ExprKind::Any
        | ExprKind::Error => {}
    }
}

fn interpolated<'a>(parts: &'a [InterpolationPart], each: &mut dyn FnMut(Node<'a>)) {
    for part in parts {
        if let InterpolationPart::Expr(expr) = part {
            each(Node::Expr(expr));
        }
    }
}

fn cond<'a>(op: &'a CondOp, each: &mut dyn FnMut(Node<'a>)) {
    match op {
        CondOp::Eq(right)
        | CondOp::Ne(right)
        | CondOp::Lt(right)
        | CondOp::Le(right)
        | CondOp::Gt(right)
        | CondOp::Ge(right)
        | CondOp::Contains(right)
        | CondOp::StartsWith(right)
        | CondOp::EndsWith(right)
        | CondOp::In(right)
        | CondOp::NotIn(right) => each(Node::Expr(right)),
        CondOp::Matches(regex, found) => {
            each(Node::Expr(regex));
            found.iter().for_each(|name| each(Node::Name(name)));
        }
        CondOp::Between(low, high) => {
            each(Node::Expr(low));
            each(Node::Expr(high));
        }
        CondOp::IsTag(path) => each(Node::Path(path)),
        CondOp::IsEmpty | CondOp::IsNotEmpty | CondOp::IsNone | CondOp::IsSome => {}
    }
}

pub(super) fn arg<'a>(arg: &'a Arg, each: &mut dyn FnMut(Node<'a>)) {
    arg.name.iter().for_each(|name| each(Node::Name(name)));
    each(Node::Expr(&arg.value));
}

pub(super) fn field_init<'a>(field: &'a FieldInit, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Name(&field.name));
    field.value.iter().for_each(|value| each(Node::Expr(value)));
}

pub(super) fn arm<'a>(arm: &'a MatchArm, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Pattern(&arm.pattern));
    arm.guard.iter().for_each(|guard| each(Node::Expr(guard)));
    each(Node::Expr(&arm.body));
}

pub(super) fn branch<'a>(branch: &'a Branch, each: &mut dyn FnMut(Node<'a>)) {
    branch.name.iter().for_each(|name| each(Node::Name(name)));
    each(Node::Expr(&branch.body));
}

pub(super) fn await_<'a>(wait: &'a Await, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Trigger(&wait.trigger));
    let parts = [&wait.from, &wait.within_conversation, &wait.condition];
    parts.into_iter().flatten().for_each(|expr| each(Node::Expr(expr)));
}

pub(super) fn suffixes<'a>(suffixes: &'a Suffixes, each: &mut dyn FnMut(Node<'a>)) {
    suffixes.label.iter().for_each(|label| each(Node::Name(label)));
    if let Some(retry) = &suffixes.retry {
        each(Node::Expr(&retry.count));
        if let Some((from, to)) = &retry.backoff {
            each(Node::Expr(from));
            each(Node::Expr(to));
        }
    }
    if let Some(Within::For(expr) | Within::Until(expr)) = &suffixes.within {
        each(Node::Expr(expr));
    }
    suffixes.undo.iter().for_each(|undo| each(Node::Block(&undo.body)));
    suffixes.on_unknown.iter().for_each(|block| each(Node::Block(block)));
    if let Some(otherwise) = &suffixes.otherwise {
        otherwise.error.iter().for_each(|error| each(Node::Name(error)));
        each(Node::Expr(&otherwise.value));
    }
}
