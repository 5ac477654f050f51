//! Children of statements and patterns.

use super::Node;
use crate::ast::{FieldPattern, Listen, Pattern, PatternKind, Stmt, StmtKind};

pub(super) fn stmt<'a>(stmt: &'a Stmt, each: &mut dyn FnMut(Node<'a>)) {
    match &stmt.kind {
        StmtKind::Let { name, ty, value } | StmtKind::Var { name, ty, value } => {
            each(Node::Name(name));
            ty.iter().for_each(|ty| each(Node::Type(ty)));
            each(Node::Expr(value));
        }
        StmtKind::Assign { name, value } => {
            each(Node::Name(name));
            each(Node::Expr(value));
        }
        StmtKind::Set { target, key, value } => {
            each(Node::Expr(target));
            key.iter().for_each(|key| each(Node::Expr(key)));
            each(Node::Expr(value));
        }
        StmtKind::While { cond, body } => {
            each(Node::Expr(cond));
            each(Node::Block(body));
        }
        StmtKind::Repeat { count, body } => {
            each(Node::Expr(count));
            each(Node::Block(body));
        }
        StmtKind::Return(value) => value.iter().for_each(|value| each(Node::Expr(value))),
        StmtKind::Listen(listen) => each(Node::Listen(listen)),
        StmtKind::Expr(expr) => each(Node::Expr(expr)),
        StmtKind::Test(test) => each(Node::Test(test)),
        StmtKind::Break | StmtKind::Continue | StmtKind::Error => {}
    }
}

pub(super) fn listen<'a>(listen: &'a Listen, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Await(&listen.events));
    each(Node::Name(&listen.name));
    each(Node::Block(&listen.body));
}

pub(super) fn pattern<'a>(pattern: &'a Pattern, each: &mut dyn FnMut(Node<'a>)) {
    match &pattern.kind {
        PatternKind::Bind(name) => each(Node::Name(name)),
        PatternKind::Tag { path, fields } => {
            each(Node::Path(path));
            fields.iter().for_each(|field| each(Node::FieldPattern(field)));
        }
        PatternKind::Literal(expr) => each(Node::Expr(expr)),
        PatternKind::Or(all) => all.iter().for_each(|pattern| each(Node::Pattern(pattern))),
        PatternKind::Rest | PatternKind::None | PatternKind::Error => {}
    }
}

pub(super) fn field_pattern<'a>(field: &'a FieldPattern, each: &mut dyn FnMut(Node<'a>)) {
    field.name.iter().for_each(|name| each(Node::Name(name)));
    each(Node::Pattern(&field.pattern));
}
