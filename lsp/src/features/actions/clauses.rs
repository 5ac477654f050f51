//! What stands around the body of a flow: its clauses, its endings, its documentation.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_check::NameKind;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Flow, ItemKind, State};

pub(super) const OFFERS: &[Offer] = &[
    inside("add-limit", Rewrite, "says how often a flow may start", limit),
    inside("add-debounce", Rewrite, "lets a flow start only when it has been quiet", debounce),
    inside("add-dedupe", Rewrite, "lets a flow start once for each message text in a day", dedupe),
    inside(
        "add-serial",
        Rewrite,
        "lets one run of a flow go on at a time for each person, with a `timeout`",
        serial,
    ),
    inside("add-timeout", Rewrite, "says how long a run of a flow or tool may take", timeout),
    inside("add-priority", Rewrite, "lets a flow see events before others", priority),
    inside("add-cancellable-by", Rewrite, "names a word that ends a run of the flow", cancellable),
    inside("ignore-bots", Rewrite, "lets a flow start only for people", ignore_bots),
    inside("add-on-failure", Rewrite, "says what happens when a run fails", on_failure),
    inside("add-on-cancel", Rewrite, "says what happens when a run is cancelled", on_cancel),
    inside("add-keep", Rewrite, "lets the values of a state be forgotten after a time", keep),
    inside("add-doc-comment", Rewrite, "adds the documentation of an item", document),
];

/// The flow whose head the cursor stands in.
fn flow<'a>(place: &Place<'a>) -> Option<&'a Flow> {
    let ItemKind::Flow(flow) = &place.item.kind else { return None };
    let name = place.item.name.as_ref()?;
    let head = TextRange::new(0, flow.body.range.start);
    (place.within(head) && !name.text.is_empty()).then_some(&**flow)
}

/// The same, where it starts by itself and is no filter.
fn starting<'a>(place: &Place<'a>) -> Option<&'a Flow> {
    flow(place).filter(|flow| !flow.header.triggers.is_empty() && flow.header.filter.is_none())
}

/// Whether the events that start it bring something of that name.
fn brings(place: &Place<'_>, flow: &Flow, name: &str) -> bool {
    let at = flow.body.range.start.saturating_add(1);
    place.locals(at).iter().any(|local| &*local.name == name && local.kind == NameKind::EventField)
}

/// A clause in front of the body; the formatter puts it where it belongs.
fn clause(place: &Place<'_>, flow: &Flow, title: &str, text: &str) -> Vec<Change> {
    vec![place.change(title, vec![place.insert(flow.body.range.start, format!("\n  {text}\n"))])]
}

/// By whom or what it is counted.
fn key(place: &Place<'_>, flow: &Flow) -> Option<&'static str> {
    ["sender", "conversation"].into_iter().find(|name| brings(place, flow, name))
}

fn limit(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.limits.is_empty()) else { return Vec::new() };
    let Some(key) = key(place, flow) else { return Vec::new() };
    clause(place, flow, "say how often it may start", &format!("limit 5 per 1m by {key}"))
}

fn debounce(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.debounce.is_none()) else { return Vec::new() };
    if !brings(place, flow, "conversation") {
        return Vec::new();
    }
    clause(place, flow, "wait until it has been quiet", "debounce 10s by conversation")
}

fn dedupe(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.dedupe.is_none()) else { return Vec::new() };
    let at = flow.body.range.start.saturating_add(1);
    let text = |ty: &Type| place.outline().fields(ty).iter().any(|field| &*field.name == "text");
    if !place.locals(at).iter().any(|local| &*local.name == "message" && text(&local.ty)) {
        return Vec::new();
    }
    clause(place, flow, "start once for the same text", "dedupe message.text for 1d")
}

fn serial(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.serial.is_none()) else { return Vec::new() };
    let Some(key) = key(place, flow) else { return Vec::new() };
    let timeout = if flow.header.timeout.is_none() { "\n  timeout 1d" } else { "" };
    clause(place, flow, "let one run go on at a time", &format!("serial by {key}{timeout}"))
}

