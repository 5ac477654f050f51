//! The forms that wait: effects, sub-flows, events.

use super::context::{Eval, Machine, Place, Step, Undoing};
use super::data::canonical;
use super::exit::{Exit, Fault, broken};
use super::scheduler::{Asked, Waiting};
use super::suffix::Counted;
use carapace_check::tree::{Block, Branch, EffectCall, Expr, ExprKind, FlowId, Suffixes, WaitFor};
use carapace_effect::{Failure, FailureKind, OpId, Outcome};
use carapace_module::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Poll;

impl<'p> Machine<'p> {
    pub(super) fn waiting<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, expr: &'p Expr) -> Eval<'a> {
        match &expr.kind {
            ExprKind::Effect(call) => self.effect(at, call),
            ExprKind::CallFlow(flow, args, suffixes) => self.call_flow(at, *flow, args, suffixes),
            ExprKind::Start(flow, args) => Box::pin(async move {
                let args = self.all(at, args).await?;
                let flow = self.program.flows.get(flow.0 as usize).ok_or_else(|| broken("no such flow"))?;
                let what = format!("start {}({})", flow.name, written(&args));
                self.ask(at, what).await
            }),
            ExprKind::Await(wait, suffixes) => Box::pin(async move {
                let what = self.wait_text(at, "await", wait).await?;
                self.suffixed(at, suffixes, false, move || self.ask_owned(at, what.clone())).await
            }),
            ExprKind::ListenNext(buffer, suffixes) => Box::pin(async move {
                let buffer = super::data::as_text(&at.get(*buffer)?)?;
                let what = format!("next {buffer}");
                self.suffixed(at, suffixes, false, move || self.ask_owned(at, what.clone())).await
            }),
            ExprKind::Parallel(branches, suffixes) => {
                self.suffixed(at, suffixes, false, move || self.parallel(at, branches))
            }
            ExprKind::Race(branches, suffixes) => {
                self.suffixed(at, suffixes, false, move || self.race(at, branches))
            }
            ExprKind::ForParallel { var, items, limit, body, suffixes, .. } => {
                self.suffixed(at, suffixes, false, move || {
                    self.for_parallel(at, *var, items, limit.as_deref(), body)
                })
            }
            ExprKind::Do(block, suffixes) => {
                self.suffixed(at, suffixes, false, move || self.block(at, block))
            }
            _ => Box::pin(async { Err(broken("a form that does not wait")) }),
        }
    }

    fn effect<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, call: &'p EffectCall) -> Eval<'a> {
        Box::pin(async move {
            let effect = self.program.effects.get(call.effect.0 as usize);
            let effect = effect.ok_or_else(|| broken("no such effect"))?;
            let args = self.all(at, &call.args).await?;
            let signature = &effect.signature;
            let what =
                effect_words(&signature.name, signature.version, &args, call.delivery, call.label.as_deref());
            let undo = call.suffixes.undo.as_ref().map(|undo| (undo, at.copy()));
            self.suffixed(at, &call.suffixes, true, move || self.ask_step(at, what.clone(), undo.clone()))
                .await
        })
    }

