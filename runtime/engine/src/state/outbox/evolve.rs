//! Facts change the outbox.

use super::{Away, Outbox, Pause, SentMessage};
use crate::record::{Discarded, HeldBack, Posted, Record, Returned, Slowed};
use crate::state::{State, Work};
use crate::stored::{Letter, Part};
use crate::{ActId, Destination, Timer};
use carapace_effect::{Life, OpId, RunId, Sent};
use std::sync::Arc;

impl State {
    /// Applies a fact about messages on their way out; others say nothing about them.
    pub(in crate::state) fn outgo(&mut self, record: &Record) {
        match record {
            Record::Queued(queued) => self.queued(&queued.act, queued.at),
            Record::Slowed(slowed) => self.slowed(slowed),
            Record::Returned(returned) => self.returned(returned),
            Record::HeldBack(held) => self.held_back(held),
            Record::Posted(posted) => self.posted(posted, false),
            Record::Digested(posted) => self.posted(posted, true),
            Record::Shelved(shelved) => self.shelved(&shelved.0),
            Record::Discarded(discarded) => self.discarded(discarded),
            Record::Reached(reached) => self.outbox.reach(&reached.act, reached.reach),
            Record::StalenessSet(set) => self.outbox.set_staleness(&set.account, set.staleness),
            _ => {}
        }
    }

    fn queued(&mut self, act: &ActId, at: i64) {
        if let Some(to) = self.part_mut(act).and_then(|part| part.to.clone()) {
            self.outbox.enqueue(&to, act.clone(), at);
            // What it would have waited for may have been let go of in the same line.
            self.wake_outbox(to.account());
        }
    }

    fn slowed(&mut self, slowed: &Slowed) {
        let pause = Pause { due: slowed.due, tries: 0, over: false };
        let before = self.outbox.pause(&slowed.to, Some(pause)).map(|pause| pause.due);
        let timer = Timer::Outbox { account: slowed.to.account().clone(), to: Some(slowed.to.clone()) };
        self.reset(timer, before, Some(slowed.due));
    }

    /// A part's life went on.
    pub(in crate::state) fn moved(&mut self, act: &ActId, to: &Destination, life: Life) {
        match life {
            Life::Started { .. } => self.outbox.begin(to, act),
            // Whatever it says, the channel said it.
            Life::Done | Life::Refused => {
                self.outbox.land(to, act);
                self.is_back(to);
            }
            Life::Requested | Life::NotPerformed | Life::Unknown => self.outbox.land(to, act),
        }
        self.wake_outbox(to.account());
    }

    pub(in crate::state) fn sent(&mut self, act: &ActId, to: &Destination, sent: &Sent) {
        let Some(run) = self.runs.get(act.run) else { return };
        let operation = run.operations.get(&act.op).or_else(|| run.settling.get(&act.op));
        let effect = operation.and_then(|operation| operation.call()).map(|call| call.effect.clone());
        let (flow, effect) = (run.flow.clone(), effect.unwrap_or_default());
        self.outbox.note_sent(SentMessage {
            act: act.clone(),
            flow,
            effect,
            to: to.clone(),
            sent: sent.clone(),
        });
    }

    /// Nobody waits for these any more: what has not left never will, and what has holds up nothing.
    pub(in crate::state) fn left(&mut self, run: RunId, op: &OpId, parts: &[Part]) {
        for (part, state) in (0..).zip(parts) {
            let open = matches!(state.life, Life::Requested | Life::Started { .. });
            let Some(to) = state.to.as_ref().filter(|_| open) else { continue };
            self.outbox.land(to, &ActId { run, op: op.clone(), part });
            self.wake_outbox(to.account());
        }
    }

    fn returned(&mut self, returned: &Returned) {
        let Some(part) = self.part_mut(&returned.act) else { return };
        part.life = Life::Requested;
        // Nothing of it left: that was no attempt.
        part.attempts = part.attempts.saturating_sub(1);
        if part.attempts == 0 {
            part.first = None;
        }
        let Some(to) = part.to.clone() else { return };
        self.outbox.give_back(&to, &returned.act, returned.at);
        let pause = Pause { due: returned.due, tries: returned.tries, over: false };
        let account = to.account().clone();
        if returned.whole {
            let since = self.outbox.account(&account).and_then(|account| account.away.as_ref());
            let since = since.map_or(returned.at, |away| away.since);
            let away = Away { since, why: returned.why.clone(), pause };
            let before = self.outbox.set_away(&account, Some(away)).map(|away| away.pause.due);
            self.reset(Timer::Outbox { account, to: None }, before, Some(returned.due));
        } else {
            let before = self.outbox.pause(&to, Some(pause)).map(|pause| pause.due);
            self.reset(Timer::Outbox { account, to: Some(to) }, before, Some(returned.due));
        }
    }

