//! Messages on their way out: whose turn it is, what waited too long, what is kept.

use super::act::find;
use super::draft::Draft;
use super::report::settle;
use super::request::begin;
use super::{deadline, letter};
use crate::command::{Receipt, Rejection, Reply, Wish};
use crate::record::{Discarded, HeldBack, Posted, Queued, Reached, Record, Returned, Slowed, StalenessSet};
use crate::state::{Away, Entry, Pause};
use crate::stored::{LetterState, OutcomeRecord, Part, StaleFate};
use crate::{ActId, Destination};
use carapace_effect::{Failure, FailureKind, Life};
use std::sync::Arc;

/// Messages that may wait; above it asking for one more fails.
const MOST: usize = 200_000;

/// The first pause before a channel that took nothing is tried again, and the longest, in milliseconds.
const PAUSES: (i64, i64) = (1_000, 60_000);

/// Whether so many messages wait that no more is taken.
pub(super) fn is_full(draft: &Draft<'_>) -> bool {
    draft.state.outbox.len() >= MOST
}

/// A message goes out in the line that asks for it, where it is its turn; else it waits.
pub(super) fn send(draft: &mut Draft<'_>, act: ActId, to: Option<&Destination>) {
    let Some(to) = to else { return begin(draft, act, 1) };
    let account = to.account();
    // What goes to an account that is gone waits until that is there again.
    let there = draft.state.has_account(account);
    let more = draft.begun.iter().filter(|begun| begun.account() == account).count();
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    let full = full(draft, to);
    if there && full.is_none() && !draft.begun.contains(to) && draft.state.outbox.is_free(to, more) {
        draft.begun.insert(to.clone());
        return begin(draft, act, 1);
    }
    // What is asked for later in this line waits behind it.
    let first = draft.begun.insert(to.clone());
    let at = draft.now;
    draft.push(Record::Queued(Queued { act, at }));
    if let Some(due) =
        full.filter(|_| first && draft.state.outbox.lane(to).is_none_or(|lane| lane.pause.is_none()))
    {
        draft.push(Record::Slowed(Slowed { to: to.clone(), due }));
    }
}

/// When the next message may go to a place, where so much went there that it has to wait. Nothing is lost by that.
fn full(draft: &Draft<'_>, to: &Destination) -> Option<i64> {
    draft.state.outbox.pace.full(to, draft.now).filter(|_| draft.state.breaks_loops)
}

/// What of an account may go, goes; or the first of what waited too long is seen to.
pub(super) fn go_on(draft: &mut Draft<'_>, account: &Arc<str>) {
    let state = draft.state;
    if !state.has_account(account) {
        return;
    }
    for (to, lane) in state.outbox.ready(account) {
        let Some(first) = lane.waiting.front() else {
            letter::digest(draft, to, lane);
            continue;
        };
        let Some((run, operation, part)) = find(state, &first.act) else { continue };
        if let Some(why) = too_late(draft, account, first) {
            if draft.records.len() > 1 {
                // It is settled in a line of its own: other parts of the same operation may be in this one.
                return;
            }
            if state.outbox.staleness(account).fate == StaleFate::Digest && !why.expired {
                let text = letter::preview(state, &first.act);
                draft.push(Record::HeldBack(HeldBack { to: to.clone(), at: first.at, text }));
            }
            let failure = Failure::new(FailureKind::NotPerformed, why.message);
            let outcome = OutcomeRecord::Failed(failure);
            settle(draft, run, operation, &first.act, Life::NotPerformed, Some(outcome));
            return;
        }
        if lane.held.is_some() {
            letter::digest(draft, to, lane);
        } else if let Some(due) = full(draft, to) {
            draft.push(Record::Slowed(Slowed { to: to.clone(), due }));
        } else {
            begin(draft, first.act.clone(), part.attempts.saturating_add(1));
        }
    }
}

struct TooLate {
    message: String,
    /// Whether it is its own time that is over.
    expired: bool,
}

/// Why a message that waits is not sent any more.
fn too_late(draft: &Draft<'_>, account: &str, entry: &Entry) -> Option<TooLate> {
    let run = draft.state.runs.get(entry.act.run)?;
    if deadline::is_over(run, &entry.act.op, draft.now) {
        let message = "its time was over before it could be sent".to_owned();
        return Some(TooLate { message, expired: true });
    }
    let staleness = draft.state.outbox.staleness(account);
    let waited = draft.now.saturating_sub(entry.at);
    if staleness.fate == StaleFate::Deliver || waited <= staleness.after {
        return None;
    }
    let minutes = waited / 60_000;
    let message = format!("it waited {minutes} min for `{account}`, which is too long");
    Some(TooLate { message, expired: false })
}

