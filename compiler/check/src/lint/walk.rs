//! The checked tree from the outside in.

use crate::tree::{Block, Expr, ExprKind, Part as TextPart, Stmt, StmtKind, Suffixes, WaitFor, Within};
use carapace_diagnostic::{FileId, Span};

/// A piece of the tree.
#[derive(Clone, Copy)]
pub(crate) enum Part<'t> {
    Expr(&'t Expr),
    Block(&'t Block),
    Stmt(&'t Stmt),
}

/// How a piece stands in what is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// As a part of what happens there.
    Inside,
    /// In a suffix: an `else`, `undo`, a deadline.
    Suffix,
}

impl Part<'_> {
    /// Where it stands.
    pub(super) fn span(self) -> Span {
        match self {
            Part::Expr(e) => e.span,
            Part::Block(b) => b.span,
            Part::Stmt(s) => s.span,
        }
    }

    /// The file it stands in.
    pub(super) fn file(self) -> FileId {
        self.span().file
    }
}

/// Shows the direct parts of a piece, in the order in which they are evaluated.
pub(crate) fn each_part<'t>(part: Part<'t>, visit: &mut dyn FnMut(Role, Part<'t>)) {
    match part {
        Part::Expr(expr) => {
            each_inside(expr, &mut |inner| visit(Role::Inside, inner));
            if let Some(suffixes) = suffixes_of(expr) {
                each_suffix(suffixes, &mut |inner| visit(Role::Suffix, inner));
            }
        }
        Part::Block(block) => {
            block.stmts.iter().for_each(|s| visit(Role::Inside, Part::Stmt(s)));
            block.value.iter().for_each(|v| visit(Role::Inside, Part::Expr(v)));
        }
        Part::Stmt(stmt) => each_of_stmt(stmt, &mut |inner| visit(Role::Inside, inner)),
    }
}

fn each_of_stmt<'t>(stmt: &'t Stmt, visit: &mut dyn FnMut(Part<'t>)) {
    match &stmt.kind {
        StmtKind::Let(_, e) | StmtKind::Assign(_, e) | StmtKind::Expr(e) => visit(Part::Expr(e)),
        StmtKind::Set(_, keys, value) => {
            keys.iter().for_each(|k| visit(Part::Expr(k)));
            visit(Part::Expr(value));
        }
        StmtKind::For(_, e, body) | StmtKind::While(e, body) | StmtKind::Repeat(e, body) => {
            visit(Part::Expr(e));
            visit(Part::Block(body));
        }
        StmtKind::Listen(_, events, body) => {
            each_of_wait(events, visit);
            visit(Part::Block(body));
        }
        StmtKind::Test(step) => step.args.iter().for_each(|a| visit(Part::Expr(a))),
    }
}

fn each_of_wait<'t>(wait: &'t WaitFor, visit: &mut dyn FnMut(Part<'t>)) {
    let from = wait.from.iter().flatten();
    from.chain(&wait.conversation).for_each(|e| visit(Part::Expr(e)));
    wait.condition.iter().for_each(|c| visit(Part::Expr(&c.body)));
}

fn each_text<'t>(parts: &'t [TextPart], visit: &mut dyn FnMut(Part<'t>)) {
    for part in parts {
        if let TextPart::Value(value) = part {
            visit(Part::Expr(value));
        }
    }
}

