//! What an agent is given of what was said: windows, summaries of what is put away, pinned facts, and taking that back.

use super::draft::Draft;
use super::request::{Asker, Made};
use super::{session, world};
use crate::command::{Rejection, Reply};
use crate::record::{Change, Context, Record, Speaker};
use crate::stored::{
    Call, Frame, LARGEST_PIN, LARGEST_SESSION, LARGEST_SUMMARY, MOST_PINS, OutcomeRecord, Session,
};
use crate::wire::Wire;
use carapace_effect::{EffectRequest, Exchange, Failure, FailureKind, OpId, Remembered, SessionKey, Turn};
use carapace_module::Value;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Has a model sum turns up.
pub(super) const SUM_UP: &str = "exchange.sum_up";

/// So many bytes are a token, near enough.
const TOKEN: u64 = 4;

/// Why what was put away does not come back.
const NOT_BACK: &str = "E1131";

/// What a run is handed to have a part of a session summed up.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Part {
    session: SessionKey,
    /// The number of the last turn of it.
    through: u64,
}

impl Part {
    /// Of an effect's second argument; none where it is not about this agent.
    fn of(agent: Option<&Value>, part: Option<&Value>) -> Option<Part> {
        let read: Part = serde_json::from_str(&world::as_text(part?)?).ok()?;
        (Some(&read.session.agent) == world::as_text(agent?).as_ref()).then_some(read)
    }

    fn of_call(call: &Call) -> Option<Part> {
        Part::of(call.args.first().map(|arg| &arg.0), call.args.get(1).map(|arg| &arg.0))
    }
}

/// Somebody says something in a session: how much of it the agent is given is as its declaration says now.
pub(super) fn frame(draft: &mut Draft<'_>, asker: &Asker<'_>, key: &SessionKey) {
    let said = |name| session::property(asker, &key.agent, name);
    let window = said("window").and_then(Json::as_u64).map(|tokens| tokens.saturating_mul(TOKEN));
    // What was compiled before there were summaries has nobody who asks for one.
    let code = asker.deployment.code.as_ref().ok();
    let can = code.is_some_and(|code| code.module().effects.iter().any(|effect| *effect.name == *SUM_UP));
    let frame = Frame {
        window: window.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        summaries: can && said("summary").is_none_or(|said| *said != Json::Bool(false)),
    };
    let known = draft.state.sessions.get(key).map(Session::frame).unwrap_or_default();
    if known != frame {
        push(draft, key.clone(), BTreeSet::new(), Change::Framed(frame));
    }
}

