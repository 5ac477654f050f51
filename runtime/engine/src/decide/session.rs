//! What an agent is told, what it calls and what it answers is remembered, as part of the line in which that is decided.
//!
//! An exchange is named by the operation that opened it. The steps of the loop that leads it (`std/exchange`) are operations of the
//! same run, and say which exchange they are of.

use super::draft::Draft;
use super::judge::View;
use super::request::{Asker, Made, argument};
use super::{context, world};
use crate::ActId;
use crate::command::Reply;
use crate::record::{Compacted, Record, Said};
use crate::stored::{Call, LARGEST_SESSION, LARGEST_TURN, OutcomeRecord, Run, Session};
use crate::wire::Wire;
use carapace_effect::{
    Called, EffectRequest, Exchange, Failure, FailureKind, OpId, Origin, RunId, SessionKey, Step, Turn,
    Unanswered, With,
};
use carapace_module::json::to_json;
use carapace_module::{TypeTable, Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// Why what a model said is not taken.
const CODE: &str = "E0971";

/// Begins an exchange.
pub(super) const OPEN: &str = "exchange.open";

/// Asks the model of one for a step.
pub(super) const THINK: &str = "exchange.think";

/// So many steps an agent may take where it does not say otherwise.
const STEPS: i64 = 20;

/// Tools of whoever asks by the interface for programs: their calls are not ours to remember.
const THEIRS: &str = "client.";

/// An agent is told something: that begins an exchange. Where there is no person, or no conversation where the agent remembers by
/// that, it is remembered as long as the run lives.
pub(super) fn open(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: &EffectRequest) -> Made {
    let agent = effect.args.first().and_then(world::as_text).unwrap_or_default();
    let text = argument(asker, effect, "message").and_then(|(text, _)| world::as_text(text));
    let Some(key) = key(asker, &agent) else {
        return Made::unavailable(format!("there is no agent `{agent}`"));
    };
    let by = asker.origin.and_then(|origin| origin.sender.clone());
    begin(draft, asker, op, key, Turn::User { text: text.unwrap_or_default(), by });
    let steps = property(asker, &agent, "max_steps").and_then(Json::as_i64).unwrap_or(STEPS);
    let begun = Value::tag(0, vec![Value::text(op.to_string()), Value::Int(steps.max(1))]);
    Made::Settled(OutcomeRecord::Done(Wire(begun)))
}

fn begin(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, session: SessionKey, said: Turn) {
    let run = asker.run;
    // A task does one thing after the other: what it left open is over.
    let left: Vec<Exchange> =
        draft.state.sessions.under_way(run.id).filter(|of| of.op.task == op.task).cloned().collect();
    for of in left {
        end(draft, &of, unanswered(Unanswered::Cancelled, "nobody waited for the answer any more"));
    }
    context::frame(draft, asker, &session);
    let of = Exchange { run: run.id, op: op.clone() };
    draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
}

pub(super) fn property<'a>(asker: &'a Asker<'_>, agent: &str, name: &str) -> Option<&'a Json> {
    let code = asker.deployment.code.as_ref().ok()?;
    let signature = code.module().agents.iter().find(|known| *known.name == *agent)?;
    signature.properties.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
}

pub(super) fn key(asker: &Asker<'_>, agent: &Arc<str>) -> Option<SessionKey> {
    let code = asker.deployment.code.as_ref().ok()?;
    let signature = code.module().agents.iter().find(|known| known.name == *agent)?;
    let memory = signature.properties.iter().find(|(name, _)| **name == *"memory");
    let by_conversation = memory.and_then(|(_, value)| value.as_str()) == Some("conversation");
    let with = match asker.origin {
        Some(Origin { account, conversation, .. }) if by_conversation => {
            With::Conversation { account: account.clone(), conversation: conversation.clone() }
        }
        Some(Origin { account, sender: Some(sender), .. }) => {
            With::Sender { account: account.clone(), user: sender.clone() }
        }
        _ => With::Run { run: asker.run.id },
    };
    Some(SessionKey { agent: agent.clone(), with })
}

/// Which exchange an effect of the loop is about.
pub(super) fn exchange_of(run: RunId, call: &Call) -> Option<Exchange> {
    if *call.effect != *THINK {
        return None;
    }
    let op = world::as_text(&call.args.get(1)?.0)?.parse().ok()?;
    Some(Exchange { run, op })
}

/// The loop says what came of a call: a value, or why there is none.
pub(super) fn result(draft: &mut Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Made {
    let [_, exchange, call, value, problem] = effect.args.as_slice() else { return Made::done() };
    let Some(of) = named(asker.run.id, exchange) else { return Made::done() };
    let outcome = match (value, problem) {
        (Value::Json(json), _) => Called::Done((**json).clone()),
        (_, problem) => Called::Failed(world::as_text(problem).unwrap_or_else(|| "it failed".into())),
    };
    let id = world::as_text(call).unwrap_or_default();
    let said = match small(Turn::Result { id: id.clone(), outcome }) {
        Ok(said) => said,
        Err(why) => Turn::Result { id, outcome: Called::Failed(why.into()) },
    };
    let session = draft.state.sessions.of(&of);
    if let Some((key, _)) = session.filter(|(_, session)| session.allows(&of, &said).is_ok()) {
        let session = key.clone();
        draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
    }
    Made::done()
}

/// The loop has an answer.
pub(super) fn close(draft: &mut Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Made {
    if let [_, exchange, text] = effect.args.as_slice()
        && let Some(of) = named(asker.run.id, exchange)
    {
        end(draft, &of, Turn::Assistant { text: world::as_text(text).unwrap_or_default() });
    }
    Made::done()
}

/// The loop ends without an answer.
pub(super) fn leave(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: &EffectRequest) -> Made {
    let why = effect.args.get(1).and_then(world::as_text).unwrap_or_default();
    let open: Vec<Exchange> =
        draft.state.sessions.under_way(asker.run.id).filter(|of| of.op.task == op.task).cloned().collect();
    for of in open {
        end(draft, &of, unanswered(Unanswered::Failed, &why));
    }
    Made::done()
}

/// The run is over: what it left open is, too.
pub(super) fn over(draft: &mut Draft<'_>, run: RunId) {
    let open: Vec<Exchange> = draft.state.sessions.under_way(run).cloned().collect();
    for of in open {
        end(draft, &of, unanswered(Unanswered::Cancelled, "the run that asked is over"));
    }
}

/// Who wrote, or where, as the event of the run has it.
pub(super) fn of_the_event(draft: &Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Made {
    let field = effect.effect.rsplit('.').next().unwrap_or_default();
    let event = asker.run.event.and_then(|n| draft.state.events.get(n));
    let value = event.and_then(|taken| {
        taken.event.fields.get(field)?;
        let (deployment, types, event, at) = (asker.deployment, asker.types, &taken.event, taken.at);
        let view = View { deployment, types, event, at, slot: None, trigger: 0, args: &[] };
        view.field(field, &effect.result).ok()
    });
    match value {
        Some(value) => Made::Settled(OutcomeRecord::Done(Wire(value))),
        None => Made::unavailable(match field {
            "sender" => "nobody wrote: what this run is about has no sender",
            _ => "what this run is about has no conversation",
        }),
    }
}

/// What a skill says.
pub(super) fn skill(asker: &Asker<'_>, effect: &EffectRequest) -> Made {
    let [agent, name] = effect.args.as_slice() else { return Made::done() };
    let (Some(agent), Some(name)) = (world::as_text(agent), world::as_text(name)) else {
        return Made::done();
    };
    let skills = property(asker, &agent, "skills").and_then(Json::as_array);
    let named = |skill: &&Json| skill.get("name").and_then(Json::as_str) == Some(&*name);
    let text = skills.and_then(|skills| skills.iter().find(named)?.get("text")?.as_str());
    Made::Settled(OutcomeRecord::Done(Wire(text.map_or(Value::None, Value::text))))
}

fn end(draft: &mut Draft<'_>, of: &Exchange, turn: Turn) {
    let Some((key, session)) = draft.state.sessions.of(of) else { return };
    let (Ok(turns) | Err((turns, _))) = session.end(of, turn);
    for said in turns {
        let (session, of) = (key.clone(), of.clone());
        draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
    }
}

fn unanswered(how: Unanswered, why: &str) -> Turn {
    Turn::Unanswered { how, why: why.into() }
}

fn named(run: RunId, exchange: &Value) -> Option<Exchange> {
    Some(Exchange { run, op: world::as_text(exchange)?.parse().ok()? })
}

/// A model took a step: the calls in it are remembered before they are made. One that no session could hold is no step.
pub(super) fn settle(
    draft: &mut Draft<'_>,
    run: &Run,
    call: &Call,
    act: &ActId,
    outcome: Option<OutcomeRecord>,
) -> Option<OutcomeRecord> {
    let Some(OutcomeRecord::Done(value)) = &outcome else { return outcome };
    if *call.effect == *OPEN {
        opened(draft, run, call, act, &value.0);
        return outcome;
    }
    if *call.effect == *context::SUM_UP {
        return Some(context::summed(draft, call, &value.0));
    }
    if *call.effect != *THINK {
        return outcome;
    }
    let Some(of) = exchange_of(run.id, call) else { return outcome };
    let Some((key, session)) = draft.state.sessions.of(&of) else { return outcome };
    let types = draft.deployment_of(run.id).and_then(|deployment| deployment.code.as_ref().ok());
    let step = types.and_then(|code| step(&value.0, call, &code.module().types));
    match step.ok_or_else(|| "it is no step".to_owned()).and_then(|step| calls(session, &of, step)) {
        Ok(turns) => {
            for said in turns {
                let (session, of) = (key.clone(), of.clone());
                draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
            }
            outcome
        }
        Err(why) => {
            let why = format!("what the model said is not taken ({CODE}): {why}");
            Some(OutcomeRecord::Failed(Failure::new(FailureKind::Invalid, why)))
        }
    }
}

fn step(value: &Value, call: &Call, types: &TypeTable) -> Option<Step> {
    serde_json::from_value(to_json(value, &call.result, types).ok()?).ok()
}

/// The turns that a step's calls make.
fn calls(session: &Session, of: &Exchange, step: Step) -> Result<Vec<Turn>, String> {
    if session.bytes() > LARGEST_SESSION {
        return Err(format!(
            "the exchange goes on for too long: the session has {} MiB",
            LARGEST_SESSION >> 20
        ));
    }
    let mut turns: Vec<Turn> = Vec::new();
    let mut text = (!step.text.is_empty()).then_some(step.text);
    for call in step.calls.into_iter().filter(|call| !call.tool.starts_with(THEIRS)) {
        let twice = |turn: &Turn| matches!(turn, Turn::Call { id, .. } if *id == call.id);
        if turns.iter().any(twice) {
            return Err(format!("two calls have the id `{}`", call.id));
        }
        let (says, opaque) = (text.take(), call.opaque);
        let said = Turn::Call { id: call.id, name: call.tool, arguments: call.arguments, says, opaque };
        session.allows(of, &said).map_err(|why| why.to_string())?;
        turns.push(small(said)?);
    }
    Ok(turns)
}

/// A turn, unless it is too large or too deep to be kept.
fn small(said: Turn) -> Result<Turn, String> {
    let json: &Json = match &said {
        Turn::Call { arguments, .. } => arguments,
        Turn::Result { outcome: Called::Done(value), .. } => value,
        _ => &Json::Null,
    };
    if super::event::is_deeper(json, super::event::DEEPEST) {
        return Err(format!("it is nested more than {} levels deep", super::event::DEEPEST));
    }
    if serde_json::to_vec(&said).map_or(usize::MAX, |json| json.len()) > LARGEST_TURN {
        return Err(format!("it has more than {} KiB", LARGEST_TURN >> 10));
    }
    Ok(said)
}

/// The world of a test began an exchange, or said what its answer is.
fn opened(draft: &mut Draft<'_>, run: &Run, call: &Call, act: &ActId, value: &Value) {
    let [agent, message, ..] = call.args.as_slice() else { return };
    let (Some(agent), Some(deployment)) = (world::as_text(&agent.0), draft.deployment_of(run.id)) else {
        return;
    };
    let Ok(code) = &deployment.code else { return };
    let origin =
        run.event.and_then(|n| draft.state.events.get(n)).and_then(|taken| taken.event.origin.clone());
    let asker = Asker { run, deployment, types: &code.module().types, origin: origin.as_ref() };
    let Some(key) = key(&asker, &agent) else { return };
    let by = origin.as_ref().and_then(|origin| origin.sender.clone());
    let text = world::as_text(&message.0).unwrap_or_default();
    begin(draft, &asker, &act.op, key.clone(), Turn::User { text, by });
    if let Value::TagWith(1, fields) = value {
        let text = fields.items.first().and_then(world::as_text).unwrap_or_default();
        let of = Exchange { run: run.id, op: act.op.clone() };
        let said = Turn::Assistant { text };
        draft.push(Record::Said(Box::new(Said { session: key, of, at: draft.now, said })));
    }
}

/// The older turns of a session are in the store.
pub(super) fn compact(draft: &mut Draft<'_>, session: SessionKey, through: u64, archive: Arc<str>) -> Reply {
    let known = draft.state.sessions.get(&session);
    let here =
        |known: &crate::stored::Session| known.turns().iter().any(|t| t.of.is_some() && t.number == through);
    if known.is_some_and(here) {
        let at = draft.now;
        draft.push(Record::Compacted(Compacted { session, through, archive, at }));
    }
    Reply::Done
}