/// A performer gave it back: nothing of it left, and its channel takes nothing now.
pub(super) fn give_back(
    draft: &mut Draft<'_>,
    act: &ActId,
    part: &Part,
    why: &str,
    after: Option<i64>,
    whole: bool,
) {
    let Some(to) = &part.to else { return };
    let outbox = &draft.state.outbox;
    let before: Option<&Pause> = if whole {
        outbox.account(to.account()).and_then(|account| account.away.as_ref()).map(|away: &Away| &away.pause)
    } else {
        outbox.lane(to).and_then(|lane| lane.pause.as_ref())
    };
    let (due, tries) = match before {
        // Others that were under way when it went away say nothing new.
        Some(pause) if !pause.over => (pause.due, pause.tries),
        before => {
            let tries = before.map_or(0, |pause| pause.tries);
            let full = PAUSES.0.saturating_mul(1 << tries.min(20)).min(PAUSES.1);
            let pause = full - full / 2 + draft.entropy.up_to(full / 2);
            let pause = pause.max(after.unwrap_or_default());
            (draft.now.saturating_add(pause), tries.saturating_add(1))
        }
    };
    let (act, at, why) = (act.clone(), part.first.unwrap_or(draft.now), why.into());
    draft.push(Record::Returned(Returned { act, at, due, tries, whole, why }));
}

/// A person wants a message sent again, or thrown away.
pub(super) fn wish(draft: &mut Draft<'_>, id: &ActId, wish: Wish) -> Reply {
    if let Some(letter) = draft.state.outbox.letter(id) {
        return match (letter.state, wish) {
            (LetterState::Sending, _) => no("E0962", "it is on its way already", None),
            (_, Wish::Drop) => {
                draft.push(Record::Discarded(Discarded { act: id.clone(), sent: false }));
                Reply::Done
            }
            (_, Wish::Retry) => {
                let mut letter = letter.clone();
                letter.state = LetterState::Sending;
                letter.attempts = 1;
                letter.round = letter.round.saturating_add(1);
                letter.at = draft.now;
                draft.push(Record::Posted(Box::new(Posted(letter))));
                Reply::Done
            }
        };
    }
    let Some((run, operation, part)) = find(draft.state, id) else {
        return no(
            "E0961",
            "no such message is on its way or kept",
            Some("`carapace outbox list` lists them"),
        );
    };
    match (part.life, wish) {
        (Life::Unknown, Wish::Retry) => {
            begin(draft, id.clone(), part.attempts.saturating_add(1));
            Reply::Done
        }
        (Life::Requested, Wish::Drop) => {
            let failure = Failure::new(FailureKind::NotPerformed, "a person threw it away");
            let outcome = OutcomeRecord::Failed(failure);
            settle(draft, run, operation, id, Life::NotPerformed, Some(outcome));
            Reply::Done
        }
        (Life::Unknown, Wish::Drop) => no(
            "E0962",
            "nobody knows whether it was sent",
            Some("find out, and say so: `carapace runs resolve RUN OPERATION done|failed`"),
        ),
        (Life::Requested, Wish::Retry) => {
            no("E0962", "it was not sent yet, and will be when it is its turn", None)
        }
        _ => no(
            "E0962",
            "it is on its way already",
            Some("`carapace runs cancel RUN` ends the run that asked for it"),
        ),
    }
}

fn no(code: &'static str, message: &str, help: Option<&str>) -> Reply {
    Reply::Rejected(Rejection { code, message: message.to_owned(), help: help.map(str::to_owned) })
}

/// A platform says how far a message got.
pub(super) fn receipt(draft: &mut Draft<'_>, receipt: &Receipt) -> Reply {
    let acts = draft.state.outbox.reached_by(receipt);
    for act in acts {
        draft.push(Record::Reached(Reached { act, reach: receipt.reach }));
    }
    Reply::Done
}

pub(super) fn set_staleness(
    draft: &mut Draft<'_>,
    account: Arc<str>,
    staleness: crate::stored::Staleness,
) -> Reply {
    if draft.state.outbox.staleness(&account) != staleness {
        draft.push(Record::StalenessSet(StalenessSet { account, staleness }));
    }
    Reply::Done
}
