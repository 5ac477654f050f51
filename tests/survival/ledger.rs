//! What the journal says happened, held to what is promised: each line is looked at once, as it is written.

use crate::platform::may_repeat;
use crate::world::key;
use carapace_effect::{Life, OpId, RunId};
use carapace_engine::record::Record;
use carapace_engine::stored::{Call, Entry, Operation, Phase};
use carapace_engine::{ActId, LaneId, Line, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was seen so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    /// Events by what they are recognised by, and until when.
    seen: BTreeMap<String, i64>,
    started: BTreeSet<(u64, Arc<str>)>,
    runs: BTreeMap<RunId, Standing>,
    lanes: BTreeMap<LaneId, Vec<RunId>>,
    acts: BTreeMap<ActId, (u32, Life)>,
    calls: BTreeMap<(RunId, OpId), Call>,
    first: BTreeMap<ActId, i64>,
    dues: BTreeMap<(RunId, OpId), i64>,
    delivered: BTreeSet<(RunId, OpId)>,
    claimed: BTreeSet<(Arc<str>, u32, i64)>,
    pub(crate) slots: Vec<(Arc<str>, i64)>,
    pub(crate) count: Count,
}

/// How much of everything there was.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) lines: u64,
    pub(crate) events: u64,
    pub(crate) runs: u64,
    pub(crate) acts: u64,
    pub(crate) again: u64,
    pub(crate) unknown: u64,
    pub(crate) late: u64,
}

impl Count {
    /// One more life's.
    pub(crate) fn add(&mut self, other: Count) {
        self.lines += other.lines;
        self.events += other.events;
        self.runs += other.runs;
        self.acts += other.acts;
        self.again += other.again;
        self.unknown += other.unknown;
        self.late += other.late;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Queued,
    Running,
    Over,
}

impl Ledger {
    /// Looks at a line that was written at `now`.
    pub(crate) fn read(&mut self, line: &Line, now: i64) {
        self.count.lines += 1;
        for record in line {
            self.record(record, now);
        }
    }

    /// Whether an event with this key was taken in.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.seen.contains_key(key)
    }

    fn record(&mut self, record: &Record, now: i64) {
        match record {
            Record::Accepted(accepted) => {
                self.count.events += 1;
                let Some(seen) = &accepted.seen else { return };
                let Some(key) = key(&accepted.event) else {
                    panic!("`{}` is recognised by nothing", seen.key)
                };
                let before = self.seen.insert(key, seen.until);
                assert!(before.is_none_or(|until| until <= now), "`{}` was taken in twice", seen.key);
            }
            Record::Created(created) => {
                self.count.runs += 1;
                let before = self.runs.insert(created.run, Standing::Queued);
                assert_eq!(before, None, "run {} came to be twice", created.run);
                if let Some(lane) = &created.lane {
                    self.lanes.entry(lane.clone()).or_default().push(created.run);
                }
                if let (Some(event), None, Entry::Trigger { .. } | Entry::Otherwise { .. }) =
                    (created.event, created.parent, &created.entry)
                {
                    let new = self.started.insert((event.0, created.flow.clone()));
                    assert!(new, "event {} started `{}` twice", event.0, created.flow);
                }
            }
            Record::Released(released) => self.step(released.run, Standing::Queued, Standing::Running),
            Record::Skipped(skipped) => {
                self.step(skipped.run, Standing::Queued, Standing::Over);
                self.leave(skipped.run);
            }
            Record::Closed(closed) => {
                assert_ne!(self.runs.get(&closed.run), Some(&Standing::Over), "{} closed twice", closed.run);
                self.runs.insert(closed.run, Standing::Over);
                self.leave(closed.run);
            }
            // Whoever is parked beyond its `timeout` lets the others go on.
            Record::Yielded(yielded) => self.leave(yielded.run),
            Record::Stretched(stretched) => {
                assert_eq!(self.runs.get(&stretched.run), Some(&Standing::Running), "code of no running run");
            }
            Record::Requested(requested) => {
                self.requested(requested.run, &requested.op, &requested.operation)
            }
            Record::Acted(acted) => self.acted(&acted.act, acted.attempt, now),
            Record::Reported(reported) => self.reported(&reported.act, reported.life),
            Record::Delivered(delivered) => {
                let op = (delivered.run, delivered.op.clone());
                if let Some(due) = self.dues.get(&op) {
                    assert!(*due <= now, "a wait of {} ended {} ms early", delivered.run, due - now);
                }
                assert!(self.delivered.insert(op), "{}/{} had two outcomes", delivered.run, delivered.op);
            }
            Record::Late(_) => self.count.late += 1,
            Record::Fired { due, timer } => assert!(*due <= now, "{timer:?} went off {} ms early", due - now),
            Record::Scheduled(scheduled) => {
                let Some(slot) = scheduled.claimed else { return };
                assert!(slot <= now, "a slot of `{}` was claimed early", scheduled.flow);
                let new = self.claimed.insert((scheduled.flow.clone(), scheduled.trigger, slot));
                assert!(new, "slot {slot} of `{}` was claimed twice", scheduled.flow);
                self.slots.push((scheduled.flow.clone(), slot));
            }
            _ => {}
        }
    }

