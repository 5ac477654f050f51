//! What a run waits for.

use super::{
    Brief, Deployed, Detail, OperationView, PartView, Place, Seen, Standing, Waiting, WaitingOn, words,
};
use crate::decide::missing;
use crate::machine::Task;
use crate::state::State;
use crate::stored::{Operation, Phase, Run};
use carapace_effect::{Life, OpId, TaskPath};

/// The code of a run at which the runtime fails.
const ALONE: &str = "E0913";

/// The kinds of things it waits for.
pub(super) fn kinds(state: &State, run: &Run) -> impl Iterator<Item = WaitingOn> {
    let code = state.deployments.get(run.deployment).map(|deployment| deployment.code.is_ok());
    let gone = run.operations.values().any(|operation| missing(state, operation).is_some());
    let parked = (code != Some(true) || gone || run.quarantined.is_some()).then_some(WaitingOn::Person);
    let turn = (run.phase == Phase::Queued).then_some(WaitingOn::Turn);
    let operations = run.operations.iter().filter_map(|(op, operation)| kind(run, op, operation));
    let over = matches!(run.phase, Phase::Over(_));
    let settling = run.settling.values().filter_map(move |operation| settling_kind(over, operation));
    parked.into_iter().chain(turn).chain(operations).chain(settling)
}

fn kind(run: &Run, op: &OpId, operation: &Operation) -> Option<WaitingOn> {
    match operation {
        Operation::Effect { .. } => Some(WaitingOn::Effect),
        Operation::Timer { .. } => (!is_deadline(run, op)).then_some(WaitingOn::Timer),
        Operation::Await { .. } | Operation::Next { .. } => Some(WaitingOn::Event),
        // It listens while it does something else.
        Operation::Listen { .. } => None,
        Operation::HandedOver { .. } => Some(WaitingOn::Person),
        Operation::Question { .. } => Some(WaitingOn::Ask),
    }
}

fn settling_kind(over: bool, operation: &Operation) -> Option<WaitingOn> {
    if operation.parts().iter().any(|part| part.life == Life::Unknown) {
        return Some(WaitingOn::Person);
    }
    over.then_some(WaitingOn::Effect)
}

/// Whether a time ends something else, and is not waited for itself: then the task, or a branch of it, has asked for
/// something since.
fn is_deadline(run: &Run, op: &OpId) -> bool {
    let open = || run.operations.iter().filter(|(_, other)| !matches!(other, Operation::Listen { .. }));
    let unknown = run.settling.keys();
    open().map(|(other, _)| other).chain(unknown).any(|other| {
        let below = other.task.0.len() > op.task.0.len() && other.task.0.starts_with(&op.task.0);
        below || (other.task == op.task && other.ordinal > op.ordinal)
    })
}

/// When what a task waits for is given up: the first of the times that stand over it.
fn until(run: &Run, task: &TaskPath) -> Option<i64> {
    let above = run.operations.iter().filter_map(|(op, operation)| match operation {
        Operation::Timer { due, .. } if task.0.starts_with(&op.task.0) && is_deadline(run, op) => Some(*due),
        _ => None,
    });
    above.chain(run.timeout).min()
}

impl Seen {
    /// As a list shows it.
    pub fn brief(&self) -> Brief {
        let run = &self.run;
        let module = self.deployment.as_ref();
        Brief {
            run: run.id,
            flow: run.flow.clone(),
            since: run.created,
            standing: match run.phase {
                Phase::Queued => Standing::Queued,
                Phase::Running => Standing::Running,
                Phase::Cancelling => Standing::Cancelling,
                Phase::Over(_) => Standing::Settling,
            },
            waits: self.waits(),
            module: module.map(|deployment| deployment.record.module.hash().to_string()).unwrap_or_default(),
        }
    }

    /// All that is known of it but its history.
    pub fn detail(&self) -> Detail {
        let record = self.deployment.as_ref().map(|deployment| &deployment.record);
        Detail {
            brief: self.brief(),
            deployed: Deployed {
                number: self.run.deployment.0,
                package: record.map(|record| record.package.clone()).unwrap_or_default(),
                at: record.map_or(0, |record| record.at),
                serves: self.serves,
            },
            about: self.event.as_deref().map(words::event),
            parent: self.run.parent,
            timeout: self.run.timeout,
            operations: self.operations(),
        }
    }

