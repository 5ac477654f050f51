//! The forms that wait: effects, sub-flows, events.

use super::context::{Eval, Machine, Place};
use super::data::canonical;
use super::exit::{Exit, Fault, broken};
use super::scheduler::{Asked, Waiting};
use carapace_check::tree::{EffectCall, Expr, ExprKind, FlowId, Suffixes, WaitFor};
use carapace_effect::{Failure, FailureKind, Outcome};
use carapace_module::Value;
use std::rc::Rc;

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
                self.suffixed(at, suffixes, move || self.ask_owned(at, what.clone())).await
            }),
            ExprKind::ListenNext(buffer, suffixes) => Box::pin(async move {
                let buffer = super::data::as_text(&at.get(*buffer)?)?;
                let what = format!("next {buffer}");
                self.suffixed(at, suffixes, move || self.ask_owned(at, what.clone())).await
            }),
            ExprKind::Parallel(branches, suffixes) => {
                self.suffixed(at, suffixes, move || self.parallel(at, branches))
            }
            ExprKind::Race(branches, suffixes) => {
                self.suffixed(at, suffixes, move || self.race(at, branches))
            }
            ExprKind::ForParallel { var, items, limit, body, suffixes, .. } => {
                self.suffixed(at, suffixes, move || {
                    self.for_parallel(at, *var, items, limit.as_deref(), body)
                })
            }
            ExprKind::Do(block, suffixes) => self.suffixed(at, suffixes, move || self.block(at, block)),
            _ => Box::pin(async { Err(broken("a form that does not wait")) }),
        }
    }

    fn effect<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, call: &'p EffectCall) -> Eval<'a> {
        Box::pin(async move {
            let effect = self.program.effects.get(call.effect.0 as usize);
            let effect = effect.ok_or_else(|| broken("no such effect"))?;
            let args = self.all(at, &call.args).await?;
            let signature = &effect.signature;
            let what = format!("effect {}@{}({})", signature.name, signature.version, written(&args));
            self.suffixed(at, &call.suffixes, move || self.ask_owned(at, what.clone())).await
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
            self.suffixed(at, suffixes, move || self.enter_flow(at, flow, args.clone())).await
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
            let result = self.before(at, deadline, self.block(&inner, &flow.body)).await;
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
                        let _ = self.block(&handlers, block).await;
                    }
                    if let (Exit::Cancel(_), Some(block)) = (&exit, &flow.on_cancel) {
                        let _ = self.block(&handlers, block).await;
                    }
                    Err(exit)
                }
                Err(exit) => Err(exit),
            }
        })
    }

    /// Asks, and waits for the outcome.
    pub(super) async fn ask(&self, at: &Place<'p>, what: String) -> Result<Value, Exit> {
        let op = self.scheduler.ask(&at.task, what, true);
        match (Waiting { scheduler: &self.scheduler, op }).await {
            Outcome::Done(value) => Ok(value),
            Outcome::Failed(failure) => Err(Exit::Fail(failure)),
            Outcome::Unknown => Err(Exit::Unknown),
        }
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
                (format!("effect {}@{}({})", e.effect, e.version, written(&e.args)), true)
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
