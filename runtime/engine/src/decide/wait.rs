//! Waits: opening them, and offering events to those who wait.

use super::draft::Draft;
use super::event::Arriving;
use super::request::Asker;
use super::{answer, deadline, judge, world};
use crate::deployment::Person;
use crate::record::{Buffered, Delivered, Record};
use crate::state::Deployment;
use crate::stored::{Operation, OutcomeRecord, Place, Run, Wait, Who};
use crate::wire::Wire;
use crate::{Event, EventKind};
use carapace_effect::{Failure, FailureKind, OpId, RunId, WaitRequest};
use carapace_module::signature::TriggerSpec;
use carapace_module::{Type, TypeId, Value};
use std::sync::Arc;

impl Asker<'_> {
    /// The person whose event the run is about.
    pub(super) fn sender(&self) -> Option<Person> {
        let origin = self.origin?;
        Some(Person { account: origin.account.clone(), id: origin.sender.clone()?, name: "".into() })
    }

    fn declared(&self, name: &str) -> Option<Type> {
        let at = self.types.types.iter().position(|def| *def.name == *name)?;
        u32::try_from(at).ok().map(|at| Type::declared(TypeId(at)))
    }
}

/// What an `await` or `listen` waits for, resolved.
pub(super) fn open(draft: &Draft<'_>, asker: &Asker<'_>, request: WaitRequest) -> Result<Wait, Failure> {
    let (places, from) = match judge::slot_of(&request.trigger) {
        Some(slot) => {
            let accounts = asker.deployment.accounts(slot);
            if accounts.is_empty() {
                let message = format!("channel `{slot}` is not bound");
                return Err(Failure::new(FailureKind::Unavailable, message));
            }
            in_channel(asker, &request, slot, accounts)?
        }
        None => (elsewhere(&request.trigger)?, Who::Anyone),
    };
    Ok(Wait {
        trigger: request.trigger,
        fields: request.fields,
        places,
        from,
        condition: request.condition.map(|(f, captured)| (f, captured.into_iter().map(Wire).collect())),
        opened: draft.state.sequence,
    })
}

/// By default from the run's sender, in its conversation; where the run has none in this account, from anybody anywhere.
fn in_channel(
    asker: &Asker<'_>,
    request: &WaitRequest,
    slot: &str,
    accounts: Vec<Arc<str>>,
) -> Result<(Vec<Place>, Who), Failure> {
    let home = asker.origin.filter(|origin| accounts.contains(&origin.account));
    let of_named = |field| {
        let (value, ty) = (request.conversation.as_ref()?, asker.declared("std/world.Conversation")?);
        world::field_text(asker.types, &ty, value, field)
    };
    let named = of_named("id");
    let elsewhere = of_named("channel").and_then(|channel| asker.deployment.account(&channel));
    let room = asker.deployment.room(slot).map(|(_, conversation)| conversation);
    let conversation = named.or(room).or_else(|| home.map(|origin| origin.conversation.clone()));
    let from = match &request.from {
        Some(None) => Who::Anyone,
        Some(Some(value)) => {
            let ty = asker.declared("std/world.User");
            let person = ty.and_then(|ty| world::person(asker.deployment, asker.types, &ty, value));
            Who::Only(vec![person.ok_or_else(nobody)?])
        }
        None => match asker.sender().filter(|_| home.is_some()) {
            Some(person) => Who::Only(vec![person]),
            None => Who::Anyone,
        },
    };
    // Of several accounts it is the one the conversation is on: the one that is named, else the run's own.
    let only =
        elsewhere.filter(|account| accounts.contains(account)).or(home.map(|origin| origin.account.clone()));
    let accounts = only.map_or(accounts, |account| vec![account]);
    let place = |account| match conversation.clone() {
        Some(conversation) => Place::Conversation { account, conversation },
        None => Place::Account { account },
    };
    Ok((accounts.into_iter().map(place).collect(), from))
}

/// A person whom nobody here knows is nobody: that everybody may answer in their name is never meant.
pub(super) fn nobody() -> Failure {
    Failure::new(
        FailureKind::Unavailable,
        "the person that is waited for is on no channel of this deployment",
    )
}

fn elsewhere(trigger: &TriggerSpec) -> Result<Vec<Place>, Failure> {
    let place = match trigger {
        TriggerSpec::Event { name, .. } => Place::Named { name: name.clone() },
        TriggerSpec::Webhook { path, method, .. } => {
            Place::Webhook { path: path.clone(), method: method.clone() }
        }
        TriggerSpec::Failed { flow } => Place::Failed { flow: flow.clone() },
        _ => {
            let message = "nothing can wait for this kind of event";
            return Err(Failure::new(FailureKind::Unavailable, message));
        }
    };
    Ok(vec![place])
}

