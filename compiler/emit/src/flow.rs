//! Functions, flows and tests as wholes.
//!
//! A flow becomes a body, and around it the function that is called and started: it sets the timeout, and when the body
//! fails or is cancelled and what was done is undone, runs `on failure` or `on cancel`.

use crate::builder::Builder;
use crate::fork::add;
use crate::function::{Emitter, Place};
use carapace_check::tree::{Block, Expr, Flow, Function, LocalId, Migration, Test};
use carapace_module::Value;
use carapace_module::code::Op;
use carapace_module::signature::{FlowSignature, FunctionId, LimitSpec, MigrationSignature};
use carapace_module::testing::TestSignature;
use std::sync::Arc;

impl<'p> Builder<'p> {
    pub(crate) fn pure_function(&mut self, number: usize, function: &'p Function) {
        let mut e = Emitter::new(self, function.name.clone(), &function.locals);
        for param in &function.params {
            e.param(Some(*param));
        }
        e.whole(&function.body);
        let (builder, finished) = e.finish();
        match finished {
            Ok(code) => builder.fill(number, code),
            Err(error) => {
                builder.error.get_or_insert(error);
            }
        }
    }

    /// A function without parameters that gives a value.
    pub(crate) fn value_function(&mut self, name: &Arc<str>, value: &Expr) -> FunctionId {
        let mut e = Emitter::new(self, name.clone(), &[]);
        let result = e.temp();
        e.expr(value, result);
        e.put(Op::Return, result, 0, 0);
        add(e)
    }

    /// A function of a value as it was, which gives it as it shall be.
    pub(crate) fn migration(&mut self, state: &Arc<str>, migration: &'p Migration) -> MigrationSignature {
        let mut e = Emitter::new(self, state.clone(), &migration.locals);
        e.param(Some(migration.param));
        e.whole_value(&migration.value);
        MigrationSignature { from: migration.from.clone(), function: add(e) }
    }

    pub(crate) fn test(&mut self, test: &'p Test) {
        let name = Arc::from(format!("{} test {:?}", test.module, test.title));
        let mut e = Emitter::new(self, name, &test.locals);
        e.at(test.span);
        e.whole(&test.body);
        let body = add(e);
        let (title, module) = (test.title.clone(), test.module.clone());
        self.module.tests.push(TestSignature { title, module, body });
    }

    pub(crate) fn flow(&mut self, number: usize, flow: &'p Flow) {
        let body = self.part(flow, None, |e| {
            e.ways_to_tools(flow);
            e.whole(&flow.body);
        });
        let on_failure =
            flow.on_failure.as_ref().map(|(error, block)| self.part(flow, Some(*error), |e| e.whole(block)));
        let on_cancel = flow.on_cancel.as_ref().map(|block| self.part(flow, None, |e| e.whole(block)));
        let id = self.flow_functions.get(number).copied().unwrap_or(FunctionId(0));
        self.around(id, flow, body, on_failure, on_cancel);
        let guard = flow.guard.as_ref().map(|guard| self.part(flow, None, |e| e.whole_value(guard)));
        let limits = flow
            .limits
            .iter()
            .map(|limit| LimitSpec {
                count: limit.count,
                per: limit.per,
                key: self.part(flow, None, |e| e.whole_list(&limit.key)),
                otherwise: limit.otherwise.as_ref().map(|block| self.part(flow, None, |e| e.whole(block))),
            })
            .collect();
        let debounce =
            flow.debounce.as_ref().map(|(ms, key)| (*ms, self.part(flow, None, |e| e.whole_list(key))));
        let dedupe =
            flow.dedupe.as_ref().map(|(key, ms)| (self.part(flow, None, |e| e.whole_value(key)), *ms));
        let serial = flow
            .serial
            .as_ref()
            .map(|(lane, key, busy)| (lane.clone(), self.part(flow, None, |e| e.whole_list(key)), *busy));
        let params = flow
            .params
            .iter()
            .filter_map(|p| flow.locals.get(p.0 as usize))
            .map(|local| (local.name.clone(), local.ty.clone()))
            .collect();
        let triggered = flow.event.is_some();
        self.module.flows.push(FlowSignature {
            name: flow.name.clone(),
            docs: flow.docs.clone(),
            tool: flow.tool,
            triggers: flow.triggers.clone(),
            params: if triggered { Vec::new() } else { params },
            result: flow.result.clone(),
            body: id,
            guard,
            guard_reads_state: flow.guard_reads_state,
            limits,
            debounce,
            dedupe,
            serial,
            timeout: flow.timeout,
            priority: flow.priority,
            exclusive: flow.exclusive,
            observes: flow.observes,
            filter: flow.filter,
            cancellable: flow.cancellable.clone(),
            on_failure,
            on_cancel,
        });
    }

