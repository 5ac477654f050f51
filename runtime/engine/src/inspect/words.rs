//! In words.

use crate::deployment::Person;
use crate::stored::{Asking, Call, End, Operation, OutcomeRecord, Part, Place, Question, Wait, Who};
use crate::{Destination, Event, EventKind};
use carapace_effect::{Failure, Life, RunId, Sent};
use carapace_module::Module;
use carapace_module::json::to_json;
use carapace_module::signature::TriggerSpec;
use serde_json::Value as Json;

/// What a text is shortened to, in characters.
const LONGEST: usize = 100;

/// Parameters that say what a call is about, the likeliest first.
const TELLING: [&str; 8] = ["content", "question", "prompt", "message", "text", "address", "name", "emoji"];

pub(super) fn short(run: RunId) -> String {
    run.to_string().chars().take(8).collect()
}

/// A text in quotes, on one line, not too long.
pub(super) fn quoted(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    // Control characters are for terminals, not for people.
    let plain: String = line.chars().filter(|c| !c.is_control()).collect();
    match plain.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("“{}…”", plain.get(..at).unwrap_or_default()),
        None => format!("“{plain}”"),
    }
}

pub(super) fn operation(module: Option<&Module>, operation: &Operation) -> String {
    match operation {
        Operation::Effect { call, .. } => call_words(module, call),
        Operation::Timer { label: Some(label), .. } => format!("the time `{label}`"),
        Operation::Timer { label: None, .. } => "a time".to_owned(),
        Operation::Await { wait } => wait_words(wait),
        Operation::Listen { wait, buffer, .. } => match buffer.len() {
            0 => format!("listens for {}", wait_words(wait)),
            n => format!("listens for {}, {n} not taken yet", wait_words(wait)),
        },
        Operation::Next { of } => format!("the next event that {of} hears"),
        Operation::HandedOver { failure } => format!("an undo that failed: {}", failure.message),
        Operation::Question { question, call, .. } => question_words(module, question, call),
    }
}

fn call_words(module: Option<&Module>, call: &Call) -> String {
    match telling(module, call) {
        Some(text) => format!("{} {}", call.effect, quoted(&text)),
        None => call.effect.to_string(),
    }
}

/// The argument that says what a call is about.
fn telling(module: Option<&Module>, call: &Call) -> Option<String> {
    let module = module?;
    let signature = module.effects.iter().find(|e| e.name == call.effect && e.version == call.version)?;
    let at = TELLING.iter().find_map(|name| {
        signature
            .params
            .iter()
            .position(|(param, ty)| **param == **name && !matches!(ty, carapace_module::Type::Secret))
    })?;
    let json = to_json(&call.args.get(at)?.0, call.types.get(at)?, &module.types).ok()?;
    text_of(&json)
}

fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Object(fields) => fields.get("text").and_then(text_of),
        Json::Null => None,
        other => Some(other.to_string()),
    }
}

fn question_words(module: Option<&Module>, question: &Question, call: &Call) -> String {
    let text = telling(module, call).map_or_else(|| call.effect.to_string(), |text| quoted(&text));
    let whom = who(&question.from);
    let where_ = question.places.first().map(place).unwrap_or_default();
    match &question.asking {
        Asking::Answer { reasked: 0, .. } => format!("{text}, asked of {whom}{where_}"),
        Asking::Answer { reasked, .. } => format!("{text}, asked of {whom}{where_}, again {reasked}×"),
        Asking::Approval { count, agreed } => {
            let yes: Vec<&str> = agreed.iter().map(name).collect();
            let yes = if yes.is_empty() { String::new() } else { format!(" ({})", yes.join(", ")) };
            format!("{text}, approval by {whom}, {} of {count} agreed{yes}", agreed.len())
        }
    }
}

fn wait_words(wait: &Wait) -> String {
    let what = trigger(&wait.trigger);
    let whose = match &wait.from {
        Who::Anyone => String::new(),
        only @ Who::Only(_) => format!(" from {}", who(only)),
    };
    format!("{what}{whose}{}", wait.places.first().map(place).unwrap_or_default())
}

