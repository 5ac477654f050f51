//! Taking something out of where it stands.

use super::ActionKind::Extract;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::logic::is_literal;
use super::place::Place;
use super::scope::{Taken, leave};
use carapace_check::{NameKind, Role};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, Stmt, StmtKind};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("extract-variable", Extract, "gives the selected expression a name with `let`", variable),
    inside("extract-constant", Extract, "makes a `const` of a literal", constant),
    inside(
        "extract-setting",
        Extract,
        "makes a `setting` of a literal, so that the deployment can give another",
        setting,
    ),
    inside("extract-function", Extract, "makes a function of the selected expression", function),
    inside("extract-flow", Extract, "makes a sub-flow of the selected statements", flow),
];

/// The expression that is selected, all of it, where it has a value.
fn selected<'a>(place: &Place<'a>) -> Option<(&'a Expr, Node<'a>)> {
    if place.selection.is_empty() {
        return None;
    }
    let (expr, parent) = place.exprs().filter(|(expr, _)| expr.range == place.selection).last()?;
    let called = matches!(parent, Node::Expr(Expr { kind: ExprKind::Call { callee, .. }, .. }) if callee.range == expr.range);
    let suffixed = matches!(parent, Node::Expr(Expr { kind: ExprKind::Suffixed { base, .. }, .. }) if base.range == expr.range);
    let target = matches!(parent, Node::Stmt(Stmt { kind: StmtKind::Set { target, .. }, .. }) if target.range == expr.range);
    let ty = place.type_of(expr.range)?;
    let value = !matches!(ty, Type::Nothing | Type::Never | Type::Fn(..));
    (value && !called && !suffixed && !target).then_some((expr, parent))
}

/// Whether a name can stand for it without more being said: an empty list or a tag alone says nothing of its type.
fn shows_its_type(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::None | ExprKind::Name(_) | ExprKind::Any | ExprKind::Lambda(_) => false,
        ExprKind::List(items) => items.first().is_some_and(|item| shows_its_type(item) || is_literal(item)),
        ExprKind::Map(entries) => !entries.is_empty(),
        _ => true,
    }
}

fn variable(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = selected(place) else { return Vec::new() };
    let Some((stmt, between)) = place.statement() else { return Vec::new() };
    let stays = between.iter().all(|node| evaluated_first(node, expr)) && !place.in_a_test();
    let looped = matches!(stmt.kind, StmtKind::While { .. } | StmtKind::Listen(_) | StmtKind::Test(_));
    let before = TextRange::new(stmt.range.start, expr.range.start);
    let own = place.references_in(expr.range).any(|r| place.declared_in(r, before));
    if !stays || looped || own || !shows_its_type(expr) {
        return Vec::new();
    }
    let name = place.word_for(expr, parent);
    let value = place.slice(expr.range);
    if stmt.range == expr.range {
        // The last one may be the value of its block.
        if is_last(place, stmt) {
            return Vec::new();
        }
        return vec![place.change(
            format!("name it `{name}`"),
            vec![place.insert(expr.range.start, format!("let {name} = "))],
        )];
    }
    let edits = vec![
        place.insert(stmt.range.start, format!("let {name} = {value}\n")),
        place.edit(expr.range, name.as_str()),
    ];
    vec![place.change(format!("name it `{name}`"), edits)]
}

/// Whether an expression in the node is always looked at when the statement is, once, and nothing makes it possible that does not
/// hold before.
fn evaluated_first(node: &Node<'_>, expr: &Expr) -> bool {
    let holds = |other: &Expr| other.range.start <= expr.range.start && expr.range.end <= other.range.end;
    match node {
        Node::Arm(_)
        | Node::Branch(_)
        | Node::Await(_)
        | Node::Suffixes(_)
        | Node::Block(_)
        | Node::Listen(_) => false,
        Node::Expr(Expr { kind: ExprKind::Lambda(_), .. }) => false,
        Node::Expr(Expr {
            kind: ExprKind::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce, _, right),
            ..
        }) => !holds(right),
        Node::Expr(Expr { kind: ExprKind::If(branch), .. }) => !branch.otherwise.as_ref().is_some_and(holds),
        Node::Expr(Expr { kind: ExprKind::For(each), .. }) => !each.parallel.iter().flatten().any(holds),
        _ => true,
    }
}

/// The literal at the cursor in a body.
fn literal<'a>(place: &Place<'a>) -> Option<(&'a Expr, Node<'a>)> {
    let (expr, parent) = place.exprs().next().filter(|(expr, _)| is_literal(expr))?;
    let body = place.path.iter().any(|node| matches!(node, Node::Block(_)));
    let pattern = place
        .path
        .iter()
        .any(|node| matches!(node, Node::Pattern(_) | Node::Trigger(_) | Node::TriggerArg(_)));
    let range =
        matches!(parent, Node::Expr(Expr { kind: ExprKind::Range(..) | ExprKind::Tagged { .. }, .. }));
    (body && !pattern && !range && place.within(expr.range)).then_some((expr, parent))
}

