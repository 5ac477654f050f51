//! Functions as values, and calling them.

use super::path::{self, What};
use super::shape::{Bits, Callee, Closure, Shape};
use super::solve::{Body, Frame, Solver};
use crate::tree::{FunctionRef, Lambda, LocalId};
use carapace_diagnostic::Span;
use std::rc::Rc;

impl<'p> Solver<'p> {
    /// A function as a value, with what it captures.
    pub(super) fn lambda(&mut self, frame: &mut Frame<'p>, lambda: &'p Lambda, span: Span) -> Shape<'p> {
        let captured: Vec<(LocalId, Shape<'p>)> =
            lambda.captures.iter().map(|local| (*local, frame.read(*local))).collect();
        if let Some(closure) = Closure::new(lambda, frame.locals, captured.clone()) {
            return Shape::Functions(Rc::from([Callee::Lambda(Rc::new(closure))]));
        }
        // It is looked at once, with the worst that it may be given; what it gives is the worst, too.
        let worst = Shape::flat(Bits::ALL, path::begin(span, What::Failure));
        let mut inner = Frame::new(frame.context, frame.locals);
        inner.known.extend(captured);
        for param in &lambda.params {
            inner.known.insert(*param, worst.clone());
        }
        self.expr(&mut inner, &lambda.body);
        Shape::Anything
    }

    /// What a function gives for these arguments.
    pub(super) fn apply(
        &mut self,
        frame: &mut Frame<'p>,
        callee: &Shape<'p>,
        args: &[Shape<'p>],
        span: Span,
    ) -> Shape<'p> {
        let all = match callee {
            Shape::Functions(all) => all.clone(),
            Shape::Anything => return Shape::flat(Bits::ALL, path::begin(span, What::Failure)),
            // Nothing has been handed over yet.
            Shape::Flat(_) | Shape::Parts(_) => return Shape::CLEAN,
        };
        let mut result = Shape::CLEAN;
        for callee in all.iter() {
            result = result.join(&match callee {
                Callee::Function(function) => self.apply_function(frame, *function, args, span),
                Callee::Lambda(closure) => {
                    let mut inner = Frame::new(frame.context, closure.locals);
                    inner.known.extend(closure.captured.iter().cloned());
                    inner.known.extend(closure.lambda.params.iter().copied().zip(args.iter().cloned()));
                    self.expr(&mut inner, &closure.lambda.body)
                }
            });
        }
        result
    }

    fn apply_function(
        &mut self,
        frame: &Frame<'p>,
        function: FunctionRef,
        args: &[Shape<'p>],
        span: Span,
    ) -> Shape<'p> {
        let Some(declared) = self.declared.functions.get(function.0 as usize) else { return Shape::CLEAN };
        let spans = vec![span; args.len()];
        let args = self.handed_over(declared, args.to_vec(), &spans);
        let (result, context) = self.call(Body::Function(function), args.clone(), span, frame.context);
        self.returned(&result, context, &args, span, &declared.name)
    }
}