/// The parts of an expression without those of its suffixes.
fn each_inside<'t>(expr: &'t Expr, visit: &mut dyn FnMut(Part<'t>)) {
    use ExprKind as E;
    match &expr.kind {
        E::Const(_) | E::Local(_) | E::Setting(_) | E::FunctionValue(_) | E::Slot(_) | E::Error => {}
        E::Now | E::Random | E::ThisRun | E::Break | E::Continue | E::ListenNext(..) => {}
        E::Text(parts) | E::Template(_, parts) => each_text(parts, visit),
        E::List(all) | E::Record(all, _) | E::Tag(_, all) | E::Call(_, all) | E::CallNative(_, all) => {
            all.iter().for_each(|e| visit(Part::Expr(e)));
        }
        E::StateGet(_, all) | E::CallFlow(_, all, _) | E::Start(_, all) => {
            all.iter().for_each(|e| visit(Part::Expr(e)));
        }
        E::Map(entries) => entries.iter().flat_map(|(k, v)| [k, v]).for_each(|e| visit(Part::Expr(e))),
        E::Range(a, b) | E::ListIndex(a, b) | E::MapIndex(a, b) | E::JsonIndex(a, b) | E::And(a, b) => {
            visit(Part::Expr(a));
            visit(Part::Expr(b));
        }
        E::Or(a, b) | E::Coalesce(a, b) | E::Arith(_, a, b) | E::HasKey(a, b) => {
            visit(Part::Expr(a));
            visit(Part::Expr(b));
        }
        E::Compare { left: a, right: b, .. }
        | E::TextTest { left: a, right: b, .. }
        | E::In { item: a, list: b, .. }
        | E::Matches { text: a, regex: b, .. }
        | E::OptionalChain { base: a, body: b, .. } => {
            visit(Part::Expr(a));
            visit(Part::Expr(b));
        }
        E::CallClosure(callee, args) => {
            visit(Part::Expr(callee));
            args.iter().for_each(|e| visit(Part::Expr(e)));
        }
        E::Lambda(lambda) => visit(Part::Expr(&lambda.body)),
        E::Field(e, _) | E::Neg(e) | E::Not(e) | E::IsEmpty(e) | E::IsNone(e) | E::IsTag(e, _) => {
            visit(Part::Expr(e));
        }
        E::Narrow(e) | E::IntToNumber(e) | E::TextToContent(e) | E::Fail(e) | E::Cancel(e) => {
            visit(Part::Expr(e));
        }
        E::Return(value) => value.iter().for_each(|e| visit(Part::Expr(e))),
        E::If(cond, then, other) => {
            visit(Part::Expr(cond));
            visit(Part::Block(then));
            other.iter().for_each(|b| visit(Part::Block(b)));
        }
        E::Match(subject, arms) => {
            visit(Part::Expr(subject));
            for arm in arms {
                arm.guard.iter().for_each(|g| visit(Part::Expr(g)));
                visit(Part::Expr(&arm.body));
            }
        }
        E::Block(block) | E::Do(block, _) => visit(Part::Block(block)),
        E::Effect(call) => call.args.iter().for_each(|e| visit(Part::Expr(e))),
        E::Await(wait, _) => each_of_wait(wait, visit),
        E::Parallel(branches, _) | E::Race(branches, _) => {
            branches.iter().for_each(|b| visit(Part::Block(&b.body)));
        }
        E::ForParallel { items, limit, body, .. } => {
            visit(Part::Expr(items));
            limit.iter().for_each(|l| visit(Part::Expr(l)));
            visit(Part::Block(body));
        }
    }
}

/// The suffixes of what happens.
pub(super) fn suffixes_of(expr: &Expr) -> Option<&Suffixes> {
    match &expr.kind {
        ExprKind::Effect(call) => Some(&call.suffixes),
        ExprKind::CallFlow(_, _, s)
        | ExprKind::Await(_, s)
        | ExprKind::ListenNext(_, s)
        | ExprKind::Parallel(_, s)
        | ExprKind::Race(_, s)
        | ExprKind::ForParallel { suffixes: s, .. }
        | ExprKind::Do(_, s) => Some(s),
        _ => None,
    }
}

fn each_suffix<'t>(suffixes: &'t Suffixes, visit: &mut dyn FnMut(Part<'t>)) {
    if let Some(retry) = &suffixes.retry {
        visit(Part::Expr(&retry.count));
        retry.backoff.iter().flat_map(|(a, b)| [a, b]).for_each(|e| visit(Part::Expr(e)));
    }
    if let Some(Within::For(e) | Within::Until(e)) = &suffixes.within {
        visit(Part::Expr(e));
    }
    suffixes.undo.iter().for_each(|u| visit(Part::Block(&u.body)));
    suffixes.on_unknown.iter().for_each(|b| visit(Part::Block(b)));
    suffixes.otherwise.iter().for_each(|o| visit(Part::Expr(&o.value)));
}