fn constant(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = literal(place) else { return Vec::new() };
    if place.slice(expr.range).contains('\n') {
        return Vec::new();
    }
    let name = place.word_for(expr, parent);
    let item = place.item_before(&format!("const {name} = {}", place.slice(expr.range)));
    vec![place.change(format!("make a constant `{name}` of it"), vec![item, place.edit(expr.range, name)])]
}

fn setting(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = literal(place).filter(|_| place.acts()) else { return Vec::new() };
    let Some(ty) = place.type_of(expr.range).and_then(|ty| place.written(ty)) else { return Vec::new() };
    if place.slice(expr.range).contains('\n') {
        return Vec::new();
    }
    let name = place.word_for(expr, parent);
    let item = place.item_before(&format!("setting {name}: {ty} = {}", place.slice(expr.range)));
    vec![place.change(format!("make a setting `{name}` of it"), vec![item, place.edit(expr.range, name)])]
}

/// The parameters that hand over what was taken, and the arguments.
fn handed(place: &Place<'_>, taken: &[Taken]) -> Option<(String, String)> {
    let params: Option<Vec<String>> =
        taken.iter().map(|t| Some(format!("{}: {}", t.name, place.written(&t.ty)?))).collect();
    let args: Vec<&str> = taken.iter().map(|t| t.name.as_str()).collect();
    Some((params?.join(", "), args.join(", ")))
}

fn function(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = selected(place) else { return Vec::new() };
    let Some(result) = place.type_of(expr.range).and_then(|ty| place.written(ty)) else { return Vec::new() };
    let plain = matches!(
        expr.kind,
        ExprKind::Name(_) | ExprKind::Suffixed { .. } | ExprKind::Lambda(_) | ExprKind::None
    );
    if plain
        || is_literal(expr)
        || !place.only_computes(expr.range)
        || place.in_a_test()
        || matches!(place.item.kind, ItemKind::Agent(_))
    {
        return Vec::new();
    }
    let Some((params, args)) = place.taken_from_around(expr.range).and_then(|taken| handed(place, &taken))
    else {
        return Vec::new();
    };
    let name = place.word_for(expr, parent);
    let name = if name == "value" || args.split(", ").any(|a| a == name) {
        place.free_name("computed")
    } else {
        name
    };
    let item = place.item_behind(&format!("fn {name}({params}) -> {result} = {}", place.slice(expr.range)));
    let call = place.edit(expr.range, format!("{name}({args})"));
    vec![place.change(format!("make a function `{name}` of it"), vec![call, item])]
}

fn flow(place: &Place<'_>) -> Vec<Change> {
    let Some(stmts) = place.selected_statements().filter(|_| place.acts()) else { return Vec::new() };
    let (Some(first), Some(last)) = (stmts.first(), stmts.last()) else { return Vec::new() };
    let range = TextRange::new(first.range.start, last.range.end);
    let keyed = place.references_in(range).any(|r| matches!(r.kind, NameKind::State | NameKind::WaitLabel));
    let in_a_filter = matches!(&place.item.kind, ItemKind::Flow(flow) if flow.header.filter.is_some());
    let ends = |stmt: &&Stmt| place.type_of(stmt.range) == Some(&Type::Never);
    if leave(&stmts) || keyed || in_a_filter || stmts.iter().any(ends) {
        return Vec::new();
    }
    let after = TextRange::new(range.end, place.item.range.end);
    let mut used: Vec<(&str, TextRange)> = place
        .references_in(after)
        .filter(|r| place.declared_in(r, range))
        .map(|r| (place.slice(r.range), r.site.span.range))
        .collect();
    used.sort_unstable();
    used.dedup();
    let written = place.references_in(range).any(|r| r.kind == NameKind::Var && r.role == Role::Declaration);
    let Some(taken) = place.taken_from_around(range) else { return Vec::new() };
    let Some((params, args)) = handed(place, &taken) else { return Vec::new() };
    let name = place.free_name("step");
    let body = place.slice(range);
    let value = place.type_of(last.range).is_some_and(|ty| !matches!(ty, Type::Nothing | Type::Never));
    let (call, result, end) = match used.as_slice() {
        [] if !is_last(place, last) || !value => (format!("{name}({args})"), String::new(), String::new()),
        [(known, site)] if !written => {
            let own = TextRange::new(
                site.start.saturating_sub(place.offset),
                site.end.saturating_sub(place.offset),
            );
            let Some(ty) = place.type_of(own).and_then(|ty| place.written(ty)) else { return Vec::new() };
            (format!("let {known} = {name}({args})"), format!(" -> {ty}"), format!("\nreturn {known}"))
        }
        _ => return Vec::new(),
    };
    let item = place.item_behind(&format!("flow {name}({params}){result} {{\n{body}{end}\n}}"));
    vec![place.change(format!("make a sub-flow `{name}` of it"), vec![place.edit(range, call), item])]
}

/// Whether a statement is the last of its block, and so may be its value.
fn is_last(place: &Place<'_>, stmt: &Stmt) -> bool {
    place.path.iter().any(|node| matches!(node, Node::Block(block) if block.stmts.last() == Some(stmt)))
}
