//! Branches, lambdas and undos: functions of their captures.

use crate::function::Emitter;
use carapace_check::tree::{Branch, Expr, ExprKind, Lambda};
use carapace_module::code::{self, Op};
use carapace_module::signature::FunctionId;

impl<'p> Emitter<'_, 'p> {
    /// `parallel`, `race`, `for … parallel`.
    pub(crate) fn fork(&mut self, expr: &Expr, dst: u16) {
        let span = expr.span;
        let (fork, base, suffixes) = match &expr.kind {
            ExprKind::Parallel(branches, suffixes) => {
                let base = self.branch_operands(branches);
                let all = branches.iter().map(|b| (self.forked(b), !b.name.is_empty())).collect();
                (code::Fork::All(all), base, suffixes)
            }
            ExprKind::Race(branches, suffixes) => {
                let base = self.branch_operands(branches);
                let all = branches.iter().map(|b| self.forked(b)).collect();
                (code::Fork::Race(all), base, suffixes)
            }
            ExprKind::ForParallel { var, items, limit, body, captures, suffixes } => {
                let base = self.temps(2 + captures.len());
                self.expr(items, base);
                if matches!(items.ty, carapace_module::Type::Map(..)) {
                    self.put(Op::Pairs, base, base, 0);
                }
                match limit {
                    Some(limit) => self.expr(limit, base.saturating_add(1)),
                    None => self.put(Op::None, base.saturating_add(1), 0, 0),
                }
                self.move_captures(captures, base.saturating_add(2));
                let branch = Branch {
                    name: "".into(),
                    captures: captures.clone(),
                    input: Some(*var),
                    body: body.clone(),
                };
                (code::Fork::Each(self.forked(&branch)), base, suffixes)
            }
            _ => return self.mistake(),
        };
        let fork = self.builder.fork(fork);
        let fork = self.fits(fork);
        self.suffixed(suffixes, dst, false, &mut |e, dst| {
            e.at(span);
            e.put(Op::Fork, dst, fork, base);
        });
    }

    /// The captures of all branches, one after the other.
    fn branch_operands(&mut self, branches: &[Branch]) -> u16 {
        let base = self.temps(branches.iter().map(|b| b.captures.len()).sum());
        let mut next = base;
        for branch in branches {
            self.move_captures(&branch.captures, next);
            next = next.saturating_add(self.operand(branch.captures.len()));
        }
        base
    }

    fn move_captures(&mut self, captures: &[carapace_check::tree::LocalId], mut to: u16) {
        for local in captures {
            let mark = self.mark();
            let register = self.read(*local);
            self.put(Op::Move, to, register, 0);
            self.release(mark);
            to = to.saturating_add(1);
        }
    }

    fn forked(&mut self, branch: &Branch) -> code::Branch {
        let function = self.lift(branch, true, branch.input.is_some());
        code::Branch { function, captures: self.operand(branch.captures.len()) }
    }

    /// An undo's function. `always_input`: it takes the result even if it does not look at it.
    pub(crate) fn branch_function(&mut self, undo: &Branch, always_input: bool) -> FunctionId {
        self.lift(undo, false, always_input || undo.input.is_some())
    }

    fn lift(&mut self, branch: &Branch, returns_flow: bool, input: bool) -> FunctionId {
        let name = self.name.clone();
        let mut inner = Emitter::new(self.builder, name, self.locals);
        inner.branch = returns_flow;
        for capture in &branch.captures {
            inner.param(Some(*capture));
        }
        if input {
            inner.param(branch.input);
        }
        let result = inner.temp();
        inner.block(&branch.body, result);
        inner.put(Op::Return, result, 0, 0);
        add(inner)
    }

    pub(crate) fn lambda(&mut self, lambda: &Lambda) -> FunctionId {
        let name = self.name.clone();
        let mut inner = Emitter::new(self.builder, name, self.locals);
        for param in lambda.captures.iter().chain(&lambda.params) {
            inner.param(Some(*param));
        }
        let result = inner.temp();
        inner.expr(&lambda.body, result);
        inner.put(Op::Return, result, 0, 0);
        add(inner)
    }
}

/// Adds a lifted function; what does not fit is kept for the end.
pub(crate) fn add(inner: Emitter<'_, '_>) -> FunctionId {
    let (builder, finished) = inner.finish();
    match finished {
        Ok(function) => builder.add(function),
        Err(error) => {
            builder.error.get_or_insert(error);
            FunctionId(0)
        }
    }
}
