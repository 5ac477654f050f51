//! Answers that are shown while they are written. What they show is not written down: only that something is shown, the message
//! that holds it, and what replaces it or takes it away. So the answer can become that message after any crash.
//!
//! A preview belongs to a task, which does one thing after the other. While the turn goes on in it, it grows; the next reply
//! replaces it; whatever else the task asks for says that there is no answer, and so does its end.

use super::draft::Draft;
use super::request::{Asker, Made};
use super::{session, target};
use crate::command::Reply;
use crate::record::{Posted, PreviewTaken, Previewed, Previewing, Record};
use crate::stored::{Call, Letter, LetterState, Preview, Run};
use carapace_effect::{ActId, OpId, RequestKind};
use serde_json::Map;

/// What replaces a preview.
const REPLY: &str = "chat.reply";

/// What takes one away.
const RETRACT: &str = "chat.retract";

/// Steps of the turn that a preview shows.
const STEPS: [&str; 8] = [
    session::THINK,
    "exchange.result",
    "exchange.close",
    "exchange.overdue",
    "exchange.leave",
    "exchange.sender",
    "exchange.conversation",
    "exchange.skill",
];

/// What a turn may start when it is over: its conversation has grown long.
const CONDENSE: &str = "std/exchange.condense";

/// From here on what is written in the task is shown, where it has a conversation. The world of a test sees only what is said.
pub(super) fn show(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId) -> Made {
    if target::own(asker.origin).is_ok() && !draft.state.rehearses {
        draft.push(Record::Previewing(Previewing { run: asker.run.id, op: op.clone() }));
    }
    Made::done()
}

/// A reply takes the place of what shows in its task.
pub(super) fn replace(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: &str) {
    if effect == REPLY
        && let Some(shown) = shown(draft, asker.run, op)
    {
        let (run, taken) = (asker.run.id, op.clone());
        draft.push(Record::PreviewTaken(PreviewTaken { run, op: shown.op.clone(), taken }));
    }
}

/// The task asks for something. Where that is not of the turn that is shown, the turn was left without an answer.
pub(super) fn leave(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, kind: &RequestKind) {
    let Some(shown) = shown(draft, asker.run, op) else { return };
    let goes_on = match kind {
        RequestKind::Effect(effect) if *effect.effect == *session::OPEN => {
            shown.op.ordinal.checked_add(1) == Some(op.ordinal)
        }
        RequestKind::Effect(effect) => *effect.effect == *REPLY || STEPS.contains(&&*effect.effect),
        RequestKind::Start { flow, .. } => **flow == *CONDENSE,
        RequestKind::Backoff { .. } => true,
        _ => false,
    };
    if !goes_on {
        retract(draft, asker.run, shown);
    }
}

/// The run is over: what still shows of it goes.
pub(super) fn over(draft: &mut Draft<'_>, run: &Run) {
    for shown in &run.previews {
        if is_free(draft, run, shown) {
            retract(draft, run, shown);
        }
    }
}

/// Nobody waits for what shows to go: it is a letter.
fn retract(draft: &mut Draft<'_>, run: &Run, shown: &Preview) {
    let event = run.event.and_then(|number| draft.state.events.get(number));
    let origin = event.and_then(|taken| taken.event.origin.clone());
    let Ok(to) = target::own(origin.as_ref()) else { return };
    let Some(deployment) = draft.deployment_of(run.id) else { return };
    let letter = Letter {
        act: ActId { run: run.id, op: shown.op.clone(), part: 0 },
        flow: run.flow.clone(),
        module: deployment.record.module.hash().clone(),
        places: Vec::new(),
        effect: RETRACT.into(),
        version: 1,
        arguments: Map::new(),
        to,
        origin,
        state: LetterState::Sending,
        attempts: 1,
        round: 0,
        why: "there is no answer".into(),
        since: draft.now,
        at: draft.now,
        preview: Some(told(shown)),
    };
    draft.push(Record::Posted(Box::new(Posted(letter))));
    let (run, op, taken) = (run.id, shown.op.clone(), shown.op.clone());
    draft.push(Record::PreviewTaken(PreviewTaken { run, op, taken }));
}

/// What shows in an operation's task, unless something takes it already.
fn shown<'r>(draft: &Draft<'_>, run: &'r Run, op: &OpId) -> Option<&'r Preview> {
    run.previews.iter().find(|preview| preview.op.task == op.task && is_free(draft, run, preview))
}

/// Whether nothing takes it, as things stand in the line that is being decided: what would have may be let go of in it, before it left.
fn is_free(draft: &Draft<'_>, run: &Run, shown: &Preview) -> bool {
    let takes = |record: &Record| matches!(record, Record::PreviewTaken(taken) if taken.run == run.id && taken.op == shown.op);
    if draft.records.iter().any(takes) {
        return false;
    }
    let Some(taken) = &shown.taken else { return true };
    let lets_go = |record: &Record| matches!(record, Record::Abandoned(gone) if gone.run == run.id && gone.ops.contains(taken));
    let never_left = run.operations.get(taken).is_some_and(|operation| !operation.is_open());
    never_left && draft.records.iter().any(lets_go)
}

/// The preview that an act grows or replaces.
pub(super) fn of(run: &Run, id: &ActId, call: &Call) -> Option<carapace_effect::Preview> {
    let of_it = |preview: &&Preview| match &preview.taken {
        Some(taken) => *taken == id.op,
        None => *call.effect == *session::THINK && preview.op.task == id.op.task,
    };
    run.previews.iter().find(of_it).map(told)
}

fn told(shown: &Preview) -> carapace_effect::Preview {
    carapace_effect::Preview { op: shown.op.clone(), message: shown.message.clone() }
}

/// Whoever shows it says which message holds it. Of one that is over nobody needs to know.
pub(super) fn previewed(draft: &mut Draft<'_>, previewed: Previewed) -> Reply {
    let known = draft.state.runs.get(previewed.run).and_then(|run| {
        let message = run.previews.iter().find(|preview| preview.op == previewed.op)?.message.clone();
        Some(message)
    });
    if known.is_some_and(|message| message != previewed.message) {
        draft.push(Record::Previewed(previewed));
    }
    Reply::Done
}
