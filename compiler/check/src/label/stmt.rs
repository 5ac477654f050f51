//! Statements, blocks, loops, and a flow with everything that stands around its body.

use super::path::{self, What};
use super::places::Shown;
use super::shape::{Bits, Label, Shape};
use super::solve::{Frame, Shared, Solver};
use crate::tree::{Block, Expr, ExprKind, Flow, LocalId, StateId, Stmt, StmtKind};
use carapace_diagnostic::Span;
use carapace_module::Type;

impl<'p> Solver<'p> {
    /// A flow: what its header computes, its body, its handlers.
    pub(super) fn flow(&mut self, frame: &mut Frame<'p>, flow: &'p Flow) {
        let mut before = Vec::new();
        if let Some(guard) = &flow.guard {
            let Shown { yes, .. } = self.condition(frame, guard);
            before = self.learn(frame, yes);
        }
        for limit in &flow.limits {
            self.all(frame, &limit.key);
            if let Some(otherwise) = &limit.otherwise {
                self.block(frame, otherwise);
            }
        }
        if let Some((_, key)) = &flow.debounce {
            self.all(frame, key);
        }
        if let Some((key, _)) = &flow.dedupe {
            self.expr(frame, key);
        }
        if let Some((_, key, _)) = &flow.serial {
            self.all(frame, key);
        }
        let value = self.block(frame, &flow.body);
        frame.result = frame.result.join(&value);
        if let Some((error, block)) = &flow.on_failure {
            if let Some(error) = error {
                self.failure(frame, *error, block.span);
            }
            self.block(frame, block);
        }
        if let Some(block) = &flow.on_cancel {
            self.block(frame, block);
        }
        Self::forget(frame, before);
    }

    /// What is said about a failure, anybody may have said.
    pub(super) fn failure(&mut self, frame: &mut Frame<'p>, error: LocalId, span: Span) {
        let ty = frame.locals.get(error.0 as usize).map_or(&Type::Error, |local| &local.ty);
        let shape = self.types.foreign(ty, &path::begin(span, What::Failure));
        frame.add(error, shape);
    }

    /// A block's value.
    pub(super) fn block(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Shape<'p> {
        let mut before = Vec::new();
        for stmt in &block.stmts {
            // What comes after `if x != "a" { return }` is only reached where that does not hold.
            if let StmtKind::Expr(Expr { kind: ExprKind::If(condition, then, None), .. }) = &stmt.kind
                && leaves(then)
            {
                let Shown { yes, no } = self.condition(frame, condition);
                let inside = self.learn(frame, yes);
                self.block(frame, then);
                Self::forget(frame, inside);
                let mut more = self.learn(frame, no);
                more.append(&mut before);
                before = more;
                continue;
            }
            self.stmt(frame, stmt);
        }
        let value = match &block.value {
            Some(value) => self.expr(frame, value),
            None => Shape::CLEAN,
        };
        Self::forget(frame, before);
        value
    }

    fn stmt(&mut self, frame: &mut Frame<'p>, stmt: &'p Stmt) {
        match &stmt.kind {
            StmtKind::Let(local, value) | StmtKind::Assign(local, value) => {
                let shape = self.expr(frame, value);
                let shape = named(frame, *local, &shape, stmt.span);
                frame.add(*local, shape);
            }
            StmtKind::Set(state, keys, value) => self.set(frame, *state, keys, value),
            StmtKind::For(local, items, body) => {
                let all = self.expr(frame, items);
                let item = named(frame, *local, &all, items.span);
                frame.add(*local, item);
                self.repeated(frame, |solver, frame| {
                    solver.block(frame, body);
                });
            }
            StmtKind::While(condition, body) => self.repeated(frame, |solver, frame| {
                let Shown { yes, .. } = solver.condition(frame, condition);
                let before = solver.learn(frame, yes);
                solver.block(frame, body);
                Self::forget(frame, before);
            }),
            StmtKind::Repeat(times, body) => {
                self.expr(frame, times);
                self.repeated(frame, |solver, frame| {
                    solver.block(frame, body);
                });
            }
            StmtKind::Listen(local, wait, body) => {
                let event = self.wait_for(frame, wait, stmt.span);
                frame.add(*local, event);
                self.block(frame, body);
            }
            StmtKind::Expr(value) => {
                self.expr(frame, value);
            }
            // Tests happen in a world of their own.
            StmtKind::Test(_) => {}
        }
    }

    /// A body that may run again, until its locals do not grow any more.
    pub(super) fn repeated(
        &mut self,
        frame: &mut Frame<'p>,
        mut body: impl FnMut(&mut Self, &mut Frame<'p>),
    ) {
        let before = frame.grew;
        let mut ever = false;
        loop {
            frame.grew = false;
            body(self, frame);
            if !frame.grew {
                break;
            }
            ever = true;
        }
        frame.grew = before || ever;
    }

    fn set(&mut self, frame: &mut Frame<'p>, state: StateId, keys: &'p [Expr], value: &'p Expr) {
        self.all(frame, keys);
        let shape = self.expr(frame, value);
        // That no state can hold a secret was said where it is declared.
        let kept = shape.relabelled(&mut |_, label| Label {
            bits: label.bits.without(Bits::SECRET),
            trail: path::step(label.trail.as_ref(), value.span, What::Kept(state)),
        });
        self.write_shared(Shared::State(state), &kept);
    }
}

/// The value under its new name.
fn named<'p>(frame: &Frame<'p>, local: LocalId, shape: &Shape<'p>, span: Span) -> Shape<'p> {
    let name = match frame.locals.get(local.0 as usize) {
        Some(local) if !local.name.is_empty() => local.name.clone(),
        _ => return shape.clone(),
    };
    shape.relabelled(&mut |_, label| Label {
        bits: label.bits,
        trail: path::step(label.trail.as_ref(), span, What::Named(name.clone())),
    })
}

/// Whether a block never gets to its end.
fn leaves(block: &Block) -> bool {
    let never = |expr: &Expr| expr.ty == Type::Never;
    block.value.as_deref().is_some_and(never)
        || block.stmts.iter().any(|stmt| matches!(&stmt.kind, StmtKind::Expr(expr) if never(expr)))
}
