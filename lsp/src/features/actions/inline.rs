//! Putting something in where it is used.

use super::ActionKind::Inline;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::{Place, is_single};
use crate::features::formatting::Replacement;
use carapace_check::{NameKind, Reference, Role};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, FnBody, ItemKind, Stmt, StmtKind};
use carapace_syntax::walk::{Node, walk};

pub(super) const OFFERS: &[Offer] = &[
    inside("inline-variable", Inline, "puts the value of a `let` where its name is used", variable),
    inside("inline-constant", Inline, "puts the value of a `const` in place of its name", constant),
    inside("inline-function", Inline, "puts what a function gives in place of its call", function),
];

/// The name at the cursor.
fn name_at<'a>(place: &Place<'a>, kind: NameKind) -> Option<&'a Reference> {
    place
        .references()
        .iter()
        .find(|r| r.kind == kind && r.range.touches(place.cursor()) && place.within(r.range))
}

fn variable(place: &Place<'_>) -> Vec<Change> {
    let Some(at) = name_at(place, NameKind::Local) else { return Vec::new() };
    let site = at.site;
    let Some((stmt, value)) = declaration(place, site.span.range) else { return Vec::new() };
    let movable = !place.acts_in(value.range)
        && place.references_in(value.range).all(|r| !matches!(r.kind, NameKind::Var | NameKind::State))
        && !matches!(
            value.kind,
            ExprKind::Suffixed { .. } | ExprKind::If(_) | ExprKind::Match(_) | ExprKind::Do(_)
        );
    let shape = matches!(place.type_of(value.range), Some(ty) if !matches!(ty, Type::Optional(_)));
    if !movable || !shape || place.slice(value.range).contains('\n') {
        return Vec::new();
    }
    let uses: Vec<&Reference> =
        place.references().iter().filter(|r| r.site == site && r.role == Role::Use).collect();
    let text = place.slice(value.range);
    if uses.is_empty() {
        return Vec::new();
    }
    let Some(line) = whole_line(place, stmt.range) else { return Vec::new() };
    let mut edits = vec![place.edit(line, "")];
    let single = is_single(value) && !matches!(value.kind, ExprKind::Record { .. });
    for used in uses {
        let text =
            if single || stands_alone(place, used.range) { text.to_owned() } else { format!("({text})") };
        let Some(edit) = put_in(place, used.range, &text) else { return Vec::new() };
        edits.push(edit);
    }
    vec![place.change(format!("put the value in place of `{}`", place.slice(at.range)), edits)]
}

/// The `let` without a written type that declares a name.
fn declaration<'a>(place: &Place<'a>, site: TextRange) -> Option<(&'a Stmt, &'a Expr)> {
    let mut found = None;
    walk(place.item, &mut |node| {
        if let Node::Stmt(stmt) = node
            && let StmtKind::Let { name, ty: None, value } = &stmt.kind
            && name.range.shift(place.offset) == site
        {
            found = Some((stmt, value));
        }
        true
    });
    found
}

/// Whether nothing around the name can take a longer expression apart.
fn stands_alone(place: &Place<'_>, used: TextRange) -> bool {
    let mut alone = false;
    walk(place.item, &mut |node| {
        let value = match node {
            Node::Arg(arg) => Some(&arg.value),
            Node::FieldInit(field) => field.value.as_ref(),
            Node::Stmt(stmt) => match &stmt.kind {
                StmtKind::Let { value, .. }
                | StmtKind::Var { value, .. }
                | StmtKind::Assign { value, .. } => Some(value),
                StmtKind::Return(value) => value.as_ref(),
                _ => None,
            },
            _ => None,
        };
        let short =
            matches!(node, Node::FieldInit(field) if field.value.is_none() && field.name.range == used);
        alone = alone || short || value.is_some_and(|value| value.range == used);
        true
    });
    alone
}

/// A value in place of a name. A field `name` alone becomes `name: value`.
fn put_in(place: &Place<'_>, used: TextRange, text: &str) -> Option<Replacement> {
    let mut short = false;
    let mut found = false;
    walk(place.item, &mut |node| {
        match node {
            Node::FieldInit(field) if field.name.range == used && field.value.is_none() => short = true,
            Node::Name(name) if name.range == used => found = true,
            _ => {}
        }
        true
    });
    if short {
        return Some(place.edit(used, format!("{}: {text}", place.slice(used))));
    }
    found.then(|| place.edit(used, text))
}

/// The line of a statement that has it to itself, with its end.
fn whole_line(place: &Place<'_>, range: TextRange) -> Option<TextRange> {
    let text = place.text();
    let before = text.get(..range.start as usize)?;
    let start = before.rfind('\n')?.saturating_add(1);
    let after = text.get(range.end as usize..)?;
    let end = after.find('\n')?.saturating_add(range.end as usize).saturating_add(1);
    let alone =
        before.get(start..)?.trim().is_empty() && text.get(range.end as usize..end)?.trim().is_empty();
    let range = TextRange::new(u32::try_from(start).ok()?, u32::try_from(end).ok()?);
    alone.then_some(range)
}

