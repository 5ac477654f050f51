//! Tests, made of what they are to test.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_check::NameKind;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{
    BinaryOp, CondOp, Expr, ExprKind, Flow, Fn, InterpolationPart, ItemKind, StmtKind, TriggerArgValue,
    TriggerRef,
};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("generate-test", Rewrite, "makes a draft of a test that starts a flow, or calls a function", test),
    inside(
        "generate-crash-test",
        Rewrite,
        "makes a draft of a test of a flow that waits, with a crash after each wait",
        crash_test,
    ),
];

fn test(place: &Place<'_>) -> Vec<Change> {
    match &place.item.kind {
        ItemKind::Flow(flow) => flow_test(place, flow, false),
        ItemKind::Fn(function) => fn_test(place, function).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn crash_test(place: &Place<'_>) -> Vec<Change> {
    let waits = place.waits();
    match &place.item.kind {
        ItemKind::Flow(flow) if waits => flow_test(place, flow, true),
        _ => Vec::new(),
    }
}

fn flow_test(place: &Place<'_>, flow: &Flow, crash: bool) -> Vec<Change> {
    let Some(name) = place.item.name.as_ref() else { return Vec::new() };
    let head = TextRange::new(0, flow.body.range.start);
    if !place.within(head) || flow.header.filter.is_some() {
        return Vec::new();
    }
    let events = flow.header.triggers.iter();
    let Some((trigger, when)) = events.filter_map(|t| Some((t, event(place, flow, t)?))).next() else {
        return Vec::new();
    };
    let expected = said(place, flow, trigger).unwrap_or_else(|| format!("{}.started", name.text));
    let (title, first) = match crash {
        true => (format!("{} outlives a crash", name.text), "crash after each await\n"),
        false => (format!("{} starts", name.text), ""),
    };
    let title = free_title(place, &title);
    let item = format!("test \"{title}\" {{\n{first}when {when}\nexpect {expected}\n}}");
    let what = if crash { "make a test with crashes" } else { "make a test" };
    vec![place.change(format!("{what} of `{}`", name.text), vec![place.item_behind(&item)])]
}

/// A title that no test of the file has.
fn free_title(place: &Place<'_>, wish: &str) -> String {
    let taken: Vec<&str> = place
        .here
        .snapshot
        .items(place.here.file)
        .filter_map(|(_, item)| match &item.kind {
            ItemKind::Test(test) => Some(test.title.as_str()),
            _ => None,
        })
        .collect();
    let numbered = (2..100).map(|n| format!("{wish} ({n})"));
    let mut all = std::iter::once(wish.to_owned()).chain(numbered);
    all.find(|title| !taken.contains(&title.as_str())).unwrap_or_else(|| wish.to_owned())
}

/// What lets the flow start.
fn event(place: &Place<'_>, flow: &Flow, trigger: &TriggerRef) -> Option<String> {
    let path = place.slice(trigger.path.range());
    let name = place.item.name.as_ref()?.text.as_str();
    let names: Vec<&str> = trigger.path.names.iter().map(|n| n.text.as_str()).collect();
    Some(match names.as_slice() {
        [_, "message"] => format!("{path}(\"{}\", from: \"ana\")", message(flow)),
        [_, "command"] => format!("{path}(\"{}\", from: \"ana\")", command(place, trigger)?),
        [_, "edited"] => format!("{path}(\"{}\", from: \"ana\", in: \"hall\")", message(flow)),
        [_, "joined" | "left"] => format!("{path}(\"ana\", in: \"hall\")"),
        [_, "reaction"] => format!("{path}(\"👍\", from: \"ana\", in: \"hall\")"),
        [_, "button"] => format!("{path}(\"yes\", from: \"ana\")"),
        ["event"] => format!("event({}, {})", first_text(place, trigger)?, payload(place, trigger)?),
        ["webhook"] => format!("webhook({}, {})", first_text(place, trigger)?, payload(place, trigger)?),
        ["manual"] => match trigger.args.as_deref() {
            None | Some([]) => format!("manual(flow: {name})"),
            Some(_) => format!("manual(flow: {name}, input: {})", payload(place, trigger)?),
        },
        ["cron"] => format!("cron(flow: {name})"),
        ["started"] => "started".to_owned(),
        _ => return None,
    })
}

/// The text that a trigger begins with, as written.
fn first_text<'a>(place: &Place<'a>, trigger: &TriggerRef) -> Option<&'a str> {
    match &trigger.args.as_ref()?.first()?.value {
        TriggerArgValue::Expr(expr @ Expr { kind: ExprKind::Text(_), .. }) => Some(place.slice(expr.range)),
        _ => None,
    }
}

/// A value of the type that an event brings; JSON where none is said.
fn payload(place: &Place<'_>, trigger: &TriggerRef) -> Option<String> {
    let written = trigger.args.iter().flatten().find_map(|arg| match &arg.value {
        TriggerArgValue::Type(ty) => Some(place.slice(ty.range)),
        TriggerArgValue::Expr(_) => None,
    });
    let Some(written) = written else { return Some("to_json(\"\")".to_owned()) };
    let simple = [Type::Text, Type::Int, Type::Number, Type::Bool, Type::Duration, Type::Money, Type::Json];
    if let Some(ty) = simple.iter().find(|ty| place.outline().show(ty) == written) {
        return place.filler("", ty);
    }
    let items = place.outline().in_scope(place.module());
    let item = items.into_iter().find(|item| item.kind == NameKind::Type && *item.name == *written)?;
    place.filler("", &item.ty)
}