/// Where those stand who may wait for the event.
fn places(event: &Event) -> Vec<Place> {
    match &event.kind {
        EventKind::Channel { account, .. } => {
            let mut places = vec![Place::Account { account: account.clone() }];
            if let Some(origin) = &event.origin {
                let (account, conversation) = (account.clone(), origin.conversation.clone());
                places.push(Place::Conversation { account, conversation });
                if let (true, Some(user)) = (origin.direct, &origin.sender) {
                    places.push(Place::Direct { account: origin.account.clone(), user: user.clone() });
                }
            }
            places
        }
        EventKind::Named { name } => vec![Place::Named { name: name.clone() }],
        EventKind::Webhook { path, method, .. } => {
            vec![Place::Webhook { path: path.clone(), method: method.clone() }]
        }
        EventKind::Failed { flow, .. } => vec![Place::Failed { flow: flow.clone() }],
        EventKind::Slot { .. } | EventKind::Started | EventKind::Manual { .. } => Vec::new(),
    }
}

/// Offers the event to those who wait, oldest first; says whether one took it.
pub(super) fn offer(draft: &mut Draft<'_>, arriving: &Arriving<'_>) -> bool {
    if let Some((run, op)) = pressed(arriving.event) {
        // One of our buttons belongs to its question, wherever it was pressed, and to nobody once that is answered.
        offer_to(draft, run, &op, arriving);
        return true;
    }
    let waiting = draft.state.runs.waiting_at(&places(arriving.event));
    waiting.into_iter().any(|(run, op)| offer_to(draft, run, &op, arriving))
}

fn pressed(event: &Event) -> Option<(RunId, OpId)> {
    if event.trigger() != "button" {
        return None;
    }
    let (run, op, _) = answer::parse_button(event.fields.get("value")?.as_str()?)?;
    Some((run, op))
}

fn offer_to(draft: &mut Draft<'_>, id: RunId, op: &OpId, arriving: &Arriving<'_>) -> bool {
    let state = draft.state;
    let (Some(run), Some(deployment)) = (state.runs.get(id), draft.deployment_of(id)) else { return false };
    let Some(operation) = run.operations.get(op) else { return false };
    if deadline::is_past(run, op, arriving.event.at, draft.now) {
        return false;
    }
    if let Some(asked) = answer::asked(run, op, deployment, operation) {
        return answer::offer(draft, &asked, arriving);
    }
    let Some(wait) = operation.wait() else { return false };
    let Some(value) = accepts(draft, deployment, run, wait, arriving) else { return false };
    let outcome = |value| OutcomeRecord::Done(Wire(value));
    match operation {
        Operation::Listen { buffer, next: Some(next), .. } if buffer.is_empty() => {
            let op = next.clone();
            draft.push(Record::Delivered(Delivered { run: id, op, outcome: outcome(value), from: None }));
        }
        // One that takes nothing out of its buffer gets no more: the event is for others then.
        Operation::Listen { buffer, .. } if buffer.len() >= Operation::BUFFER => return false,
        Operation::Listen { .. } => {
            draft.push(Record::Buffered(Buffered { run: id, op: op.clone(), value: Wire(value) }));
        }
        _ => {
            let op = op.clone();
            draft.push(Record::Delivered(Delivered { run: id, op, outcome: outcome(value), from: None }));
        }
    }
    true
}

/// The event's record, if the wait accepts it.
fn accepts(
    draft: &Draft<'_>,
    deployment: &Deployment,
    run: &Run,
    wait: &Wait,
    arriving: &Arriving<'_>,
) -> Option<Value> {
    let event = arriving.event;
    let is_meant = match &wait.trigger {
        TriggerSpec::Channel { event: name, .. } => *event.trigger() == **name,
        TriggerSpec::Command { .. } => event.trigger() == "message",
        _ => true,
    };
    let who = event.origin.as_ref();
    let sender = who.and_then(|origin| origin.sender.as_deref());
    if !is_meant
        || !event.is_for(&deployment.record.package)
        || !wait.from.includes(who.map_or("", |origin| &origin.account), sender)
    {
        return None;
    }
    let types = &deployment.code.as_ref().ok()?.module().types;
    let args = judge::arguments(types, &wait.trigger, event)?;
    let slot = judge::slot_of(&wait.trigger);
    let view = judge::View { deployment, types, event, at: arriving.at, slot, trigger: 0, args: &args };
    let record = view.record(&wait.fields).ok()?;
    let Some((function, captured)) = &wait.condition else { return Some(record) };
    let mut args: Vec<Value> = captured.iter().map(|wire| wire.0.clone()).collect();
    args.push(record.clone());
    // A condition that cannot be computed does not hold: the event goes on to others.
    let holds = judge::holds(draft.state, deployment, draft.now, *function, &args);
    if let Err(fault) = &holds {
        tracing::warn!(run = %run.id, %fault, "the condition of a wait cannot be computed");
    }
    holds.unwrap_or(false).then_some(record)
}
