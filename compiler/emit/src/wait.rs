//! What waits: effects, sub-flows, events, tests' steps.

use crate::function::Emitter;
use carapace_check::tree::{Block, EffectCall, Expr, ExprKind, FlowId, LocalId, TestStep, WaitFor};
use carapace_diagnostic::Span;
use carapace_module::code::{self, From, Op};
use carapace_module::signature::{Delivery, FunctionId};

impl Emitter<'_, '_> {
    pub(crate) fn waiting(&mut self, expr: &Expr, dst: u16) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Effect(call) => self.effect(expr, call, dst),
            ExprKind::CallFlow(flow, args, suffixes) => {
                let base = self.row(args.iter());
                let function =
                    self.builder.flow_functions.get(flow.0 as usize).copied().unwrap_or(FunctionId(0));
                let function = self.operand(function.0 as usize);
                self.suffixed(suffixes, dst, false, &mut |e, dst| {
                    e.at(span);
                    e.put(Op::Call, dst, function, base);
                });
            }
            ExprKind::Start(flow, args) => {
                let base = self.row(args.iter());
                let flow = self.operand(flow.0 as usize);
                self.at(span);
                self.put(Op::Start, dst, flow, base);
            }
            ExprKind::Await(wait, suffixes) => {
                let (wait, base) = self.wait(wait);
                self.suffixed(suffixes, dst, false, &mut |e, dst| {
                    e.at(span);
                    e.put(Op::Await, dst, wait, base);
                });
            }
            ExprKind::ListenNext(buffer, suffixes) => {
                let buffer = self.read(*buffer);
                self.suffixed(suffixes, dst, false, &mut |e, dst| {
                    e.at(span);
                    e.put(Op::ListenNext, dst, buffer, 0);
                });
            }
            ExprKind::Do(block, suffixes) => {
                self.suffixed(suffixes, dst, false, &mut |e, dst| e.block(block, dst));
            }
            ExprKind::Parallel(..) | ExprKind::Race(..) | ExprKind::ForParallel { .. } => {
                self.fork(expr, dst)
            }
            _ => self.mistake(),
        }
    }

    fn effect(&mut self, expr: &Expr, call: &EffectCall, dst: u16) {
        let base = self.row(call.args.iter());
        let effect = self.builder.program.effects.get(call.effect.0 as usize);
        if let Some(flow) = effect.and_then(|effect| effect.by) {
            return self.by_flow(expr, call, flow, (dst, base));
        }
        let site = code::EffectCall {
            effect: call.effect.0,
            type_arg: call.type_arg.clone(),
            delivery: call.delivery,
            label: call.label.clone(),
        };
        debug_assert!(matches!(
            site.delivery,
            Delivery::Default | Delivery::AtMostOnce | Delivery::AtLeastOnce
        ));
        let number = self.builder.effect_call(site);
        let number = self.fits(number);
        // The undo goes with the request, so that a step which finishes late can still be taken back.
        let undo = call.suffixes.undo.as_ref().map(|undo| {
            let captures = self.captures(&undo.captures);
            let function = self.branch_function(undo, true);
            (self.operand(function.0 as usize), captures, self.operand(undo.captures.len()))
        });
        self.suffixed(&call.suffixes, dst, true, &mut |e, dst| {
            if let Some((function, captures, count)) = undo {
                e.put(Op::UndoNext, function, captures, count);
            }
            e.at(expr.span);
            if let Some(label) = &call.label {
                e.wait_point(label);
            }
            e.put(Op::Effect, dst, number, base);
        });
    }

    /// An effect that a flow of the library does, of the same parameters.
    fn by_flow(&mut self, expr: &Expr, call: &EffectCall, flow: FlowId, (dst, base): (u16, u16)) {
        let function = self.builder.flow_functions.get(flow.0 as usize).copied().unwrap_or(FunctionId(0));
        let function = self.operand(function.0 as usize);
        self.patient = true;
        self.suffixed(&call.suffixes, dst, false, &mut |e, dst| {
            e.patient = false;
            e.at(expr.span);
            e.put(Op::Call, dst, function, base);
        });
        self.patient = false;
    }

    /// The wait's number and its operands.
    fn wait(&mut self, wait: &WaitFor) -> (u16, u16) {
        let from = wait.from.as_ref().and_then(Option::as_deref);
        let captures = wait.condition.as_ref().map(|c| c.captures.as_slice()).unwrap_or_default();
        let own = [from, wait.conversation.as_deref()];
        let base = self.temps(own.iter().flatten().count() + captures.len());
        let mut next = base;
        for expr in own.into_iter().flatten() {
            self.expr(expr, next);
            next = next.saturating_add(1);
        }
        for local in captures {
            let register = self.read(*local);
            self.put(Op::Move, next, register, 0);
            next = next.saturating_add(1);
        }
        let condition = wait.condition.as_ref().map(|c| {
            let function = self.lambda(c);
            (function, self.operand(c.captures.len()))
        });
        let number = self.builder.wait(code::Wait {
            trigger: wait.trigger.clone(),
            fields: wait.fields.clone(),
            from: match &wait.from {
                None => From::Sender,
                Some(None) => From::Anyone,
                Some(Some(_)) => From::Operand,
            },
            conversation: wait.conversation.is_some(),
            condition,
        });
        (self.fits(number), base)
    }

    pub(crate) fn listen(&mut self, local: LocalId, wait: &WaitFor, body: &Block) {
        let (wait, base) = self.wait(wait);
        let buffer = self.own(local);
        self.put(Op::Listen, buffer, wait, base);
        self.scopes = self.scopes.saturating_add(1);
        let unused = self.temp();
        self.block(body, unused);
        self.leave_scope();
    }

    pub(crate) fn test_step(&mut self, step: &TestStep, span: Span) {
        let base = self.row(step.args.iter());
        let op = self.builder.test_op(step.op.clone());
        let (op, count) = (self.fits(op), self.operand(step.args.len()));
        // A report shows the whole statement, not the last of its values.
        self.at(span);
        self.put(Op::Test, op, base, count);
    }
}
