//! `if`, said in another way.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::logic::{is_literal, negated, of_and};
use super::place::{Place, is_single};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{
    BinaryOp, Block, CondOp, Expr, ExprKind, If, ItemKind, Match, PatternKind, StmtKind,
};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("invert-if", Rewrite, "turns a condition round and exchanges what is done", invert),
    inside(
        "return-early",
        Rewrite,
        "turns the last `if` of a flow into a `return` where it does not hold",
        return_early,
    ),
    inside("split-if", Rewrite, "turns `if a and b` into an `if` in an `if`", split),
    inside("merge-nested-if", Rewrite, "turns an `if` in an `if` into `if a and b`", merge),
    inside("if-to-match", Rewrite, "turns a chain of `if` that compares one thing into a `match`", to_match),
    inside("match-to-if", Rewrite, "turns a `match` of two cases into an `if`", to_if),
];

/// The `if` at whose head the cursor stands.
fn branch<'a>(place: &Place<'a>) -> Option<(&'a Expr, &'a If, Node<'a>)> {
    let (expr, parent) = place.exprs().find(|(expr, _)| matches!(expr.kind, ExprKind::If(_)))?;
    let ExprKind::If(branch) = &expr.kind else { return None };
    let head = TextRange::new(expr.range.start, branch.then.range.start);
    place.within(head).then_some((expr, branch, parent))
}

/// What stands between the braces of a block.
fn inner<'a>(place: &Place<'a>, block: &Block) -> &'a str {
    let text = place.slice(block.range);
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text).trim()
}

/// What is done otherwise, where that is no other `if`.
fn otherwise(branch: &If) -> Option<&Block> {
    match &branch.otherwise.as_ref()?.kind {
        ExprKind::Do(block) => Some(block),
        _ => None,
    }
}

fn invert(place: &Place<'_>) -> Vec<Change> {
    let Some((_, branch, _)) = branch(place) else { return Vec::new() };
    let (Some(other), Some(said)) = (otherwise(branch), negated(place, &branch.cond)) else {
        return Vec::new();
    };
    let edits = vec![
        place.edit(branch.cond.range, said.alone()),
        place.edit(branch.then.range, place.slice(other.range)),
        place.edit(other.range, place.slice(branch.then.range)),
    ];
    vec![place.change("turn the condition round", edits)]
}

fn return_early(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, branch, _)) = branch(place) else { return Vec::new() };
    let ItemKind::Flow(flow) = &place.item.kind else { return Vec::new() };
    let last = flow.body.stmts.last().is_some_and(|stmt| stmt.range == expr.range);
    let plain = flow.result.is_none() && flow.header.filter.is_none() && branch.otherwise.is_none();
    let value = place.type_of(expr.range).is_some_and(|ty| !matches!(ty, Type::Nothing | Type::Never));
    if !last || !plain || value || branch.then.stmts.is_empty() {
        return Vec::new();
    }
    // What the block names would stand beside what the body names.
    let names = |block: &Block| -> Vec<String> {
        let named = block.stmts.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Let { name, .. } | StmtKind::Var { name, .. } => Some(name.text.clone()),
            _ => None,
        });
        named.collect()
    };
    let outside = names(&flow.body);
    if names(&branch.then).iter().any(|name| outside.contains(name)) {
        return Vec::new();
    }
    let Some(said) = negated(place, &branch.cond) else { return Vec::new() };
    let text = format!("if {} {{ return }}\n{}", said.alone(), inner(place, &branch.then));
    vec![place.replace("return early", expr.range, text)]
}

fn split(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, branch, _)) = branch(place) else { return Vec::new() };
    let ExprKind::Binary(BinaryOp::And, a, b) = &branch.cond.kind else { return Vec::new() };
    if branch.otherwise.is_some() {
        return Vec::new();
    }
    let text = format!(
        "if {} {{\nif {} {}\n}}",
        place.slice(a.range),
        place.slice(b.range),
        place.slice(branch.then.range)
    );
    vec![place.replace("make two `if` of it", expr.range, text)]
}

fn merge(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, branch, _)) = branch(place) else { return Vec::new() };
    let [only] = branch.then.stmts.as_slice() else { return Vec::new() };
    let StmtKind::Expr(Expr { kind: ExprKind::If(second), .. }) = &only.kind else { return Vec::new() };
    if branch.otherwise.is_some() || second.otherwise.is_some() {
        return Vec::new();
    }
    let cond = format!("{} and {}", of_and(place, &branch.cond), of_and(place, &second.cond));
    vec![place.replace(
        "make one `if` of both",
        expr.range,
        format!("if {cond} {}", place.slice(second.then.range)),
    )]
}

