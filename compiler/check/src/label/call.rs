//! Calls of what has a body, and what parameters ask of their arguments.

use super::declared::Callable;
use super::shape::{Bits, Shape};
use super::solve::{Body, Frame, Solver};
use super::tell::Bad;
use crate::tree::{Expr, FlowId, FunctionRef};
use carapace_diagnostic::Span;

impl<'p> Solver<'p> {
    /// A pure function's call.
    pub(super) fn call_function(
        &mut self,
        frame: &mut Frame<'p>,
        id: FunctionRef,
        args: &'p [Expr],
        span: Span,
    ) -> Shape<'p> {
        let shapes = self.all(frame, args);
        let Some(declared) = self.declared.functions.get(id.0 as usize) else { return Shape::CLEAN };
        self.call_declared(frame, Body::Function(id), declared, shapes, args, span)
    }

    /// A sub-flow's or tool's.
    pub(super) fn call_flow(
        &mut self,
        frame: &mut Frame<'p>,
        id: FlowId,
        args: &'p [Expr],
        span: Span,
    ) -> Shape<'p> {
        let shapes = self.all(frame, args);
        let Some(declared) = self.declared.flows.get(id.0 as usize) else { return Shape::CLEAN };
        self.call_declared(frame, Body::Flow(id), declared, shapes, args, span)
    }

    fn call_declared(
        &mut self,
        frame: &mut Frame<'p>,
        body: Body,
        declared: &'p Callable,
        shapes: Vec<Shape<'p>>,
        args: &'p [Expr],
        span: Span,
    ) -> Shape<'p> {
        let spans: Vec<Span> = args.iter().map(|arg| arg.span).collect();
        let shapes = self.handed_over(declared, shapes, &spans);
        let (result, context) = self.call(body, shapes.clone(), span, frame.context);
        if result.is_clean() {
            return result;
        }
        self.returned(&result, context, &shapes, span, &declared.name)
    }

    /// The arguments as the callee sees them: what is declared `trusted` was looked at, and is.
    pub(super) fn handed_over(
        &mut self,
        declared: &'p Callable,
        mut shapes: Vec<Shape<'p>>,
        spans: &[Span],
    ) -> Vec<Shape<'p>> {
        for (index, ((shape, param), span)) in
            shapes.iter_mut().zip(&declared.params).zip(spans.iter().copied()).enumerate()
        {
            if !param.trusted || shape.is_clean() {
                continue;
            }
            if self.types.is_destination(&param.ty) {
                self.refuse(shape, Bits::ASTRAY, span, || Bad::destination(declared, index));
                *shape = shape.without(Bits::ASTRAY);
            } else {
                self.refuse(shape, Bits::FOREIGN, span, || Bad::trusted(declared, index));
                *shape = shape.without(Bits::UNTRUSTED);
            }
        }
        shapes
    }
}
