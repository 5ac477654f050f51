//! What a run asks for, and what the engine makes of it.

use super::draft::Draft;
use super::respond::Answer;
use super::{
    budget, call, context, event, letter, nearness, outbox, patience, preview, question, respond, session,
    target, wait, world,
};
use crate::ActId;
use crate::Destination;
use crate::record::{Acted, Delivered, Emitted, Noted, Record, Requested};
use crate::state::Deployment;
use crate::stored::{Call, Operation, OutcomeRecord, Part, Run};
use crate::wire::Wire;
use crate::{Event, EventKind, Origin};
use carapace_effect::{EffectRequest, Failure, FailureKind, OpId, Request, RequestKind, RunId};
use carapace_module::signature::DeliveryClass;
use carapace_module::{Type, TypeTable, Value};
use std::sync::Arc;

/// The default bounds of `retry`'s pauses: a second to five minutes.
const BACKOFF: (i64, i64) = (1_000, 300_000);

/// The run that asks, and what it is pinned to.
pub(super) struct Asker<'a> {
    pub(super) run: &'a Run,
    pub(super) deployment: &'a Arc<Deployment>,
    pub(super) types: &'a TypeTable,
    pub(super) origin: Option<&'a Origin>,
}

/// What the engine made of a request.
pub(super) enum Made {
    /// It goes on: this is registered, and its acts go out.
    Open(Operation),
    /// It has its outcome already.
    Settled(OutcomeRecord),
    /// It takes the first event of a listener's buffer.
    Taken(OutcomeRecord, OpId),
}

impl Made {
    pub(super) fn done() -> Made {
        Made::Settled(OutcomeRecord::Done(Wire(Value::None)))
    }

    fn timer(due: i64, label: Option<Arc<str>>) -> Made {
        Made::Open(Operation::Timer { due, label, deadline: false, held: None, patient: false, left: None })
    }

    pub(super) fn refused(message: impl Into<String>) -> Made {
        Made::Settled(OutcomeRecord::Failed(Failure::new(FailureKind::Refused, message)))
    }

    pub(super) fn unavailable(message: impl Into<String>) -> Made {
        Made::Settled(OutcomeRecord::Failed(Failure::new(FailureKind::Unavailable, message)))
    }
}

pub(super) fn request(draft: &mut Draft<'_>, asker: &Asker<'_>, request: Request) {
    let (run, op, site) = (asker.run.id, request.op, request.site);
    preview::leave(draft, asker, &op, &request.kind);
    match make(draft, asker, &op, request.kind) {
        Made::Settled(outcome) => {
            draft.push(Record::Delivered(Delivered { run, op, outcome, from: None }));
        }
        Made::Taken(outcome, buffer) => {
            draft.push(Record::Delivered(Delivered { run, op, outcome, from: Some(buffer) }));
        }
        Made::Open(operation) => {
            let parts: Vec<_> = operation.parts().iter().map(|part| part.to.clone()).collect();
            draft.push(Record::Requested(Box::new(Requested { run, op: op.clone(), site, operation })));
            for (part, to) in (0..).zip(parts) {
                outbox::send(draft, ActId { run, op: op.clone(), part }, to.as_ref());
            }
        }
    }
}

/// An act may leave the process after this line.
pub(super) fn begin(draft: &mut Draft<'_>, act: ActId, attempt: u32) {
    let at = draft.now;
    draft.push(Record::Acted(Acted { act, attempt, at }));
}

