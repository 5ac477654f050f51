//! The cases of a `match`.

use super::ActionKind::{Fix, Rewrite};
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_check::Member;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{ExprKind, Match, MatchArm, Pattern, PatternKind, StmtKind};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("add-missing-cases", Fix, "adds the cases that a `match` has forgotten", missing),
    inside("name-the-rest", Rewrite, "turns the `_` of a `match` into the tags that it takes", name_the_rest),
    inside("split-case", Rewrite, "makes of a case `a | b` one for each", split),
    inside(
        "merge-with-next-case",
        Rewrite,
        "makes of two neighbouring cases that do the same one `a | b`",
        merge,
    ),
    inside("bind-fields", Rewrite, "names the fields of a tag in its pattern", bind_fields),
    inside("case-to-block", Rewrite, "puts what a case does between braces", to_block),
];

/// The `match` at the cursor, which stands in its head or between its cases, or in a pattern.
fn cases<'a>(place: &Place<'a>) -> Option<(TextRange, &'a Match)> {
    let (expr, _) = place.exprs().find(|(expr, _)| matches!(expr.kind, ExprKind::Match(_)))?;
    let ExprKind::Match(cases) = &expr.kind else { return None };
    let in_a_body = cases.arms.iter().any(|arm| place.within(arm.body.range));
    (!in_a_body).then_some((expr.range, cases))
}

/// The case at the cursor, which stands in its pattern or at its arrow, with its `match`.
fn case<'a>(place: &Place<'a>) -> Option<(&'a Match, usize, &'a MatchArm)> {
    let (_, cases) = cases(place)?;
    let (index, arm) = cases.arms.iter().enumerate().find(|(_, arm)| place.within(arm.range))?;
    Some((cases, index, arm))
}

/// What a `match` has to say something about, as patterns; none for what has no end.
fn all_of(place: &Place<'_>, ty: &Type) -> Option<Vec<(String, Option<Member>)>> {
    let tags: Vec<(String, Option<Member>)> = match ty {
        Type::Bool => vec![("true".to_owned(), None), ("false".to_owned(), None)],
        Type::Optional(inner) => {
            let mut some = all_of(place, inner).unwrap_or_else(|| vec![("let found".to_owned(), None)]);
            some.push(("none".to_owned(), None));
            some
        }
        _ => place.outline().tags(ty).into_iter().map(|tag| (tag.name.to_string(), Some(tag))).collect(),
    };
    (!tags.is_empty()).then_some(tags)
}

/// Whether a pattern takes all that `wanted` (a tag, `none`, `true`, `let found`) stands for.
fn takes(place: &Place<'_>, pattern: &Pattern, wanted: &str) -> bool {
    match &pattern.kind {
        PatternKind::Rest | PatternKind::Bind(_) => true,
        PatternKind::None => wanted == "none",
        PatternKind::Or(all) => all.iter().any(|one| takes(place, one, wanted)),
        PatternKind::Tag { path, fields } => {
            let any = |p: &Pattern| matches!(p.kind, PatternKind::Rest | PatternKind::Bind(_));
            path.names.last().is_some_and(|name| name.text == wanted)
                && fields.iter().all(|f| any(&f.pattern))
        }
        PatternKind::Literal(_) => place.slice(pattern.range) == wanted,
        PatternKind::Error => true,
    }
}

