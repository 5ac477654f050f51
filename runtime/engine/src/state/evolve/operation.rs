//! What happens to what a run asked for.

use crate::record::{Abandoned, Acted, Delivered, Held, PutOff, Reported, Requested};
use crate::state::State;
use crate::stored::{Operation, Part, Tell};
use crate::{ActId, Destination, Timer};
use carapace_effect::{Life, OpId, RunId};

impl State {
    /// Changes an operation that a run waits for.
    pub(super) fn change(&mut self, run: RunId, op: &OpId, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.runs.get_mut(run).and_then(|run| run.operations.get_mut(op)) {
            change(operation);
        }
    }

    pub(super) fn held(&mut self, held: &Held) {
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

    pub(super) fn put_off(&mut self, put_off: &PutOff) {
        let Some(run) = self.runs.get_mut(put_off.run) else { return };
        let timer = || Timer::Operation { run: put_off.run, op: put_off.op.clone() };
        let Some(Operation::Timer { due, held, left, .. }) = run.operations.get_mut(&put_off.op) else {
            return;
        };
        self.timers.clear(held.take().unwrap_or(*due), timer());
        (*due, *left) = (put_off.due, put_off.left);
        self.timers.set(put_off.due, timer());
        self.runs.hold(put_off.run, &put_off.op, false);
    }

    pub(super) fn requested(&mut self, requested: &Requested) {
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

    pub(in crate::state) fn part_mut(&mut self, act: &ActId) -> Option<&mut Part> {
        let run = self.runs.get_mut(act.run)?;
        let operation = match run.operations.get_mut(&act.op) {
            Some(operation) => operation,
            None => run.settling.get_mut(&act.op)?,
        };
        operation.parts_mut()?.get_mut(act.part as usize)
    }

    pub(super) fn acted(&mut self, acted: &Acted) {
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
    pub(super) fn answered(&mut self, acted: &Acted, to: &Destination) {
        let Destination::Conversation { account, conversation } = to else { return };
        let run = self.runs.get(acted.act.run);
        let call = run.and_then(|run| run.operations.get(&acted.act.op)).and_then(Operation::call);
        let what = || call.and_then(|call| serde_json::to_vec(&call.args).ok()).unwrap_or_default();
        self.talks.answer(&(account.clone(), conversation.clone()), acted.at, what);
    }

    pub(super) fn reported(&mut self, reported: &Reported) {
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
            match reported.life {
                Life::NotPerformed | Life::Refused => self.preview_left(act.run, &act.op),
                _ => self.preview_over(act.run, &act.op),
            }
        }
    }

    pub(super) fn delivered(&mut self, delivered: &Delivered) {
        let Some(run) = self.runs.get_mut(delivered.run) else { return };
        if let Some(listener) = &delivered.from
            && let Some(Operation::Listen { buffer, next, .. }) = run.operations.get_mut(listener)
        {
            buffer.pop_front();
            *next = None;
        }
        self.preview_over(delivered.run, &delivered.op);
        self.drop_operation(delivered.run, &delivered.op);
        let tell = Tell::Outcome { op: delivered.op.clone(), outcome: delivered.outcome.clone() };
        self.tell(delivered.run, tell);
    }

    pub(super) fn abandoned(&mut self, abandoned: &Abandoned) {
        for op in &abandoned.ops {
            self.drop_operation(abandoned.run, op);
        }
    }

    /// The run no longer waits for it. What may have left the process goes on settling.
    pub(super) fn drop_operation(&mut self, id: RunId, op: &OpId) {
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
        if !operation.is_open() {
            self.preview_left(id, op);
        }
        self.left(id, op, &parts);
        self.runs.unregister(id, op, &operation);
    }
}
