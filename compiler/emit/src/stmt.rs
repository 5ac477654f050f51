//! Blocks, statements, and what leaves them.

use crate::expr::{is_written_last, may_assign};
use crate::function::{Emitter, Loop};
use carapace_check::tree::{Block, Expr, ExprKind, LocalId, Stmt, StmtKind};
use carapace_module::Value;
use carapace_module::code::Op;

impl Emitter<'_, '_> {
    /// A block; its value in `dst`.
    pub(crate) fn block(&mut self, block: &Block, dst: u16) {
        self.block_in(block, Some(dst));
    }

    /// A block; its value in `dst`, or nowhere.
    pub(crate) fn block_in(&mut self, block: &Block, dst: Option<u16>) {
        let (mark, scope) = (self.mark(), self.scope());
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        match (&block.value, dst) {
            (Some(value), _) => self.expr_in(value, dst),
            (None, Some(dst)) => self.put(Op::None, dst, 0, 0),
            // Nothing is a way of its own too, which a test may have taken or not.
            (None, None) if block.stmts.is_empty() => {
                let unused = self.temp();
                self.put(Op::None, unused, 0, 0);
            }
            (None, None) => {}
        }
        self.leave_names(scope);
        self.release(mark);
    }

    /// The value, in `dst` or nowhere.
    fn expr_in(&mut self, expr: &Expr, dst: Option<u16>) {
        match (&expr.kind, dst) {
            (_, Some(dst)) => self.expr(expr, dst),
            (ExprKind::If(cond, then, otherwise), None) => {
                self.at(expr.span);
                self.branch_value(expr.span, cond, then, otherwise.as_ref(), None);
            }
            (ExprKind::Block(block), None) => self.block_in(block, None),
            (_, None) => {
                let unused = self.temp();
                self.expr(expr, unused);
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let mark = self.mark();
        self.at(stmt.span);
        match &stmt.kind {
            StmtKind::Let(local, value) => {
                // In a loop the same local is bound again: its old value may be read while the new one is made.
                let register = self.own(*local);
                self.expr(value, register);
            }
            StmtKind::Assign(local, value) if is_written_last(value) => {
                let register = self.own(*local);
                self.expr(value, register);
            }
            StmtKind::Assign(local, value) => {
                let fresh = self.temp();
                self.expr(value, fresh);
                let register = self.own(*local);
                self.put(Op::Move, register, fresh, 0);
            }
            StmtKind::Set(state, keys, value) => {
                let base = self.row(keys.iter());
                let fresh = self.temp();
                self.expr(value, fresh);
                let state = self.operand(state.0 as usize);
                self.at(stmt.span);
                self.put(Op::StateSet, state, base, fresh);
            }
            StmtKind::For(local, items, body) => self.for_each(*local, items, body),
            // What the condition binds, the body reads: then it has to stand above.
            StmtKind::While(cond, body) if may_assign(cond) => {
                let (again, out) = (self.label(), self.label());
                self.place(again);
                self.jump_unless(cond, out);
                self.loop_body(body, again, out);
                self.jump(again);
                self.place(out);
            }
            StmtKind::While(cond, body) => {
                // Below the body it makes a round one jump shorter.
                let (body_starts, again, out) = (self.label(), self.label(), self.label());
                self.jump(again);
                self.place(body_starts);
                self.loop_body(body, again, out);
                self.place(again);
                self.at(cond.span);
                self.jump_when(cond, body_starts);
                self.place(out);
            }
            StmtKind::Repeat(count, body) => {
                let first = self.temps(2);
                self.load(first, &Value::Int(1));
                self.expr(count, first.saturating_add(1));
                let unused = self.temp();
                self.rounds(Op::NextInRange, first, unused, count, body);
            }
            StmtKind::Listen(local, wait, body) => self.listen(*local, wait, body),
            StmtKind::Expr(expr) => self.expr_in(expr, None),
            StmtKind::Test(step) => self.test_step(step, stmt.span),
        }
        self.release(mark);
    }

    /// `for`: what is gone through stands in two registers, the list and the next index, or the next Int and the last.
    fn for_each(&mut self, local: LocalId, items: &Expr, body: &Block) {
        let first = self.temps(2);
        let second = first.saturating_add(1);
        let next = if let ExprKind::Range(from, to) = &items.kind {
            self.expr(from, first);
            self.expr(to, second);
            Op::NextInRange
        } else {
            self.expr(items, first);
            if matches!(items.ty, carapace_module::Type::Map(..)) {
                self.put(Op::Pairs, first, first, 0);
            }
            self.load(second, &Value::Int(0));
            Op::NextItem
        };
        let item = self.own(local);
        self.rounds(next, first, item, items, body);
    }

    /// Rounds of a loop as long as `next` gives an item; `of` is where it comes from.
    fn rounds(&mut self, next: Op, first: u16, item: u16, of: &Expr, body: &Block) {
        let (body_starts, again, out) = (self.label(), self.label(), self.label());
        self.jump(again);
        self.place(body_starts);
        self.loop_body(body, again, out);
        self.place(again);
        self.at(of.span);
        self.jump_near(next, first, item, body_starts);
        self.place(out);
    }

    fn loop_body(&mut self, body: &Block, again: crate::function::Label, out: crate::function::Label) {
        let scopes = self.scopes;
        self.loops.push(Loop { again, out, scopes });
        self.block_in(body, None);
        self.loops.pop();
    }

    /// `return`, `break`, `continue`, `fail`, `cancel`.
    pub(crate) fn leave(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Return(value) => {
                let register = self.temp();
                match value {
                    Some(value) => self.expr(value, register),
                    None => self.put(Op::None, register, 0, 0),
                }
                let op = if self.branch { Op::ReturnFlow } else { Op::Return };
                self.put(op, register, 0, 0);
            }
            ExprKind::Break | ExprKind::Continue => {
                let Some(innermost) = self.loops.last() else { return self.mistake() };
                let (again, out, scopes) = (innermost.again, innermost.out, innermost.scopes);
                for _ in scopes..self.scopes {
                    self.put(Op::LeaveScope, 0, 0, 0);
                }
                self.jump(if matches!(expr.kind, ExprKind::Break) { out } else { again });
            }
            ExprKind::Fail(message) => {
                let register = self.value(message);
                self.at(expr.span);
                self.put(Op::Fail, register, 0, 0);
            }
            ExprKind::Cancel(reason) => {
                let register = self.value(reason);
                self.at(expr.span);
                self.put(Op::Cancel, register, 0, 0);
            }
            _ => self.mistake(),
        }
    }
}
