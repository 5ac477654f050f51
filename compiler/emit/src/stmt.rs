//! Blocks, statements, and what leaves them.

use crate::function::{Emitter, Loop};
use carapace_check::tree::{Block, Expr, ExprKind, LocalId, Stmt, StmtKind};
use carapace_module::Value;
use carapace_module::code::Op;

impl Emitter<'_, '_> {
    /// A block; its value in `dst`.
    pub(crate) fn block(&mut self, block: &Block, dst: u16) {
        let mark = self.mark();
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        match &block.value {
            Some(value) => self.expr(value, dst),
            None => self.put(Op::None, dst, 0, 0),
        }
        self.release(mark);
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
            StmtKind::While(cond, body) => {
                let (again, out) = (self.label(), self.label());
                self.place(again);
                self.jump_unless(cond, out);
                self.loop_body(body, again, out);
                self.jump(again);
                self.place(out);
            }
            StmtKind::Repeat(count, body) => {
                let (again, next, out) = (self.label(), self.label(), self.label());
                let (left, zero) = (self.temp(), self.temp());
                self.expr(count, left);
                self.load(zero, &Value::Int(0));
                self.place(again);
                self.jump_near(Op::JumpUnlessLtInt, zero, left, out);
                self.put(Op::AddIntConst, left, left, (-1_i16).cast_unsigned());
                self.loop_body(body, next, out);
                self.place(next);
                self.jump(again);
                self.place(out);
            }
            StmtKind::Listen(local, wait, body) => self.listen(*local, wait, body),
            StmtKind::Expr(expr) => {
                let unused = self.temp();
                self.expr(expr, unused);
            }
            StmtKind::Test(step) => self.test_step(step, stmt.span),
        }
        self.release(mark);
    }

    fn for_each(&mut self, local: LocalId, items: &Expr, body: &Block) {
        let list = self.temps(2);
        self.expr(items, list);
        if matches!(items.ty, carapace_module::Type::Map(..)) {
            self.put(Op::Pairs, list, list, 0);
        }
        self.load(list.saturating_add(1), &Value::Int(0));
        let (again, out) = (self.label(), self.label());
        let item = self.own(local);
        self.place(again);
        self.put(Op::ForNext, list, item, 0);
        self.jump_wide(Op::Ext, 0, out);
        self.loop_body(body, again, out);
        self.jump(again);
        self.place(out);
    }

    fn loop_body(&mut self, body: &Block, again: crate::function::Label, out: crate::function::Label) {
        let scopes = self.scopes;
        self.loops.push(Loop { again, out, scopes });
        let unused = self.temp();
        self.block(body, unused);
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
