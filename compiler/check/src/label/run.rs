//! Running one body in one context.

use super::event;
use super::path::{self, Root, What};
use super::shape::{Bits, Label, Shape};
use super::solve::{Body, ContextId, Frame, Shared, Solver};
use crate::tree::{Flow, FlowId, Function, LocalId, State, StateId};
use carapace_diagnostic::Span;
use std::sync::Arc;

impl<'p> Solver<'p> {
    /// Runs one, in that context; gives its result.
    pub(super) fn run_function(
        &mut self,
        id: ContextId,
        function: &'p Function,
        args: &[Shape<'p>],
        called: Span,
    ) -> Shape<'p> {
        let mut frame = Frame::new(id, &function.locals);
        self.bind_parameters(&mut frame, &function.params, args, called, &function.name);
        let value = self.block(&mut frame, &function.body);
        let result = frame.result.join(&value);
        self.types.filtered(&function.result, result)
    }

    /// Runs one, in that context; gives its result.
    pub(super) fn run_flow(
        &mut self,
        id: ContextId,
        body: Body,
        flow: &'p Flow,
        args: &[Shape<'p>],
        called: Span,
    ) -> Shape<'p> {
        let mut frame = Frame::new(id, &flow.locals);
        if let Body::Entry(number) = body {
            let fields = event::of_flow(self, id, number, flow);
            for (local, shape) in flow.params.iter().zip(fields) {
                frame.known.insert(*local, shape);
            }
        } else {
            self.bind_parameters(&mut frame, &flow.params, args, called, &flow.name);
        }
        self.flow(&mut frame, flow);
        let result = frame.result.clone();
        self.types.filtered(&flow.result, result)
    }

    /// Runs one, in that context; gives its result.
    pub(super) fn run_state(&mut self, id: ContextId, number: StateId, state: &'p State) -> Shape<'p> {
        let mut frame = Frame::new(id, &[]);
        let mut kept = self.expr(&mut frame, &state.init);
        for migration in &state.migrations {
            let mut frame = Frame::new(id, &migration.locals);
            let old = self.types.foreign(&migration.from, &path::begin(state.span, What::Old));
            frame.known.insert(migration.param, old);
            kept = kept.join(&self.expr(&mut frame, &migration.value));
        }
        let kept = self.types.filtered(&state.ty, kept).without(Bits::SECRET);
        self.write_shared(Shared::State(number), &kept);
        Shape::CLEAN
    }

    /// Parameters have ways of their own: they begin where the caller's end.
    fn bind_parameters(
        &mut self,
        frame: &mut Frame<'p>,
        params: &[LocalId],
        args: &[Shape<'p>],
        called: Span,
        name: &Arc<str>,
    ) {
        let context = frame.context.0;
        for (index, (local, arg)) in params.iter().zip(args).enumerate() {
            let param = u32::try_from(index).unwrap_or(u32::MAX);
            let shape = arg.relabelled(&mut |place, label| Label {
                bits: label.bits,
                trail: path::parameter(called, What::Handed(name.clone()), context, param, place),
            });
            frame.known.insert(*local, shape);
        }
    }

    /// A result as the caller sees it: what came from its arguments goes on from there.
    pub(super) fn returned(
        &self,
        result: &Shape<'p>,
        callee: ContextId,
        args: &[Shape<'p>],
        span: Span,
        name: &Arc<str>,
    ) -> Shape<'p> {
        result.relabelled(&mut |_, label| {
            let Some(trail) = &label.trail else { return label.clone() };
            let before = match trail.root {
                Root::Param { context, param, place } if context == callee.0 => {
                    let arg = args.get(param as usize);
                    arg.and_then(|arg| arg.place(place).filter(|l| l.trail.is_some()))
                        .or_else(|| arg.and_then(|arg| arg.found(Bits::ALL)))
                        .and_then(|label| label.trail)
                }
                _ => None,
            };
            let before = before.as_ref().unwrap_or(trail);
            Label { bits: label.bits, trail: path::step(Some(before), span, What::Through(name.clone())) }
        })
    }

    /// What a model hands over to a tool.
    pub(super) fn model_arguments(&mut self, id: FlowId, flow: &'p Flow) -> Vec<Shape<'p>> {
        let declared = self.declared.flows.get(id.0 as usize);
        let params = flow.params.iter().enumerate();
        params
            .map(|(index, local)| {
                let param = declared.and_then(|d| d.params.get(index));
                let span = param.map_or(flow.span, |p| p.span);
                let name = param.map_or_else(|| Arc::from(""), |p| p.name.clone());
                let trail = path::begin(span, What::Model(name));
                if param.is_some_and(|p| p.trusted) {
                    // That a model says what it is, is the mistake.
                    return Shape::CLEAN;
                }
                match flow.locals.get(local.0 as usize) {
                    Some(local) => self.types.foreign(&local.ty, &trail),
                    None => Shape::CLEAN,
                }
            })
            .collect()
    }
}
