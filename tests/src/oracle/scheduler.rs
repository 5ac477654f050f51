//! Tasks as futures, woken by hand: outcomes one at a time, then whoever can go on, least path first.

use carapace_effect::{OpId, Outcome, TaskPath};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A request, with its content in words: what the evaluator and the machine are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub op: OpId,
    /// What is asked: `effect chat.reply@1("hello")`, `deadline 30000`, …
    pub what: String,
    /// Whether its task stops for it.
    pub blocks: bool,
}

type TaskFuture<'p> = Pin<Box<dyn Future<Output = ()> + 'p>>;

/// All tasks and operations of one run.
#[derive(Default)]
pub(super) struct Scheduler<'p> {
    futures: RefCell<BTreeMap<TaskPath, TaskFuture<'p>>>,
    runnable: RefCell<BTreeSet<TaskPath>>,
    gone: RefCell<BTreeSet<TaskPath>>,
    slots: RefCell<HashMap<OpId, Option<Outcome>>>,
    asked: RefCell<Vec<Asked>>,
    abandoned: RefCell<Vec<OpId>>,
}

/// One task: its name and what it has counted.
#[derive(Default)]
pub(super) struct Task {
    pub(super) path: TaskPath,
    ordinal: Cell<u32>,
    children: Cell<u32>,
    /// How many flows are in their bodies.
    pub(super) flows: Cell<u32>,
    /// How many `on unknown` are open.
    pub(super) unknown: Cell<u32>,
    /// How many take-backs are going on, one inside the other.
    pub(super) undoing: Cell<u32>,
    /// A deadline passed while something was taken back: how many take-backs were going on when it was set.
    pub(super) expired: Cell<Option<u32>>,
}

impl Task {
    pub(super) fn new(path: TaskPath) -> Task {
        Task { path, ..Task::default() }
    }

    /// The name of its next child.
    pub(super) fn child(&self) -> TaskPath {
        let number = self.children.get();
        self.children.set(number + 1);
        let mut path = self.path.clone();
        path.0.push(number);
        path
    }
}

impl<'p> Scheduler<'p> {
    /// Adds a task; it runs when its turn comes.
    pub(super) fn spawn(&self, path: TaskPath, future: impl Future<Output = ()> + 'p) {
        self.runnable.borrow_mut().insert(path.clone());
        self.futures.borrow_mut().insert(path, Box::pin(future));
    }

    /// Lets a task look again at what it waits for.
    pub(super) fn wake(&self, path: &TaskPath) {
        self.runnable.borrow_mut().insert(path.clone());
    }

    /// Ends a task and everything it waits for.
    pub(super) fn end(&self, path: &TaskPath) {
        self.runnable.borrow_mut().remove(path);
        let future = self.futures.borrow_mut().remove(path);
        if future.is_none() {
            self.gone.borrow_mut().insert(path.clone());
        }
        // Dropped with nothing borrowed: it may end tasks of its own.
        drop(future);
    }

    /// Asks for something in the name of `task`.
    pub(super) fn ask(&self, task: &Task, what: String, blocks: bool) -> OpId {
        let ordinal = task.ordinal.get();
        task.ordinal.set(ordinal + 1);
        let op = OpId { task: task.path.clone(), ordinal };
        self.slots.borrow_mut().insert(op.clone(), None);
        self.asked.borrow_mut().push(Asked { op: op.clone(), what, blocks });
        op
    }

    /// The outcome, once; none while there is none.
    pub(super) fn take(&self, op: &OpId) -> Option<Outcome> {
        let mut slots = self.slots.borrow_mut();
        slots.get(op)?.as_ref()?;
        slots.remove(op).flatten()
    }

    /// Nobody knows what became of it: it is waited for until somebody does.
    pub(super) fn reopen(&self, op: &OpId) {
        self.slots.borrow_mut().insert(op.clone(), None);
    }

    /// Whether no task is left.
    pub(super) fn is_empty(&self) -> bool {
        self.futures.borrow().is_empty()
    }

    /// Stops waiting for an operation.
    pub(super) fn abandon(&self, op: &OpId) {
        if self.slots.borrow_mut().remove(op).is_some() {
            self.abandoned.borrow_mut().push(op.clone());
        }
    }

    /// Notes an outcome; false where nobody waits for it.
    pub(super) fn settle(&self, op: &OpId, outcome: Outcome) -> bool {
        let mut slots = self.slots.borrow_mut();
        let Some(slot @ None) = slots.get_mut(op) else { return false };
        *slot = Some(outcome);
        drop(slots);
        self.wake(&op.task);
        true
    }

    /// Runs whoever can, least path first, until all wait.
    pub(super) fn run(&self) {
        loop {
            let next = self.runnable.borrow_mut().pop_first();
            let Some(path) = next else { return };
            let future = self.futures.borrow_mut().remove(&path);
            let Some(mut future) = future else { continue };
            let mut context = Context::from_waker(Waker::noop());
            let done = future.as_mut().poll(&mut context).is_ready();
            // A task may have ended itself through its parent while it ran.
            let ended = self.gone.borrow_mut().remove(&path);
            if !done && !ended {
                self.futures.borrow_mut().insert(path, future);
            }
        }
    }

    /// What was asked since the last look, what is no longer waited for, and what is both: that was never asked.
    pub(super) fn drain(&self) -> (Vec<Asked>, Vec<OpId>, Vec<OpId>) {
        let (mut asked, mut abandoned) = (self.asked.take(), self.abandoned.take());
        let let_go = |op: &OpId| abandoned.contains(op);
        let unsent: Vec<OpId> = asked.iter().map(|a| a.op.clone()).filter(|op| let_go(op)).collect();
        asked.retain(|a| !unsent.contains(&a.op));
        abandoned.retain(|op| !unsent.contains(op));
        (asked, abandoned, unsent)
    }
}

/// Waits for an operation; dropped early, it abandons it.
pub(super) struct Waiting<'s, 'p> {
    pub(super) scheduler: &'s Scheduler<'p>,
    pub(super) op: OpId,
}

impl Future for Waiting<'_, '_> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        self.scheduler.take(&self.op).map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Waiting<'_, '_> {
    fn drop(&mut self) {
        self.scheduler.abandon(&self.op);
    }
}