fn make(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, kind: RequestKind) -> Made {
    match kind {
        RequestKind::Effect(effect) if effect.class == DeliveryClass::Engine => own(draft, asker, op, effect),
        RequestKind::Effect(effect) if is_message(&effect) && outbox::is_full(draft) => full(),
        RequestKind::Effect(effect) if *effect.effect == *nearness::NEARNESS => {
            nearness::nearness(draft, asker, op, effect)
        }
        RequestKind::Effect(effect) => match budget::over(draft, asker, &effect) {
            Some(failure) => Made::Settled(OutcomeRecord::Failed(failure)),
            None if *effect.effect == *session::OPEN && !draft.state.rehearses => {
                session::open(draft, asker, op, &effect)
            }
            None => {
                preview::replace(draft, asker, op, &effect.effect);
                foreign(asker, effect, None)
            }
        },
        RequestKind::Backoff { attempt, bounds, failure } => {
            letter::retried(draft, asker.run.id, op);
            let due = draft.now.saturating_add(pause(draft, attempt, bounds, &failure));
            Made::timer(due, None)
        }
        RequestKind::Deadline { after, at, patient } => {
            let due = at.unwrap_or_else(|| draft.now.saturating_add(after.unwrap_or_default()));
            Made::Open(Operation::Timer { due, label: None, deadline: true, held: None, patient, left: None })
        }
        RequestKind::Await(request) => match wait::open(draft, asker, request) {
            Ok(wait) => Made::Open(Operation::Await { wait: Box::new(wait) }),
            Err(failure) => Made::Settled(OutcomeRecord::Failed(failure)),
        },
        RequestKind::Listen(request) => match wait::open(draft, asker, request) {
            Ok(wait) => {
                let (wait, buffer) = (Box::new(wait), std::collections::VecDeque::new());
                Made::Open(Operation::Listen { wait, buffer, next: None })
            }
            Err(failure) => Made::Settled(OutcomeRecord::Failed(failure)),
        },
        RequestKind::ListenNext { buffer } => next(draft, asker, buffer),
        RequestKind::Start { flow, args } => start_flow(draft, asker, &flow, args),
        RequestKind::HandOver { failure } => Made::Open(Operation::HandedOver { failure }),
        RequestKind::Test { .. } => Made::unavailable(format!("operation {op} belongs into a test")),
    }
}

/// The pause before the next attempt: doubling, half of it random, and not before the other side allows it.
fn pause(draft: &mut Draft<'_>, attempt: u32, bounds: Option<(i64, i64)>, failure: &Failure) -> i64 {
    let (low, high) = bounds.unwrap_or(BACKOFF);
    let (low, high) = (low.max(0), high.max(low).max(0));
    let doubled =
        low.saturating_mul(1_i64.checked_shl(attempt.saturating_sub(1).min(40)).unwrap_or(i64::MAX));
    let full = doubled.min(high);
    let jittered = full - full / 2 + draft.entropy.up_to(full / 2);
    jittered.max(failure.retry_after.unwrap_or_default())
}

fn is_message(effect: &EffectRequest) -> bool {
    effect.effect.starts_with("chat.")
}

fn full() -> Made {
    let message = "too many messages wait to be sent";
    Made::Settled(OutcomeRecord::Failed(Failure::new(FailureKind::Limited, message)))
}

fn circles() -> Made {
    Made::refused("one event has set off too many others: do these flows go in circles?")
}

pub(super) fn too_deep() -> Made {
    let message = format!("it is nested more than {} levels deep", event::DEEPEST);
    Made::Settled(OutcomeRecord::Failed(Failure::new(FailureKind::Invalid, message)))
}

fn next(draft: &mut Draft<'_>, asker: &Asker<'_>, buffer: OpId) -> Made {
    let taken = draft.taken.entry(buffer.clone()).or_default();
    if let Some(Operation::Listen { buffer: events, .. }) = asker.run.operations.get(&buffer)
        && let Some(event) = events.get(*taken)
    {
        *taken += 1;
        return Made::Taken(OutcomeRecord::Done(event.clone()), buffer);
    }
    Made::Open(Operation::Next { of: buffer })
}

fn start_flow(draft: &mut Draft<'_>, asker: &Asker<'_>, flow: &Arc<str>, args: Vec<Value>) -> Made {
    if !draft.may_set_off(asker.run) {
        return circles();
    }
    match call::begin(draft, asker.run, asker.deployment, flow, args) {
        Some(run) => Made::Settled(OutcomeRecord::Done(Wire(world::run(asker.types, run)))),
        None => Made::unavailable(format!("there is no flow `{flow}`")),
    }
}

