//! Facts change the state. Nothing is decided here, nothing fails, nothing is asked of anybody.
//!
//! `run` has what happens to a run, `operation` what happens to what it asked for; the rest is here.

mod operation;
mod preview;
mod run;

use super::{Cell, Debouncing, EventKey, State, Window, Work};
use crate::Timer;
use crate::record::{Accepted, ChannelHeard, Debounced, Emitted, Late, Record, Scheduled, Write};
use crate::stored::{Operation, Part, Phase, Tell};
use std::sync::Arc;

/// How long claims of slots are kept: eight days, in milliseconds. No clock is set back further than that.
const CLAIMS: i64 = 8 * 86_400_000;

impl State {
    /// Applies one line of the journal.
    pub fn apply(&mut self, line: &[Record]) {
        self.sequence += 1;
        (self.runs.table.now, self.events.table.now) = (self.sequence, self.sequence);
        for record in line {
            self.evolve(record);
        }
        for timer in self.runs.take_picked_up() {
            self.timers.pick_up(timer);
        }
    }

    /// Applies one fact.
    pub fn evolve(&mut self, record: &Record) {
        match record {
            Record::Deployed(deployed) => {
                self.deployments.add((**deployed).clone(), self.loader);
                self.shapes.extend(deployed.shapes.iter().map(|(name, shape)| (name.clone(), shape.clone())));
            }
            Record::Withdrawn(withdrawn) => self.deployments.withdraw(&withdrawn.package),
            Record::Retired(retired) => self.deployments.retire(&retired.deployments),
            Record::Swept(swept) => self.deployments.swept(&swept.modules),
            Record::Accounts(accounts) => {
                self.accounts = Some(accounts.there.clone());
                accounts.there.iter().for_each(|account| self.wake_outbox(account));
            }
            Record::Accepted(accepted) => self.accepted(accepted),
            Record::Dropped(_) | Record::PassedOver(_) | Record::Noted(_) | Record::Erased(_) => {}
            Record::Forgetting(forgetting) => self.forgetting(forgetting),
            Record::Forgot(forgot) => self.forgot(forgot),
            Record::Responded(responded) => {
                if let Some((key, until)) = self.events.answer(responded.event) {
                    self.answers.respond(key, until, Arc::new(responded.clone()));
                }
            }
            Record::Muted(muted) => self.talks.mute(muted),
            Record::Filtered(filtered) => self.write(&filtered.writes),
            Record::Debounced(debounced) => self.debounced(debounced),
            Record::Counted(c) => {
                let window = Window { flow: c.flow.clone(), limit: c.limit, key: c.key.clone() };
                self.regulation.count(window, c.until);
            }
            Record::Deduped(d) => {
                self.regulation.dedupe.insert(dedupe_key(&d.flow, &d.key), d.until);
            }
            Record::Created(created) => self.created(created),
            Record::Released(released) => self.released(released),
            Record::Skipped(skipped) => {
                self.remove_run(skipped.run);
            }
            Record::Stretched(stretched) => self.stretched(stretched),
            Record::Requested(requested) => self.requested(requested),
            Record::Acted(acted) => self.acted(acted),
            Record::Reported(reported) => self.reported(reported),
            Record::Queued(_)
            | Record::Slowed(_)
            | Record::Returned(_)
            | Record::HeldBack(_)
            | Record::Posted(_)
            | Record::Digested(_)
            | Record::Shelved(_)
            | Record::Discarded(_)
            | Record::Reached(_)
            | Record::StalenessSet(_) => self.outgo(record),
            Record::Prompted(prompted) => self.change(prompted.run, &prompted.op, |operation| {
                operation.prompt_again(Part::new(Some(prompted.to.clone())));
            }),
            Record::Voted(voted) => {
                self.change(voted.run, &voted.op, |operation| operation.vote(voted.by.clone()));
            }
            Record::Buffered(buffered) => self.change(buffered.run, &buffered.op, |operation| {
                if let Operation::Listen { buffer, .. } = operation {
                    buffer.push_back(buffered.value.clone());
                }
            }),
            Record::Delivered(delivered) => self.delivered(delivered),
            Record::Late(late) => self.late(late),
            Record::Abandoned(abandoned) => self.abandoned(abandoned),
            Record::Cancelling(cancelling) => {
                if let Some(run) = self.runs.get_mut(cancelling.run) {
                    run.phase = Phase::Cancelling;
                }
                self.tell(cancelling.run, Tell::Cancel { reason: cancelling.reason.clone() });
            }
            Record::TimedOut(timed_out) => self.timed_out(timed_out.run),
            Record::Held(held) => self.held(held),
            Record::PutOff(put_off) => self.put_off(put_off),
            Record::Yielded(yielded) => {
                let lane = self.runs.get_mut(yielded.run).and_then(|run| run.lane.take());
                if let Some(lane) = lane {
                    self.leave_lane(&lane, yielded.run);
                }
            }
            Record::Woken(woken) => self.woken(woken.run),
            Record::Moved(moved) => self.transferred(moved),
            Record::Crashed(crashed) => self.crashed(crashed.run),
            Record::Quarantined(quarantined) => self.quarantined(quarantined),
            Record::Closed(closed) => self.closed(closed),
            Record::Emitted(emitted) => self.emitted(emitted),
            Record::Fired { due, timer } => self.fired(*due, timer),
            Record::Scheduled(scheduled) => self.scheduled(scheduled),
            Record::Worked { work } => self.worked(*work),
            Record::StateSet(set) => self.write(std::slice::from_ref(&set.0)),
            Record::Forgotten(forgotten) => self.values.forget(&forgotten.state, &forgotten.key),
            Record::ChannelHeard(heard) => self.heard(heard),
            Record::Said(_)
            | Record::Compacted(_)
            | Record::Context(_)
            | Record::Spent(_)
            | Record::Used(_) => self.of_agents(record),
            Record::Previewing(_) | Record::Previewed(_) | Record::PreviewTaken(_) => self.preview(record),
        }
    }

