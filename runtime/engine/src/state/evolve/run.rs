//! What happens to a run.

use super::length;
use crate::blob::Blob;
use crate::record::{Closed, Created, Frames, Moved, Quarantined, Released, Stretched};
use crate::state::failed::is_failure;
use crate::state::{State, Summary, Window, Work};
use crate::stored::{End, Phase, Run, Tell};
use crate::{LaneId, Timer};
use carapace_effect::{OpId, RunId};
use std::collections::{BTreeMap, VecDeque};

impl State {
    /// Whether a run has something to do and nothing on the agenda does it.
    pub(crate) fn is_idle(&self, id: RunId) -> bool {
        self.runs.get(id).is_some_and(|run| {
            let begins = run.frames.is_none() && matches!(run.phase, Phase::Running | Phase::Cancelling);
            let nobody = run.work.is_none() && run.quarantined.is_none();
            nobody && run.phase != Phase::Queued && (begins || !run.inbox.is_empty())
        })
    }

    pub(super) fn transferred(&mut self, moved: &Moved) {
        self.runs.pin(moved.run, moved.deployment);
        if let Some(run) = self.runs.get_mut(moved.run) {
            run.entry = moved.entry.clone();
            run.frames = Some(moved.frames.clone());
        }
    }

    pub(super) fn crashed(&mut self, id: RunId) {
        if let Some(run) = self.runs.get_mut(id) {
            run.crashes = run.crashes.saturating_add(1);
        }
    }

    pub(super) fn quarantined(&mut self, quarantined: &Quarantined) {
        let Some(run) = self.runs.get_mut(quarantined.run) else { return };
        run.quarantined = Some(quarantined.why.clone());
        if let Some(work) = run.work.take() {
            self.agenda.remove(work);
        }
    }

    pub(super) fn woken(&mut self, id: RunId) {
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

    pub(super) fn timed_out(&mut self, id: RunId) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.timeout = None;
        run.overdue = true;
        // One whose code is over has nobody to tell.
        if !matches!(run.phase, Phase::Over(_)) {
            self.tell(id, Tell::Timeout);
        }
    }

    pub(super) fn created(&mut self, created: &Created) {
        if let Some(event) = created.event {
            self.events.keep(event);
            if created.parent.is_some() {
                self.regulation.set_off(self.events.root(event), created.at);
            } else if let Some(key) = self.events.request_key(event).filter(|_| created.retries.is_none()) {
                self.answers.started(key, created.run);
            }
        }
        if let Some(event) = created.retries.and_then(|run| self.failed.tried_again(run, created.run)) {
            self.events.release_failed(event);
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
            by: created.by.clone(),
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
            previews: Vec::new(),
            settling: BTreeMap::new(),
            timeout: None,
            overdue: false,
            crashes: 0,
            quarantined: None,
        });
    }

    pub(super) fn released(&mut self, released: &Released) {
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

    pub(super) fn stretched(&mut self, stretched: &Stretched) {
        self.write(&stretched.writes);
        let Some(run) = self.runs.get_mut(stretched.run) else { return };
        if let Some(work) = run.work.take() {
            self.agenda.remove(work);
        }
        run.crashes = 0;
        run.frames = match &stretched.frames {
            Some(Frames::Whole(frames)) => Some(frames.clone()),
            // What does not fit is no run, and reading it says so.
            Some(Frames::Changed(patch)) => {
                let before = run.frames.take().unwrap_or_default();
                Some(patch.apply(&before.0).map(|frames| Blob(frames.into())).unwrap_or_default())
            }
            None => None,
        };
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

    pub(super) fn tell(&mut self, id: RunId, tell: Tell) {
        if let Some(run) = self.runs.get_mut(id) {
            run.inbox.push_back(tell);
            self.wake(id);
        }
    }

    pub(super) fn wake(&mut self, id: RunId) {
        let Some(run) = self.runs.get_mut(id) else { return };
        let may = run.work.is_none() && run.quarantined.is_none() && run.phase != Phase::Queued;
        if may && !run.inbox.is_empty() {
            run.work = Some(self.agenda.push(Work::Advance { run: id }));
        }
    }

    pub(super) fn closed(&mut self, closed: &Closed) {
        let failed = |run: &&Run| matches!(&run.phase, Phase::Over(end) if is_failure(end));
        let event = self.runs.get(closed.run).filter(failed).and_then(|run| run.event);
        event.into_iter().for_each(|event| self.events.keep_failed(event));
        self.sessions.run_over(closed.run);
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
            gone.into_iter().for_each(|event| self.events.release_failed(event));
        }
    }

    pub(super) fn remove_run(&mut self, id: RunId) -> Option<Run> {
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
    pub(super) fn leave_lane(&mut self, lane: &LaneId, run: RunId) {
        if self.lanes.leave(lane, run) {
            let work = self.agenda.push(Work::Lane { lane: lane.clone() });
            if let Some(lane) = self.lanes.table.get_mut(lane) {
                lane.work = Some(work);
            }
        }
    }
}