/// Effects that the engine performs itself.
fn own(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: EffectRequest) -> Made {
    let label = effect.label.clone();
    match (&*effect.effect, effect.args.as_slice()) {
        ("time.wait", [Value::Duration(duration), ..]) => {
            Made::timer(draft.now.saturating_add(*duration), label)
        }
        ("time.wait_until", [Value::Time(time), ..]) => Made::timer(*time, label),
        ("chat.ask" | "chat.ask_who", _) => question::ask(draft, asker, effect),
        ("chat.approve", _) => {
            patience::stand_still(draft, asker.run, op);
            question::approve(draft, asker, effect)
        }
        ("run.cancel", [run, rest @ ..]) => {
            let id = effect.types.first().and_then(|ty| world::field_text(asker.types, ty, run, "id"));
            let id: Option<RunId> = id.and_then(|id| id.parse().ok());
            let reason = rest.first().and_then(world::as_text).unwrap_or_else(|| "cancelled".into());
            if let Some(id) = id {
                // One that is over already is as cancelled as can be.
                super::cancel::cancel(draft, id, &reason);
            }
            Made::done()
        }
        ("event.emit", [name, payload]) => {
            let payload = world::json(asker.types, effect.types.get(1).unwrap_or(&Type::Json), payload);
            if event::is_deeper(&payload, event::DEEPEST) {
                return too_deep();
            }
            if !draft.may_set_off(asker.run) {
                return circles();
            }
            let event = Event {
                kind: EventKind::Named { name: world::as_text(name).unwrap_or_default() },
                origin: None,
                at: None,
                fields: std::iter::once(("payload".to_owned(), payload)).collect(),
            };
            let (at, root) = (draft.now, draft.root_of(asker.run));
            draft.push(Record::Emitted(Emitted { event: Arc::new(event), at, root }));
            Made::done()
        }
        ("log.log", [message, level, ..]) => {
            let level = effect.types.get(1).and_then(|ty| world::tag(asker.types, ty, level));
            draft.push(Record::Noted(Noted {
                run: asker.run.id,
                flow: asker.run.flow.clone(),
                level: level.map_or("info", |(name, _, _)| name).into(),
                message: world::as_text(message).unwrap_or_default(),
            }));
            Made::done()
        }
        ("exchange.sender" | "exchange.conversation", _) => session::of_the_event(draft, asker, &effect),
        ("exchange.skill", _) => session::skill(asker, &effect),
        ("exchange.overdue", _) => context::overdue(draft, asker, &effect),
        ("exchange.put_away", _) => context::put_away(draft, &effect),
        ("exchange.pin" | "agent.pin", _) => context::pin(draft, asker, op, &effect),
        ("exchange.unpin" | "agent.unpin", _) => context::unpin(draft, asker, op, &effect),
        ("exchange.result", _) => session::result(draft, asker, &effect),
        ("exchange.close", _) => session::close(draft, asker, &effect),
        ("exchange.show", _) => preview::show(draft, asker, op),
        ("exchange.leave", _) => session::leave(draft, asker, op, &effect),
        ("webhook.respond", [Value::Int(status), body, headers]) => {
            let encode = |at: usize, value| {
                world::json(asker.types, effect.types.get(at).unwrap_or(&Type::Json), value)
            };
            let answer = Answer { status: *status, body: encode(1, body), headers: encode(2, headers) };
            respond::respond(draft, asker.run, answer)
        }
        (other, _) => Made::unavailable(format!("this runtime does not know the effect `{other}`")),
    }
}

/// Effects that performers carry out; in the name of this agent, where no argument says it.
pub(super) fn foreign(asker: &Asker<'_>, effect: EffectRequest, agent: Option<Arc<str>>) -> Made {
    match destinations(asker, &effect) {
        Ok(to) => {
            let parts = if to.is_empty() {
                vec![Part::new(None)]
            } else {
                to.into_iter().map(|to| Part::new(Some(to))).collect()
            };
            Made::Open(Operation::Effect { call: Arc::new(Call { agent, ..Call::of(effect) }), parts })
        }
        Err(failure) => Made::Settled(OutcomeRecord::Failed(failure)),
    }
}

/// Where a chat effect goes; nowhere for others.
pub(super) fn destinations(asker: &Asker<'_>, effect: &EffectRequest) -> Result<Vec<Destination>, Failure> {
    if !effect.effect.starts_with("chat.") {
        return Ok(Vec::new());
    }
    if let Some((value, ty)) = argument(asker, effect, "to")
        && *value != Value::None
    {
        return target::resolve(asker.deployment, asker.types, ty, value);
    }
    if let Some((value, ty)) = argument(asker, effect, "message")
        && let Some(conversation) = world::field_text(asker.types, ty, value, "conversation")
    {
        let channel = world::field_text(asker.types, ty, value, "channel").unwrap_or_default();
        let account = asker.deployment.account(&channel).ok_or_else(|| {
            Failure::new(FailureKind::Unavailable, format!("channel `{channel}` is not bound"))
        })?;
        return Ok(vec![Destination::Conversation { account, conversation }]);
    }
    Ok(vec![target::own(asker.origin)?])
}

/// An argument by its parameter's name.
pub(super) fn argument<'e>(
    asker: &Asker<'_>,
    effect: &'e EffectRequest,
    name: &str,
) -> Option<(&'e Value, &'e Type)> {
    let code = asker.deployment.code.as_ref().ok()?;
    let signature =
        code.module().effects.iter().find(|e| e.name == effect.effect && e.version == effect.version)?;
    let at = signature.params.iter().position(|(param, _)| **param == *name)?;
    Some((effect.args.get(at)?, effect.types.get(at)?))
}