/// A text that the guard lets through, as far as it is easy to see.
fn message(flow: &Flow) -> String {
    let word = flow.header.guard.as_ref().and_then(wanted_text);
    word.unwrap_or("hello").replace('\\', "\\\\").replace('"', "\\\"").replace('{', "\\{").replace('}', "\\}")
}

fn wanted_text(guard: &Expr) -> Option<&str> {
    let literal = |expr: &Expr| match &expr.kind {
        ExprKind::Text(_) => plain_text(guard, expr.range),
        _ => None,
    };
    match &guard.kind {
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, a, b) => wanted_text(a).or_else(|| wanted_text(b)),
        ExprKind::Paren(inner) => wanted_text(inner),
        ExprKind::Cond { op, .. } => match op {
            CondOp::Eq(e) | CondOp::Contains(e) | CondOp::StartsWith(e) | CondOp::EndsWith(e) => literal(e),
            CondOp::In(list) => match &list.kind {
                ExprKind::List(items) => items.first().and_then(literal),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The characters of a text without interpolation, which stands in that expression.
fn plain_text(expr: &Expr, range: TextRange) -> Option<&str> {
    if expr.range == range {
        return match &expr.kind {
            ExprKind::Text(parts) => match parts.as_slice() {
                [InterpolationPart::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        };
    }
    let mut found = None;
    Node::Expr(expr).children(&mut |child| {
        if let Node::Expr(inner) = child
            && found.is_none()
        {
            found = plain_text(inner, range);
        }
    });
    found
}

/// A command with words for its arguments.
fn command(place: &Place<'_>, trigger: &TriggerRef) -> Option<String> {
    let args = trigger.args.as_ref()?;
    let mut words: Vec<String> = Vec::new();
    for arg in args {
        match &arg.value {
            TriggerArgValue::Expr(Expr { kind: ExprKind::Text(parts), .. }) if arg.name.is_none() => {
                let [InterpolationPart::Literal(text)] = parts.as_slice() else { return None };
                words.push(text.clone());
            }
            TriggerArgValue::Expr(_) => {}
            TriggerArgValue::Type(ty) => words.push(word_of(place, place.slice(ty.range))?),
        }
    }
    Some(words.join(" "))
}

/// A word that reads as a type.
fn word_of(place: &Place<'_>, ty: &str) -> Option<String> {
    let known = match ty.trim_end_matches('?') {
        "Text" => "something",
        "Int" | "Number" => "3",
        "Bool" => "true",
        "Duration" => "5m",
        "Money" => "10 EUR",
        "Date" => "2026-03-02",
        "Time" => "2026-03-02T08:00:00Z",
        other => {
            let items = place.outline().in_scope(place.module());
            let item = items.into_iter().find(|item| item.kind == NameKind::Type && *item.name == *other)?;
            return place.outline().tags(&item.ty).first().map(|tag| tag.name.to_string());
        }
    };
    Some(known.to_owned())
}

/// What the flow says first, where that is a text without more and nothing comes before it.
fn said(place: &Place<'_>, flow: &Flow, trigger: &TriggerRef) -> Option<String> {
    let [channel, _] = trigger.path.names.as_slice() else { return None };
    let first =
        flow.body.stmts.first().filter(|_| flow.header.guard.is_none() && flow.header.debounce.is_none())?;
    let StmtKind::Expr(Expr { kind: ExprKind::Call { callee, args, .. }, .. }) = &first.kind else {
        return None;
    };
    let reply = matches!(&callee.kind, ExprKind::Name(name) if name.text == "reply");
    let [arg] = args.as_slice() else { return None };
    let plain = matches!(&arg.value.kind, ExprKind::Text(parts) if matches!(parts.as_slice(), [InterpolationPart::Literal(_)]));
    let line = !place.slice(arg.value.range).contains('\n');
    (reply && plain && line).then(|| format!("{}.said({})", channel.text, place.slice(arg.value.range)))
}

fn fn_test(place: &Place<'_>, function: &Fn) -> Option<Change> {
    let name = place.item.name.as_ref()?;
    let head = place.item.range.end.min(name.range.end.saturating_add(1));
    let result = place.result_type()?;
    let simple =
        !matches!(result, Type::Nothing | Type::Never | Type::Fn(..)) && function.type_params.is_empty();
    if !place.within(TextRange::new(0, head)) || !simple {
        return None;
    }
    let outline = place.outline().module(place.module())?;
    let item = outline.items.iter().find(|item| *item.name == *name.text && item.kind == NameKind::Fn)?;
    let callable = item.callable.as_ref()?;
    let args: Option<Vec<String>> = callable
        .params
        .iter()
        .filter(|param| param.default.is_none())
        .map(|param| place.filler("", &param.ty))
        .collect();
    let call = format!("{}({})", name.text, args?.join(", "));
    let value = place.filler("", &result)?;
    let title = free_title(place, &name.text.replace('_', " "));
    let expected = if result == Type::Bool { call } else { format!("{call} == {value}") };
    let text = format!("test \"{title}\" {{\nexpect {expected}\n}}");
    Some(place.change(format!("make a test of `{}`", name.text), vec![place.item_behind(&text)]))
}