    fn step(&mut self, run: RunId, from: Standing, to: Standing) {
        assert_eq!(self.runs.insert(run, to), Some(from), "run {run} goes to {to:?}");
        let Some((_, lane)) = self.lanes.iter().find(|(_, lane)| lane.contains(&run)) else { return };
        if to == Standing::Running {
            assert_eq!(lane.first(), Some(&run), "a run went before those that came earlier in its lane");
        }
    }

    fn leave(&mut self, run: RunId) {
        for lane in self.lanes.values_mut() {
            lane.retain(|queued| *queued != run);
        }
    }

    fn requested(&mut self, run: RunId, op: &OpId, operation: &Operation) {
        if let Some(call) = operation.call() {
            self.calls.insert((run, op.clone()), call.clone());
        }
        if let Operation::Timer { due, .. } = operation {
            self.dues.insert((run, op.clone()), *due);
        }
    }

    fn acted(&mut self, act: &ActId, attempt: u32, now: i64) {
        self.count.acts += 1;
        let before = self.acts.insert(act.clone(), (attempt, Life::Started { attempt }));
        let (attempts, life) = before.unwrap_or((0, Life::Requested));
        assert_eq!(attempt, attempts + 1, "attempts of {act} are counted one by one");
        assert!(!life.is_settled(), "{act} was sent after it had come to something");
        self.first.entry(act.clone()).or_insert(now);
        if attempt > 1 {
            self.count.again += 1;
            let first = self.first.get(act).copied().unwrap_or(now);
            let call = self.calls.get(&(act.run, act.op.clone()));
            let may = call.is_some_and(|call| may_repeat(&call.to_request(), now - first));
            assert!(may, "{act} was sent again, and its class does not allow that");
        }
    }

    fn reported(&mut self, act: &ActId, life: Life) {
        self.count.unknown += u64::from(life == Life::Unknown);
        // What waited for its turn until its time was over never left.
        let waiting = (life == Life::NotPerformed).then_some((0, Life::Requested));
        if let Some(waiting) = waiting {
            self.acts.entry(act.clone()).or_insert(waiting);
        }
        let Some((_, before)) = self.acts.get_mut(act) else { panic!("{act} was reported and never sent") };
        assert!(!before.is_settled(), "{act} came to something twice");
        *before = life;
    }
}

/// Nothing is in limbo: whoever is not over waits for something that can come.
pub(crate) fn nobody_is_stuck(state: &State) {
    for (to, lane) in state.outbox.lanes().filter(|(_, lane)| !lane.waiting.is_empty()) {
        let account = state.outbox.account(to.account());
        let waits = lane.pause.is_some() || !lane.flying.is_empty() || !state.agenda.is_empty();
        let full = account.is_some_and(|account| account.away.is_some() || account.capacity() == 0);
        assert!(waits || full, "nothing goes to {to:?}, where {} messages wait", lane.waiting.len());
    }
    for run in state.runs.iter() {
        let place = format!("{} of `{}` in {:?}", run.id, run.flow, run.phase);
        if run.work.is_some() {
            continue;
        }
        assert!(
            run.inbox.is_empty() || run.phase == Phase::Queued,
            "{place} is not told what it is to be told"
        );
        match &run.phase {
            Phase::Queued => {
                let lane = run.lane.as_ref().and_then(|lane| state.lanes.get(lane));
                let waits = lane.is_some_and(|lane| lane.running.is_some() || lane.work.is_some());
                assert!(waits, "{place}: nobody will let it go");
            }
            Phase::Running | Phase::Cancelling => assert!(
                !run.operations.is_empty() || !run.settling.is_empty(),
                "{place}: it waits for nothing"
            ),
            // What takes back a step that finished late goes on after the run's own code.
            Phase::Over(_) => assert!(
                !run.settling.is_empty() || !run.operations.is_empty(),
                "{place}: it was never closed"
            ),
        }
        for (op, operation) in &run.operations {
            if let Operation::Timer { due, held, .. } = operation {
                let timer = carapace_engine::Timer::Operation { run: run.id, op: op.clone() };
                assert!(
                    state.timers.contains(held.unwrap_or(*due), &timer),
                    "{place}: nothing will wake {op}"
                );
            }
        }
    }
}
