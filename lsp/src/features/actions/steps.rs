//! Statements: one after the other, at the same time, as a block, as a run of their own.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use super::scope::leave;
use carapace_check::{NameKind, Role};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, Stmt, StmtKind};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("wrap-in-do", Rewrite, "puts the selected statements into a `do` that says what else", wrap_in_do),
    inside("run-in-parallel", Rewrite, "does the selected effects at the same time", in_parallel),
    inside("parallel-to-steps", Rewrite, "does the branches of a `parallel` one after the other", to_steps),
    inside("loop-in-parallel", Rewrite, "does what a `for` does for each at the same time", loop_in_parallel),
    inside(
        "loop-in-order",
        Rewrite,
        "does what a `for … parallel` does for each one after the other",
        loop_in_order,
    ),
    inside(
        "start-instead",
        Rewrite,
        "starts a sub-flow as a run of its own instead of waiting for it",
        start_instead,
    ),
    inside(
        "wait-instead",
        Rewrite,
        "waits for a sub-flow instead of starting it as a run of its own",
        wait_instead,
    ),
    inside("repeat-to-for", Rewrite, "turns `repeat 3` into a `for` that counts", repeat_to_for),
];

/// The range of statements.
fn range_of(stmts: &[&Stmt]) -> Option<TextRange> {
    Some(TextRange::new(stmts.first()?.range.start, stmts.last()?.range.end))
}

/// Whether anything behind them uses what they declare.
fn needed_later(place: &Place<'_>, range: TextRange) -> bool {
    let after = TextRange::new(range.end, place.item.range.end);
    place.references_in(after).any(|r| place.declared_in(r, range))
}

fn wrap_in_do(place: &Place<'_>) -> Vec<Change> {
    let Some(stmts) = place.selected_statements().filter(|_| place.acts()) else { return Vec::new() };
    let Some(range) = range_of(&stmts) else { return Vec::new() };
    if needed_later(place, range) || !place.acts_in(range) || is_the_value(place, &stmts) {
        return Vec::new();
    }
    let name = place.free_name("problem");
    let text = format!(
        "do {{\n{}\n}} else {name} {{\nlog(\"it failed: {{{name}.message}}\")\n}}",
        place.slice(range)
    );
    vec![place.replace("put it into a `do` that says what else", range, text)]
}

/// Whether the last of them is the value of what is around them.
fn is_the_value(place: &Place<'_>, stmts: &[&Stmt]) -> bool {
    stmts.last().is_some_and(|stmt| match &stmt.kind {
        StmtKind::Expr(expr) => place.type_of(expr.range).is_some_and(|ty| *ty != Type::Nothing),
        _ => false,
    })
}

fn in_parallel(place: &Place<'_>) -> Vec<Change> {
    let Some(stmts) = place.selected_statements().filter(|stmts| stmts.len() > 1 && place.acts()) else {
        return Vec::new();
    };
    let effect = |stmt: &&Stmt| match &stmt.kind {
        StmtKind::Expr(Expr { kind: ExprKind::Call { .. }, range, .. }) => {
            place.call(*range).is_some_and(|call| {
                matches!(call.kind, NameKind::Effect | NameKind::Flow | NameKind::Tool)
                    && call.result != Type::Never
            })
        }
        _ => false,
    };
    let Some(range) = range_of(&stmts).filter(|_| stmts.iter().all(effect)) else { return Vec::new() };
    vec![place.replace("do them at the same time", range, format!("parallel {{\n{}\n}}", place.slice(range)))]
}

/// The statement at the beginning of which the cursor stands, where it is an expression.
fn expression<'a>(place: &Place<'a>) -> Option<(&'a Stmt, &'a Expr)> {
    let stmt = place.innermost(|node| match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    })?;
    match &stmt.kind {
        StmtKind::Expr(expr) => Some((stmt, expr)),
        _ => None,
    }
}