fn constant(place: &Place<'_>) -> Vec<Change> {
    let Some(at) = name_at(place, NameKind::Const).filter(|r| r.role == Role::Use) else { return Vec::new() };
    let snapshot = place.here.snapshot;
    let site = at.site.span;
    let Some(placed) = snapshot.item_at(site.file, site.range.start) else { return Vec::new() };
    let ItemKind::Const(constant) = &placed.item.kind else { return Vec::new() };
    let value = &constant.value;
    let range = value.range.shift(placed.offset);
    let text = snapshot.text(site.file).get(range.start as usize..range.end as usize).unwrap_or_default();
    let mut names = false;
    walk(&placed.item, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Name(_) | ExprKind::Record { .. } | ExprKind::Call { .. },
            ..
        }) = node
        {
            names = true;
        }
        true
    });
    let library = snapshot.module(site.file).is_none_or(|module| module.library);
    if names || library || text.contains('\n') || text == "[]" || text == "[:]" || text == "none" {
        return Vec::new();
    }
    // `orders.delivery`: the module's name goes too.
    let whole = place
        .exprs()
        .find_map(|(expr, _)| match &expr.kind {
            ExprKind::Field { name, .. } if name.range == at.range => Some(expr.range),
            _ => None,
        })
        .unwrap_or(at.range);
    let text = if is_single(value) { text.to_owned() } else { format!("({text})") };
    let edit = if whole == at.range { put_in(place, whole, &text) } else { Some(place.edit(whole, text)) };
    edit.map(|edit| place.change("put the value in place of the name", vec![edit])).into_iter().collect()
}

fn function(place: &Place<'_>) -> Vec<Change> {
    inlined(place).into_iter().collect()
}

fn inlined(place: &Place<'_>) -> Option<Change> {
    let (expr, callee, _) = place.exprs().find_map(|(expr, parent)| match &expr.kind {
        ExprKind::Call { callee, .. } => Some((expr, &**callee, parent)),
        _ => None,
    })?;
    let call = place.call(expr.range).filter(|call| call.kind == NameKind::Fn)?;
    let name = match &callee.kind {
        ExprKind::Name(name) | ExprKind::Field { name, .. } => name,
        _ => return None,
    };
    let site = call.site.span;
    if !place.within(name.range) || site.file != place.here.file || place.in_a_test() {
        return None;
    }
    let snapshot = place.here.snapshot;
    let placed = snapshot.item_at(site.file, site.range.start)?;
    let ItemKind::Fn(declared) = &placed.item.kind else { return None };
    let FnBody::Expr(body) = &declared.body else { return None };
    let inner = snapshot.checked.facts.item_at(site.file, site.range.start)?;
    // Names that the body declares might hide what the arguments mean.
    let own: Vec<TextRange> = declared.params.iter().map(|p| p.name.range.shift(placed.offset)).collect();
    let foreign =
        inner.references.iter().any(|r| r.role == Role::Declaration && r.range.start >= body.range.start);
    if foreign || !declared.type_params.is_empty() || *placed.item == *place.item {
        return None;
    }
    let text = snapshot.text(site.file).get(body.range.shift(placed.offset).start as usize..)?;
    let text = text.get(..body.range.len() as usize)?;
    let mut args: Vec<Option<String>> = vec![None; declared.params.len()];
    if call.method {
        let ExprKind::Field { base, .. } = &callee.kind else { return None };
        *args.first_mut()? = Some(argument(place, base));
    }
    let ExprKind::Call { args: written, .. } = &expr.kind else { return None };
    for arg in written {
        let known = call.args.iter().find(|known| known.range == arg.value.range)?;
        *args.get_mut(known.param as usize)? = Some(argument(place, &arg.value));
    }
    let mut edits = Vec::new();
    for used in inner.references.iter().filter(|r| r.range.start >= body.range.start && r.role == Role::Use) {
        let Some(index) = own.iter().position(|site| *site == used.site.span.range && r_is_param(used))
        else {
            continue;
        };
        let value = args.get(index)?.clone()?;
        let at = TextRange::new(
            used.range.start.saturating_sub(body.range.start),
            used.range.end.saturating_sub(body.range.start),
        );
        edits.push(Replacement { range: at, text: value });
    }
    let used_twice = |text: &str| edits.iter().filter(|e| e.text == text).count() > 1;
    let costly =
        written.iter().any(|arg| place.acts_in(arg.value.range) && used_twice(&argument(place, &arg.value)));
    let short = text.contains('\n') || has_short_fields(&placed.item);
    if costly || short {
        return None;
    }
    let made = crate::features::formatting::apply(text, &edits);
    let made = if is_single(body) { made } else { format!("({made})") };
    Some(place.replace(format!("put what `{}` gives in place of the call", name.text), expr.range, made))
}

fn r_is_param(reference: &Reference) -> bool {
    reference.kind == NameKind::Param
}

fn has_short_fields(item: &carapace_syntax::ast::Item) -> bool {
    let mut found = false;
    walk(item, &mut |node| {
        found = found || matches!(node, Node::FieldInit(field) if field.value.is_none());
        true
    });
    found
}

fn argument(place: &Place<'_>, expr: &Expr) -> String {
    let text = place.slice(expr.range);
    if is_single(expr) { text.to_owned() } else { format!("({text})") }
}