    fn call_flow<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        flow: FlowId,
        args: &'p [Expr],
        suffixes: &'p Suffixes,
    ) -> Eval<'a> {
        Box::pin(async move {
            let args = self.all(at, args).await?;
            self.suffixed(at, suffixes, false, move || self.enter_flow(at, flow, args.clone())).await
        })
    }

    /// Runs a sub-flow; its undos are the caller's when it ends well, and run when it does not.
    pub(super) fn enter_flow<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        flow: FlowId,
        args: Vec<Value>,
    ) -> Eval<'a> {
        Box::pin(async move {
            let flow = self.program.flows.get(flow.0 as usize).ok_or_else(|| broken("no such flow"))?;
            let inner = at.enter(&flow.locals)?;
            let mark = at.undos.borrow().len();
            for (local, value) in flow.params.iter().zip(&args) {
                inner.set(*local, value.clone())?;
            }
            let deadline =
                flow.timeout.map(|ms| self.scheduler.ask(&at.task, format!("deadline after {ms}"), false));
            let whole = at.task.path.0.is_empty() && at.depth == 0;
            let work = self.interruptible(at, whole, self.block(&inner, &flow.body));
            let result = {
                let _open = Counted::new(&at.task.flows, true);
                self.before(at, deadline, work).await
            };
            if let Err(Exit::Fault(Fault::Fuel | Fault::Depth)) = &result {
                self.bounded.set(true);
            }
            match result {
                Ok(value) | Err(Exit::Return(value)) => Ok(value),
                Err(exit @ (Exit::Fail(_) | Exit::Cancel(_) | Exit::Fault(_))) => {
                    self.take_back(&inner, mark).await;
                    let handlers = at.enter(&flow.locals)?;
                    for (local, value) in flow.params.iter().zip(args) {
                        handlers.set(*local, value)?;
                    }
                    let failure = match &exit {
                        Exit::Fail(failure) => Some(failure.clone()),
                        // Nothing takes a fault; but what was done is taken back, and the flow may tell.
                        Exit::Fault(fault) => Some(Failure::new(FailureKind::Failed, fault.message())),
                        _ => None,
                    };
                    if let (Some(failure), Some((local, block))) = (failure, &flow.on_failure) {
                        if let Some(local) = local {
                            handlers.set(*local, super::data::error(&failure))?;
                        }
                        self.handler(at, &handlers, block).await;
                    }
                    if let (Exit::Cancel(_), Some(block)) = (&exit, &flow.on_cancel) {
                        self.handler(at, &handlers, block).await;
                    }
                    Err(exit)
                }
                Err(exit) => Err(exit),
            }
        })
    }

    /// `on failure`, `on cancel`. Whoever cancels a run that is in its own does not want to wait for it.
    async fn handler(self: &Rc<Self>, at: &Place<'p>, handlers: &Place<'p>, block: &'p Block) {
        let whole = at.task.path.0.is_empty() && at.depth == 0;
        let mark = handlers.undos.borrow().len();
        let work = self.block(handlers, block);
        let ended = if whole { self.interruptible(at, false, work).await } else { work.await };
        if matches!(ended, Err(Exit::Fail(_) | Exit::Cancel(_))) {
            // What it did itself is taken back, as behind an `else`.
            self.take_back(handlers, mark).await;
        }
    }

    /// Does the work, until the whole run is to end: a cancellation goes through the innermost flow first, the end of its
    /// time is the outermost one's.
    fn interruptible<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, whole: bool, work: Eval<'a>) -> Eval<'a> {
        if !at.task.path.0.is_empty() {
            return work;
        }
        let mut work = Some(work);
        Box::pin(std::future::poll_fn(move |context| {
            let polled = work.as_mut().map_or(Poll::Pending, |work| work.as_mut().poll(context));
            if polled.is_ready() || at.task.undoing.get() > 0 {
                return polled;
            }
            let takes = match &*self.interrupt.borrow() {
                Some(Exit::Cancel(_)) => true,
                Some(_) => whole,
                None => false,
            };
            if !takes {
                return Poll::Pending;
            }
            work = None;
            self.interrupt.take().map_or(Poll::Pending, |exit| Poll::Ready(Err(exit)))
        }))
    }

    /// Asks, and waits for the outcome.
    pub(super) async fn ask(&self, at: &Place<'p>, what: String) -> Result<Value, Exit> {
        let op = self.scheduler.ask(&at.task, what, true);
        self.plain_outcome(at, op).await
    }

    /// Waits for an outcome. Where nobody can know it and no `on unknown` stands around, until somebody does.
    async fn outcome(&self, at: &Place<'p>, op: OpId) -> Result<Value, Exit> {
        loop {
            match (Waiting { scheduler: &self.scheduler, op: op.clone() }).await {
                Outcome::Done(value) => return Ok(value),
                // No script tells of something that happened in part: the evaluator takes it for a failure.
                Outcome::Failed(failure) | Outcome::Partly(_, failure) => return Err(Exit::Fail(failure)),
                Outcome::Unknown => {
                    self.unknown.borrow_mut().insert(op.clone());
                    if at.task.unknown.get() > 0 {
                        return Err(Exit::Unknown);
                    }
                    self.scheduler.reopen(&op);
                }
            }
        }
    }

    /// Waits for the outcome of a step that is not taken back. Where nobody knows it, what was before it waits.
    async fn plain_outcome(&self, at: &Place<'p>, op: OpId) -> Result<Value, Exit> {
        let mut remembered: Option<Undoing<'p>> = None;
        loop {
            let outcome = (Waiting { scheduler: &self.scheduler, op: op.clone() }).await;
            if outcome == Outcome::Unknown && remembered.is_none() {
                let step = Undoing {
                    step: Rc::new(Cell::new(self.next_step())),
                    body: None,
                    place: at.copy(),
                    input: None,
                    state: Rc::new(RefCell::new(Step::Open(op.clone()))),
                };
                at.undos.borrow_mut().push(step.clone());
                self.open.borrow_mut().insert(op.clone(), step.clone());
                self.unknown.borrow_mut().insert(op.clone());
                remembered = Some(step);
            }
            if let Some(step) = remembered.as_ref().filter(|_| outcome != Outcome::Unknown) {
                *step.state.borrow_mut() = Step::Gone;
                self.open.borrow_mut().remove(&op);
            }
            match outcome {
                Outcome::Done(value) => return Ok(value),
                // No script tells of something that happened in part: the evaluator takes it for a failure.
                Outcome::Failed(failure) | Outcome::Partly(_, failure) => return Err(Exit::Fail(failure)),
                Outcome::Unknown if at.task.unknown.get() > 0 => return Err(Exit::Unknown),
                Outcome::Unknown => self.scheduler.reopen(&op),
            }
        }
    }

    /// Asks for a step. What takes it back goes with the request, so that it can be taken back however late it happens.
    async fn ask_step(
        self: &Rc<Self>,
        at: &Place<'p>,
        what: String,
        undo: Option<(&'p Branch, Place<'p>)>,
    ) -> Result<Value, Exit> {
        let Some((undo, known)) = undo else { return self.ask(at, what).await };
        let op = self.scheduler.ask(&at.task, what, true);
        let step = Undoing {
            step: Rc::new(Cell::new(self.next_step())),
            body: Some(&undo.body),
            place: known.copy(),
            input: undo.input,
            state: Rc::new(RefCell::new(Step::Open(op.clone()))),
        };
        at.undos.borrow_mut().push(step.clone());
        self.open.borrow_mut().insert(op.clone(), step.clone());
        let outcome = self.outcome(at, op.clone()).await;
        match &outcome {
            Ok(value) => {
                self.open.borrow_mut().remove(&op);
                // Steps are ordered by when they happened.
                step.step.set(self.next_step());
                step.happened(value)?;
            }
            Err(Exit::Fail(_)) => {
                self.open.borrow_mut().remove(&op);
                *step.state.borrow_mut() = Step::Gone;
            }
            Err(_) => {}
        }
        outcome
    }

    async fn ask_owned(self: &Rc<Self>, at: &Place<'p>, what: String) -> Result<Value, Exit> {
        self.ask(at, what).await
    }

    /// A wait in words.
    pub(super) async fn wait_text(
        self: &Rc<Self>,
        at: &Place<'p>,
        verb: &str,
        wait: &'p WaitFor,
    ) -> Result<String, Exit> {
        let from = match &wait.from {
            None => "sender".to_owned(),
            Some(None) => "anyone".to_owned(),
            Some(Some(user)) => canonical(&self.expr(at, user).await?),
        };
        let conversation = match &wait.conversation {
            None => "here".to_owned(),
            Some(conversation) => canonical(&self.expr(at, conversation).await?),
        };
        Ok(format!("{verb} {:?} from {from} in {conversation}", wait.trigger))
    }
}

