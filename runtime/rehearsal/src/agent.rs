//! `given desk.chat(_) calls refund(…) then says "…"`: an agent's turn, with real tools.
//!
//! The tools are flows of the package and run in the engine as they would for a real agent, approvals first.

use crate::given::ToolCall;
use crate::notation::notation;
use crate::people::Spot;
use crate::transcript::{Happening, Output, short};
use crate::world::{Asked, Step, World};
use carapace_effect::{Called, RunId, Turn as Said};
use carapace_engine::stored::{End, Phase, Run};
use carapace_engine::{Act, Input, Reply, Reported};
use carapace_module::json::to_json;
use carapace_module::{Module, Type, Value};
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::Arc;

/// A turn under way.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    number: u64,
    act: Arc<Act>,
    /// How many calls it has in all.
    total: usize,
    calls: VecDeque<ToolCall>,
    says: Option<Value>,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    /// The next call, or the end.
    Next,
    /// Somebody has to agree first.
    Approval(ToolCall),
    /// A tool of this name runs.
    Tool(RunId, Arc<str>),
}

impl Turn {
    /// By what the call that was made last is known.
    fn call(&self) -> Arc<str> {
        format!("call{}", self.total.saturating_sub(self.calls.len())).into()
    }
}

impl World {
    /// An agent begins a turn.
    pub(crate) fn begin_turn(&mut self, act: &Arc<Act>, calls: &[ToolCall], says: Option<&Value>) {
        let number = self.count();
        self.turns.push(Turn {
            number,
            act: Arc::clone(act),
            total: calls.len(),
            calls: calls.iter().cloned().collect(),
            says: says.cloned(),
            stage: Stage::Next,
        });
    }

    /// The turn's session holds this, as one of a real agent would.
    fn remember(&mut self, turn: &Turn, said: Said) {
        let (act, attempt) = (turn.act.id.clone(), turn.act.attempt);
        // What only `chat` remembers, `ask` may be given calls for, too: then there is no session to hold them.
        let _ = self.core.submit(self.now, Input::Remember { act, attempt, turn: said });
    }

    /// What came of a tool's run.
    fn came_of(&self, run: RunId, tool: &str) -> Called {
        let finished = self.core.state().finished.iter().rev().find(|summary| summary.run == run);
        let phase = self.core.state().runs.get(run).map(|run| run.phase.clone());
        let end = finished.map(|summary| summary.end.clone()).or(match phase {
            Some(Phase::Over(end)) => Some(end),
            _ => None,
        });
        match end {
            Some(End::Succeeded(value)) => {
                let module = self.loaded.module();
                let flow = module.flows.iter().find(|flow| *flow.name == *tool);
                Called::Done(flow.map(|flow| json_of(&value.0, &flow.result, module)).unwrap_or_default())
            }
            Some(End::Failed(failure)) => Called::Failed(failure.message.into()),
            Some(End::Cancelled(why) | End::Fault(why)) => Called::Failed(why),
            None => Called::Unknown,
        }
    }

    /// Lets every turn go on as far as it can; says whether any did.
    pub(crate) fn drive_turns(&mut self) -> Step<bool> {
        let mut any = false;
        for mut turn in std::mem::take(&mut self.turns) {
            loop {
                match turn.stage.clone() {
                    Stage::Approval(_) => {
                        self.turns.push(turn);
                        break;
                    }
                    Stage::Tool(run, _) if !self.has_ended(run) => {
                        self.turns.push(turn);
                        break;
                    }
                    Stage::Tool(run, tool) => {
                        any = true;
                        let outcome = self.came_of(run, &tool);
                        self.remember(&turn, Said::Result { id: turn.call(), outcome });
                        turn.stage = Stage::Next;
                    }
                    Stage::Next => {
                        any = true;
                        let Some(call) = turn.calls.pop_front() else {
                            let said = turn.says.clone().unwrap_or_else(|| Value::text(""));
                            self.answer(&turn.act, Reported::Value(said), 0);
                            break;
                        };
                        turn.stage = self.call_tool(&turn, call)?;
                    }
                }
            }
        }
        Ok(any)
    }

