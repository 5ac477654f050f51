//! Effects, waits, and pieces of a flow that run apart.

use super::declared::Callable;
use super::event;
use super::path::{self, What};
use super::shape::{Bits, Label, Shape};
use super::solve::{Frame, Shared, Solver};
use super::tell::Bad;
use crate::tree::{
    Block, Branch, EffectCall, Expr, ExprKind, FunctionRef, LocalId, Suffixes, WaitFor, Within,
};
use carapace_diagnostic::Span;
use carapace_module::signature::DeliveryClass;
use carapace_module::{Type, Value};
use std::sync::Arc;

impl<'p> Solver<'p> {
    /// What only flows do.
    pub(super) fn act(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Shape<'p> {
        match &expr.kind {
            ExprKind::Effect(call) => {
                let value = self.effect(frame, call, expr.span);
                self.suffixes(frame, &call.suffixes, value)
            }
            ExprKind::CallFlow(flow, args, suffixes) => {
                let value = self.call_flow(frame, *flow, args, expr.span);
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::Start(flow, args) => {
                self.call_flow(frame, *flow, args, expr.span);
                // The run's handle is the runtime's own.
                Shape::CLEAN
            }
            ExprKind::Await(wait, suffixes) => {
                let value = self.wait_for(frame, wait, expr.span);
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::ListenNext(local, suffixes) => {
                let value = frame.read(*local);
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::Parallel(branches, suffixes) => {
                let named = |branch: &&Branch| !branch.name.is_empty();
                let results = self.branches(frame, branches);
                let kept = branches.iter().zip(results).filter(|(branch, _)| named(branch));
                let value = Shape::parts(kept.map(|(_, result)| result).collect());
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::Race(branches, suffixes) => {
                let results = self.branches(frame, branches);
                let value = Shape::parts(results.into_iter().map(|r| Shape::parts(vec![r])).collect());
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::ForParallel { var, items, limit, body, suffixes, .. } => {
                let items = self.expr(frame, items);
                if let Some(limit) = limit {
                    self.expr(frame, limit);
                }
                frame.add(*var, items);
                let value = self.block(frame, body);
                self.suffixes(frame, suffixes, value)
            }
            ExprKind::Do(block, suffixes) => {
                let value = self.block(frame, block);
                self.suffixes(frame, suffixes, value)
            }
            _ => Shape::CLEAN,
        }
    }

    fn branches(&mut self, frame: &mut Frame<'p>, branches: &'p [Branch]) -> Vec<Shape<'p>> {
        branches.iter().map(|branch| self.block(frame, &branch.body)).collect()
    }

    /// What is waited for: the event's record.
    pub(super) fn wait_for(&mut self, frame: &mut Frame<'p>, wait: &'p WaitFor, span: Span) -> Shape<'p> {
        let people = wait.from.iter().flatten();
        for expr in people.chain(&wait.conversation) {
            let shape = self.expr(frame, expr);
            self.refuse(&shape, Bits::ASTRAY, expr.span, || Bad::Awaited);
        }
        let event = event::of_wait(self, frame.context, wait, span);
        if let Some(condition) = &wait.condition {
            for param in &condition.params {
                frame.add(*param, event.clone());
            }
            self.expr(frame, &condition.body);
        }
        event
    }

    fn effect(&mut self, frame: &mut Frame<'p>, call: &'p EffectCall, span: Span) -> Shape<'p> {
        let shapes = self.all(frame, &call.args);
        let at = call.effect.0 as usize;
        let (Some(effect), Some(declared)) = (self.program.effects.get(at), self.declared.effects.get(at))
        else {
            return Shape::CLEAN;
        };
        // What the effect is called on comes first, and is no parameter.
        let receiver = shapes.len().saturating_sub(declared.params.len());
        let spans: Vec<Span> = call.args.iter().skip(receiver).map(|arg| arg.span).collect();
        let given: Vec<Shape<'p>> = shapes.into_iter().skip(receiver).collect();
        let kept = self.keep_secrets(declared, &given, &spans);
        let given = self.handed_over(declared, given, &spans);
        if let Some(ty) = &call.type_arg
            && kept
            && mentions_parameter(&effect.signature.result)
            && self.types.has_secret(ty)
        {
            self.mistake(Bad::Outside, span, None);
        }
        if &*effect.signature.name == "event.emit" {
            self.emit(call, &given, receiver, span);
        }
        let trail = path::begin(span, What::Answer(call.effect));
        // A turn whose answer is a reply gives the message, as the channel tells of it.
        let replies = &*effect.signature.name == "agent.answer";
        match effect.signature.class {
            _ if replies => {
                let answer = Shape::flat(Bits::UNTRUSTED, trail.clone());
                self.types.vouched(&effect.signature.result, &trail, &answer)
            }
            DeliveryClass::OfChannel | DeliveryClass::Engine => {
                let answer = match self.choices(call, declared, &given, receiver) {
                    Some(choices) => choices,
                    None => Shape::flat(Bits::UNTRUSTED, trail.clone()),
                };
                self.types.vouched(&effect.signature.result, &trail, &answer)
            }
            DeliveryClass::Read | DeliveryClass::Keyed(_) | DeliveryClass::Probe | DeliveryClass::Blind => {
                Shape::flat(Bits::UNTRUSTED, trail)
            }
        }
    }

    /// Secrets go nowhere but to parameters that are declared `secret`; whether it is so.
    fn keep_secrets(&mut self, declared: &'p Callable, given: &[Shape<'p>], spans: &[Span]) -> bool {
        let mut kept = true;
        for (index, ((shape, param), span)) in given.iter().zip(&declared.params).zip(spans).enumerate() {
            if !param.secret && shape.found(Bits::SECRET).is_some() {
                self.refuse(shape, Bits::SECRET, *span, || Bad::passed(declared, index));
                kept = false;
            }
        }
        kept
    }

    /// Where choices are offered, the answer is one of them.
    fn choices(
        &mut self,
        call: &'p EffectCall,
        declared: &Callable,
        given: &[Shape<'p>],
        receiver: usize,
    ) -> Option<Shape<'p>> {
        let at = declared.params.iter().position(|param| *param.name == *"choices")?;
        let offered = self.offers(&call.args.get(at + receiver)?.kind)?;
        offered.then(|| given.get(at).cloned().unwrap_or(Shape::CLEAN))
    }

    /// Whether a list is written with something in it: without choices, everything is an answer.
    fn offers(&self, kind: &ExprKind) -> Option<bool> {
        match kind {
            ExprKind::List(items) => Some(!items.is_empty()),
            ExprKind::Call(FunctionRef(at), args) if args.is_empty() => {
                let body = &self.program.functions.get(*at as usize)?.body;
                self.offers(&body.value.as_ref()?.kind)
            }
            _ => None,
        }
    }

    fn emit(&mut self, call: &'p EffectCall, given: &[Shape<'p>], receiver: usize, span: Span) {
        let (Some(name), Some(payload)) = (call.args.get(receiver), given.get(1)) else { return };
        // An event whose name is worked out may be any.
        let name = self.constant_text(name).unwrap_or_else(|| Arc::from(""));
        let carried = payload.relabelled(&mut |_, label| Label {
            bits: label.bits.without(Bits::SECRET),
            trail: path::step(label.trail.as_ref(), span, What::Emitted(name.clone())),
        });
        self.write_shared(Shared::Event(name), &carried);
    }

