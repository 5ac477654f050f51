//! Messages that no run waits for: kept because they failed for good, sent again, digests.

use super::act::{act_of, find};
use super::deadline;
use super::draft::Draft;
use crate::command::Reply;
use crate::record::{Discarded, Posted, Record, Shelved};
use crate::state::{OutboxLane, State};
use crate::stored::{Letter, LetterState, Operation, OutcomeRecord, Run, Spot};
use crate::{Act, ActId, Destination, Report, Reported as Said};
use carapace_effect::{Life, OpId, RunId};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Effects that say something which is lost where they fail.
const SAYING: [&str; 8] = [
    "chat.reply",
    "chat.send",
    "chat.forward",
    "chat.poll",
    "chat.edit",
    "chat.ask",
    "chat.ask_who",
    "chat.approve",
];

/// Parameters that hold what is said.
const SAID: [&str; 3] = ["content", "question", "message"];

/// What a message begins with, in characters.
const PREVIEW: usize = 100;

/// Keeps a message that failed for good. One that nobody waited for any more is of no use to anybody.
pub(super) fn shelve(
    draft: &mut Draft<'_>,
    run: &Run,
    operation: &Operation,
    id: &ActId,
    life: Life,
    outcome: Option<&OutcomeRecord>,
) {
    let failed = matches!(life, Life::Refused | Life::NotPerformed);
    let says = operation.call().is_some_and(|call| SAYING.contains(&&*call.effect));
    let Some(OutcomeRecord::Failed(failure) | OutcomeRecord::Partly(_, failure)) =
        outcome.filter(|_| failed && says)
    else {
        return;
    };
    // What came too late for its flow is no loss either.
    if !run.operations.contains_key(&id.op) || deadline::is_over(run, &id.op, draft.now) {
        return;
    }
    let why = failure.message.as_str().into();
    if let Some(act) = act_of(draft.state, id)
        && let Some(mut letter) = of(draft.state, &act, why, draft.now)
    {
        letter.since = operation
            .parts()
            .get(id.part as usize)
            .and_then(|part| part.first)
            .or_else(|| waited(draft.state, &letter.to, id))
            .unwrap_or(draft.now);
        draft.push(Record::Shelved(Box::new(Shelved(letter))));
    }
}

/// The step that failed is tried again: its message is not lost after all.
pub(super) fn retried(draft: &mut Draft<'_>, run: RunId, backoff: &OpId) {
    let failed = |act: &ActId| {
        act.run == run
            && act.op.task == backoff.task
            && act.op.ordinal.checked_add(1) == Some(backoff.ordinal)
    };
    let letters = draft.state.outbox.letters().filter(|letter| failed(&letter.act));
    let acts: Vec<ActId> = letters.map(|letter| letter.act.clone()).collect();
    for act in acts {
        draft.push(Record::Discarded(Discarded { act, sent: false }));
    }
}

/// One message for a conversation, in the place of those that waited too long.
pub(super) fn digest(draft: &mut Draft<'_>, to: &Destination, lane: &OutboxLane) {
    let Some(held) = &lane.held else { return };
    let state = draft.state;
    // It goes in the name of the last of them, and the way that one would have gone.
    let known = state.outbox.letters().filter(|letter| letter.to == *to).last();
    let Some(mut letter) = known.cloned() else { return };
    let texts: Vec<String> =
        held.texts.iter().filter(|t| !t.is_empty()).map(|text| format!("\n“{text}”")).collect();
    let count = held.count;
    let (messages, were) = if count == 1 { ("message", "was") } else { ("messages", "were") };
    let minutes = draft.now.saturating_sub(held.since) / 60_000;
    let left_out = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(texts.len());
    let last = if left_out > 0 && !texts.is_empty() { " The last of them:" } else { "" };
    let text = format!(
        "{count} {messages} for you {were} held back while nothing could be sent here for {minutes} min.{last}{}",
        texts.concat()
    );
    letter.act.part = u32::MAX.saturating_sub(letter.act.part);
    letter.effect = "chat.send".into();
    letter.arguments = Map::from_iter([("content".to_owned(), json!({ "text": text }))]);
    letter.state = LetterState::Sending;
    letter.attempts = 1;
    letter.round = 0;
    letter.why = "it says what was held back".into();
    (letter.since, letter.at) = (held.since, draft.now);
    draft.push(Record::Digested(Box::new(Posted(letter))));
}