    /// Somebody decides about a tool's call.
    pub(crate) fn decide_turn(&mut self, number: u64, who: &str, agrees: bool) -> Step {
        let words = if agrees { "agrees" } else { "refuses" };
        self.note(Happening::Event { text: format!("{who} {words}") });
        self.asked.retain(|asked| asked.turn != Some(number));
        let Some(index) = self.turns.iter().position(|turn| turn.number == number) else { return Ok(()) };
        let mut turn = self.turns.remove(index);
        if let Stage::Approval(call) = &turn.stage {
            let call = call.clone();
            turn.stage = if agrees {
                self.start_tool(&turn, &call)?
            } else {
                let outcome = Called::Failed(format!("{who} refused").into());
                self.remember(&turn, Said::Result { id: turn.call(), outcome });
                Stage::Next
            };
        }
        self.turns.push(turn);
        self.settle()
    }

    fn call_tool(&mut self, turn: &Turn, call: ToolCall) -> Step<Stage> {
        let arguments = self.tool_arguments(&call);
        self.remember(turn, Said::Call { id: turn.call(), name: call.0.clone(), arguments });
        let agent = turn.act.request.args.first().and_then(Value::as_text).unwrap_or_default().to_owned();
        let code = Arc::clone(&self.loaded.code);
        let module = code.module();
        let signature = module.agents.iter().find(|known| *known.name == *agent);
        let group =
            signature.and_then(|s| s.approve.iter().find(|(tool, _)| *tool == call.0)).map(|(_, g)| g);
        let Some(group) = group else { return self.start_tool(turn, &call) };
        let text = format!("{} wants to call {}", short(&agent), self.tool_words(&call));
        let members = self.people.members(group).unwrap_or_default().to_vec();
        let own = turn.act.origin.as_ref().and_then(|origin| origin.sender.clone());
        for person in members.into_iter().filter(|person| Some(&person.id) != own.as_ref()) {
            let spot = Spot { account: person.account, conversation: person.id };
            let id = format!("m{}", self.count());
            self.asked.push(Asked {
                spot: spot.clone(),
                message: id.clone(),
                approval: true,
                buttons: Vec::new(),
                turn: Some(turn.number),
            });
            self.note(Happening::Output(Output {
                verb: "asked".into(),
                slot: group.clone(),
                account: spot.account,
                conversation: spot.conversation,
                text: text.clone(),
                buttons: vec!["approve".to_owned(), "refuse".to_owned()],
                id,
                expected: false,
            }));
        }
        Ok(Stage::Approval(call))
    }

    fn start_tool(&mut self, turn: &Turn, call: &ToolCall) -> Step<Stage> {
        let (tool, given) = call;
        let agent = turn.act.request.args.first().and_then(Value::as_text).unwrap_or_default();
        let words = format!("{} calls {}", short(agent), self.tool_words(call));
        self.note(Happening::Call { text: words });
        let code = Arc::clone(&self.loaded.code);
        let module = code.module();
        let Some(flow) = module.flows.iter().find(|flow| flow.name == *tool) else { return Ok(Stage::Next) };
        let value =
            |name: &str| given.iter().find(|(other, _)| **other == *name).map(|(_, value)| value.clone());
        let args = flow.params.iter().map(|(name, _)| value(name).unwrap_or(Value::None)).collect();
        let input = Input::Call { flow: tool.clone(), args, parent: turn.act.id.run };
        match self.core.submit(self.now, input).reply {
            Reply::Started(run) => Ok(Stage::Tool(run, tool.clone())),
            Reply::Rejected(rejection) => {
                let class = crate::report::FailureClass::Impossible;
                Err(self.failure(class, rejection.message))
            }
            _ => Ok(Stage::Next),
        }
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

    /// Whether a run has ended.
    fn has_ended(&self, run: RunId) -> bool {
        self.core.state().runs.get(run).is_none_or(|run: &Run| matches!(run.phase, Phase::Over(_)))
    }
}

/// A value as a performer would write it; nothing where it has no JSON.
fn json_of(value: &Value, ty: &Type, module: &Module) -> Json {
    to_json(value, ty, &module.types).unwrap_or_default()
}