fn timeout(place: &Place<'_>) -> Vec<Change> {
    let title = "say how long a run may take";
    match &place.item.kind {
        ItemKind::Tool(tool)
            if tool.timeout.is_none() && place.within(TextRange::new(0, tool.body.range.start)) =>
        {
            vec![place.change(title, vec![place.insert(tool.body.range.start, "timeout 1h ")])]
        }
        _ => {
            let free = |flow: &&Flow| flow.header.timeout.is_none() && flow.header.filter.is_none();
            flow(place).filter(free).map_or_else(Vec::new, |flow| clause(place, flow, title, "timeout 1h"))
        }
    }
}

fn priority(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.priority.is_none()) else { return Vec::new() };
    clause(place, flow, "let it see events before others", "priority 10")
}

fn cancellable(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| flow.header.cancellable.is_empty()) else {
        return Vec::new();
    };
    if !brings(place, flow, "sender") || !brings(place, flow, "conversation") {
        return Vec::new();
    }
    clause(place, flow, "name a word that ends it", "cancellable by \"stop\"")
}

fn ignore_bots(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = starting(place).filter(|flow| brings(place, flow, "sender")) else { return Vec::new() };
    let title = "start for people only";
    match &flow.header.guard {
        None => clause(place, flow, title, "where not sender.bot"),
        Some(guard) if place.slice(guard.range).contains("sender.bot") => Vec::new(),
        Some(guard) => {
            let text = place.slice(guard.range);
            let or = matches!(
                &guard.kind,
                carapace_syntax::ast::ExprKind::Binary(carapace_syntax::ast::BinaryOp::Or, ..)
            );
            let text = if or { format!("({text})") } else { text.to_owned() };
            vec![place.replace(title, guard.range, format!("not sender.bot and {text}"))]
        }
    }
}

/// What an ending says: that it came to this, in the log.
fn said(place: &Place<'_>, what: &str) -> String {
    let name = place.item.name.as_ref().map_or("", |name| name.text.as_str());
    format!("log(\"{name} {what}\")")
}

fn on_failure(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = flow(place).filter(|f| f.on_failure.is_none() && f.header.filter.is_none()) else {
        return Vec::new();
    };
    let text = format!(" on failure error {{\n{}\n}}", said(place, "failed: {error.message}"));
    vec![place.change("say what happens when it fails", vec![place.insert(flow.body.range.end, text)])]
}

fn on_cancel(place: &Place<'_>) -> Vec<Change> {
    let Some(flow) = flow(place).filter(|f| f.on_cancel.is_none() && f.header.filter.is_none()) else {
        return Vec::new();
    };
    let text = format!(" on cancel {{\n{}\n}}", said(place, "was cancelled"));
    vec![
        place.change("say what happens when it is cancelled", vec![place.insert(place.item.range.end, text)]),
    ]
    .into_iter()
    .filter(|_| flow.body.range.end <= place.item.range.end)
    .collect()
}

fn keep(place: &Place<'_>) -> Vec<Change> {
    let ItemKind::State(State { keep, keys, key_type, init, migrations, .. }) = &place.item.kind else {
        return Vec::new();
    };
    if keep.is_some() || keys.is_empty() && key_type.is_none() {
        return Vec::new();
    }
    let keyed = keys.last().map(|key| key.range.end).or_else(|| key_type.as_ref().map(|ty| ty.range.end));
    let at = keyed.unwrap_or(init.range.end);
    let blank = if migrations.is_empty() { "" } else { "\n" };
    vec![place.change("forget values after a time", vec![place.insert(at, format!(" keep 90d{blank}"))])]
}

fn document(place: &Place<'_>) -> Vec<Change> {
    let Some(name) =
        place.item.name.as_ref().filter(|name| !name.text.is_empty() && place.within(name.range))
    else {
        return Vec::new();
    };
    if place.item.docs.is_some() || matches!(place.item.kind, ItemKind::Error) {
        return Vec::new();
    }
    let words = name.text.replace('_', " ");
    let mut letters = words.trim().chars();
    let words: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    vec![place.change(format!("document `{}`", name.text), vec![place.insert(0, format!("/// {words}.\n"))])]
}
