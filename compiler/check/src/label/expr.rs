//! Expressions: the shape of what each comes to.

use super::path::{self, What};
use super::shape::{Bits, Callee, Shape};
use super::solve::{Frame, Shared, Solver};
use super::tell::Bad;
use crate::tree::{Arith, Expr, ExprKind, Part, StateId};
use carapace_diagnostic::Span;
use carapace_module::{Type, Value};
use std::rc::Rc;

impl<'p> Solver<'p> {
    /// The shape of what an expression comes to.
    pub(super) fn expr(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Shape<'p> {
        let shape = self.of_kind(frame, expr);
        let shape = self.types.filtered(&expr.ty, shape);
        self.note_label(expr, &shape);
        if !self.declared.trusted.is_empty() && self.declared.trusted.contains_key(&expr.span) {
            self.note_trust(expr.span, shape.found(Bits::VOUCHED_FOR).is_some());
            return shape.without(Bits::VOUCHED_FOR);
        }
        shape
    }

    /// Keeps the labels of an expression for an editor: those of all ways in which it is reached.
    fn note_label(&mut self, expr: &'p Expr, shape: &Shape<'p>) {
        if let Some(seen) = &mut self.seen
            && !shape.is_clean()
            && !self.declared.library.contains(&expr.span.file)
        {
            let known = seen.entry(expr.span).or_default();
            *known = known.with(shape.label().bits);
        }
    }

    fn of_kind(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Shape<'p> {
        match &expr.kind {
            ExprKind::Const(Value::Secret(_)) => {
                Shape::flat(Bits::SECRET, path::begin(expr.span, What::Secret))
            }
            ExprKind::Local(local) => frame.read(*local),
            ExprKind::Text(parts) => self.text(frame, parts),
            ExprKind::Template(native, parts) => self.template(frame, *native, parts),
            ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Record(..) | ExprKind::Tag(..) => {
                self.put_together(frame, expr)
            }
            ExprKind::Field(base, slot) => self.field(frame, base, *slot),
            ExprKind::OptionalChain { base, local, body } => {
                let base = self.expr(frame, base);
                frame.add(*local, base);
                self.expr(frame, body)
            }
            ExprKind::MapIndex(base, key) => {
                self.expr(frame, key);
                self.expr(frame, base).part(1)
            }
            ExprKind::ListIndex(base, key) | ExprKind::JsonIndex(base, key) => {
                self.expr(frame, key);
                self.expr(frame, base)
            }
            ExprKind::Call(function, args) => self.call_function(frame, *function, args, expr.span),
            ExprKind::CallNative(native, args) => self.call_native(frame, *native, args),
            ExprKind::CallClosure(callee, args) => {
                let callee = self.expr(frame, callee);
                let args = self.all(frame, args);
                self.apply(frame, &callee, &args, expr.span)
            }
            ExprKind::Lambda(lambda) => self.lambda(frame, lambda, expr.span),
            ExprKind::FunctionValue(function) => Shape::Functions(Rc::from([Callee::Function(*function)])),
            ExprKind::Neg(inner)
            | ExprKind::Narrow(inner)
            | ExprKind::IntToNumber(inner)
            | ExprKind::IsEmpty(inner)
            | ExprKind::IsNone(inner)
            | ExprKind::IsTag(inner, _) => self.expr(frame, inner),
            ExprKind::TextToContent(text) => self.content(frame, text, &expr.ty),
            ExprKind::Coalesce(first, second) => {
                let first = self.expr(frame, first);
                first.join(&self.expr(frame, second))
            }
            ExprKind::Arith(op, left, right) => self.arithmetic(frame, *op, left, right),
            ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::HasKey(..) => {
                self.condition(frame, expr);
                Shape::CLEAN
            }
            ExprKind::TextTest { left, right, .. } | ExprKind::Range(left, right) => {
                self.expr(frame, left);
                self.expr(frame, right);
                Shape::CLEAN
            }
            ExprKind::Matches { text, regex, found, .. } => {
                let text = self.expr(frame, text);
                self.expr(frame, regex);
                if let Some((local, _)) = found {
                    frame.add(*local, computed(&text));
                }
                Shape::CLEAN
            }
            ExprKind::StateGet(state, keys) => {
                self.all(frame, keys);
                self.state(frame, *state, expr.span)
            }
            ExprKind::If(..)
            | ExprKind::Match(..)
            | ExprKind::Block(_)
            | ExprKind::Return(_)
            | ExprKind::Fail(_)
            | ExprKind::Cancel(_) => self.control(frame, expr),
            ExprKind::Effect(_)
            | ExprKind::CallFlow(..)
            | ExprKind::Start(..)
            | ExprKind::Await(..)
            | ExprKind::ListenNext(..)
            | ExprKind::Parallel(..)
            | ExprKind::Race(..)
            | ExprKind::ForParallel { .. }
            | ExprKind::Do(..) => self.act(frame, expr),
            // What the deployment gives, and what the run itself knows.
            ExprKind::Const(_)
            | ExprKind::Setting(_)
            | ExprKind::Slot(_)
            | ExprKind::Now
            | ExprKind::Random
            | ExprKind::ThisRun
            | ExprKind::Break
            | ExprKind::Continue
            | ExprKind::Error => Shape::CLEAN,
        }
    }

