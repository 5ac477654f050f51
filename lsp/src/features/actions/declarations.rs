//! How functions, values and their types are declared.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_check::{NameKind, Role};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, FnBody, ItemKind, StmtKind, TypeExpr};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("function-to-block", Rewrite, "turns `= value` of a function into a block", to_block),
    inside("function-to-value", Rewrite, "turns a block that only returns into `= value`", to_value),
    inside("add-result-type", Rewrite, "writes the type that a function gives", add_result),
    inside("add-type", Rewrite, "writes the type of a `let`, `var` or `const`", add_type),
    inside("remove-type", Rewrite, "takes a type away that the value shows", remove_type),
    inside("var-to-let", Rewrite, "makes a `let` of a `var` that nothing is assigned to", var_to_let),
    inside(
        "const-to-setting",
        Rewrite,
        "makes a `setting` of a `const`, so that the deployment can give another",
        to_setting,
    ),
];

/// Whether the cursor stands before the body.
fn at_head(place: &Place<'_>, body: u32) -> bool {
    place.within(TextRange::new(0, body))
}

fn to_block(place: &Place<'_>) -> Vec<Change> {
    let ItemKind::Fn(function) = &place.item.kind else { return Vec::new() };
    let FnBody::Expr(value) = &function.body else { return Vec::new() };
    if !at_head(place, value.range.start) {
        return Vec::new();
    }
    let text = place.text();
    let Some(equals) = text.get(..value.range.start as usize).and_then(|head| head.rfind('=')) else {
        return Vec::new();
    };
    let result = match &function.result {
        Some(_) => String::new(),
        None => match place.type_of(value.range).and_then(|ty| place.written(ty)) {
            Some(ty) => format!("-> {ty} "),
            None => return Vec::new(),
        },
    };
    let Ok(equals) = u32::try_from(equals) else { return Vec::new() };
    let text = format!("{result}{{\nreturn {}\n}}", place.slice(value.range));
    vec![place.replace("make a block of it", TextRange::new(equals, value.range.end), text)]
}

fn to_value(place: &Place<'_>) -> Vec<Change> {
    let ItemKind::Fn(function) = &place.item.kind else { return Vec::new() };
    let FnBody::Block(block) = &function.body else { return Vec::new() };
    let [only] = block.stmts.as_slice() else { return Vec::new() };
    let StmtKind::Return(Some(value)) = &only.kind else { return Vec::new() };
    let head = at_head(place, block.range.start.saturating_add(1));
    let closed = matches!(value.kind, ExprKind::Suffixed { .. });
    if !head && !place.within(TextRange::new(only.range.start, only.range.start.saturating_add(6))) || closed
    {
        return Vec::new();
    }
    vec![place.replace("give the value with `=`", block.range, format!("= {}", place.slice(value.range)))]
}

fn add_result(place: &Place<'_>) -> Vec<Change> {
    let ItemKind::Fn(function) = &place.item.kind else { return Vec::new() };
    let FnBody::Expr(value) = &function.body else { return Vec::new() };
    let Some(ty) = place.type_of(value.range).filter(|_| function.result.is_none()) else {
        return Vec::new();
    };
    let (Some(written), true) = (place.written(ty), at_head(place, value.range.start)) else {
        return Vec::new();
    };
    let Some(equals) = place.text().get(..value.range.start as usize).and_then(|head| head.rfind('=')) else {
        return Vec::new();
    };
    let Ok(at) = u32::try_from(equals) else { return Vec::new() };
    vec![
        place.change(
            format!("write that it gives `{written}`"),
            vec![place.insert(at, format!("-> {written} "))],
        ),
    ]
}