    fn constant_text(&self, expr: &Expr) -> Option<Arc<str>> {
        match &expr.kind {
            ExprKind::Const(Value::Text(text)) => Some(Arc::from(&*text.0)),
            ExprKind::Call(FunctionRef(at), args) if args.is_empty() => {
                let body = &self.program.functions.get(*at as usize)?.body;
                self.constant_text(body.value.as_ref()?)
            }
            _ => None,
        }
    }

    /// What stands behind a call; gives the value of the whole.
    fn suffixes(&mut self, frame: &mut Frame<'p>, suffixes: &'p Suffixes, value: Shape<'p>) -> Shape<'p> {
        if let Some(retry) = &suffixes.retry {
            self.expr(frame, &retry.count);
            for bound in retry.backoff.iter().flat_map(|(from, to)| [from, to]) {
                self.expr(frame, bound);
            }
        }
        match &suffixes.within {
            Some(Within::For(limit) | Within::Until(limit)) => {
                self.expr(frame, limit);
            }
            None => {}
        }
        if let Some(undo) = &suffixes.undo {
            self.with_input(frame, undo.input, &value, &undo.body);
        }
        if let Some(block) = &suffixes.on_unknown {
            self.block(frame, block);
        }
        let Some(otherwise) = &suffixes.otherwise else { return value };
        if let Some(error) = otherwise.error {
            self.failure(frame, error, otherwise.value.span);
        }
        value.join(&self.expr(frame, &otherwise.value))
    }

    fn with_input(
        &mut self,
        frame: &mut Frame<'p>,
        input: Option<LocalId>,
        value: &Shape<'p>,
        body: &'p Block,
    ) {
        if let Some(input) = input {
            let ty = frame.locals.get(input.0 as usize).map_or(&Type::Error, |local| &local.ty);
            let value = self.types.filtered(ty, value.clone());
            frame.add(input, value);
        }
        self.block(frame, body);
    }
}

/// Whether the declared type has a parameter in it.
fn mentions_parameter(ty: &Type) -> bool {
    match ty {
        Type::Param(_) => true,
        Type::List(item) | Type::Optional(item) => mentions_parameter(item),
        Type::Map(key, value) => mentions_parameter(key) || mentions_parameter(value),
        Type::Declared(_, args) => args.iter().any(mentions_parameter),
        _ => false,
    }
}