/// What came of a letter that was sent; false where it is none.
pub(super) fn report(draft: &mut Draft<'_>, report: &Report) -> bool {
    let letter = draft.state.outbox.letter(&report.act);
    let sent = |letter: &&Letter| letter.state == LetterState::Sending && letter.attempts == report.attempt;
    let Some(letter) = letter.filter(sent) else { return false };
    let (why, state) = match report.outcome.bare() {
        Said::Done(_) | Said::Sent(..) | Said::Value(_) => {
            draft.push(Record::Discarded(Discarded { act: report.act.clone(), sent: true }));
            return true;
        }
        Said::Failed(failure) | Said::Partly(_, failure) => (failure.message.clone(), LetterState::Dead),
        Said::NotPerformed(message) | Said::Held { message, .. } => (message.clone(), LetterState::Dead),
        Said::Unknown(message) => (message.clone(), LetterState::Unknown),
        Said::Spent(..) => return false,
    };
    let mut letter = letter.clone();
    (letter.why, letter.state, letter.at) = (why.into(), state, draft.now);
    draft.push(Record::Shelved(Box::new(Shelved(letter))));
    true
}

/// The process that sent a letter is gone: it is sent again, with the same key.
pub(super) fn lost(draft: &mut Draft<'_>, act: &ActId) -> Reply {
    let letter = draft.state.outbox.letter(act).filter(|letter| letter.state == LetterState::Sending);
    if let Some(letter) = letter {
        let mut letter = letter.clone();
        letter.attempts = letter.attempts.saturating_add(1);
        letter.at = draft.now;
        draft.push(Record::Posted(Box::new(Posted(letter))));
    }
    Reply::Done
}

/// How a message begins, on one line.
pub(super) fn preview(state: &State, act: &ActId) -> Arc<str> {
    act_of(state, act).map(|act| begins(&act.arguments)).unwrap_or_default().into()
}

/// How the message of these arguments begins, on one line.
pub(crate) fn begins(arguments: &Map<String, Json>) -> String {
    let said = SAID.iter().find_map(|name| arguments.get(*name)).unwrap_or(&Json::Null);
    let text = said.as_str().or_else(|| said.get("text")?.as_str()).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|c| !c.is_control()).collect();
    match line.char_indices().nth(PREVIEW) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

fn of(state: &State, act: &Act, why: Arc<str>, now: i64) -> Option<Letter> {
    let (run, _, part) = find(state, &act.id)?;
    let deployment = state.deployments.get(run.deployment)?;
    Some(Letter {
        act: act.id.clone(),
        flow: act.flow.clone(),
        module: deployment.record.module.hash().clone(),
        places: places(state, run, &act.id.op),
        effect: act.request.effect.clone(),
        version: act.request.version,
        arguments: act.arguments.clone(),
        to: act.to.clone()?,
        origin: act.origin.as_deref().cloned(),
        state: LetterState::Dead,
        attempts: part.attempts,
        round: 0,
        why,
        since: now,
        at: now,
        preview: act.preview.clone(),
    })
}

/// Since when it waits, where it does.
fn waited(state: &State, to: &Destination, act: &ActId) -> Option<i64> {
    state.outbox.lane(to)?.waiting.iter().find(|entry| entry.act == *act).map(|entry| entry.at)
}

/// Where in the source the run waits for an operation, innermost first.
pub(crate) fn places(state: &State, run: &Run, op: &OpId) -> Vec<Spot> {
    let code = state.deployments.get(run.deployment).and_then(|deployment| deployment.code.as_ref().ok());
    let (Some(code), Some(frames)) = (code, &run.frames) else { return Vec::new() };
    let Ok(frames) = code.restore(&frames.0) else { return Vec::new() };
    let module = code.module();
    let task = frames.tasks().into_iter().find(|task| task.waits_for.as_ref() == Some(op));
    let spot = |(function, site): (Arc<str>, Option<carapace_module::code::Site>)| {
        let site = site?;
        let file = module.files.get(site.file as usize)?.clone();
        Some(Spot { function, file, start: site.start, end: site.end })
    };
    task.map(|task| task.frames).unwrap_or_default().into_iter().filter_map(spot).collect()
}
