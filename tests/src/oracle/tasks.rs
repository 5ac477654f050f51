//! `parallel`, `race`, `for … parallel`: branches as tasks of their own.

use super::context::{Eval, Machine, Place, Step, Undoing};
use super::data::{as_int, items, list, record, tag};
use super::exit::{Exit, broken};
use super::scheduler::{Scheduler, Task};
use carapace_check::tree::{Block, Branch, Expr, LocalId};
use carapace_effect::TaskPath;
use carapace_module::Value;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

/// How many branches of one `for … parallel` run at a time, at most.
const AT_ONCE: usize = 1_000;

/// What branches have come to, in the order in which they ended.
type Ended = Rc<RefCell<Vec<(usize, Result<Value, Exit>)>>>;

/// Ends the branches when nobody waits for them any more.
struct Children<'s, 'p> {
    scheduler: &'s Scheduler<'p>,
    paths: Vec<TaskPath>,
}

impl Drop for Children<'_, '_> {
    fn drop(&mut self) {
        for path in &self.paths {
            self.scheduler.end(path);
        }
    }
}

/// A branch's undos become its parent's when it ends, in the order of the steps. Where it is given up, what it has under
/// way happens for nobody; but what nobody knows about holds up what was before it.
struct HandsOver<'p> {
    machine: Rc<Machine<'p>>,
    own: Rc<RefCell<Vec<Undoing<'p>>>>,
    parents: Rc<RefCell<Vec<Undoing<'p>>>>,
    ended: bool,
}

impl Drop for HandsOver<'_> {
    fn drop(&mut self) {
        let mut own = self.own.borrow_mut();
        if !self.ended {
            self.machine.past(own.iter());
            own.retain(|undo| *undo.state.borrow() == Step::Done || self.machine.unknown_op(undo).is_some());
        }
        let mut parents = self.parents.borrow_mut();
        parents.append(&mut own);
        parents.sort_by_key(|undo| undo.step.get());
    }
}

impl<'p> Machine<'p> {
    pub(super) fn parallel<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, branches: &'p [Branch]) -> Eval<'a> {
        Box::pin(async move {
            let ended = Ended::default();
            let mut children = Children { scheduler: &self.scheduler, paths: Vec::new() };
            for (i, branch) in branches.iter().enumerate() {
                children.paths.push(self.branch(at, i, &branch.body, None, &ended));
            }
            let mut results = vec![Value::None; branches.len()];
            for _ in branches {
                let (i, result) = next(&ended).await;
                let value = result?;
                if let Some(slot) = results.get_mut(i) {
                    *slot = value;
                }
            }
            let named = branches.iter().zip(results).filter(|(branch, _)| !branch.name.is_empty());
            Ok(record(named.map(|(_, value)| value).collect()))
        })
    }

    pub(super) fn race<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, branches: &'p [Branch]) -> Eval<'a> {
        Box::pin(async move {
            let ended = Ended::default();
            let mut children = Children { scheduler: &self.scheduler, paths: Vec::new() };
            for (i, branch) in branches.iter().enumerate() {
                children.paths.push(self.branch(at, i, &branch.body, None, &ended));
            }
            let (first, result) = next(&ended).await;
            let value = result?;
            let number = u32::try_from(first).map_err(|_| broken("too many branches"))?;
            let fields = if matches!(value, Value::None) { Vec::new() } else { vec![value] };
            Ok(tag(number, fields))
        })
    }

    pub(super) fn for_parallel<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        var: LocalId,
        list_of: &'p Expr,
        limit: Option<&'p Expr>,
        body: &'p Block,
    ) -> Eval<'a> {
        Box::pin(async move {
            let all = items(&self.expr(at, list_of).await?)?.to_vec();
            let limit = match limit {
                Some(limit) => {
                    usize::try_from(as_int(&self.expr(at, limit).await?)?.max(1)).unwrap_or(AT_ONCE)
                }
                None => AT_ONCE,
            };
            let ended = Ended::default();
            let mut children = Children { scheduler: &self.scheduler, paths: Vec::new() };
            let mut results = vec![Value::None; all.len()];
            let mut waiting = all.iter().cloned().enumerate();
            for (i, item) in waiting.by_ref().take(limit.min(AT_ONCE)) {
                children.paths.push(self.branch(at, i, body, Some((var, item)), &ended));
            }
            for _ in 0..results.len() {
                let (i, result) = next(&ended).await;
                let value = result?;
                if let Some(slot) = results.get_mut(i) {
                    *slot = value;
                }
                if let Some((i, item)) = waiting.next() {
                    children.paths.push(self.branch(at, i, body, Some((var, item)), &ended));
                }
            }
            Ok(list(results))
        })
    }

    /// Starts a branch: it sees what is known now, and what it does to its locals stays with it.
    fn branch(
        self: &Rc<Self>,
        at: &Place<'p>,
        number: usize,
        body: &'p Block,
        input: Option<(LocalId, Value)>,
        ended: &Ended,
    ) -> TaskPath {
        let path = at.task.child();
        let undos = Rc::default();
        let (own, parents) = (Rc::clone(&undos), Rc::clone(&at.undos));
        let mut hands_over = HandsOver { machine: Rc::clone(self), own, parents, ended: false };
        let inner = Place { task: Rc::new(Task::new(path.clone())), undos, ..at.copy() };
        let machine = Rc::clone(self);
        let ended = Rc::clone(ended);
        let parent = at.task.path.clone();
        self.scheduler.spawn(path.clone(), async move {
            let bound = input.map_or(Ok(()), |(local, value)| inner.set(local, value));
            let result = match bound {
                Ok(()) => machine.block(&inner, body).await,
                Err(exit) => Err(exit),
            };
            hands_over.ended = true;
            drop(hands_over);
            ended.borrow_mut().push((number, result));
            machine.scheduler.wake(&parent);
        });
        path
    }
}

/// The next branch that ends.
async fn next(ended: &Ended) -> (usize, Result<Value, Exit>) {
    std::future::poll_fn(|_| {
        let mut ended = ended.borrow_mut();
        if ended.is_empty() { Poll::Pending } else { Poll::Ready(ended.remove(0)) }
    })
    .await
}
