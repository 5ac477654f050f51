//! Answers to questions.

use super::draft::Draft;
use super::event::Arriving;
use super::{judge, outbox, world};
use crate::deployment::Person;
use crate::dispatch;
use crate::record::{Delivered, Prompted, Record, Voted};
use crate::state::Deployment;
use crate::stored::{Asking, Call, Operation, OutcomeRecord, Part, Question, Run};
use crate::wire::Wire;
use crate::{ActId, Destination, EventKind, Origin};
use carapace_effect::{Failure, FailureKind, OpId};
use carapace_module::json::from_json;
use carapace_module::{Type, TypeTable, Value};
use std::sync::Arc;

/// A question that an event may answer.
pub(super) struct Asked<'a> {
    pub(super) run: &'a Run,
    pub(super) op: &'a OpId,
    pub(super) deployment: &'a Deployment,
    pub(super) question: &'a Question,
    pub(super) call: &'a Call,
    pub(super) parts: &'a [Part],
}

/// What somebody said: a text, or one of our buttons.
enum Said<'a> {
    Text(&'a str),
    Button(usize),
}

/// Our id of a question's button.
pub(crate) fn button_id(act: &ActId, index: usize) -> String {
    format!("ask/{}/{}/{index}", act.run, act.op)
}

/// The question and choice that a button's id names.
pub(super) fn parse_button(id: &str) -> Option<(carapace_effect::RunId, OpId, usize)> {
    let mut parts = id.strip_prefix("ask/")?.split('/');
    let run = parts.next()?.parse().ok()?;
    let op = parse_op(parts.next()?)?;
    Some((run, op, parts.next()?.parse().ok()?))
}

fn parse_op(text: &str) -> Option<OpId> {
    let (task, ordinal) = text.split_once(':')?;
    let numbers = task.split('.').filter(|n| !n.is_empty()).map(str::parse).collect::<Result<Vec<u32>, _>>();
    Some(OpId { task: carapace_effect::TaskPath(numbers.ok()?), ordinal: ordinal.parse().ok()? })
}

/// Offers an event to a question; says whether it took it.
pub(super) fn offer(draft: &mut Draft<'_>, asked: &Asked<'_>, arriving: &Arriving<'_>) -> bool {
    let Some(said) = said(asked, arriving) else { return false };
    let Some(origin) = &arriving.event.origin else { return false };
    if !asked.question.from.includes(&origin.account, origin.sender.as_deref()) {
        return false;
    }
    match &asked.question.asking {
        Asking::Answer { reask, reasked, .. } => match value(asked, &said) {
            Some(value) => {
                let value = answer(asked, arriving, value);
                deliver(draft, asked, OutcomeRecord::Done(Wire(value)))
            }
            None if *reask == 0 => false,
            None if reasked < reask => reprompt(draft, asked, origin),
            None => {
                let failure = Failure::new(FailureKind::Invalid, "no answer was acceptable");
                deliver(draft, asked, OutcomeRecord::Failed(failure))
            }
        },
        Asking::Approval { count, agreed } => vote(draft, asked, arriving, &said, *count, agreed),
    }
}

fn said<'a>(asked: &Asked<'_>, arriving: &'a Arriving<'_>) -> Option<Said<'a>> {
    match arriving.event.trigger() {
        "message" => arriving.event.text().map(Said::Text),
        "button" => {
            let (run, op, index) = parse_button(arriving.event.fields.get("value")?.as_str()?)?;
            (run == asked.run.id && op == *asked.op).then_some(Said::Button(index))
        }
        _ => None,
    }
}

fn types<'a>(asked: &Asked<'a>) -> Option<&'a TypeTable> {
    asked.deployment.code.as_ref().ok().map(|code| &code.module().types)
}

/// The type that is asked for.
fn wanted<'a>(asked: &Asked<'a>, types: &'a TypeTable) -> &'a Type {
    let of_record = || world::field_type(types, &asked.call.result, "value");
    match (&asked.call.type_arg, &*asked.call.effect) {
        (Some(ty), _) => ty,
        (None, "chat.ask_who") => {
            of_record().filter(|ty| !matches!(ty, Type::Param(_))).unwrap_or(&Type::Text)
        }
        (None, _) => &asked.call.result,
    }
}

/// What was said, as a value of the type that is asked for; none if it is not acceptable.
fn value(asked: &Asked<'_>, said: &Said<'_>) -> Option<Value> {
    let types = types(asked)?;
    let ty = wanted(asked, types);
    let chosen = match said {
        Said::Button(index) => Some(*index),
        Said::Text(text) => choice(&asked.question.buttons, text),
    };
    if let Some(index) = chosen {
        let label = asked.question.buttons.get(index)?;
        return given_choice(asked, index).or_else(|| dispatch::read(types, ty, label));
    }
    match (said, &asked.question.asking) {
        (Said::Text(_), Asking::Answer { choices: true, .. }) | (Said::Button(_), _) => None,
        (Said::Text(text), _) => dispatch::read(types, ty, text),
    }
}

/// The n-th of the values that `choices` has.
fn given_choice(asked: &Asked<'_>, index: usize) -> Option<Value> {
    let code = asked.deployment.code.as_ref().ok()?;
    let effects = &code.module().effects;
    let signature =
        effects.iter().find(|e| e.name == asked.call.effect && e.version == asked.call.version)?;
    let at = signature.params.iter().position(|(name, _)| &**name == "choices")?;
    match &asked.call.args.get(at)?.0 {
        Value::List(choices) => choices.items.get(index).cloned(),
        _ => None,
    }
}

