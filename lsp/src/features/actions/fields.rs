//! The fields of records, and the arguments of calls.

use super::ActionKind::{Fix, Rewrite};
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_check::{Call, NameKind};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Arg, Expr, ExprKind, FieldInit};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("fill-record", Fix, "adds the fields that a record has to have", fill_record),
    inside("add-missing-arguments", Fix, "adds the arguments that a call has to have", missing_arguments),
    inside("name-arguments", Rewrite, "writes the names of parameters in front of arguments", name_arguments),
    inside(
        "unname-arguments",
        Rewrite,
        "takes the names of parameters away from arguments",
        unname_arguments,
    ),
    inside("expand-field", Rewrite, "turns the field `name` into `name: name`", expand),
    inside("shorten-field", Rewrite, "turns the field `name: name` into `name`", shorten),
];

fn fill_record(place: &Place<'_>) -> Vec<Change> {
    let found = place.exprs().find_map(|(expr, _)| match &expr.kind {
        ExprKind::Record { fields, path } => Some((expr, fields, path)),
        _ => None,
    });
    let Some((expr, fields, path)) = found else { return Vec::new() };
    let Some(ty) = place.type_of(expr.range).cloned().or_else(|| named(place, path.range())) else {
        return Vec::new();
    };
    let Some(needed) = place.required_fields(&ty) else { return Vec::new() };
    let given = |name: &str| fields.iter().any(|field| field.name.text == name);
    let missing: Vec<(String, Type)> = needed.into_iter().filter(|(name, _)| !given(name)).collect();
    let made: Option<Vec<String>> = missing
        .iter()
        .map(|(name, ty)| {
            Some(place.filler(name, ty)?)
                .map(|value| if value == *name { value } else { format!("{name}: {value}") })
        })
        .collect();
    let Some(made) = made.filter(|made| !made.is_empty()) else { return Vec::new() };
    let close = expr.range.end.saturating_sub(1);
    let before = place.slice(TextRange::new(path.range().end, close));
    let lines = before.contains('\n');
    let text = match (fields.is_empty(), lines) {
        (true, true) => format!("{}\n", made.join("\n")),
        (true, false) => format!(" {} ", made.join(", ")),
        (false, true) => format!("{}\n", made.join("\n")),
        (false, false) => format!(", {} ", made.join(", ")),
    };
    let blanks =
        u32::try_from(before.len().saturating_sub(before.trim_end_matches([' ', '\t']).len())).unwrap_or(0);
    let at = TextRange::new(close.saturating_sub(blanks), close);
    let title = match missing.as_slice() {
        [(one, _)] => format!("add the field `{one}`"),
        all => format!("add the {} missing fields", all.len()),
    };
    vec![place.replace(title, at, text).mending(vec!["E0209"])]
}

/// The type that a record's name stands for, where the literal itself has a mistake.
fn named(place: &Place<'_>, path: TextRange) -> Option<Type> {
    let reference =
        place.references().iter().find(|r| r.kind == NameKind::Type && r.range.end == path.end)?;
    Some(place.outline().item(reference.site)?.ty.clone())
}

/// The innermost call at the cursor, with what is known of it.
fn call<'a>(place: &Place<'a>) -> Option<(&'a Expr, &'a [Arg], &'a Call)> {
    let (expr, args) = place.exprs().find_map(|(expr, _)| match &expr.kind {
        ExprKind::Call { args, .. } => Some((expr, args.as_slice())),
        _ => None,
    })?;
    let known = place.call(expr.range)?;
    (known.kind != NameKind::Trigger).then_some((expr, args, known))
}

/// A parameter of what is called.
struct Param {
    name: String,
    ty: Type,
    required: bool,
}

fn params(place: &Place<'_>, call: &Call) -> Option<Vec<Param>> {
    if call.kind == NameKind::Tag {
        let tag = place.outline().part(call.site)?;
        let fields = place.tag_fields(&tag.ty, &tag.name)?;
        let made = fields.into_iter().map(|(name, ty)| {
            let required = !matches!(ty, Type::Optional(_));
            Param { name, ty, required }
        });
        return Some(made.collect());
    }
    let item = place.callee(call)?;
    let known = item.callable.as_ref()?;
    let made = known.params.iter().enumerate().map(|(index, param)| Param {
        name: param.name.to_string(),
        ty: call.params.get(index).cloned().unwrap_or_else(|| param.ty.clone()),
        required: param.default.is_none(),
    });
    Some(made.collect())
}

