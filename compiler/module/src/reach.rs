//! What a flow is made of, over everything that it calls: to tell whether two modules mean the same by it, and what it
//! may wait for.

use crate::code::{Fork, Function, Instr, Module, Op};
use crate::container::operands::has_ext;
use crate::container::trigger_text;
use crate::shape::shape;
use crate::signature::{FlowSignature, FunctionId};
use crate::wire;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Everything that a flow can come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Functions, in the order in which they are come to.
    pub functions: Vec<FunctionId>,
    /// Indexes of waits.
    pub waits: BTreeSet<u16>,
    /// Indexes of calls of effects.
    pub calls: BTreeSet<u16>,
    /// Indexes of states that are read or written.
    pub states: BTreeSet<u16>,
}

impl Module {
    /// What a flow comes to, its header included, without the flows that it starts.
    pub fn reach(&self, flow: &FlowSignature) -> Reach {
        self.walk(roots(flow), false)
    }

    /// What a flow comes to, with everything that the flows do which it may start, and the tools of its agents.
    pub fn reach_of_all(&self, flow: &FlowSignature) -> Reach {
        let reach = self.walk(roots(flow), true);
        let asks = |call: &u16| {
            let call = self.effect_calls.get(usize::from(*call));
            let effect = call.and_then(|call| self.effects.get(call.effect as usize));
            effect.is_some_and(|effect| effect.name.starts_with("agent."))
        };
        if !reach.calls.iter().any(asks) {
            return reach;
        }
        let tools = self.flows.iter().filter(|flow| flow.tool).flat_map(roots);
        self.walk(roots(flow).into_iter().chain(tools).collect(), true)
    }

    fn walk(&self, mut work: Vec<FunctionId>, starts: bool) -> Reach {
        let mut reach = Reach::default();
        let mut known: BTreeSet<FunctionId> = BTreeSet::new();
        work.reverse();
        while let Some(id) = work.pop() {
            let Some(function) = self.function(id) else { continue };
            if !known.insert(id) {
                continue;
            }
            reach.functions.push(id);
            let mut found = Vec::new();
            for instr in &function.code {
                self.note(*instr, &mut reach, &mut found);
                if starts && instr.op == Op::Start {
                    found.extend(self.flows.get(usize::from(instr.b)).into_iter().flat_map(roots));
                }
            }
            work.extend(found.into_iter().rev());
        }
        reach
    }

    /// What a flow means, as a hash: the same for the same flow in another module, whatever else changed there.
    pub fn flow_hash(&self, flow: &FlowSignature) -> [u8; 32] {
        let functions = self.reach(flow).functions;
        let numbers = functions.iter().copied().zip(0_u32..).collect();
        let mut text = Text { module: self, numbers, out: String::new() };
        text.header(flow);
        for function in functions.iter().filter_map(|id| self.function(*id)) {
            text.function(function);
        }
        *blake3::hash(text.out.as_bytes()).as_bytes()
    }

    fn note(&self, instr: Instr, reach: &mut Reach, found: &mut Vec<FunctionId>) {
        match instr.op {
            Op::Call | Op::Closure => found.push(FunctionId(instr.b.into())),
            Op::UndoNext | Op::UndoNow => found.push(FunctionId(instr.a.into())),
            Op::StateGet => drop(reach.states.insert(instr.b)),
            Op::StateSet => drop(reach.states.insert(instr.a)),
            Op::Effect => drop(reach.calls.insert(instr.b)),
            Op::Await | Op::Listen => {
                reach.waits.insert(instr.b);
                let wait = self.waits.get(usize::from(instr.b));
                found.extend(wait.and_then(|wait| wait.condition).map(|(id, _)| id));
            }
            Op::Fork => found.extend(self.branches(instr.b)),
            _ => {}
        }
    }

    fn branches(&self, fork: u16) -> Vec<FunctionId> {
        match self.forks.get(usize::from(fork)) {
            Some(Fork::All(branches)) => branches.iter().map(|(branch, _)| branch.function).collect(),
            Some(Fork::Race(branches)) => branches.iter().map(|branch| branch.function).collect(),
            Some(Fork::Each(branch)) => vec![branch.function],
            None => Vec::new(),
        }
    }
}

/// The functions that a flow's signature names.
fn roots(flow: &FlowSignature) -> Vec<FunctionId> {
    let mut roots = vec![flow.body];
    roots.extend(flow.guard);
    roots.extend(flow.limits.iter().flat_map(|limit| std::iter::once(limit.key).chain(limit.otherwise)));
    roots.extend(flow.debounce.map(|(_, key)| key));
    roots.extend(flow.dedupe.map(|(key, _)| key));
    roots.extend(flow.serial.as_ref().map(|(_, key, _)| *key));
    roots.extend(flow.on_failure);
    roots.extend(flow.on_cancel);
    roots
}

/// A flow written out, without any number that depends on what else is in the module.
struct Text<'m> {
    module: &'m Module,
    numbers: BTreeMap<FunctionId, u32>,
    out: String,
}

