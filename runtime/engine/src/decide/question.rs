//! `ask`, `ask_who`, `approve`: what is asked of whom, and where answers may come from.

use super::draft::Draft;
use super::request::{Asker, Made, argument, destinations};
use super::wait::nobody;
use super::{target, world};
use crate::Destination;
use crate::deployment::Person;
use crate::stored::{Asking, Call, Operation, OutcomeRecord, Part, Place, Question, Who};
use carapace_effect::EffectRequest;
use carapace_module::{Type, TypeKind, Value};
use serde_json::Value as Json;
use std::sync::Arc;

pub(super) fn ask(draft: &Draft<'_>, asker: &Asker<'_>, effect: EffectRequest) -> Made {
    let to = match destinations(asker, &effect) {
        Ok(to) => to,
        Err(failure) => return Made::Settled(OutcomeRecord::Failed(failure)),
    };
    let choices = choices(asker, &effect);
    let reask = match argument(asker, &effect, "reask") {
        Some((Value::Int(n), _)) => u32::try_from(*n).unwrap_or_default(),
        _ => 0,
    };
    let buttons = if choices.is_empty() { tags(asker, &effect) } else { choices.clone() };
    let asked = matches!(argument(asker, &effect, "to"), Some((value, _)) if *value != Value::None);
    let from = match argument(asker, &effect, "from") {
        Some((value, ty)) if *value != Value::None => {
            match world::person(asker.deployment, asker.types, ty, value) {
                Some(person) => Who::Only(vec![person]),
                None => return Made::Settled(OutcomeRecord::Failed(nobody())),
            }
        }
        // Who is addressed answers: the run's own sender in its conversation, else whoever is there.
        _ if asked => Who::Anyone,
        _ => asker.sender().map_or(Who::Anyone, |person| Who::Only(vec![person])),
    };
    let asking = Asking::Answer { choices: !choices.is_empty(), reask, reasked: 0 };
    open(draft, effect, asking, buttons, &to, from)
}

pub(super) fn approve(draft: &Draft<'_>, asker: &Asker<'_>, effect: EffectRequest) -> Made {
    let group = argument(asker, &effect, "by").and_then(|(value, ty)| {
        world::field_text(asker.types, ty, value, "name").or_else(|| world::as_text(value))
    });
    let Some(group) = group else { return Made::unavailable("it is not said who has to agree") };
    let Some(members) = asker.deployment.group(&group) else {
        return Made::unavailable(format!("group `{group}` is not bound"));
    };
    let asker_self = asker.sender();
    let is_self = |member: &Person| {
        asker_self.as_ref().is_some_and(|me| me.id == member.id && me.account == member.account)
    };
    let members: Vec<Person> = members.iter().filter(|member| !is_self(member)).cloned().collect();
    let count = match argument(asker, &effect, "count") {
        Some((Value::Int(n), _)) => u32::try_from(*n).unwrap_or(1).max(1),
        _ => 1,
    };
    if members.len() < count as usize {
        return Made::unavailable(format!("group `{group}` has not enough people who may agree"));
    }
    let to = match argument(asker, &effect, "to") {
        Some((value, ty)) if *value != Value::None => {
            match target::resolve(asker.deployment, asker.types, ty, value) {
                Ok(to) => to,
                Err(failure) => return Made::Settled(OutcomeRecord::Failed(failure)),
            }
        }
        _ => {
            let to = |m: &Person| Destination::User { account: m.account.clone(), user: m.id.clone() };
            members.iter().map(to).collect()
        }
    };
    let asking = Asking::Approval { count, agreed: Vec::new() };
    let buttons = vec!["approve".into(), "refuse".into()];
    open(draft, effect, asking, buttons, &to, Who::Only(members))
}

fn open(
    draft: &Draft<'_>,
    effect: EffectRequest,
    asking: Asking,
    buttons: Vec<Arc<str>>,
    to: &[Destination],
    from: Who,
) -> Made {
    let places = to.iter().map(place).collect();
    let opened = draft.state.sequence;
    let question = Question { asking, buttons, places, from, opened };
    let parts = to.iter().map(|to| Part::new(Some(to.clone()))).collect();
    Made::Open(Operation::Question { question: Box::new(question), call: Arc::new(Call::of(effect)), parts })
}

fn place(to: &Destination) -> Place {
    match to.clone() {
        Destination::Conversation { account, conversation } => Place::Conversation { account, conversation },
        Destination::User { account, user } => Place::Direct { account, user },
    }
}

/// What `choices` offers, as people see it.
fn choices(asker: &Asker<'_>, effect: &EffectRequest) -> Vec<Arc<str>> {
    let Some((Value::List(choices), Type::List(ty))) = argument(asker, effect, "choices") else {
        return Vec::new();
    };
    choices.items.iter().map(|choice| label(asker, ty, choice)).collect()
}

fn label(asker: &Asker<'_>, ty: &Type, value: &Value) -> Arc<str> {
    match world::json(asker.types, ty, value) {
        Json::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// The tags of the type that is asked for, where it has nothing else: they are its choices.
fn tags(asker: &Asker<'_>, effect: &EffectRequest) -> Vec<Arc<str>> {
    let ty = effect.type_arg.as_ref().unwrap_or(&effect.result);
    match world::definition(asker.types, ty).map(|def| &def.kind) {
        Some(TypeKind::Union(variants)) if variants.iter().all(|v| v.fields.is_empty()) => {
            variants.iter().map(|variant| variant.name.clone()).collect()
        }
        _ => Vec::new(),
    }
}