fn missing_arguments(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, args, known)) = call(place) else { return Vec::new() };
    let Some(params) = params(place, known) else { return Vec::new() };
    let positional =
        args.iter().filter(|arg| arg.name.is_none()).count().saturating_add(usize::from(known.method));
    let given = |index: usize, param: &Param| {
        index < positional
            || args.iter().any(|arg| arg.name.as_ref().is_some_and(|name| name.text == param.name))
    };
    let missing: Vec<&Param> =
        params.iter().enumerate().filter(|(i, p)| p.required && !given(*i, p)).map(|(_, p)| p).collect();
    let named =
        args.iter().any(|arg| arg.name.is_some()) || known.kind == NameKind::Tag || positional > params.len();
    let made: Option<Vec<String>> = missing
        .iter()
        .map(|param| {
            let value = place.filler(&param.name, &param.ty)?;
            Some(if named { format!("{}: {value}", param.name) } else { value })
        })
        .collect();
    let Some(made) = made.filter(|made| !made.is_empty()) else { return Vec::new() };
    let text = if args.is_empty() { made.join(", ") } else { format!(", {}", made.join(", ")) };
    let at = args.last().map_or(expr.range.end.saturating_sub(1), |arg| arg.value.range.end);
    let title = match missing.as_slice() {
        [one] => format!("add the argument `{}`", one.name),
        all => format!("add the {} missing arguments", all.len()),
    };
    vec![place.change(title, vec![place.insert(at, text)])]
}

/// The argument's parameter.
fn param_of<'p>(params: &'p [Param], known: &Call, arg: &Arg) -> Option<&'p Param> {
    let argument = known.args.iter().find(|argument| argument.range == arg.value.range)?;
    params.get(argument.param as usize)
}

fn name_arguments(place: &Place<'_>) -> Vec<Change> {
    let Some((_, args, known)) = call(place) else { return Vec::new() };
    let Some(params) = params(place, known) else { return Vec::new() };
    let in_a_test = matches!(place.item.kind, carapace_syntax::ast::ItemKind::Test(_));
    let plain: Vec<&Arg> = args.iter().filter(|arg| arg.name.is_none()).collect();
    let made: Option<Vec<_>> = plain
        .iter()
        .map(|arg| {
            let param = param_of(&params, known, arg)?;
            Some(place.insert(arg.value.range.start, format!("{}: ", param.name)))
        })
        .collect();
    match made {
        Some(edits) if !edits.is_empty() && !in_a_test => vec![place.change("name the arguments", edits)],
        _ => Vec::new(),
    }
}

fn unname_arguments(place: &Place<'_>) -> Vec<Change> {
    let Some((_, args, known)) = call(place).filter(|(_, _, known)| known.kind != NameKind::Tag) else {
        return Vec::new();
    };
    let Some(params) = params(place, known) else { return Vec::new() };
    let first = usize::from(known.method);
    let in_order = args.iter().enumerate().all(|(index, arg)| {
        param_of(&params, known, arg).map(|p| &p.name)
            == params.get(index.saturating_add(first)).map(|p| &p.name)
    });
    let edits: Vec<_> = args
        .iter()
        .filter_map(|arg| {
            let name = arg.name.as_ref()?;
            Some(place.edit(TextRange::new(name.range.start, arg.value.range.start), ""))
        })
        .collect();
    let in_a_test = matches!(place.item.kind, carapace_syntax::ast::ItemKind::Test(_));
    if edits.is_empty() || !in_order || in_a_test {
        return Vec::new();
    }
    vec![place.change("take the names of the arguments away", edits)]
}

fn field<'a>(place: &Place<'a>) -> Option<&'a FieldInit> {
    let field = place.innermost(|node| match node {
        Node::FieldInit(field) => Some(field),
        _ => None,
    })?;
    place.within(field.name.range).then_some(field)
}

fn expand(place: &Place<'_>) -> Vec<Change> {
    let Some(field) = field(place).filter(|field| field.value.is_none()) else { return Vec::new() };
    let name = &field.name.text;
    vec![place.change(
        format!("write `{name}: {name}`"),
        vec![place.insert(field.name.range.end, format!(": {name}"))],
    )]
}

fn shorten(place: &Place<'_>) -> Vec<Change> {
    let Some(field) = field(place) else { return Vec::new() };
    let Some(value) = &field.value else { return Vec::new() };
    let same = matches!(&value.kind, ExprKind::Name(name) if name.text == field.name.text);
    let rest = TextRange::new(field.name.range.end, value.range.end);
    if !same {
        return Vec::new();
    }
    vec![place.replace(format!("write `{}` alone", field.name.text), rest, "")]
}