    /// A value that is written with its parts.
    fn put_together(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Shape<'p> {
        match &expr.kind {
            ExprKind::List(items) => {
                let mut all = Shape::CLEAN;
                for item in items {
                    all = all.join(&self.expr(frame, item));
                }
                all
            }
            ExprKind::Map(entries) => {
                let (mut keys, mut values) = (Shape::CLEAN, Shape::CLEAN);
                for (key, value) in entries {
                    keys = keys.join(&self.expr(frame, key));
                    values = values.join(&self.expr(frame, value));
                }
                Shape::parts(vec![keys, values])
            }
            ExprKind::Record(slots, _) => {
                let made = Shape::parts(self.all(frame, slots));
                if !self.types.is_somebody(&expr.ty) {
                    return made;
                }
                // The channel vouches for people and conversations as it tells of them, not for what is made of their parts:
                // an id of one network may be somebody else's on another.
                made.relabelled(&mut |_, label| label.with_bits(label.bits.computed()))
            }
            ExprKind::Tag(tag, fields) => {
                let fields = Shape::parts(self.all(frame, fields));
                self.tagged(&expr.ty, *tag, fields)
            }
            _ => Shape::CLEAN,
        }
    }

    /// The shapes of several expressions.
    pub(super) fn all(&mut self, frame: &mut Frame<'p>, exprs: &'p [Expr]) -> Vec<Shape<'p>> {
        exprs.iter().map(|expr| self.expr(frame, expr)).collect()
    }

    fn content(&mut self, frame: &mut Frame<'p>, text: &'p Expr, ty: &Type) -> Shape<'p> {
        let text = self.expr(frame, text);
        let width = self.types.width(ty).unwrap_or(1);
        let others = std::iter::repeat_n(Shape::CLEAN, width.saturating_sub(1));
        Shape::parts(std::iter::once(text).chain(others).collect())
    }

    fn text(&mut self, frame: &mut Frame<'p>, parts: &'p [Part]) -> Shape<'p> {
        let mut all = Shape::CLEAN;
        for part in parts {
            if let Part::Value(value) = part {
                let shape = self.expr(frame, value);
                self.refuse(&shape, Bits::SECRET, value.span, || Bad::Shown);
                all = all.join(&computed(&shape)).join(&self.written(value));
            }
        }
        all.without(Bits::SECRET)
    }

    /// What a number, written as a text, is: nothing that anybody wrote, but it may name somebody.
    pub(super) fn written(&self, value: &'p Expr) -> Shape<'p> {
        // What `T` stands for may be one.
        let number = matches!(
            value.ty,
            Type::Int
                | Type::Number
                | Type::Money
                | Type::Time
                | Type::Date
                | Type::Duration
                | Type::Param(_)
        );
        if !number || matches!(value.kind, ExprKind::Const(_)) {
            return Shape::CLEAN;
        }
        Shape::flat(Bits::MADE, path::begin(value.span, What::Number))
    }

    fn field(&mut self, frame: &mut Frame<'p>, base: &'p Expr, slot: u32) -> Shape<'p> {
        let value = self.expr(frame, base);
        let slot = slot as usize;
        let Some(tags) = self.types.tags(&base.ty) else { return value.part(slot) };
        // Which tag it is, was checked before; here it may be any.
        (0..tags).fold(Shape::CLEAN, |all, tag| all.join(&value.part(tag).part(slot)))
    }

    /// A union's value with that tag.
    pub(super) fn tagged(&self, ty: &Type, tag: u32, fields: Shape<'p>) -> Shape<'p> {
        let tags = self.types.tags(ty).unwrap_or(tag as usize + 1);
        let of = |at| if at == tag as usize { fields.clone() } else { Shape::CLEAN };
        Shape::parts((0..tags).map(of).collect())
    }

    fn arithmetic(&mut self, frame: &mut Frame<'p>, op: Arith, left: &'p Expr, right: &'p Expr) -> Shape<'p> {
        let both = self.expr(frame, left).join(&self.expr(frame, right));
        if op == Arith::Add && matches!(left.ty, Type::List(_)) { both } else { computed(&both) }
    }

    fn state(&mut self, frame: &mut Frame<'p>, id: StateId, span: Span) -> Shape<'p> {
        let shared = self.read_shared(Shared::State(id), frame.context);
        let Some(state) = self.program.states.get(id.0 as usize) else { return shared };
        let read = shared.relabelled(&mut |_, label| super::shape::Label {
            bits: label.bits,
            trail: path::step(label.trail.as_ref(), span, What::Read(id)),
        });
        self.types.filtered(&state.ty, read)
    }
}

/// Something made of a value: nobody vouches for that.
pub(super) fn computed<'p>(shape: &Shape<'p>) -> Shape<'p> {
    match shape {
        Shape::Functions(_) | Shape::Anything => shape.clone(),
        _ => {
            let label = shape.label();
            Shape::Flat(label.with_bits(label.bits.computed()))
        }
    }
}
