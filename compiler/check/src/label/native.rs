//! Functions that are not written in the language, and tagged text. What they give is made of all that they take; what has
//! the type of a parameter `T` is one of those that were handed over as `T`.

use super::expr::computed;
use super::shape::{Bits, Shape};
use super::solve::{Frame, Solver};
use super::tell::Bad;
use crate::tree::{Expr, NativeId, Part};
use carapace_module::Type;

impl<'p> Solver<'p> {
    /// A native's call.
    pub(super) fn call_native(&mut self, frame: &mut Frame<'p>, id: NativeId, args: &'p [Expr]) -> Shape<'p> {
        let shapes = self.all(frame, args);
        let written = args.iter().fold(Shape::CLEAN, |all, arg| all.join(&self.written(arg)));
        if written.is_clean() && shapes.iter().all(Shape::is_clean) {
            return Shape::CLEAN;
        }
        let (Some(native), Some(declared)) =
            (self.program.natives.get(id.0 as usize), self.declared.natives.get(id.0 as usize))
        else {
            return Shape::CLEAN;
        };
        let spans: Vec<_> = args.iter().map(|arg| arg.span).collect();
        let shapes = self.handed_over(declared, shapes, &spans);
        for (index, ((shape, ty), span)) in shapes.iter().zip(&native.params).zip(&spans).enumerate() {
            // What goes in as it is and comes out as something else was looked at.
            if matches!(ty, Type::Param(_)) && !mentions(&native.result, ty) {
                self.refuse(shape, Bits::SECRET, *span, || Bad::passed(declared, index));
            }
        }
        let all = shapes.iter().fold(Shape::CLEAN, |all, shape| all.join(&computed(shape)));
        let mut all = all.without(Bits::SECRET);
        if !native.params.contains(&Type::Text) {
            // A part of a text is not made of the number that says which.
            all = all.join(&written);
        }
        let mut bound: Vec<Shape<'p>> = Vec::new();
        for (shape, ty) in shapes.iter().zip(&native.params) {
            learn(ty, shape, &mut bound);
        }
        made(&native.result, &bound, &all)
    }

    /// `url"…{x}"`: what is put in is encoded for its place, so that it steers nothing.
    pub(super) fn template(&mut self, frame: &mut Frame<'p>, id: NativeId, parts: &'p [Part]) -> Shape<'p> {
        let mut all = Shape::CLEAN;
        let declared = self.declared.natives.get(id.0 as usize);
        let values = declared.and_then(|d| d.params.get(1).map(|param| (d, param)));
        for part in parts {
            let Part::Value(value) = part else { continue };
            let shape = self.expr(frame, value);
            self.refuse(&shape, Bits::SECRET, value.span, || Bad::Shown);
            if let Some((declared, param)) = values
                && param.trusted
            {
                self.refuse(&shape, Bits::FOREIGN, value.span, || Bad::trusted(declared, 1));
            }
            all = all.join(&computed(&shape));
        }
        all.without(Bits::SECRET.with(Bits::ASTRAY))
    }
}

/// Whether the type has that parameter somewhere.
fn mentions(ty: &Type, param: &Type) -> bool {
    match ty {
        Type::List(item) | Type::Optional(item) => mentions(item, param),
        Type::Map(key, value) => mentions(key, param) || mentions(value, param),
        other => other == param,
    }
}

/// What a value of a declared type says about its parameters.
fn learn<'p>(ty: &Type, shape: &Shape<'p>, bound: &mut Vec<Shape<'p>>) {
    match ty {
        Type::Param(at) => {
            let at = *at as usize;
            if bound.len() <= at {
                bound.resize(at + 1, Shape::CLEAN);
            }
            if let Some(known) = bound.get_mut(at) {
                *known = known.join(shape);
            }
        }
        Type::List(item) | Type::Optional(item) => learn(item, shape, bound),
        Type::Map(key, value) => {
            learn(key, &shape.part(0), bound);
            learn(value, &shape.part(1), bound);
        }
        _ => {}
    }
}

/// A value of the declared result.
fn made<'p>(ty: &Type, bound: &[Shape<'p>], all: &Shape<'p>) -> Shape<'p> {
    match ty {
        Type::Param(at) => bound.get(*at as usize).cloned().unwrap_or(Shape::CLEAN),
        Type::List(item) | Type::Optional(item) => made(item, bound, all),
        Type::Map(key, value) => Shape::parts(vec![made(key, bound, all), made(value, bound, all)]),
        _ => all.clone(),
    }
}