/// An effect's call in words.
fn effect_words(
    name: &str,
    version: u32,
    args: &[Value],
    delivery: carapace_module::signature::Delivery,
    label: Option<&str>,
) -> String {
    format!("effect {name}@{version}({}) {delivery:?} {}", written(args), label.unwrap_or_default())
}

/// Values between commas.
pub(super) fn written(values: &[Value]) -> String {
    values.iter().map(canonical).collect::<Vec<_>>().join(", ")
}

impl Asked {
    /// What the machine asks, in the same words.
    pub fn of(request: &carapace_effect::Request) -> Asked {
        use carapace_effect::RequestKind;
        let (what, blocks) = match &request.kind {
            RequestKind::Effect(e) => {
                (effect_words(&e.effect, e.version, &e.args, e.delivery, e.label.as_deref()), true)
            }
            RequestKind::Backoff { attempt, bounds, .. } => (format!("backoff {attempt} {bounds:?}"), true),
            RequestKind::Deadline { after: Some(ms), .. } => (format!("deadline after {ms}"), false),
            RequestKind::Deadline { at, .. } => (format!("deadline at {}", at.unwrap_or_default()), false),
            RequestKind::Await(wait) => (wait_words("await", wait), true),
            RequestKind::Listen(wait) => (wait_words("listen", wait), false),
            RequestKind::ListenNext { buffer } => (format!("next {buffer}"), true),
            RequestKind::Start { flow, args } => (format!("start {flow}({})", written(args)), true),
            RequestKind::HandOver { failure } => (format!("hand over: {}", failure.message), true),
            RequestKind::Test { op, args } => (format!("test {op}({})", written(args)), true),
        };
        Asked { op: request.op.clone(), what, blocks }
    }
}

fn wait_words(verb: &str, wait: &carapace_effect::WaitRequest) -> String {
    let from = match &wait.from {
        None => "sender".to_owned(),
        Some(None) => "anyone".to_owned(),
        Some(Some(user)) => canonical(user),
    };
    let conversation = wait.conversation.as_ref().map_or_else(|| "here".to_owned(), canonical);
    format!("{verb} {:?} from {from} in {conversation}", wait.trigger)
}
