//! Suffixes, as scopes around what they belong to:
//!
//! ```text
//! EnterScope → failed           else; the deadline belongs to it where both are written
//! EnterUnknown → unknown        on unknown
//! EnterAttempt → late           within, until without else: fails on
//! again: EnterAttempt → again?  retry
//!          …                    the attempt
//! ```

use crate::function::{Emitter, Label};
use carapace_check::tree::{Attempt, Suffixes, Within};
use carapace_module::Value;
use carapace_module::code::Op;

impl Emitter<'_, '_> {
    /// Emits `attempt`, which leaves its value in `dst`, under its suffixes. `registers_undo`: the attempt itself has
    /// told the machine of the undo.
    pub(crate) fn suffixed(
        &mut self,
        suffixes: &Suffixes,
        dst: u16,
        registers_undo: bool,
        attempt: &mut dyn FnMut(&mut Self, u16),
    ) {
        let (failed, unknown, out) = (self.label(), self.label(), self.label());
        let error = self.temp();
        if suffixes.otherwise.is_some() {
            self.enter(Op::EnterScope, error, failed);
        }
        if suffixes.on_unknown.is_some() {
            self.enter(Op::EnterUnknown, 0, unknown);
        }
        let late = self.deadline(suffixes, error);
        let undo = suffixes.undo.as_ref().filter(|_| !registers_undo);
        let known = undo.map(|undo| self.captures(&undo.captures));
        self.attempts(suffixes.retry.as_ref(), dst, attempt);
        if let (Some(undo), Some(from)) = (undo, known) {
            let count = undo.captures.len() + usize::from(undo.input.is_some());
            let base = self.temps(count);
            for offset in 0..count {
                let offset_register = self.operand(offset);
                let source =
                    if offset < undo.captures.len() { from.saturating_add(offset_register) } else { dst };
                self.put(Op::Move, base.saturating_add(offset_register), source, 0);
            }
            let function = self.branch_function(undo, false);
            let (function, count) = (self.operand(function.0 as usize), self.operand(count));
            self.put(Op::UndoNow, function, base, count);
        }
        if let Some(late) = late {
            self.leave_scope();
            let over = self.label();
            self.jump(over);
            self.place(late);
            self.put(Op::Raise, error, 0, 0);
            self.place(over);
        }
        if suffixes.on_unknown.is_some() {
            self.leave_scope();
        }
        if suffixes.otherwise.is_some() {
            self.leave_scope();
        }
        self.jump(out);
        if let Some(block) = &suffixes.on_unknown {
            self.place(unknown);
            if suffixes.otherwise.is_some() {
                self.put(Op::LeaveScope, 0, 0, 0);
            }
            self.block(block, dst);
            self.jump(out);
        }
        if let Some(otherwise) = &suffixes.otherwise {
            self.place(failed);
            if let Some(local) = otherwise.error {
                let own = self.own(local);
                self.put(Op::Move, own, error, 0);
            }
            self.expr(&otherwise.value, dst);
        }
        self.place(out);
    }

    /// The deadline's request; gives the handler's label where a scope was opened for it alone.
    fn deadline(&mut self, suffixes: &Suffixes, error: u16) -> Option<Label> {
        let within = suffixes.within.as_ref()?;
        let (kind, expr) = match within {
            Within::For(duration) => (if self.patient { 2 } else { 0 }, duration),
            Within::Until(time) => (1, time),
        };
        let when = self.value(expr);
        let late = if suffixes.otherwise.is_some() && suffixes.on_unknown.is_none() {
            None
        } else {
            let late = self.label();
            self.enter(Op::EnterAttempt, error, late);
            Some(late)
        };
        self.put(Op::Deadline, kind, when, 0);
        late
    }

    fn attempts(&mut self, retry: Option<&Attempt>, dst: u16, attempt: &mut dyn FnMut(&mut Self, u16)) {
        let Some(retry) = retry else { return attempt(self, dst) };
        let (count, failures, error, transient) = (self.temp(), self.temp(), self.temp(), self.temp());
        self.expr(&retry.count, count);
        let bounds = match &retry.backoff {
            None => u16::MAX,
            Some((from, to)) => {
                let bounds = self.temps(2);
                self.expr(from, bounds);
                self.expr(to, bounds.saturating_add(1));
                bounds
            }
        };
        self.load(failures, &Value::Int(0));
        let (again, failed, give_up, out) = (self.label(), self.label(), self.label(), self.label());
        self.place(again);
        self.enter(Op::EnterAttempt, error, failed);
        attempt(self, dst);
        self.leave_scope();
        self.jump(out);
        self.place(failed);
        self.put(Op::IsTransient, transient, error, 0);
        self.jump_wide(Op::JumpIfNot, transient, give_up);
        self.jump_near(Op::JumpUnlessLtInt, failures, count, give_up);
        self.put(Op::AddIntConst, failures, failures, 1);
        self.put(Op::Backoff, error, failures, bounds);
        self.jump(again);
        self.place(give_up);
        self.put(Op::Raise, error, 0, 0);
        self.place(out);
    }

    pub(crate) fn enter(&mut self, op: Op, error: u16, handler: Label) {
        self.jump_wide(op, error, handler);
        self.scopes = self.scopes.saturating_add(1);
    }

    pub(crate) fn leave_scope(&mut self) {
        self.put(Op::LeaveScope, 0, 0, 0);
        self.scopes = self.scopes.saturating_sub(1);
    }
}