fn missing(place: &Place<'_>) -> Vec<Change> {
    let Some((range, cases)) = cases(place) else { return Vec::new() };
    let Some(ty) = place.type_of(cases.subject.range) else { return Vec::new() };
    let covered =
        |wanted: &str| cases.arms.iter().any(|a| a.guard.is_none() && takes(place, &a.pattern, wanted));
    let wanted = all_of(place, ty).unwrap_or_else(|| vec![("_".to_owned(), None)]);
    let missing: Vec<String> =
        wanted.into_iter().map(|(name, _)| name).filter(|name| !covered(name)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let body = nothing_yet(place, range, cases);
    let lines: Vec<String> = missing.iter().map(|pattern| format!("{pattern} => {body}\n")).collect();
    let close = range.end.saturating_sub(1);
    let before = place.slice(TextRange::new(cases.subject.range.end, close));
    let line = if before.trim_end_matches([' ', '\t']).ends_with('\n') { "" } else { "\n" };
    let title = match missing.as_slice() {
        [one] => format!("add the case `{one}`"),
        all => format!("add the {} missing cases", all.len()),
    };
    let change = place.change(title, vec![place.insert(close, format!("{line}{}", lines.concat()))]);
    vec![change.mending(vec!["E0206"])]
}

/// What a new case does: it gives the plainest value where the `match` is one, ends the run where there is none, and else
/// does nothing.
fn nothing_yet(place: &Place<'_>, range: TextRange, cases: &Match) -> String {
    let of_arms =
        || cases.arms.iter().find_map(|arm| place.type_of(arm.body.range).filter(|ty| **ty != Type::Never));
    match place.type_of(range).filter(|ty| **ty != Type::Never).or_else(of_arms) {
        None | Some(Type::Nothing) => "{}".to_owned(),
        Some(ty) => {
            place.filler("", ty).unwrap_or_else(|| "fail(\"nothing is said for this case\")".to_owned())
        }
    }
}

fn name_the_rest(place: &Place<'_>) -> Vec<Change> {
    let Some((cases, index, arm)) = case(place) else { return Vec::new() };
    let rest = arm.pattern.kind == PatternKind::Rest && arm.guard.is_none();
    let Some(wanted) = place.type_of(cases.subject.range).and_then(|ty| all_of(place, ty)) else {
        return Vec::new();
    };
    let before = cases.arms.get(..index).unwrap_or_default();
    let covered = |wanted: &str| before.iter().any(|a| a.guard.is_none() && takes(place, &a.pattern, wanted));
    let left: Vec<String> = wanted.into_iter().map(|(name, _)| name).filter(|name| !covered(name)).collect();
    if !rest || left.is_empty() || left.iter().any(|name| name == "let found") {
        return Vec::new();
    }
    vec![place.replace("name what `_` stands for", arm.pattern.range, left.join(" | "))]
}

fn split(place: &Place<'_>) -> Vec<Change> {
    let Some((_, _, arm)) = case(place) else { return Vec::new() };
    let PatternKind::Or(all) = &arm.pattern.kind else { return Vec::new() };
    let rest = place.slice(TextRange::new(arm.pattern.range.end, arm.range.end));
    let lines: Vec<String> = all.iter().map(|one| format!("{}{rest}", place.slice(one.range))).collect();
    vec![place.replace("make a case of each", arm.range, lines.join("\n"))]
}

fn merge(place: &Place<'_>) -> Vec<Change> {
    let Some((cases, index, arm)) = case(place) else { return Vec::new() };
    let Some(next) = cases.arms.get(index.saturating_add(1)) else { return Vec::new() };
    let names = |p: &Pattern| place.slice(p.range).contains("let ") || p.kind == PatternKind::Rest;
    let same = place.slice(arm.body.range) == place.slice(next.body.range);
    if arm.guard.is_some() || next.guard.is_some() || names(&arm.pattern) || names(&next.pattern) || !same {
        return Vec::new();
    }
    let pattern = format!("{} | {}", place.slice(arm.pattern.range), place.slice(next.pattern.range));
    let rest = place.slice(TextRange::new(arm.pattern.range.end, arm.range.end));
    vec![place.replace(
        "make one case of this and the next",
        arm.range.cover(next.range),
        format!("{pattern}{rest}"),
    )]
}

fn bind_fields(place: &Place<'_>) -> Vec<Change> {
    let pattern = place.innermost(|node| match node {
        Node::Pattern(pattern) => Some(pattern),
        _ => None,
    });
    let (Some(pattern), Some((cases, _, arm))) = (pattern, case(place)) else { return Vec::new() };
    let PatternKind::Tag { path, fields } = &pattern.kind else { return Vec::new() };
    let (Some(tag), true, true) = (path.names.last(), fields.is_empty(), pattern.range == arm.pattern.range)
    else {
        return Vec::new();
    };
    let Some(ty) = place.type_of(cases.subject.range) else { return Vec::new() };
    let Some(declared) = place.tag_fields(ty, &tag.text) else { return Vec::new() };
    if declared.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> =
        declared.iter().map(|(name, _)| format!("{name}: let {}", place.free_name(name))).collect();
    let edit = place.insert(pattern.range.end, format!("({})", names.join(", ")));
    vec![place.change(format!("name the fields of `{}`", tag.text), vec![edit])]
}

fn to_block(place: &Place<'_>) -> Vec<Change> {
    let Some((_, _, arm)) = case(place) else { return Vec::new() };
    let block = match &arm.body.kind {
        ExprKind::Do(block) => place.slice(block.range).starts_with('{'),
        _ => false,
    };
    let ends = matches!(&arm.body.kind, ExprKind::Do(b) if b.stmts.iter().any(|s| matches!(s.kind, StmtKind::Error)));
    if block || ends {
        return Vec::new();
    }
    let text = format!("{{\n{}\n}}", place.slice(arm.body.range));
    vec![place.replace("put what the case does between braces", arm.body.range, text)]
}
