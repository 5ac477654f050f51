//! Suffixes, from the inside out: attempts, a deadline, `undo`, `on unknown`, `else`.

use super::context::{Eval, Machine, Place, Step, Undoing};
use super::data::{as_int, error};
use super::exit::{Exit, broken};
use super::scheduler::Waiting;
use carapace_check::tree::{Attempt, Block, Suffixes, Within};
use carapace_effect::{Failure, FailureKind, OpId, Outcome};
use carapace_module::Value;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

impl<'p> Machine<'p> {
    /// Runs `attempt` under its suffixes.
    pub(super) fn suffixed<'a, F, A>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        suffixes: &'p Suffixes,
        registers_undo: bool,
        mut attempt: F,
    ) -> Eval<'a>
    where
        F: FnMut() -> A + 'a,
        A: Future<Output = Result<Value, Exit>> + 'a,
    {
        Box::pin(async move {
            let deadline = self.deadline(at, suffixes.within.as_ref()).await?;
            let known = at.copy();
            let mark = at.undos.borrow().len();
            let result = {
                let _open = Counted::new(&at.task.unknown, suffixes.on_unknown.is_some());
                let tries = Box::pin(self.tries(at, suffixes.retry.as_ref(), &mut attempt));
                self.before(at, deadline, tries).await
            };
            match result {
                Ok(value) => {
                    if let Some(undo) = suffixes.undo.as_ref().filter(|_| !registers_undo) {
                        if let Some(local) = undo.input {
                            known.set(local, value.clone())?;
                        }
                        at.undos.borrow_mut().push(Undoing {
                            step: Rc::new(Cell::new(self.next_step())),
                            body: Some(&undo.body),
                            place: known,
                            input: undo.input,
                            state: Rc::new(RefCell::new(Step::Done)),
                        });
                    }
                    Ok(value)
                }
                Err(Exit::Unknown) => match &suffixes.on_unknown {
                    Some(block) => self.block(at, block).await,
                    None => Err(Exit::Unknown),
                },
                Err(Exit::Fail(failure)) => match &suffixes.otherwise {
                    Some(otherwise) => {
                        self.take_back(at, mark).await;
                        if let Some(local) = otherwise.error {
                            at.set(local, error(&failure))?;
                        }
                        self.expr(at, &otherwise.value).await
                    }
                    None => Err(Exit::Fail(failure)),
                },
                Err(exit) => Err(exit),
            }
        })
    }

    async fn tries<F, A>(
        self: &Rc<Self>,
        at: &Place<'p>,
        retry: Option<&'p Attempt>,
        attempt: &mut F,
    ) -> Result<Value, Exit>
    where
        F: FnMut() -> A,
        A: Future<Output = Result<Value, Exit>>,
    {
        let Some(retry) = retry else { return attempt().await };
        let count = as_int(&self.expr(at, &retry.count).await?)?;
        let bounds = match &retry.backoff {
            Some((from, to)) => Some((self.duration(at, from).await?, self.duration(at, to).await?)),
            None => None,
        };
        let mut failed = 0;
        loop {
            match attempt().await {
                Err(Exit::Fail(failure)) if failure.kind.is_transient() && failed < count => {
                    failed += 1;
                    let what = format!("backoff {failed} {bounds:?}");
                    let op = self.scheduler.ask(&at.task, what, true);
                    Waiting { scheduler: &self.scheduler, op }.await;
                }
                other => return other,
            }
        }
    }

    async fn deadline(
        self: &Rc<Self>,
        at: &Place<'p>,
        within: Option<&'p Within>,
    ) -> Result<Option<OpId>, Exit> {
        let what = match within {
            None => return Ok(None),
            Some(Within::For(duration)) => format!("deadline after {}", self.duration(at, duration).await?),
            Some(Within::Until(time)) => match self.expr(at, time).await? {
                Value::Time(time) => format!("deadline at {time}"),
                _ => return Err(broken("a Time was promised")),
            },
        };
        Ok(Some(self.scheduler.ask(&at.task, what, false)))
    }

    /// Waits for `work`, but not beyond its deadline. What is being taken back is taken back first.
    pub(super) async fn before(
        self: &Rc<Self>,
        at: &Place<'p>,
        deadline: Option<OpId>,
        work: Pin<Box<dyn Future<Output = Result<Value, Exit>> + '_>>,
    ) -> Result<Value, Exit> {
        let Some(op) = deadline else { return work.await };
        let mut clock = Waiting { scheduler: &self.scheduler, op };
        let mut work = Some(work);
        let mut late = false;
        let task = Rc::clone(&at.task);
        // A deadline inside of an undo is that undo's own.
        let level = task.undoing.get();
        std::future::poll_fn(move |context| {
            late = late || matches!(Pin::new(&mut clock).poll(context), Poll::Ready(Outcome::Done(_)));
            if late && task.undoing.get() > level {
                task.expired.set(task.expired.get().max(Some(level)));
            }
            let result = match work.as_mut() {
                Some(work) if !late || task.undoing.get() > level => work.as_mut().poll(context),
                _ => Poll::Pending,
            };
            if late && task.undoing.get() <= level {
                work = None;
                task.expired.set(None);
                let late = Failure::new(FailureKind::Timeout, "it took too long");
                return Poll::Ready(Err(Exit::Fail(late)));
            }
            result
        })
        .await
    }

    /// Undoes what was done since `mark`, newest first.
    pub(super) async fn take_back(self: &Rc<Self>, at: &Place<'p>, mark: usize) {
        at.task.undoing.set(at.task.undoing.get() + 1);
        // What stands around it is not asked about what cannot be known inside.
        let unknown = at.task.unknown.replace(0);
        loop {
            self.newest_known(at, mark).await;
            let step = {
                let mut undos = at.undos.borrow_mut();
                if undos.len() <= mark { None } else { undos.pop() }
            };
            let Some(step) = step else { break };
            match &*step.state.borrow() {
                Step::Done => {}
                Step::Gone => continue,
                Step::Open(op) => {
                    self.late.borrow_mut().insert(op.clone());
                    continue;
                }
            }
            // It runs in the task that takes back, also where a branch did the step.
            let (task, undos) = (Rc::clone(&at.task), Rc::clone(&at.undos));
            let place = Place { task, undos, ..step.place.clone() };
            if let Some(body) = step.body {
                self.undo(&place, body).await;
            }
        }
        at.task.unknown.set(unknown);
        at.task.undoing.set(at.task.undoing.get() - 1);
        if at.task.expired.get().is_some_and(|level| at.task.undoing.get() <= level) {
            // A deadline passed meanwhile: whoever waits for it goes on, and this does not.
            std::future::pending::<()>().await;
        }
        if at.task.path.0.is_empty() && at.task.undoing.get() == 0 && self.interrupt.borrow().is_some() {
            // The whole run was to end meanwhile: the flow around it ends, and this does not go on.
            Interrupted { machine: Rc::clone(self) }.await;
        }
    }

    /// Waits until it is known what became of the newest step.
    async fn newest_known(self: &Rc<Self>, at: &Place<'p>, mark: usize) {
        loop {
            let unknown = || {
                let undos = at.undos.borrow();
                undos.last().filter(|_| undos.len() > mark).and_then(|newest| self.unknown_op(newest))
            };
            let Some(op) = unknown() else { return };
            self.settling.borrow_mut().insert(op.clone(), at.task.path.clone());
            let _given_up = Settling { machine: self, op: op.clone() };
            let known = || if unknown().as_ref() == Some(&op) { Poll::Pending } else { Poll::Ready(()) };
            std::future::poll_fn(|_| known()).await;
        }
    }

    /// Takes one step back. What cannot be taken back is for a person to see to; until they have, others wait.
    pub(super) async fn undo(self: &Rc<Self>, place: &Place<'p>, body: &'p Block) {
        let message = match self.block(place, body).await {
            Err(Exit::Fail(failure)) => failure.message,
            Err(Exit::Cancel(reason)) => reason,
            Err(Exit::Fault(fault)) => fault.message().to_owned(),
            _ => return,
        };
        let op = self.scheduler.ask(&place.task, format!("hand over: {message}"), true);
        Waiting { scheduler: &self.scheduler, op }.await;
    }

    pub(super) async fn duration(
        self: &Rc<Self>,
        at: &Place<'p>,
        expr: &'p carapace_check::tree::Expr,
    ) -> Result<i64, Exit> {
        match self.expr(at, expr).await? {
            Value::Duration(ms) => Ok(ms),
            _ => Err(broken("a Duration was promised")),
        }
    }
}

/// Counts while it lives.
pub(super) struct Counted<'c> {
    counter: &'c Cell<u32>,
    by: u32,
}

impl<'c> Counted<'c> {
    pub(super) fn new(counter: &'c Cell<u32>, counts: bool) -> Counted<'c> {
        let by = u32::from(counts);
        counter.set(counter.get() + by);
        Counted { counter, by }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.counter.set(self.counter.get().saturating_sub(self.by));
    }
}

/// Waits while an interruption is there to be taken by the flow around.
struct Interrupted<'p> {
    machine: Rc<Machine<'p>>,
}

impl Future for Interrupted<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
        if self.machine.interrupt.borrow().is_some() { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// Waits for what became of a step; dropped early, it does no longer.
struct Settling<'m, 'p> {
    machine: &'m Machine<'p>,
    op: OpId,
}

impl Drop for Settling<'_, '_> {
    fn drop(&mut self) {
        self.machine.settling.borrow_mut().remove(&self.op);
    }
}
