//! Branches: what holds in which.

use super::places::{Shown, is_written};
use super::shape::Shape;
use super::solve::{Frame, Solver};
use crate::tree::{Arm, Block, Expr, ExprKind, Pattern, PatternKind};
use carapace_module::Type;

impl<'p> Solver<'p> {
    /// Where a body goes on, and where it ends.
    pub(super) fn control(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Shape<'p> {
        match &expr.kind {
            ExprKind::If(condition, then, otherwise) => self.if_(frame, condition, then, otherwise.as_ref()),
            ExprKind::Match(value, arms) => self.match_(frame, value, arms),
            ExprKind::Block(block) => self.block(frame, block),
            ExprKind::Return(Some(value)) => {
                let value = self.expr(frame, value);
                frame.result = frame.result.join(&value);
                Shape::CLEAN
            }
            ExprKind::Fail(message) | ExprKind::Cancel(message) => {
                self.expr(frame, message);
                Shape::CLEAN
            }
            _ => Shape::CLEAN,
        }
    }

    /// `if`: both branches, each with what the condition shows there.
    fn if_(
        &mut self,
        frame: &mut Frame<'p>,
        condition: &'p Expr,
        then: &'p Block,
        otherwise: Option<&'p Block>,
    ) -> Shape<'p> {
        let Shown { yes, no } = self.condition(frame, condition);
        let before = self.learn(frame, yes);
        let value = self.block(frame, then);
        Self::forget(frame, before);
        let Some(otherwise) = otherwise else { return value };
        let before = self.learn(frame, no);
        let value = value.join(&self.block(frame, otherwise));
        Self::forget(frame, before);
        value
    }

    /// `match`: every arm. Where a value is equal to what stands in the source, it is as good as written there.
    fn match_(&mut self, frame: &mut Frame<'p>, value: &'p Expr, arms: &'p [Arm]) -> Shape<'p> {
        let scrutinee = self.expr(frame, value);
        let place = self.place(frame, value);
        let mut result = Shape::CLEAN;
        for arm in arms {
            let known = match &place {
                Some(place) if is_written(&arm.pattern) => vec![(place.clone(), Shape::CLEAN)],
                _ => Vec::new(),
            };
            let before = self.learn(frame, known);
            self.bind(frame, &arm.pattern, &scrutinee);
            let mut narrowed = Vec::new();
            if let Some(guard) = &arm.guard {
                let shown = self.condition(frame, guard);
                narrowed = self.learn(frame, shown.yes);
            }
            result = result.join(&self.expr(frame, &arm.body));
            Self::forget(frame, narrowed);
            Self::forget(frame, before);
        }
        result
    }

    /// The names that a pattern binds.
    fn bind(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: &Shape<'p>) {
        match &pattern.kind {
            PatternKind::Bind(local) => {
                let ty = frame.locals.get(local.0 as usize).map_or(&Type::Error, |l| &l.ty);
                let value = self.types.filtered(ty, value.clone());
                frame.add(*local, value);
            }
            PatternKind::Tag(tag, fields) => {
                let parts = value.part(*tag as usize);
                for (slot, field) in fields {
                    self.bind(frame, field, &parts.part(*slot as usize));
                }
            }
            PatternKind::Or(all) => all.iter().for_each(|one| self.bind(frame, one, value)),
            PatternKind::Rest | PatternKind::None | PatternKind::Const(_) | PatternKind::Range(..) => {}
        }
    }
}
