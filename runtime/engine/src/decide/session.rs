//! What an agent is told and what it answers is remembered, as part of the line in which that is decided.

use super::act::find;
use super::draft::Draft;
use super::event;
use super::request::{Asker, argument};
use super::world;
use crate::ActId;
use crate::command::{Rejection, Reply};
use crate::record::{Compacted, Record, Said};
use crate::stored::{Call, LARGEST_SESSION, LARGEST_TURN, OutcomeRecord, Refusal, Run};
use carapace_effect::{
    Called, Exchange, Failure, FailureKind, Life, OpId, Origin, SessionKey, Turn, Unanswered, With,
};
use serde_json::Value as Json;
use std::sync::Arc;

/// Why a performer's turn is not written.
const CODE: &str = "E0971";

/// A turn with an agent, with memory and tools.
const CHAT: &str = "agent.chat";

/// An agent is asked: what it is told begins an exchange. A run without a person, or without a conversation where the agent
/// remembers by that, is not remembered: there is nobody who could come back to it.
pub(super) fn begin(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, call: &Call) {
    if *call.effect != *CHAT {
        return;
    }
    let Some(session) = key(asker, call) else { return };
    let request = call.to_request();
    let text = argument(asker, &request, "message").and_then(|(text, _)| world::as_text(text));
    let by = asker.origin.and_then(|origin| origin.sender.clone());
    let said = Turn::User { text: text.unwrap_or_default(), by };
    let of = Exchange { run: asker.run.id, op: op.clone() };
    draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
}

fn key(asker: &Asker<'_>, call: &Call) -> Option<SessionKey> {
    let agent = call.args.first().and_then(|name| world::as_text(&name.0))?;
    let code = asker.deployment.code.as_ref().ok()?;
    let signature = code.module().agents.iter().find(|known| known.name == agent)?;
    let memory = signature.properties.iter().find(|(name, _)| **name == *"memory");
    let by_conversation = memory.and_then(|(_, value)| value.as_str()) == Some("conversation");
    let Origin { account, conversation, sender, .. } = asker.origin?;
    let account = account.clone();
    let with = if by_conversation {
        With::Conversation { account, conversation: conversation.clone() }
    } else {
        With::Sender { account, user: sender.clone()? }
    };
    Some(SessionKey { agent, with })
}

/// Something came of an act. Where it was an exchange, that is over; gives what came of it then: an answer while a call is
/// open is none.
pub(super) fn settle(
    draft: &mut Draft<'_>,
    run: &Run,
    act: &ActId,
    life: Life,
    outcome: Option<OutcomeRecord>,
) -> Option<OutcomeRecord> {
    let of = Exchange { run: act.run, op: act.op.clone() };
    let Some((key, session)) = draft.state.sessions.of(&of) else { return outcome };
    let end = end(outcome.as_ref(), life, run.operations.contains_key(&act.op));
    let (turns, outcome) = match session.end(&of, end) {
        Ok(turns) => (turns, outcome),
        Err((turns, why)) => (turns, Some(OutcomeRecord::Failed(Failure::new(FailureKind::Invalid, why)))),
    };
    for said in turns {
        let (session, of) = (key.clone(), of.clone());
        draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
    }
    outcome
}

fn end(outcome: Option<&OutcomeRecord>, life: Life, awaited: bool) -> Turn {
    let unanswered = |how, why: &str| Turn::Unanswered { how, why: why.into() };
    match outcome {
        Some(OutcomeRecord::Done(value) | OutcomeRecord::Partly(value, _)) => {
            Turn::Assistant { text: value.0.as_text().unwrap_or_default().into() }
        }
        Some(OutcomeRecord::Failed(_)) if !awaited => {
            unanswered(Unanswered::Cancelled, "nobody waited for the answer any more")
        }
        Some(OutcomeRecord::Failed(failure)) => unanswered(Unanswered::Failed, &failure.message),
        Some(OutcomeRecord::Unknown) | None if life == Life::Unknown => {
            unanswered(Unanswered::Unknown, "nobody can know what became of it")
        }
        Some(OutcomeRecord::Unknown) | None => unanswered(Unanswered::Failed, "there is no answer"),
    }
}

/// The process that asked is gone, and the agent is asked again: what it called has no result any more that anybody will
/// bring.
pub(super) fn again(draft: &mut Draft<'_>, act: &ActId) {
    let of = Exchange { run: act.run, op: act.op.clone() };
    let Some((key, session)) = draft.state.sessions.of(&of) else { return };
    let open: Vec<Arc<str>> = session.open_calls(&of).cloned().collect();
    for id in open {
        let said = Turn::Result { id, outcome: Called::Unknown };
        let (session, of) = (key.clone(), of.clone());
        draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
    }
}

/// A performer tells that its agent calls a tool, or what came of that.
pub(super) fn remember(draft: &mut Draft<'_>, act: &ActId, attempt: u32, said: Turn) -> Reply {
    match remembered(draft, act, attempt, &said) {
        Ok(session) => {
            let of = Exchange { run: act.run, op: act.op.clone() };
            draft.push(Record::Said(Box::new(Said { session, of, at: draft.now, said })));
            Reply::Done
        }
        Err(why) => Reply::Rejected(Rejection {
            code: CODE,
            message: format!("the turn of `{act}` is not taken: {why}"),
            help: Some("a session holds calls each with one result, and then the answer".to_owned()),
        }),
    }
}

fn remembered(draft: &Draft<'_>, act: &ActId, attempt: u32, said: &Turn) -> Result<SessionKey, String> {
    let json: &Json = match said {
        Turn::Call { arguments, .. } => arguments,
        Turn::Result { outcome: Called::Done(value), .. } => value,
        Turn::Result { .. } => &Json::Null,
        _ => return Err("only calls and their results are handed in; the rest is known".to_owned()),
    };
    if event::is_deeper(json, event::DEEPEST) {
        return Err(format!("it is nested more than {} levels deep", event::DEEPEST));
    }
    if serde_json::to_vec(said).map_or(usize::MAX, |json| json.len()) > LARGEST_TURN {
        return Err(format!("it has more than {} KiB", LARGEST_TURN >> 10));
    }
    let of = Exchange { run: act.run, op: act.op.clone() };
    let Some((key, session)) = draft.state.sessions.of(&of) else {
        return Err(Refusal::NoExchange.to_string());
    };
    if session.bytes() > LARGEST_SESSION {
        return Err(format!(
            "the exchange goes on for too long: the session has {} MiB",
            LARGEST_SESSION >> 20
        ));
    }
    // Of an attempt before a crash nothing counts any more: its calls are closed.
    if find(draft.state, act).is_none_or(|(_, _, part)| part.attempts != attempt) {
        return Err("the agent was asked once more since".to_owned());
    }
    session.allows(&of, said).map_err(|why| why.to_string())?;
    Ok(key.clone())
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