/// A comparison with a value or a tag without fields: the subject, and the pattern that takes the same.
fn compared<'a>(place: &Place<'a>, cond: &Expr) -> Option<(&'a str, &'a str)> {
    let ExprKind::Cond { subject, op, ignoring_case: false } = &cond.kind else { return None };
    if !is_single(subject) {
        return None;
    }
    let pattern = match op {
        CondOp::Eq(right) if is_literal(right) => right.range,
        CondOp::IsTag(path) => {
            let tag = path.names.last()?;
            let fields = place.tag_fields(place.type_of(subject.range)?, &tag.text)?;
            fields.is_empty().then(|| path.range())?
        }
        _ => return None,
    };
    Some((place.slice(subject.range), place.slice(pattern)))
}

fn to_match(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, first, parent)) = branch(place) else { return Vec::new() };
    // `else if` belongs to the first.
    if matches!(parent, Node::Expr(Expr { kind: ExprKind::If(_), .. })) {
        return Vec::new();
    }
    let Some((subject, _)) = compared(place, &first.cond) else { return Vec::new() };
    let (mut cases, mut at, mut patterns) = (Vec::new(), first, Vec::new());
    let rest = loop {
        let Some((same, pattern)) = compared(place, &at.cond).filter(|(same, _)| *same == subject) else {
            return Vec::new();
        };
        cases.push(format!("{pattern} => {}", place.slice(at.then.range)));
        patterns.push(pattern);
        _ = same;
        match at.otherwise.as_ref().map(|e| &e.kind) {
            Some(ExprKind::If(next)) => at = next,
            Some(ExprKind::Do(block)) => break place.slice(block.range),
            _ => break "{}",
        }
    };
    let is_duration = matches!(&first.cond.kind, ExprKind::Cond { op: CondOp::Eq(right), .. } if matches!(right.kind, ExprKind::Money(..)));
    let statement = matches!(parent, Node::Stmt(_)) || at.otherwise.is_some();
    if cases.len() < 2 && rest == "{}" || !statement || is_duration {
        return Vec::new();
    }
    let all = place
        .exprs()
        .find(|(e, _)| e.range == expr.range)
        .and_then(|_| match &first.cond.kind {
            ExprKind::Cond { subject, .. } => place.type_of(subject.range),
            _ => None,
        })
        .map_or(0, |ty| {
            place.outline().tags(ty).len().saturating_add(usize::from(matches!(ty, Type::Optional(_))))
        });
    if all == 0 || patterns.len() < all {
        cases.push(format!("_ => {rest}"));
    }
    vec![place.replace(
        "make a `match` of it",
        expr.range,
        format!("match {subject} {{\n{}\n}}", cases.join("\n")),
    )]
}

fn to_if(place: &Place<'_>) -> Vec<Change> {
    let found = place.exprs().find_map(|(expr, _)| match &expr.kind {
        ExprKind::Match(cases) => Some((expr, &**cases)),
        _ => None,
    });
    let Some((expr, Match { subject, arms })) = found else { return Vec::new() };
    let [first, second] = arms.as_slice() else { return Vec::new() };
    let head = TextRange::new(expr.range.start, subject.range.end);
    let rest = |kind: &PatternKind| *kind == PatternKind::Rest;
    if !place.within(head) || first.guard.is_some() || second.guard.is_some() || !is_single(subject) {
        return Vec::new();
    }
    let value = place.slice(subject.range);
    let pattern = place.slice(first.pattern.range);
    let cond = match (&first.pattern.kind, &second.pattern.kind) {
        (PatternKind::Literal(e), other) if matches!(e.kind, ExprKind::Bool(_)) => {
            let opposite = matches!(other, PatternKind::Literal(_)) || rest(other);
            if !opposite {
                return Vec::new();
            }
            if pattern == "true" { value.to_owned() } else { format!("not {value}") }
        }
        (PatternKind::Literal(e), other) if rest(other) && is_literal(e) => format!("{value} == {pattern}"),
        (PatternKind::None, other) if rest(other) => format!("{value} is none"),
        (PatternKind::Tag { path, fields }, other) if fields.is_empty() && rest(other) => {
            format!("{value} is {}", place.slice(path.range()))
        }
        _ => return Vec::new(),
    };
    let body = |e: &Expr| {
        let text = place.slice(e.range);
        if text.starts_with('{') { text.to_owned() } else { format!("{{ {text} }}") }
    };
    let text = format!("if {cond} {} else {}", body(&first.body), body(&second.body));
    vec![place.replace("make an `if` of it", expr.range, text)]
}