fn trigger(spec: &TriggerSpec) -> String {
    match spec {
        TriggerSpec::Channel { channel, event } => format!("{}.{event}", last(channel)),
        TriggerSpec::Command { channel, name, .. } => format!("{}.command(\"{name}\")", last(channel)),
        TriggerSpec::Webhook { path, method, .. } => format!("webhook({method} {path})"),
        TriggerSpec::Event { name, .. } => format!("event(\"{name}\")"),
        TriggerSpec::Failed { flow } => format!("failed({})", last(flow)),
        TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_) => "a schedule".to_owned(),
        TriggerSpec::Started => "started".to_owned(),
        TriggerSpec::Manual { .. } => "manual".to_owned(),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn name(person: &Person) -> &str {
    if person.name.is_empty() { &person.id } else { &person.name }
}

fn who(who: &Who) -> String {
    match who {
        Who::Anyone => "anybody".to_owned(),
        Who::Only(people) => {
            let names: Vec<&str> = people.iter().map(name).collect();
            if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
        }
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Conversation { account, conversation } => format!(" in {account}/{conversation}"),
        Place::Direct { account, .. } | Place::Account { account } => format!(" on {account}"),
        Place::Named { .. } | Place::Webhook { .. } | Place::Failed { .. } => String::new(),
    }
}

pub(super) fn destination(to: &Destination) -> String {
    match to {
        Destination::Conversation { account, conversation } => format!("{account}/{conversation}"),
        Destination::User { account, user } => format!("{account}:{user}"),
    }
}

pub(super) fn life(part: &Part, question: bool) -> String {
    match (part.life, &part.outcome) {
        (Life::Requested, _) => "not sent yet".to_owned(),
        (Life::Started { .. }, _) if part.resend.is_some() => "not known to have happened".to_owned(),
        (Life::Started { .. }, _) => "on its way".to_owned(),
        (Life::Done, _) if question => "asked".to_owned(),
        (Life::Done, _) => "done".to_owned(),
        (Life::Refused, Some(OutcomeRecord::Failed(why))) => format!("failed: {}", why.message),
        (Life::Refused, Some(OutcomeRecord::Partly(_, why))) => format!("done in part: {}", why.message),
        (Life::Refused, _) => "failed".to_owned(),
        (Life::NotPerformed, Some(OutcomeRecord::Failed(why))) => format!("never left: {}", why.message),
        (Life::NotPerformed, _) => "never left".to_owned(),
        (Life::Unknown, _) => "nobody knows whether it happened".to_owned(),
    }
}

/// `sent as message 17`.
pub(super) fn sent(sent: &Sent) -> String {
    let noun = if sent.messages.len() == 1 { "message" } else { "messages" };
    format!("{} as {noun} {}", sent.reach.name(), sent.messages.join(", "))
}

pub(super) fn end(end: &End) -> String {
    match end {
        End::Succeeded(_) => "succeeded".to_owned(),
        End::Failed(Failure { kind, message, .. }) => format!("failed ({}): {message}", kind.name()),
        End::Cancelled(reason) => format!("cancelled: {reason}"),
        End::Fault(fault) => format!("broke a rule: {fault}"),
    }
}

/// What happened in the world.
pub(super) fn event(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::Channel { trigger, .. } => trigger.to_string(),
        EventKind::Named { name } => format!("event(\"{name}\")"),
        EventKind::Webhook { path, method, .. } => format!("webhook {method} {path}"),
        EventKind::Slot { .. } => "a slot of its schedule".to_owned(),
        EventKind::Started => "the start of the runtime".to_owned(),
        EventKind::Failed { flow, run } => format!("the failure of {flow} (run {})", short(*run)),
        EventKind::Manual { flow, .. } => format!("a start of {flow} by hand"),
    };
    let whence = event.origin.as_ref().map(|origin| {
        let sender = origin.sender.as_ref().map(|sender| format!(" from {sender}")).unwrap_or_default();
        format!("{sender} in {}/{}", origin.account, origin.conversation)
    });
    let text = event.text().map(|text| format!(": {}", quoted(text))).unwrap_or_default();
    format!("{what}{}{text}", whence.unwrap_or_default())
}