/// Which choice a text means: its words, or its number as a channel without buttons shows it.
fn choice(buttons: &[Arc<str>], text: &str) -> Option<usize> {
    let text = text.trim().to_lowercase();
    let by_name = buttons.iter().position(|button| button.trim().to_lowercase() == text);
    by_name.or_else(|| {
        let number: usize = text.trim_end_matches(['.', ')']).parse().ok()?;
        number.checked_sub(1).filter(|index| *index < buttons.len())
    })
}

/// `ask` gives the value, `ask_who` who gave it and when, too.
fn answer(asked: &Asked<'_>, arriving: &Arriving<'_>, value: Value) -> Value {
    let Some(types) = types(asked) else { return value };
    if &*asked.call.effect != "chat.ask_who" {
        return value;
    }
    let at = Value::Time(arriving.event.at.unwrap_or(arriving.at));
    let by = sender(asked, types, "by", arriving);
    world::record(types, &asked.call.result, &[("value", value), ("by", by), ("at", at)])
}

/// The event's sender as the `User` that a field of the result is.
fn sender(asked: &Asked<'_>, types: &TypeTable, field: &str, arriving: &Arriving<'_>) -> Value {
    let ty = match world::field_type(types, &asked.call.result, field) {
        Some(Type::Optional(inner) | Type::List(inner)) => inner,
        Some(ty) => ty,
        None => return Value::None,
    };
    let json = arriving.event.fields.get("sender");
    let value = match (json, &arriving.event.kind) {
        (Some(json), EventKind::Channel { account, .. }) => {
            judge::read_named(json, ty, types, account, asked.deployment.slot(account))
        }
        _ => from_json(&serde_json::Value::Null, ty, types),
    };
    value.unwrap_or(Value::None)
}

fn deliver(draft: &mut Draft<'_>, asked: &Asked<'_>, outcome: OutcomeRecord) -> bool {
    let (run, op) = (asked.run.id, asked.op.clone());
    draft.push(Record::Delivered(Delivered { run, op, outcome, from: None }));
    true
}

/// Asks once more, whoever gave the answer that is none: where they were asked, or where it was asked first.
fn reprompt(draft: &mut Draft<'_>, asked: &Asked<'_>, origin: &Origin) -> bool {
    let was_there = |to: &&Destination| match to {
        Destination::Conversation { account, conversation } => {
            *account == origin.account && *conversation == origin.conversation
        }
        Destination::User { account, user } => {
            *account == origin.account && origin.sender.as_ref() == Some(user)
        }
    };
    let mut places = asked.parts.iter().filter_map(|part| part.to.as_ref());
    let to = places.clone().find(was_there).or_else(|| places.next());
    let Some(to) = to.cloned() else { return false };
    let Ok(part) = u32::try_from(asked.parts.len()) else { return false };
    let (run, op) = (asked.run.id, asked.op.clone());
    draft.push(Record::Prompted(Prompted { run, op: op.clone(), to: to.clone() }));
    outbox::send(draft, ActId { run, op, part }, Some(&to));
    true
}

/// The first refusal decides; agreement needs different people.
fn vote(
    draft: &mut Draft<'_>,
    asked: &Asked<'_>,
    arriving: &Arriving<'_>,
    said: &Said<'_>,
    count: u32,
    agreed: &[Person],
) -> bool {
    let (Some(agrees), Some(types)) = (verdict(said), types(asked)) else { return false };
    let Some(origin) = &arriving.event.origin else { return false };
    let Some(id) = origin.sender.clone() else { return false };
    let name = arriving.event.fields.get("sender").and_then(|s| s.get("name")).and_then(|n| n.as_str());
    let by = Person { account: origin.account.clone(), id, name: name.unwrap_or_default().into() };
    if agrees && agreed.iter().any(|person| person.id == by.id && person.account == by.account) {
        return true;
    }
    let enough = agreed.len() + 1 >= count as usize;
    if agrees && !enough {
        let (run, op) = (asked.run.id, asked.op.clone());
        draft.push(Record::Voted(Voted { run, op, by }));
        return true;
    }
    let result = &asked.call.result;
    let user_type = match world::field_type(types, result, "by") {
        Some(Type::List(ty)) => ty,
        _ => &Type::Error,
    };
    let user =
        |person: &Person| world::user(types, user_type, person, asked.deployment.slot(&person.account));
    let mut people: Vec<Value> = agreed.iter().map(user).collect();
    let mut fields = vec![("approved", Value::Bool(agrees))];
    if agrees {
        people.push(sender(asked, types, "by", arriving));
    } else {
        fields.push(("refused_by", sender(asked, types, "refused_by", arriving)));
        if let Said::Text(said) = said
            && let Some((_, reason)) = said.trim().split_once(char::is_whitespace)
        {
            fields.push(("reason", Value::text(reason.trim())));
        }
    }
    fields.push(("by", Value::list(people)));
    let decision = world::record(types, result, &fields);
    deliver(draft, asked, OutcomeRecord::Done(Wire(decision)))
}

fn verdict(said: &Said<'_>) -> Option<bool> {
    match said {
        Said::Button(0) => Some(true),
        Said::Button(1) => Some(false),
        Said::Button(_) => None,
        Said::Text(text) => {
            let word = text.split_whitespace().next()?.to_lowercase();
            match word.trim_end_matches([',', '.', '!', ':', ')']) {
                "approve" | "approved" | "yes" | "y" | "ok" | "agree" | "1" => Some(true),
                "refuse" | "refused" | "no" | "n" | "reject" | "deny" | "2" => Some(false),
                _ => None,
            }
        }
    }
}

/// The question that an operation is.
pub(super) fn asked<'a>(
    run: &'a Run,
    op: &'a OpId,
    deployment: &'a Deployment,
    operation: &'a Operation,
) -> Option<Asked<'a>> {
    match operation {
        Operation::Question { question, call, parts } => {
            Some(Asked { run, op, deployment, question, call, parts })
        }
        _ => None,
    }
}