/// What of the session is to be summed up now, if anything: from here on it is under way.
pub(super) fn overdue(draft: &mut Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Made {
    let agent = effect.args.first().and_then(world::as_text).unwrap_or_default();
    let Some(session) = session::key(asker, &agent) else { return Made::done() };
    let Some(through) = draft.state.sessions.get(&session).and_then(Session::overdue) else {
        return Made::done();
    };
    let part = serde_json::to_string(&Part { session: session.clone(), through }).unwrap_or_default();
    push(draft, session, BTreeSet::new(), Change::Asked { through });
    Made::Settled(OutcomeRecord::Done(Wire(Value::text(part))))
}

/// The turns that an act is to sum up.
pub(super) fn part_of(state: &crate::State, call: &Call) -> Option<carapace_effect::Recall> {
    let part = Part::of_call(call)?;
    Some(state.sessions.get(&part.session)?.recall_part(&part.session, part.through))
}

/// A model has summed them up. The words stand in the session alone, and not in the run: whoever said what is in them can be
/// forgotten.
pub(super) fn summed(draft: &mut Draft<'_>, call: &Call, value: &Value) -> OutcomeRecord {
    let text = world::as_text(value).unwrap_or_default();
    let text = text.trim();
    if text.is_empty() {
        return OutcomeRecord::Failed(Failure::new(FailureKind::Invalid, "the summary is empty"));
    }
    let text = text.get(..text.floor_char_boundary(LARGEST_SUMMARY)).unwrap_or_default();
    if let Some(part) = Part::of_call(call) {
        came(draft, part, Some(text.into()));
    }
    OutcomeRecord::Done(Wire(Value::text("")))
}

/// Nobody could sum them up: they are put away as they are.
pub(super) fn put_away(draft: &mut Draft<'_>, effect: &EffectRequest) -> Made {
    if let Some(part) = Part::of(effect.args.first(), effect.args.get(1)) {
        came(draft, part, None);
    }
    Made::done()
}

fn came(draft: &mut Draft<'_>, Part { session, through }: Part, summary: Option<Arc<str>>) {
    let Some(known) = draft.state.sessions.get(&session).filter(|known| known.awaits(through)) else {
        return;
    };
    let people = if summary.is_some() { known.speakers(through) } else { BTreeSet::new() };
    push(draft, session, people, Change::Summed { through, summary });
}

/// A fact is given with each question from here on: of an agent that is named, or of the one whose tool asks.
pub(super) fn pin(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: &EffectRequest) -> Made {
    let Some((session, fact)) = pinned(draft, asker, op, effect) else { return nobody() };
    if fact.is_empty() {
        return Made::refused("there is nothing to pin");
    }
    if fact.len() > LARGEST_PIN {
        return Made::refused(format!("a pinned fact has at most {LARGEST_PIN} bytes"));
    }
    let pins = draft.state.sessions.get(&session).map(Session::pins).unwrap_or_default();
    if pins.iter().any(|pin| *pin.fact == *fact) {
        return Made::done();
    }
    if pins.len() >= MOST_PINS {
        return Made::refused(format!("{MOST_PINS} facts are pinned already: unpin one first"));
    }
    let by = asker.origin.and_then(|origin| origin.sender.clone());
    let people = by.iter().cloned().collect();
    push(draft, session, people, Change::Pinned { fact: fact.into(), by });
    Made::done()
}

/// It is no more.
pub(super) fn unpin(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: &EffectRequest) -> Made {
    let Some((session, fact)) = pinned(draft, asker, op, effect) else { return nobody() };
    let pins = draft.state.sessions.get(&session).map(Session::pins).unwrap_or_default();
    if let Some(pin) = pins.iter().find(|pin| *pin.fact == *fact) {
        let people = pin.by.iter().cloned().collect();
        push(draft, session, people, Change::Unpinned { fact: fact.into() });
    }
    Made::done()
}

fn nobody() -> Made {
    Made::unavailable("no agent is asked here whose memory that would be")
}

/// Which session a fact is pinned in, and the fact.
fn pinned(
    draft: &Draft<'_>,
    asker: &Asker<'_>,
    op: &OpId,
    effect: &EffectRequest,
) -> Option<(SessionKey, String)> {
    let (session, fact) = match effect.args.as_slice() {
        [agent, fact] => (session::key(asker, &world::as_text(agent)?)?, fact),
        [fact] => {
            let of = calling(draft, asker, op)?;
            (draft.state.sessions.of(&of)?.0.clone(), fact)
        }
        _ => return None,
    };
    Some((session, world::as_text(fact)?.trim().to_owned()))
}

/// The exchange in which a tool was called: the innermost whose loop this operation is below.
pub(super) fn calling(draft: &Draft<'_>, asker: &Asker<'_>, op: &OpId) -> Option<Exchange> {
    let above =
        draft.state.sessions.under_way(asker.run.id).filter(|of| op.task.0.starts_with(&of.op.task.0));
    above.max_by_key(|of| (of.op.task.0.len(), of.op.ordinal)).cloned()
}

/// What was put away last comes back.
pub(super) fn restore(
    draft: &mut Draft<'_>,
    session: SessionKey,
    archive: Arc<str>,
    turns: Vec<Remembered>,
) -> Reply {
    let rejected = |message: &str, help: &str| {
        Reply::Rejected(Rejection {
            code: NOT_BACK,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        })
    };
    let Some(known) = draft.state.sessions.get(&session) else {
        return rejected("the session is gone", "`carapace session list` names all there are");
    };
    if known.archives().last() != Some(&archive) || turns.iter().all(|turn| turn.of.is_none()) {
        return rejected("something else was put away meanwhile", "try it again");
    }
    let bytes: usize =
        turns.iter().filter_map(|turn| serde_json::to_vec(turn).ok()).map(|json| json.len()).sum();
    if known.bytes().saturating_add(bytes) > LARGEST_SESSION / 2 {
        return rejected(
            "the session would be too large for any model",
            "`carapace session show --all` shows what was put away",
        );
    }
    let said = turns.iter().filter_map(|remembered| match &remembered.turn {
        Turn::User { by, .. } => by.clone(),
        _ => None,
    });
    // The note that comes back with them may have a summary of what others said.
    let people = said.chain(known.speakers(0)).collect();
    push(draft, session, people, Change::Restored { archive, turns });
    Reply::Done
}

fn push(draft: &mut Draft<'_>, session: SessionKey, people: BTreeSet<Arc<str>>, change: Change) {
    let account = session.with.account().cloned();
    let speaker = |user| account.clone().map(|account| Speaker { account, user });
    let people = people.into_iter().filter_map(speaker).collect();
    draft.push(Record::Context(Box::new(Context { session, at: draft.now, people, change })));
}