    fn waits(&self) -> Vec<Waiting> {
        let (run, tasks) = (&self.run, self.tasks());
        let mut waits = Vec::new();
        if run.phase == Phase::Queued {
            let what = match self.before {
                Some(before) => format!("its turn, after run {}", words::short(before)),
                None => "its turn".to_owned(),
            };
            waits.push(Waiting { op: None, on: WaitingOn::Turn, what, until: None, places: Vec::new() });
        }
        if let Some(Err(why)) = self.deployment.as_ref().map(|deployment| &deployment.code) {
            let what = format!("its program, which cannot be loaded (E0927): {why}");
            waits.push(Waiting { op: None, on: WaitingOn::Person, what, until: None, places: Vec::new() });
        }
        if let Some(why) = &run.quarantined {
            let what = format!("a word whether to go on ({ALONE}): {why}");
            waits.push(Waiting { op: None, on: WaitingOn::Person, what, until: None, places: Vec::new() });
        }
        let over = matches!(run.phase, Phase::Over(_));
        let open = run.operations.iter().filter_map(|(op, o)| {
            let gone = self.missing.contains_key(op).then_some(WaitingOn::Person);
            Some((op, o, gone.or(kind(run, op, o))?))
        });
        let settling = run.settling.iter().filter_map(|(op, o)| Some((op, o, settling_kind(over, o)?)));
        for (op, operation, on) in open.chain(settling) {
            waits.push(Waiting {
                op: Some(op.to_string()),
                on,
                what: match self.missing.get(op) {
                    Some(account) => {
                        format!("account `{account}`, which is gone (E0929): {}", self.what(operation))
                    }
                    None => self.what(operation),
                },
                until: match operation {
                    Operation::Timer { due, .. } => Some(*due),
                    _ => until(run, &op.task),
                },
                places: self.places(tasks.iter().find(|task| task.waits_for.as_ref() == Some(op))),
            });
        }
        waits.sort_by_key(|waiting| waiting.on);
        waits
    }

    fn what(&self, operation: &Operation) -> String {
        match operation {
            Operation::Timer { label: None, .. } => "a time".to_owned(),
            _ => words::operation(self.module(), operation),
        }
    }

    fn tasks(&self) -> Vec<Task> {
        let code = self.deployment.as_ref().and_then(|deployment| deployment.code.as_ref().ok());
        let (Some(code), Some(frames)) = (code, &self.run.frames) else { return Vec::new() };
        code.restore(&frames.0).map(|frames| frames.tasks()).unwrap_or_default()
    }

    fn places(&self, task: Option<&Task>) -> Vec<Place> {
        let Some(module) = self.module() else { return Vec::new() };
        let frames = task.map(|task| task.frames.as_slice()).unwrap_or_default().iter();
        let place = |(function, site): &(std::sync::Arc<str>, Option<carapace_module::code::Site>)| {
            let site = (*site)?;
            let file = module.files.get(site.file as usize)?.clone();
            Some(Place { function: function.clone(), file, start: site.start, end: site.end })
        };
        frames.filter_map(place).collect()
    }

    fn operations(&self) -> Vec<OperationView> {
        let run = &self.run;
        let open = run.operations.iter().map(|(op, operation)| (op, operation, false));
        let settling = run.settling.iter().map(|(op, operation)| (op, operation, true));
        let view = |(op, operation, settling): (&OpId, &Operation, bool)| OperationView {
            op: op.to_string(),
            what: match operation {
                Operation::Timer { label: None, .. } if is_deadline(run, op) => "a deadline".to_owned(),
                _ => self.what(operation),
            },
            due: match operation {
                Operation::Timer { due, .. } => Some(*due),
                _ => None,
            },
            settling,
            parts: operation.parts().iter().map(|part| part_view(part, operation)).collect(),
        };
        open.chain(settling).map(view).collect()
    }
}

fn part_view(part: &crate::stored::Part, operation: &Operation) -> PartView {
    PartView {
        to: part.to.as_ref().map(words::destination),
        life: words::life(part, matches!(operation, Operation::Question { .. })),
        attempts: part.attempts,
        next: part.resend,
    }
}