impl Text<'_> {
    fn header(&mut self, flow: &FlowSignature) {
        let types = &self.module.types;
        let triggers: Vec<String> =
            flow.triggers.iter().map(|trigger| trigger_text(&trigger.spec, types)).collect();
        let params: Vec<String> =
            flow.params.iter().map(|(name, ty)| format!("{name}: {}", shape(types, ty))).collect();
        let limits: Vec<_> = flow.limits.iter().map(|limit| (limit.count, limit.per)).collect();
        let regulation = (
            limits,
            flow.debounce.map(|(ms, _)| ms),
            flow.dedupe.map(|(_, ms)| ms),
            flow.serial.as_ref().map(|(lane, _, busy)| (lane, *busy)),
        );
        let manners = (flow.tool, flow.timeout, flow.priority, flow.exclusive, flow.observes, flow.filter);
        let result = shape(types, &flow.result);
        // Writing to a text cannot fail.
        let _ = writeln!(
            self.out,
            "{triggers:?} {params:?} {result} {regulation:?} {manners:?} {:?} {} {}",
            flow.cancellable,
            flow.on_failure.is_some(),
            flow.on_cancel.is_some(),
        );
        let roots: Vec<u32> = roots(flow).iter().map(|id| self.number(*id)).collect();
        let _ = writeln!(self.out, "{roots:?}");
    }

    fn number(&self, id: FunctionId) -> u32 {
        self.numbers.get(&id).copied().unwrap_or(u32::MAX)
    }

    fn function(&mut self, function: &Function) {
        let _ = writeln!(self.out, "fn {} {}", function.params, function.registers);
        let mut at = 0;
        while let Some(instr) = function.code.get(at).copied() {
            at += 1;
            let ext = if has_ext(instr.op) { function.code.get(at).copied() } else { None };
            at += usize::from(ext.is_some());
            self.instruction(instr, ext);
        }
    }

    fn instruction(&mut self, i: Instr, ext: Option<Instr>) {
        let m = self.module;
        let (a, b, c) = (i.a, i.b, i.c);
        let constant = |index: u32| {
            m.constants.get(index as usize).map(|value| format!("{value:?} {}", wire::encode(value)))
        };
        let named = |name: Option<String>| name.unwrap_or_default();
        let text = match i.op {
            Op::Const => format!("{a} {}", named(constant(i.wide_operand()))),
            Op::Captures | Op::JumpIfText | Op::JumpUnlessText => {
                let told = ext.map(|ext| (ext.a, named(constant(ext.wide_operand()))));
                format!("{a} {b} {c} {told:?}")
            }
            Op::Setting => {
                format!("{a} {}", named(m.settings.get(usize::from(b)).map(|s| s.name.to_string())))
            }
            Op::Display | Op::ToJson | Op::FromJson => {
                format!("{a} {b} {}", named(m.type_refs.get(usize::from(c)).map(|ty| shape(&m.types, ty))))
            }
            Op::Call | Op::Closure => format!("{a} f{} {c}", self.number(FunctionId(b.into()))),
            Op::UndoNext | Op::UndoNow => format!("f{} {b} {c}", self.number(FunctionId(a.into()))),
            Op::CallNative => format!("{a} {:?} {c}", m.natives.get(usize::from(b))),
            Op::StateGet => {
                format!("{a} {} {c}", named(m.states.get(usize::from(b)).map(|s| s.name.to_string())))
            }
            Op::StateSet => {
                format!("{} {b} {c}", named(m.states.get(usize::from(a)).map(|s| s.name.to_string())))
            }
            Op::Effect => format!("{a} {} {c}", self.call(b)),
            Op::Await | Op::Listen => format!("{a} {} {c}", self.wait(b)),
            Op::Start => {
                format!("{a} {} {c}", named(m.flows.get(usize::from(b)).map(|f| f.name.to_string())))
            }
            Op::Fork => {
                let kind = match m.forks.get(usize::from(b)) {
                    Some(Fork::All(branches)) => {
                        format!(
                            "all {:?}",
                            branches.iter().map(|(b, kept)| (b.captures, *kept)).collect::<Vec<_>>()
                        )
                    }
                    Some(Fork::Race(branches)) => {
                        format!("race {:?}", branches.iter().map(|b| b.captures).collect::<Vec<_>>())
                    }
                    Some(Fork::Each(branch)) => format!("each {}", branch.captures),
                    None => String::new(),
                };
                let branches: Vec<u32> = m.branches(b).iter().map(|id| self.number(*id)).collect();
                format!("{a} {kind} {branches:?} {c}")
            }
            _ => format!("{a} {b} {c}"),
        };
        // Only those refer to a table, and were written.
        let tells = matches!(i.op, Op::Captures | Op::JumpIfText | Op::JumpUnlessText);
        let more = ext.filter(|_| !tells).map(|ext| (ext.a, ext.b, ext.c));
        let _ = writeln!(self.out, "{:?} {text} {more:?}", i.op);
    }

    fn call(&self, index: u16) -> String {
        let m = self.module;
        let Some(call) = m.effect_calls.get(usize::from(index)) else { return String::new() };
        let effect = m.effects.get(call.effect as usize);
        let name = effect.map(|effect| (&effect.name, effect.version, effect.class));
        let wanted = call.type_arg.as_ref().map(|ty| shape(&m.types, ty));
        format!("{name:?} {wanted:?} {:?} {:?}", call.delivery, call.label)
    }

    fn wait(&self, index: u16) -> String {
        let m = self.module;
        let Some(wait) = m.waits.get(usize::from(index)) else { return String::new() };
        let condition = wait.condition.map(|(id, captures)| (self.number(id), captures));
        format!(
            "{} {:?} {} {condition:?}",
            trigger_text(&wait.trigger, &m.types),
            wait.from,
            wait.conversation
        )
    }
}