    /// A function of the event (or parameters), and of the error where there is one.
    fn part(
        &mut self,
        flow: &'p Flow,
        error: Option<Option<LocalId>>,
        emit: impl FnOnce(&mut Emitter<'_, 'p>),
    ) -> FunctionId {
        let mut e = Emitter::new(self, flow.name.clone(), &flow.locals);
        e.flow_params(flow);
        if let Some(local) = error {
            e.param(local);
        }
        emit(&mut e);
        add(e)
    }

    fn around(
        &mut self,
        id: FunctionId,
        flow: &'p Flow,
        body: FunctionId,
        on_failure: Option<FunctionId>,
        on_cancel: Option<FunctionId>,
    ) {
        let mut e = Emitter::new(self, flow.name.clone(), &flow.locals);
        let count = e.flow_params(flow);
        e.at(flow.span);
        let (exit, cancelled, result) = (e.temp(), e.temp(), e.temp());
        let (handler, cancel) = (e.label(), e.label());
        e.enter(Op::EnterFlow, exit, handler);
        if let Some(ms) = flow.timeout {
            e.load(result, &Value::Duration(ms));
            e.put(Op::Deadline, 0, result, 0);
        }
        e.call_part(body, count, None, result);
        e.leave_scope();
        e.put(Op::Return, result, 0, 0);
        e.place(handler);
        e.jump_wide(Op::JumpIf, cancelled, cancel);
        if let Some(function) = on_failure {
            e.guarded(function, count, Some(exit), result, Some((Op::Raise, exit)));
        }
        e.put(Op::Raise, exit, 0, 0);
        e.place(cancel);
        if let Some(function) = on_cancel {
            e.guarded(function, count, None, result, None);
        }
        e.put(Op::Cancel, exit, 0, 0);
        let (builder, finished) = e.finish();
        match finished {
            Ok(code) => builder.fill(id.0 as usize, code),
            Err(error) => {
                builder.error.get_or_insert(error);
            }
        }
    }
}

impl Emitter<'_, '_> {
    /// The event record in register 0, its fields read from there; or the parameters. Gives how many registers they are.
    fn flow_params(&mut self, flow: &Flow) -> usize {
        if flow.event.is_none() {
            for param in &flow.params {
                self.param(Some(*param));
            }
            return flow.params.len();
        }
        self.param(None);
        self.event = flow.params.clone();
        for (slot, local) in flow.params.iter().enumerate() {
            let slot = self.operand(slot);
            self.places.insert(*local, Place::Event(slot));
        }
        1
    }

    fn whole(&mut self, block: &Block) {
        let result = self.temp();
        self.block(block, result);
        self.put(Op::Return, result, 0, 0);
    }

    fn whole_value(&mut self, value: &Expr) {
        let result = self.temp();
        self.expr(value, result);
        self.put(Op::Return, result, 0, 0);
    }

    /// The parts of a key as a list.
    fn whole_list(&mut self, parts: &[Expr]) {
        let result = self.temp();
        let base = self.row(parts.iter());
        let count = self.operand(parts.len());
        self.put(Op::List, result, base, count);
        self.put(Op::Return, result, 0, 0);
    }

    /// Calls a part of the flow with the flow's own parameters.
    fn call_part(&mut self, function: FunctionId, count: usize, extra: Option<u16>, result: u16) {
        let base = self.temps(count + usize::from(extra.is_some()));
        for offset in 0..count {
            let offset = self.operand(offset);
            self.put(Op::Move, base.saturating_add(offset), offset, 0);
        }
        if let Some(extra) = extra {
            let last = base.saturating_add(self.operand(count));
            self.put(Op::Move, last, extra, 0);
        }
        let function = self.operand(function.0 as usize);
        self.put(Op::Call, result, function, base);
    }

    /// A handler: should it fail itself, the run ends as it would have without it. `then`: how it ends otherwise.
    fn guarded(
        &mut self,
        function: FunctionId,
        count: usize,
        extra: Option<u16>,
        result: u16,
        then: Option<(Op, u16)>,
    ) {
        let over = self.label();
        let ignored = self.temp();
        self.enter(Op::EnterScope, ignored, over);
        self.call_part(function, count, extra, result);
        self.leave_scope();
        if let Some((op, register)) = then {
            self.put(op, register, 1, 0);
        }
        self.place(over);
    }
}
