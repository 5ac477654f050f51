//! `if` and `match`.

use crate::function::{Emitter, Label};
use carapace_check::tree::{Arm, Block, Expr, Pattern, PatternKind};
use carapace_diagnostic::Span;
use carapace_module::Value;
use carapace_module::code::Op;

impl Emitter<'_, '_> {
    /// `if`; its value in `dst`, or nowhere.
    pub(crate) fn branch_value(
        &mut self,
        whole: Span,
        cond: &Expr,
        then: &Block,
        otherwise: Option<&Block>,
        dst: Option<u16>,
    ) {
        let (no, out) = (self.label(), self.label());
        self.jump_unless(cond, no);
        self.block_in(then, dst);
        self.jump(out);
        self.place(no);
        match otherwise {
            Some(block) => self.block_in(block, dst),
            None => {
                // A way of its own, that a test may have taken or not: it stands nowhere but in the `if` itself.
                self.at(whole);
                let mark = self.mark();
                let nothing = dst.unwrap_or_else(|| self.temp());
                self.put(Op::None, nothing, 0, 0);
                self.release(mark);
            }
        }
        self.place(out);
    }

    pub(crate) fn match_value(&mut self, subject: &Expr, arms: &[Arm], dst: u16) {
        let register = self.temp();
        self.expr(subject, register);
        let out = self.label();
        for arm in arms {
            let next = self.label();
            self.pattern(&arm.pattern, register, next);
            if let Some(guard) = &arm.guard {
                self.jump_unless(guard, next);
            }
            self.expr(&arm.body, dst);
            self.jump(out);
            self.place(next);
        }
        // The checker has seen that one of them matches.
        let message = self.temp();
        self.load(message, &Value::text("no case of this `match` fits"));
        self.put(Op::Fail, message, 0, 0);
        self.place(out);
    }

    /// Goes to `next` unless the value in `register` fits; binds the pattern's names where it does.
    fn pattern(&mut self, pattern: &Pattern, register: u16, next: Label) {
        let mark = self.mark();
        match &pattern.kind {
            PatternKind::Rest => {}
            PatternKind::Bind(local) => {
                let own = self.own(*local);
                self.put(Op::Move, own, register, 0);
            }
            PatternKind::None => self.jump_wide(Op::JumpIfSome, register, next),
            PatternKind::Const(value) => {
                let constant = self.temp();
                self.load(constant, value);
                self.jump_near(Op::JumpUnlessEq, register, constant, next);
            }
            PatternKind::Range(from, to) => {
                let bound = self.temp();
                self.load(bound, &Value::Int(*from));
                self.jump_near(Op::JumpUnlessLeInt, bound, register, next);
                self.load(bound, &Value::Int(*to));
                self.jump_near(Op::JumpUnlessLeInt, register, bound, next);
            }
            PatternKind::Tag(tag, fields) => {
                let tag = self.operand(*tag as usize);
                self.jump_near(Op::JumpUnlessTag, register, tag, next);
                for (slot, field) in fields {
                    let inner = self.temp();
                    let slot = self.operand(*slot as usize);
                    self.put(Op::Slot, inner, register, slot);
                    self.pattern(field, inner, next);
                }
            }
            PatternKind::Or(several) => {
                let fits = self.label();
                for one in several {
                    let other = self.label();
                    self.pattern(one, register, other);
                    self.jump(fits);
                    self.place(other);
                }
                self.jump(next);
                self.place(fits);
            }
        }
        self.release(mark);
    }
}
