//! `given desk.chat(_) calls refund(…) then says "…"`: what a model says in a turn, step by step.
//!
//! The turn itself is a real one: the library's loop leads it, and tools and approvals are those of the package.

use crate::given::ToolCall;
use crate::matching::Called;
use crate::notation::notation;
use crate::transcript::{Happening, short};
use crate::world::World;
use carapace_effect::{Failure, FailureKind, RunId, Usage};
use carapace_engine::{Act, Reported};
use carapace_module::json::to_json;
use carapace_module::testing::CallTarget;
use carapace_module::{Module, MoneyValue, Type, Value};
use serde_json::{Value as Json, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Opens an exchange; a test calls that `agent.chat`.
const OPEN: &str = "exchange.open";

/// More steps than any test gives.
const STEPS: i64 = 1_000;

/// What the models of exchanges will say, by the run and the exchange's name.
pub(crate) type Scripts = HashMap<(RunId, Arc<str>), Script>;

/// What a model will say in one exchange.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    calls: VecDeque<ToolCall>,
    made: usize,
    says: Option<Value>,
}

/// Whether the act opens an exchange.
pub(crate) fn opens(act: &Act) -> bool {
    *act.request.effect == *OPEN
}

/// What the answer of a call is, as the author of a test sees it.
pub(crate) fn answer_type(act: &Act) -> &Type {
    if opens(act) { &Type::Text } else { &act.request.result }
}

/// A value as the performer of the act gives it: where it opens an exchange, the exchange is over with it.
pub(crate) fn given_value(act: &Act, value: Value) -> Value {
    if opens(act) { Value::tag(1, vec![value]) } else { value }
}

/// An outcome, and what it costs.
pub(crate) fn with_costs(outcome: Reported, costs: Option<&Value>) -> Reported {
    let Some(Value::Money(amount)) = costs else { return outcome };
    let usage = Usage {
        model: "given".into(),
        input: 0,
        cached: 0,
        output: 0,
        cost: micros(*amount),
        estimated: false,
    };
    Reported::Spent(Box::new(outcome), vec![usage])
}

/// Millionths of a US dollar.
fn micros(amount: MoneyValue) -> Option<u64> {
    let shift = 6_i32 - i32::from(amount.scale);
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    let mantissa = i128::from(amount.mantissa);
    let micros = if shift >= 0 { mantissa.checked_mul(factor)? } else { mantissa / factor };
    if { amount.currency } == *b"USD" { u64::try_from(micros).ok() } else { None }
}

/// The call that an author wrote: `desk.chat(message)` is what opens an exchange.
pub(crate) fn as_written(call: Called) -> Called {
    match call.target {
        CallTarget::Effect { effect, receiver, .. } if *effect == *OPEN => {
            let target = CallTarget::Effect { effect: "agent.chat".into(), version: 1, receiver };
            Called { target, args: call.args }
        }
        _ => call,
    }
}

impl World {
    /// An agent begins a turn.
    pub(crate) fn begin_turn(&mut self, act: &Arc<Act>, calls: &[ToolCall], says: Option<&Value>) {
        if !opens(act) {
            // What has no turns says its answer.
            let value = says.cloned().unwrap_or_else(|| Value::text(""));
            self.answer(act, Reported::Value(value), 0);
            return;
        }
        let name: Arc<str> = act.id.op.to_string().into();
        let script = Script { calls: calls.iter().cloned().collect(), made: 0, says: says.cloned() };
        self.scripts.insert((act.id.run, name.clone()), script);
        let begun = Value::tag(0, vec![Value::text(&*name), Value::Int(STEPS)]);
        self.answer(act, Reported::Value(begun), 0);
    }

    /// The model of an exchange is asked for its next step.
    pub(crate) fn think(&mut self, act: &Arc<Act>) {
        let exchange = act.request.args.get(1).and_then(Value::as_text).unwrap_or_default();
        let key = (act.id.run, Arc::from(exchange));
        let step = self.scripts.get_mut(&key).map(|script| {
            script.made += 1;
            (script.made, script.calls.pop_front(), script.says.clone())
        });
        let outcome = match step {
            None => Reported::Failed(Failure::new(FailureKind::Unavailable, "the test gives no such turn")),
            Some((number, Some(call), _)) => {
                let agent = act.request.args.first().and_then(Value::as_text).unwrap_or_default();
                let text = format!("{} calls {}", short(agent), self.tool_words(&call));
                self.note(Happening::Call { text });
                let id = format!("call{number}");
                let call = json!({ "id": id, "tool": &*call.0, "arguments": self.tool_arguments(&call) });
                Reported::Done(json!({ "text": "", "calls": [call] }))
            }
            Some((_, None, says)) => {
                let text = says.as_ref().and_then(Value::as_text).unwrap_or_default();
                Reported::Done(json!({ "text": text, "calls": [] }))
            }
        };
        self.answer(act, outcome, 0);
    }

    fn tool_arguments(&self, (tool, given): &ToolCall) -> Json {
        let module = self.loaded.module();
        let flow = module.flows.iter().find(|flow| flow.name == *tool);
        let ty = |name: &str| flow?.params.iter().find(|(other, _)| **other == *name).map(|(_, ty)| ty);
        let one = |(name, value): &(Arc<str>, Value)| {
            (name.to_string(), ty(name).map(|ty| json_of(value, ty, module)).unwrap_or_default())
        };
        given.iter().map(one).collect::<serde_json::Map<_, _>>().into()
    }

    fn tool_words(&self, (tool, given): &ToolCall) -> String {
        let module = self.loaded.module();
        let flow = module.flows.iter().find(|flow| flow.name == *tool);
        let args: Vec<String> = given
            .iter()
            .map(|(name, given)| {
                let ty = flow.and_then(|flow| flow.params.iter().find(|(other, _)| other == name));
                let shown = ty.map_or_else(|| "…".to_owned(), |(_, ty)| notation(given, ty, &module.types));
                format!("{name}: {shown}")
            })
            .collect();
        format!("{}({})", short(tool), args.join(", "))
    }
}

/// A value as a performer would write it; nothing where it has no JSON.
fn json_of(value: &Value, ty: &Type, module: &Module) -> Json {
    to_json(value, ty, &module.types).unwrap_or_default()
}