    /// A pause is over: the next that goes shows whether the other side takes it.
    pub(in crate::state) fn pause_over(&mut self, account: &Arc<str>, to: Option<&Destination>) {
        match to {
            Some(to) => {
                let pause = self.outbox.lane(to).and_then(|lane| lane.pause.clone());
                if let Some(pause) = pause {
                    self.outbox.pause(to, Some(Pause { over: true, ..pause }));
                }
            }
            None => {
                if let Some(away) = self.outbox.account_mut(account).and_then(|a| a.away.as_mut()) {
                    away.pause.over = true;
                }
            }
        }
        self.wake_outbox(account);
    }

    /// A channel says that it is there.
    pub(in crate::state) fn channel_back(&mut self, account: &Arc<str>) {
        let before = self.outbox.set_away(account, None).map(|away| away.pause.due);
        self.reset(Timer::Outbox { account: account.clone(), to: None }, before, None);
        self.wake_outbox(account);
    }

    fn is_back(&mut self, to: &Destination) {
        let account = to.account();
        if self.outbox.account(account).is_some_and(|account| account.away.is_some()) {
            self.channel_back(account);
        }
        if self.outbox.lane(to).is_some_and(|lane| lane.pause.is_some()) {
            let before = self.outbox.pause(to, None).map(|pause| pause.due);
            let timer = Timer::Outbox { account: account.clone(), to: Some(to.clone()) };
            self.reset(timer, before, None);
        }
    }

    fn reset(&mut self, timer: Timer, before: Option<i64>, due: Option<i64>) {
        if let Some(before) = before {
            self.timers.clear(before, timer.clone());
        }
        if let Some(due) = due {
            self.timers.set(due, timer);
        }
    }

    fn held_back(&mut self, held: &HeldBack) {
        self.outbox.hold(&held.to, held.at, &held.text);
        self.wake_outbox(held.to.account());
    }

    fn posted(&mut self, posted: &Posted, digest: bool) {
        let letter = &posted.0;
        if digest {
            self.outbox.tell_held(&letter.to);
        }
        self.outbox.begin(&letter.to, &letter.act);
        self.outbox.keep(letter.clone());
    }

    fn shelved(&mut self, letter: &Letter) {
        self.outbox.land(&letter.to, &letter.act);
        self.outbox.keep(letter.clone());
        self.wake_outbox(letter.to.account());
    }

    fn discarded(&mut self, discarded: &Discarded) {
        let Some(letter) = self.outbox.discard(&discarded.act) else { return };
        self.outbox.land(&letter.to, &letter.act);
        if discarded.sent {
            self.is_back(&letter.to);
        }
        self.wake_outbox(letter.to.account());
    }

    /// Puts an account on the agenda, where something of it may go.
    pub(in crate::state) fn wake_outbox(&mut self, account: &Arc<str>) {
        let Some(here) = self.outbox.account_mut(account) else { return };
        if here.scheduled || !here.has_work() {
            return;
        }
        here.scheduled = true;
        self.agenda.push(Work::Outbox { account: account.clone() });
    }

    pub(in crate::state) fn outbox_worked(&mut self, account: &str) {
        if let Some(here) = self.outbox.account_mut(account) {
            here.scheduled = false;
        }
    }

    /// What a checkpoint from before there was an outbox leaves out: acts that performers have.
    pub(in crate::state) fn rebuild_outbox(&mut self) {
        self.outbox = Outbox::default();
        let mut parts = Vec::new();
        for run in self.runs.iter() {
            for (op, operation) in &run.operations {
                let act = |part| ActId { run: run.id, op: op.clone(), part };
                parts.extend((0..).zip(operation.parts()).map(|(part, state)| (act(part), state.clone())));
            }
        }
        for (act, part) in parts {
            if let (Life::Started { .. }, Some(to)) = (part.life, &part.to) {
                self.outbox.begin(to, &act);
            }
        }
    }
}
