//! `given desk.chat(_) calls refund(…) then says "…"`: an agent's turn, with real tools.
//!
//! The tools are flows of the package and run in the engine as they would for a real agent, approvals first.

use crate::given::ToolCall;
use crate::notation::notation;
use crate::people::Spot;
use crate::transcript::{Happening, Output, short};
use crate::world::{Asked, Step, World};
use carapace_effect::RunId;
use carapace_engine::stored::{Phase, Run};
use carapace_engine::{Act, Input, Reply, Reported};
use carapace_module::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// A turn under way.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    number: u64,
    act: Arc<Act>,
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
    /// A tool runs.
    Tool(RunId),
}

impl World {
    /// An agent begins a turn.
    pub(crate) fn begin_turn(&mut self, act: &Arc<Act>, calls: &[ToolCall], says: Option<&Value>) {
        let number = self.count();
        self.turns.push(Turn {
            number,
            act: Arc::clone(act),
            calls: calls.iter().cloned().collect(),
            says: says.cloned(),
            stage: Stage::Next,
        });
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
                    Stage::Tool(run) if !self.has_ended(run) => {
                        self.turns.push(turn);
                        break;
                    }
                    Stage::Tool(_) => {
                        any = true;
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
            turn.stage = if agrees { self.start_tool(&turn, &call)? } else { Stage::Next };
        }
        self.turns.push(turn);
        self.settle()
    }

    fn call_tool(&mut self, turn: &Turn, call: ToolCall) -> Step<Stage> {
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
            Reply::Started(run) => Ok(Stage::Tool(run)),
            Reply::Rejected(rejection) => {
                let class = crate::report::FailureClass::Impossible;
                Err(self.failure(class, rejection.message))
            }
            _ => Ok(Stage::Next),
        }
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