    fn late(&mut self, late: &Late) {
        self.tell(late.run, Tell::Late { op: late.op.clone(), outcome: late.outcome.clone() });
    }

    /// What is known of agents: what was said, and what that used up.
    fn of_agents(&mut self, record: &Record) {
        match record {
            Record::Said(said) => self.sessions.said(said),
            Record::Compacted(compacted) => self.sessions.compacted(compacted),
            Record::Context(context) => self.sessions.context(context),
            Record::Spent(spent) => self.ledger.spent(&spent.payer, spent.at, &spent.usage),
            Record::Used(used) => self.ledger.spent(&used.payer, used.at, &used.usage),
            _ => {}
        }
    }

    fn emitted(&mut self, emitted: &Emitted) {
        if let Some(root) = emitted.root {
            self.regulation.set_off(root, emitted.at);
        }
        self.agenda.push(Work::Dispatch { event: emitted.event.clone(), root: emitted.root });
    }

    fn fired(&mut self, due: i64, timer: &Timer) {
        self.timers.clear(due, timer.clone());
        match timer {
            Timer::Debounce { flow, key } => self.end_debounce(&(flow.clone(), key.clone())),
            Timer::Outbox { account, to } => self.pause_over(account, to.as_ref()),
            _ => {}
        }
    }

    fn heard(&mut self, heard: &ChannelHeard) {
        if heard.caught_up {
            self.deaf.remove(&heard.account);
            self.channel_back(&heard.account);
        } else {
            self.deaf.entry(heard.account.clone()).or_insert(heard.at);
        }
    }

    fn worked(&mut self, number: u64) {
        match self.agenda.get(number) {
            Some(Work::Lane { lane }) => self.lanes.worked(lane),
            Some(Work::Advance { run }) => {
                if let Some(run) = self.runs.get_mut(*run) {
                    run.work = run.work.filter(|work| *work != number);
                }
            }
            Some(Work::Outbox { account }) => {
                let account = account.clone();
                self.outbox_worked(&account);
            }
            Some(Work::Dispatch { .. }) | None => {}
        }
        self.agenda.remove(number);
    }

    fn accepted(&mut self, accepted: &Accepted) {
        self.seen.forget_until(accepted.at);
        self.answers.forget_until(accepted.at);
        self.regulation.forget_until(accepted.at);
        self.talks.hear(&accepted.event, accepted.at);
        let gone = self.failed.forget_until(accepted.at);
        gone.into_iter().for_each(|event| self.events.release_failed(event));
        self.events.add(accepted);
        if let Some(seen) = &accepted.seen {
            let key = EventKey::of(&seen.key);
            self.seen.insert(key, seen.until);
            if let Some(body) = seen.body {
                self.answers.open(key, seen.until, accepted.number, body);
            }
        }
    }

    fn debounced(&mut self, debounced: &Debounced) {
        let key = (debounced.flow.clone(), debounced.key.clone());
        let timer = Timer::Debounce { flow: key.0.clone(), key: key.1.clone() };
        self.end_debounce(&key);
        self.events.keep(debounced.event);
        self.timers.set(debounced.due, timer);
        self.regulation.debounces.insert(
            key,
            Debouncing { trigger: debounced.trigger, event: debounced.event, due: debounced.due },
        );
    }

    pub(super) fn end_debounce(&mut self, key: &(Arc<str>, crate::Key)) {
        if let Some(before) = self.regulation.debounces.remove(key) {
            self.timers.clear(before.due, Timer::Debounce { flow: key.0.clone(), key: key.1.clone() });
            self.events.release(before.event);
        }
    }

    fn scheduled(&mut self, scheduled: &Scheduled) {
        let key = (scheduled.flow.clone(), scheduled.trigger);
        let timer = Timer::Slot { flow: key.0.clone(), trigger: key.1 };
        if let Some(slot) = scheduled.claimed {
            self.claims.insert((slot, scheduled.flow.clone()));
            let latest = self.claims.last().map_or(slot, |(latest, _)| *latest);
            let kept = latest.saturating_sub(CLAIMS);
            while self.claims.first().is_some_and(|(slot, _)| *slot < kept) {
                self.claims.pop_first();
            }
        }
        if let Some(before) = self.schedules.remove(&key) {
            self.timers.clear(before, timer.clone());
        }
        if let Some(next) = scheduled.next {
            self.timers.set(next, timer);
            self.schedules.insert(key, next);
        }
    }

    fn write(&mut self, writes: &[Write]) {
        for write in writes {
            let timer = || Timer::Forget { state: write.state.clone(), key: write.key.clone() };
            let cell = Cell { value: write.value.clone(), version: self.sequence, until: write.until };
            if let Some(before) = self.values.set(&write.state, &write.key, cell) {
                self.timers.clear(before, timer());
            }
            if let Some(until) = write.until {
                self.timers.set(until, timer());
            }
        }
    }
}

/// Under what a flow's `dedupe` key is remembered.
pub(crate) fn dedupe_key(flow: &str, key: &crate::Key) -> Arc<str> {
    format!("{flow} {}", key.0).into()
}

/// The length of an event, as it is written down.
fn length(event: &crate::Event) -> u64 {
    serde_json::to_vec(event).map_or(0, |json| json.len() as u64)
}