/// The declaration of a value at the cursor: its name, its written type, its value.
fn value<'a>(place: &Place<'a>) -> Option<(TextRange, Option<&'a TypeExpr>, &'a Expr)> {
    if let ItemKind::Const(constant) = &place.item.kind {
        let name = place.item.name.as_ref()?;
        return at_head(place, constant.value.range.start).then_some((
            name.range,
            constant.ty.as_ref(),
            &constant.value,
        ));
    }
    let stmt = place.innermost(|node| match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    })?;
    match &stmt.kind {
        StmtKind::Let { name, ty, value } | StmtKind::Var { name, ty, value } => {
            let head = TextRange::new(stmt.range.start, value.range.start);
            place.within(head).then_some((name.range, ty.as_ref(), value))
        }
        _ => None,
    }
}

fn add_type(place: &Place<'_>) -> Vec<Change> {
    let Some((name, None, value)) = value(place) else { return Vec::new() };
    let known = place.type_of(name).or_else(|| place.type_of(value.range));
    let Some(written) = known.and_then(|ty| place.written(ty)) else { return Vec::new() };
    vec![
        place.change(
            format!("write its type `{written}`"),
            vec![place.insert(name.end, format!(": {written}"))],
        ),
    ]
}

fn remove_type(place: &Place<'_>) -> Vec<Change> {
    let Some((name, Some(ty), value)) = value(place) else { return Vec::new() };
    let shown = match &value.kind {
        ExprKind::Int(_) => Type::Int,
        ExprKind::Bool(_) => Type::Bool,
        ExprKind::Duration(_) => Type::Duration,
        ExprKind::Money(..) => Type::Money,
        ExprKind::Text(_) => Type::Text,
        _ => return Vec::new(),
    };
    if place.outline().show(&shown) != place.slice(ty.range) {
        return Vec::new();
    }
    vec![place.replace("take the type away", TextRange::new(name.end, ty.range.end), "")]
}

fn var_to_let(place: &Place<'_>) -> Vec<Change> {
    let stmt = place.innermost(|node| match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    });
    let Some(stmt) = stmt else { return Vec::new() };
    let StmtKind::Var { name, value, .. } = &stmt.kind else { return Vec::new() };
    let site = name.range.shift(place.offset);
    let written = place.references().iter().any(|r| r.role == Role::Write && r.site.span.range == site);
    if written || !place.within(TextRange::new(stmt.range.start, value.range.start)) {
        return Vec::new();
    }
    let word = TextRange::new(stmt.range.start, stmt.range.start.saturating_add(3));
    vec![place.replace("make it a `let`", word, "let")]
}

fn to_setting(place: &Place<'_>) -> Vec<Change> {
    let ItemKind::Const(constant) = &place.item.kind else { return Vec::new() };
    let Some(name) = place.item.name.as_ref().filter(|_| at_head(place, constant.value.range.start)) else {
        return Vec::new();
    };
    let Some(own) = place.references().iter().find(|r| r.kind == NameKind::Const && r.range == name.range)
    else {
        return Vec::new();
    };
    let snapshot = place.here.snapshot;
    let in_a_body =
        snapshot.checked.facts.places_of(own.site).filter(|(_, r)| r.role == Role::Use).all(|(span, _)| {
            let Some(placed) = snapshot.item_at(span.file, span.range.start) else { return false };
            let body = match &placed.item.kind {
                ItemKind::Flow(flow) => flow.body.range,
                ItemKind::Tool(tool) => tool.body.range,
                _ => return false,
            };
            let body = body.shift(placed.offset);
            body.start <= span.range.start && span.range.end <= body.end
        });
    let simple = matches!(
        constant.value.kind,
        ExprKind::Int(_)
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Duration(_)
            | ExprKind::Money(..)
    );
    let Some(written) = place.type_of(constant.value.range).and_then(|ty| place.written(ty)) else {
        return Vec::new();
    };
    let Some(word) = place.word_before("const", name.range.start).filter(|_| in_a_body && simple) else {
        return Vec::new();
    };
    let mut edits = vec![place.edit(word, "setting")];
    if constant.ty.is_none() {
        edits.push(place.insert(name.range.end, format!(": {written}")));
    }
    vec![place.change("make a setting of it", edits)]
}
