//! W0308: a step that a `retry` around it does again.

use super::pass::Lint;
use super::walk::{Part, Role, each_part, suffixes_of};
use crate::code;
use crate::tree::{EffectCall, Expr, ExprKind, FlowId, Program, StmtKind};
use carapace_diagnostic::{Diagnostic, Span};
use carapace_module::signature::DeliveryClass;

/// Tells a `retry` of several steps, of which one that may not happen twice stands before one that may fail: the next
/// attempt begins from the first. Behind a single step `retry` is harmless, as it is tried again only where it is known
/// that nothing happened.
pub(super) fn look(lint: &mut Lint<'_>, expr: &Expr) {
    let Some(retry) = suffixes_of(expr).and_then(|s| s.retry.as_ref()) else { return };
    let again = match &expr.kind {
        ExprKind::Effect(_) | ExprKind::Await(..) | ExprKind::ListenNext(..) => return,
        ExprKind::CallFlow(flow, ..) => {
            let Some(callee) = lint.program.flows.get(flow.0 as usize) else { return };
            steps_done_again(lint.program, Part::Block(&callee.body))
        }
        _ => steps_done_again(lint.program, Part::Expr(expr)),
    };
    let Some((step, name)) = again.into_iter().min_by_key(|(span, _)| span.range.start) else { return };
    let message = format!("`retry` does `{name}` again when a later step fails");
    let place = if matches!(expr.kind, ExprKind::CallFlow(..)) { expr.span } else { step };
    let mut told = Diagnostic::new(code::DONE_AGAIN, place, message)
        .also(retry.count.span, "every attempt begins from the first step")
        .help("put `retry` behind the step that fails, or give this one an `undo`");
    if place != step {
        told = told.also(step, "this is done again");
    }
    lint.told.push(told);
}

/// The steps before another that may fail.
fn steps_done_again(program: &Program, part: Part<'_>) -> Vec<(Span, String)> {
    let mut back = Backward { program, found: Vec::new(), calls: Vec::new() };
    // Whatever is done at the same time may fail when the step has happened.
    let together = match part {
        Part::Expr(expr) => matches!(expr.kind, ExprKind::Parallel(..) | ExprKind::ForParallel { .. }),
        _ => false,
    };
    let behind = together && back.fails(part);
    each_part(part, &mut |role, inner| {
        if role == Role::Inside && matches!(part, Part::Expr(_)) {
            back.part(inner, behind);
        }
    });
    if let Part::Block(_) = part {
        back.part(part, behind);
    }
    back.found
}

/// Goes through the code from its end, and knows whether anything behind may fail.
struct Backward<'p> {
    program: &'p Program,
    found: Vec<(Span, String)>,
    /// Sub-flows that are being looked at, so that a circle of calls ends.
    calls: Vec<FlowId>,
}

impl Backward<'_> {
    /// Whether this or anything behind it may fail.
    fn part(&mut self, part: Part<'_>, behind: bool) -> bool {
        match part {
            Part::Expr(expr) => self.expr(expr, behind),
            Part::Stmt(stmt)
                if matches!(stmt.kind, StmtKind::For(..) | StmtKind::While(..) | StmtKind::Repeat(..)) =>
            {
                let any = behind || self.fails(part);
                self.parts(part, any)
            }
            Part::Stmt(_) | Part::Block(_) => self.parts(part, behind),
        }
    }

    fn parts(&mut self, part: Part<'_>, behind: bool) -> bool {
        let mut inner = Vec::new();
        each_part(part, &mut |role, piece| {
            if role == Role::Inside {
                inner.push(piece);
            }
        });
        // What takes a step back, or waits for word of it, is no step of its own.
        let otherwise = match part {
            Part::Expr(expr) => suffixes_of(expr).and_then(|s| s.otherwise.as_ref()),
            _ => None,
        };
        let behind = otherwise.map_or(behind, |other| self.expr(&other.value, behind));
        inner.into_iter().rev().fold(behind, |behind, piece| self.part(piece, behind))
    }

    fn expr(&mut self, expr: &Expr, behind: bool) -> bool {
        match &expr.kind {
            ExprKind::If(cond, then, other) => {
                let then = self.part(Part::Block(then), behind);
                let other = other.as_ref().map_or(behind, |block| self.part(Part::Block(block), behind));
                self.expr(cond, then || other)
            }
            ExprKind::Match(subject, arms) => {
                let mut any = behind;
                for arm in arms {
                    any |= self.expr(&arm.body, behind);
                }
                self.expr(subject, any)
            }
            ExprKind::Parallel(..) | ExprKind::ForParallel { .. } => {
                let any = behind || self.fails(Part::Expr(expr));
                self.parts(Part::Expr(expr), any)
            }
            ExprKind::Effect(call) => {
                if behind && self.happens_twice(call) {
                    self.found.push((expr.span, self.name(call)));
                }
                let caught = call.suffixes.otherwise.is_some();
                let may_fail = !caught && self.class(call) != DeliveryClass::Engine;
                self.parts(Part::Expr(expr), behind || may_fail)
            }
            ExprKind::CallFlow(flow, _, suffixes) => {
                let undone = suffixes.undo.is_some();
                if behind
                    && !undone
                    && let Some(step) = self.step_of(*flow)
                {
                    self.found.push((expr.span, step));
                }
                let may_fail = suffixes.otherwise.is_none() && self.flow_fails(*flow);
                self.parts(Part::Expr(expr), behind || may_fail)
            }
            _ => self.parts(Part::Expr(expr), behind),
        }
    }

    /// Whether anything in it may fail, without a word about what is in it.
    fn fails(&mut self, part: Part<'_>) -> bool {
        let found = self.found.len();
        let mut any = false;
        each_part(part, &mut |_, inner| any |= self.part(inner, false));
        self.found.truncate(found);
        any
    }

    fn flow_fails(&mut self, flow: FlowId) -> bool {
        let program = self.program;
        let Some(callee) = program.flows.get(flow.0 as usize).filter(|_| !self.calls.contains(&flow)) else {
            return false;
        };
        self.calls.push(flow);
        let fails = self.fails(Part::Block(&callee.body));
        self.calls.pop();
        fails
    }

    /// A step of a sub-flow that may not happen twice.
    fn step_of(&mut self, flow: FlowId) -> Option<String> {
        let program = self.program;
        let callee = program.flows.get(flow.0 as usize).filter(|_| !self.calls.contains(&flow))?;
        self.calls.push(flow);
        let found = self.found.len();
        self.part(Part::Block(&callee.body), true);
        let first = self.found.split_off(found.min(self.found.len())).into_iter().next();
        self.calls.pop();
        first.map(|(_, name)| name)
    }

    /// Whether doing it a second time is not as good as once.
    fn happens_twice(&self, call: &EffectCall) -> bool {
        let class = self.class(call);
        call.suffixes.undo.is_none()
            && matches!(class, DeliveryClass::Blind | DeliveryClass::Keyed(_) | DeliveryClass::OfChannel)
    }

    fn class(&self, call: &EffectCall) -> DeliveryClass {
        self.program.effects.get(call.effect.0 as usize).map_or(DeliveryClass::Engine, |e| e.signature.class)
    }

    fn name(&self, call: &EffectCall) -> String {
        let name = self.program.effects.get(call.effect.0 as usize).map_or("", |e| &*e.signature.name);
        name.rsplit('.').next().unwrap_or(name).to_owned()
    }
}