fn to_steps(place: &Place<'_>) -> Vec<Change> {
    let Some((stmt, expr)) = expression(place) else { return Vec::new() };
    let ExprKind::Parallel(branches) = &expr.kind else { return Vec::new() };
    let word = TextRange::new(expr.range.start, expr.range.start.saturating_add(8));
    let block = |e: &Expr| matches!(e.kind, ExprKind::Do(_)) && place.slice(e.range).starts_with('{');
    if !place.within(word)
        || branches.is_empty()
        || branches.iter().any(|b| b.name.is_some() || block(&b.body))
    {
        return Vec::new();
    }
    let lines: Vec<&str> = branches.iter().map(|branch| place.slice(branch.body.range)).collect();
    vec![place.replace("do them one after the other", stmt.range, lines.join("\n"))]
}

/// The `for` at whose head the cursor stands, as a statement.
fn for_each<'a>(place: &Place<'a>) -> Option<&'a carapace_syntax::ast::For> {
    let (_, expr) = expression(place)?;
    let ExprKind::For(each) = &expr.kind else { return None };
    place.within(TextRange::new(expr.range.start, each.body.range.start)).then_some(&**each)
}

fn loop_in_parallel(place: &Place<'_>) -> Vec<Change> {
    let Some(each) = for_each(place).filter(|each| each.parallel.is_none() && place.acts()) else {
        return Vec::new();
    };
    let body: Vec<&Stmt> = each.body.stmts.iter().collect();
    let writes =
        place.references_in(each.body.range).any(|r| r.role == Role::Write || r.kind == NameKind::State);
    if leave(&body) || writes || !place.acts_in(each.body.range) {
        return Vec::new();
    }
    vec![
        place.change(
            "do it for each at the same time",
            vec![place.insert(each.items.range.end, " parallel 4")],
        ),
    ]
}

fn loop_in_order(place: &Place<'_>) -> Vec<Change> {
    let Some(each) = for_each(place).filter(|each| each.parallel.is_some()) else { return Vec::new() };
    let between = TextRange::new(each.items.range.end, each.body.range.start);
    // As the last statement of a block it may be the list that the block gives.
    let gives = expression(place).is_some_and(|(stmt, expr)| {
        let list = matches!(place.type_of(expr.range), Some(Type::List(_)));
        list && place
            .path
            .iter()
            .any(|node| matches!(node, Node::Block(block) if block.stmts.last() == Some(stmt)))
    });
    if gives {
        return Vec::new();
    }
    vec![place.replace("do it for one after the other", between, " ")]
}

fn start_instead(place: &Place<'_>) -> Vec<Change> {
    let Some((_, expr)) = expression(place) else { return Vec::new() };
    let ExprKind::Call { callee, .. } = &expr.kind else { return Vec::new() };
    let nothing = |call: &carapace_check::Call| call.kind == NameKind::Flow && call.result == Type::Nothing;
    let flow = place.call(expr.range).is_some_and(nothing);
    if !flow || !place.within(callee.range) || !place.acts() {
        return Vec::new();
    }
    vec![place.change("start it as a run of its own", vec![place.insert(expr.range.start, "start ")])]
}

fn wait_instead(place: &Place<'_>) -> Vec<Change> {
    let Some((_, expr)) = expression(place) else { return Vec::new() };
    let ExprKind::Start(call) = &expr.kind else { return Vec::new() };
    if !place.within(TextRange::new(expr.range.start, call.range.start.saturating_add(1))) {
        return Vec::new();
    }
    vec![place.replace("wait for it", TextRange::new(expr.range.start, call.range.start), "")]
}

fn repeat_to_for(place: &Place<'_>) -> Vec<Change> {
    let stmt = place.innermost(|node| match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    });
    let Some(stmt) = stmt else { return Vec::new() };
    let StmtKind::Repeat { count, body } = &stmt.kind else { return Vec::new() };
    let head = TextRange::new(stmt.range.start, body.range.start);
    if !matches!(count.kind, ExprKind::Int(1..)) || !place.within(head) {
        return Vec::new();
    }
    let name = place.free_name("_round");
    vec![place.replace("count with `for`", head, format!("for {name} in 1..{} ", place.slice(count.range)))]
}
