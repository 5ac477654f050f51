//! Facts change the state. Nothing is decided here, nothing fails, nothing is asked of anybody.

use super::failed::is_failure;
use super::{Cell, Debouncing, EventKey, State, Summary, Window, Work};
use crate::record::{
    Abandoned, Accepted, Acted, ChannelHeard, Closed, Created, Debounced, Delivered, Emitted, Held, Moved,
    Quarantined, Record, Released, Reported, Requested, Scheduled, Stretched, Write,
};
use crate::stored::{End, Operation, Part, Phase, Run, Tell};
use crate::{ActId, Destination, LaneId, Timer};
use carapace_effect::{Life, OpId, RunId};
use std::collections::{BTreeMap, VecDeque};
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
            Record::Dropped(_) | Record::PassedOver(_) | Record::Noted(_) => {}
            Record::Responded(responded) => {
                if let Some((key, until)) = self.events.answer(responded.event) {
                    self.answers.insert(key, until, Arc::new(responded.clone()));
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
            Record::Late(late) => {
                let tell = Tell::Late { op: late.op.clone(), outcome: late.outcome.clone() };
                self.tell(late.run, tell);
            }
            Record::Abandoned(abandoned) => self.abandoned(abandoned),
            Record::Cancelling(cancelling) => {
                if let Some(run) = self.runs.get_mut(cancelling.run) {
                    run.phase = Phase::Cancelling;
                }
                self.tell(cancelling.run, Tell::Cancel { reason: cancelling.reason.clone() });
            }
            Record::TimedOut(timed_out) => self.timed_out(timed_out.run),
            Record::Held(held) => self.held(held),
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
            Record::Worked { work } => {
                self.worked(*work);
            }
            Record::StateSet(set) => self.write(std::slice::from_ref(&set.0)),
            Record::Forgotten(forgotten) => self.values.forget(&forgotten.state, &forgotten.key),
            Record::ChannelHeard(heard) => self.heard(heard),
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

    /// Whether a run has something to do and nothing on the agenda does it.
    pub(crate) fn is_idle(&self, id: RunId) -> bool {
        self.runs.get(id).is_some_and(|run| {
            let begins = run.frames.is_none() && matches!(run.phase, Phase::Running | Phase::Cancelling);
            let nobody = run.work.is_none() && run.quarantined.is_none();
            nobody && run.phase != Phase::Queued && (begins || !run.inbox.is_empty())
        })
    }

    fn transferred(&mut self, moved: &Moved) {
        self.runs.pin(moved.run, moved.deployment);
        if let Some(run) = self.runs.get_mut(moved.run) {
            run.entry = moved.entry.clone();
            run.frames = Some(moved.frames.clone());
        }
    }

    fn crashed(&mut self, id: RunId) {
        if let Some(run) = self.runs.get_mut(id) {
            run.crashes = run.crashes.saturating_add(1);
        }
    }

    fn quarantined(&mut self, quarantined: &Quarantined) {
        let Some(run) = self.runs.get_mut(quarantined.run) else { return };
        run.quarantined = Some(quarantined.why.clone());
        if let Some(work) = run.work.take() {
            self.agenda.remove(work);
        }
    }

    fn woken(&mut self, id: RunId) {
        if let Some(run) = self.runs.get_mut(id) {
            run.quarantined = None;
        }
        if !self.is_idle(id) {
            return;
        }
        let work = self.agenda.push(Work::Advance { run: id });
        if let Some(run) = self.runs.get_mut(id) {
            run.work = Some(work);
        }
    }

    /// Changes an operation that a run waits for.
    fn change(&mut self, run: RunId, op: &OpId, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.runs.get_mut(run).and_then(|run| run.operations.get_mut(op)) {
            change(operation);
        }
    }

    fn timed_out(&mut self, id: RunId) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.timeout = None;
        run.overdue = true;
        // One whose code is over has nobody to tell.
        if !matches!(run.phase, Phase::Over(_)) {
            self.tell(id, Tell::Timeout);
        }
    }

    fn held(&mut self, held: &Held) {
        let Some(run) = self.runs.get_mut(held.run) else { return };
        let Some(op) = &held.op else {
            let timer = || Timer::Timeout { run: held.run };
            if let Some(before) = run.timeout.replace(held.until) {
                self.timers.clear(before, timer());
                self.timers.set(held.until, timer());
            }
            return;
        };
        let timer = || Timer::Operation { run: held.run, op: op.clone() };
        let Some(Operation::Timer { due, held: until, .. }) = run.operations.get_mut(op) else { return };
        self.timers.clear(until.unwrap_or(*due), timer());
        *until = (held.until > *due).then_some(held.until);
        let waits = until.is_some();
        self.timers.set(held.until, timer());
        self.runs.hold(held.run, op, waits);
    }

    fn accepted(&mut self, accepted: &Accepted) {
        self.seen.forget_until(accepted.at);
        self.answers.forget_until(accepted.at);
        self.regulation.forget_until(accepted.at);
        self.talks.hear(&accepted.event, accepted.at);
        let gone = self.failed.forget_until(accepted.at);
        gone.into_iter().for_each(|event| self.events.release(event));
        self.events.add(accepted);
        if let Some(seen) = &accepted.seen {
            self.seen.insert(EventKey::of(&seen.key), seen.until);
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

    fn end_debounce(&mut self, key: &(std::sync::Arc<str>, crate::Key)) {
        if let Some(before) = self.regulation.debounces.remove(key) {
            self.timers.clear(before.due, Timer::Debounce { flow: key.0.clone(), key: key.1.clone() });
            self.events.release(before.event);
        }
    }

    fn created(&mut self, created: &Created) {
        if let Some(event) = created.event {
            self.events.keep(event);
            if created.parent.is_some() {
                self.regulation.set_off(self.events.root(event), created.at);
            }
        }
        if let Some(event) = created.retries.and_then(|run| self.failed.tried_again(run, created.run)) {
            self.events.release(event);
        }
        if let Some(lane) = &created.lane {
            self.lanes.enqueue(lane, created.run);
        }
        for limit in &created.limits {
            self.regulation.born(Window {
                flow: created.flow.clone(),
                limit: limit.limit,
                key: limit.key.clone(),
            });
        }
        self.runs.insert(Run {
            id: created.run,
            flow: created.flow.clone(),
            deployment: created.deployment,
            created: created.at,
            released: None,
            event: created.event,
            parent: created.parent,
            entry: created.entry.clone(),
            lane: created.lane.clone(),
            limits: created.limits.clone(),
            stops: created.stops.clone(),
            guarded: created.guarded,
            phase: Phase::Queued,
            handled: false,
            frames: None,
            inbox: VecDeque::new(),
            work: None,
            operations: BTreeMap::new(),
            settling: BTreeMap::new(),
            timeout: None,
            overdue: false,
            crashes: 0,
            quarantined: None,
        });
    }

    fn released(&mut self, released: &Released) {
        let Some(run) = self.runs.get_mut(released.run) else { return };
        run.phase = Phase::Running;
        run.released = Some(released.at);
        run.timeout = released.timeout;
        run.guarded = false;
        run.work = Some(self.agenda.push(Work::Advance { run: released.run }));
        if let Some(lane) = &run.lane {
            self.lanes.enter(lane, released.run);
        }
        if let Some(due) = released.timeout {
            self.timers.set(due, Timer::Timeout { run: released.run });
        }
    }

    fn stretched(&mut self, stretched: &Stretched) {
        self.write(&stretched.writes);
        let Some(run) = self.runs.get_mut(stretched.run) else { return };
        if let Some(work) = run.work.take() {
            self.agenda.remove(work);
        }
        run.crashes = 0;
        run.frames.clone_from(&stretched.frames);
        if stretched.told {
            run.inbox.pop_front();
        }
        if let Some(end) = &stretched.end {
            run.phase = Phase::Over(end.clone());
            run.handled = stretched.handled;
            // Nobody is there any more to hear anything but what happened late.
            run.inbox.retain(|tell| matches!(tell, Tell::Late { .. }));
        }
        self.wake(stretched.run);
    }

    fn requested(&mut self, requested: &Requested) {
        let Some(run) = self.runs.get_mut(requested.run) else { return };
        match &requested.operation {
            Operation::Timer { due, .. } => {
                let timer = Timer::Operation { run: requested.run, op: requested.op.clone() };
                self.timers.set(*due, timer);
            }
            Operation::Next { of } => {
                if let Some(Operation::Listen { next, .. }) = run.operations.get_mut(of) {
                    *next = Some(requested.op.clone());
                }
            }
            _ => {}
        }
        run.operations.insert(requested.op.clone(), requested.operation.clone());
        self.runs.register(requested.run, &requested.op, &requested.operation);
    }

    pub(super) fn part_mut(&mut self, act: &ActId) -> Option<&mut Part> {
        let run = self.runs.get_mut(act.run)?;
        let operation = match run.operations.get_mut(&act.op) {
            Some(operation) => operation,
            None => run.settling.get_mut(&act.op)?,
        };
        operation.parts_mut()?.get_mut(act.part as usize)
    }

    fn acted(&mut self, acted: &Acted) {
        let Some(part) = self.part_mut(&acted.act) else { return };
        part.life = Life::Started { attempt: acted.attempt };
        part.attempts = acted.attempt;
        part.first.get_or_insert(acted.at);
        let to = part.to.clone();
        if let Some(due) = part.resend.take() {
            self.timers.clear(due, Timer::Resend { act: acted.act.clone() });
        }
        if let Some(to) = to {
            self.answered(acted, &to);
            self.outbox.pace.count(&to, acted.at);
            self.moved(&acted.act, &to, Life::Started { attempt: acted.attempt });
        }
    }

    /// Something of ours goes to a conversation, in which somebody may have spoken before.
    fn answered(&mut self, acted: &Acted, to: &Destination) {
        let Destination::Conversation { account, conversation } = to else { return };
        let run = self.runs.get(acted.act.run);
        let call = run.and_then(|run| run.operations.get(&acted.act.op)).and_then(Operation::call);
        let what = || call.and_then(|call| serde_json::to_vec(&call.args).ok()).unwrap_or_default();
        self.talks.answer(&(account.clone(), conversation.clone()), acted.at, what);
    }

    fn reported(&mut self, reported: &Reported) {
        let act = &reported.act;
        let Some(part) = self.part_mut(act) else { return };
        let before = part.resend.take();
        let to = part.to.clone();
        part.life = reported.life;
        part.outcome.clone_from(&reported.outcome);
        part.resend = reported.resend;
        if let Some(due) = before {
            self.timers.clear(due, Timer::Resend { act: act.clone() });
        }
        if let Some(due) = reported.resend {
            self.timers.set(due, Timer::Resend { act: act.clone() });
        }
        if let Some(to) = to {
            if let Some(sent) = &reported.sent {
                self.sent(act, &to, sent);
            }
            self.moved(act, &to, reported.life);
        }
        let Some(run) = self.runs.get_mut(act.run) else { return };
        if run.settling.get(&act.op).is_some_and(|operation| !operation.is_open()) {
            run.settling.remove(&act.op);
        }
    }

    fn delivered(&mut self, delivered: &Delivered) {
        let Some(run) = self.runs.get_mut(delivered.run) else { return };
        if let Some(listener) = &delivered.from
            && let Some(Operation::Listen { buffer, next, .. }) = run.operations.get_mut(listener)
        {
            buffer.pop_front();
            *next = None;
        }
        self.drop_operation(delivered.run, &delivered.op);
        let tell = Tell::Outcome { op: delivered.op.clone(), outcome: delivered.outcome.clone() };
        self.tell(delivered.run, tell);
    }

    fn abandoned(&mut self, abandoned: &Abandoned) {
        for op in &abandoned.ops {
            self.drop_operation(abandoned.run, op);
        }
    }

    /// The run no longer waits for it. What may have left the process goes on settling.
    fn drop_operation(&mut self, id: RunId, op: &OpId) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.inbox.retain(|tell| !matches!(tell, Tell::Outcome { op: told, .. } if told == op));
        let Some(mut operation) = run.operations.remove(op) else { return };
        let parts = operation.parts().to_vec();
        // What has not left never will.
        let waiting = operation.parts_mut().into_iter().flatten();
        waiting.filter(|part| part.life == Life::Requested).for_each(|part| part.life = Life::NotPerformed);
        match &operation {
            Operation::Timer { due, held, .. } => {
                self.timers.clear(held.unwrap_or(*due), Timer::Operation { run: id, op: op.clone() });
            }
            Operation::Next { of } => {
                if let Some(Operation::Listen { next, .. }) = run.operations.get_mut(of) {
                    *next = None;
                }
            }
            _ => {}
        }
        if operation.is_open() {
            run.settling.insert(op.clone(), operation.clone());
        } else {
            for (part, state) in operation.parts().iter().enumerate() {
                if let (Some(due), Ok(part)) = (state.resend, u32::try_from(part)) {
                    let act = ActId { run: id, op: op.clone(), part };
                    self.timers.clear(due, Timer::Resend { act });
                }
            }
        }
        self.left(id, op, &parts);
        self.runs.unregister(id, op, &operation);
    }

    fn tell(&mut self, id: RunId, tell: Tell) {
        if let Some(run) = self.runs.get_mut(id) {
            run.inbox.push_back(tell);
            self.wake(id);
        }
    }

    fn wake(&mut self, id: RunId) {
        let Some(run) = self.runs.get_mut(id) else { return };
        let may = run.work.is_none() && run.quarantined.is_none() && run.phase != Phase::Queued;
        if may && !run.inbox.is_empty() {
            run.work = Some(self.agenda.push(Work::Advance { run: id }));
        }
    }

    fn closed(&mut self, closed: &Closed) {
        let failed = |run: &&Run| matches!(&run.phase, Phase::Over(end) if is_failure(end));
        let event = self.runs.get(closed.run).filter(failed).and_then(|run| run.event);
        event.into_iter().for_each(|event| self.events.keep(event));
        let Some(mut run) = self.remove_run(closed.run) else { return };
        let end = match std::mem::replace(&mut run.phase, Phase::Queued) {
            Phase::Over(end) => end,
            Phase::Queued | Phase::Running | Phase::Cancelling => End::Fault("closed while it ran".into()),
        };
        let (id, flow, created, at) = (run.id, run.flow.clone(), run.created, closed.at);
        let summary = Summary { run: id, flow, created, at, end };
        self.finished.push(summary.clone());
        if is_failure(&summary.end) {
            let bytes =
                event.and_then(|event| self.events.get(event)).map_or(0, |taken| length(&taken.event));
            let gone = self.failed.keep(run, summary, bytes);
            gone.into_iter().for_each(|event| self.events.release(event));
        }
    }

    fn remove_run(&mut self, id: RunId) -> Option<Run> {
        let ops: Vec<OpId> = self.runs.get(id)?.operations.keys().cloned().collect();
        for op in &ops {
            self.drop_operation(id, op);
        }
        let run = self.runs.remove(id)?;
        for (op, operation) in &run.settling {
            self.left(id, op, operation.parts());
        }
        if let Some(work) = run.work {
            self.agenda.remove(work);
        }
        if let Some(due) = run.timeout {
            self.timers.clear(due, Timer::Timeout { run: id });
        }
        if let Some(event) = run.event {
            self.events.release(event);
        }
        for limit in &run.limits {
            let (limit, key) = (limit.limit, limit.key.clone());
            self.regulation.gone(&Window { flow: run.flow.clone(), limit, key });
        }
        if let Some(lane) = &run.lane {
            self.leave_lane(lane, id);
        }
        Some(run)
    }

    /// Takes a run out of its lane; the next one is let in.
    fn leave_lane(&mut self, lane: &LaneId, run: RunId) {
        if self.lanes.leave(lane, run) {
            let work = self.agenda.push(Work::Lane { lane: lane.clone() });
            if let Some(lane) = self.lanes.table.get_mut(lane) {
                lane.work = Some(work);
            }
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
pub(crate) fn dedupe_key(flow: &str, key: &crate::Key) -> std::sync::Arc<str> {
    format!("{flow} {}", key.0).into()
}

/// The length of an event, as it is written down.
fn length(event: &crate::Event) -> u64 {
    serde_json::to_vec(event).map_or(0, |json| json.len() as u64)
}
