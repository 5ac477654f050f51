//! `exchange.think`: one step of an agent that has tools.

use super::Asking;
use super::messages::Request;
use super::names::Names;
use super::setup::Setup;
use super::skills;
use super::turns::{self, Opaque};
use crate::Error;
use crate::models::{Heard, Target};
use crate::provider::{Answer, Called};
use carapace_effect::{Recall, Step, Tool, ToolCall, Turn};
use genai::chat::ChatMessage;
use serde_json::{Map, Value as Json};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) async fn think(asking: &Asking<'_>) -> Result<Json, Error> {
    let act = asking.act;
    let setup = Setup::of(act.agent.as_ref(), asking.models)?;
    let request = Request::of(act.arguments.get("request"));
    let tools = tools(asking, request.as_ref()).await;
    let names = Names::of(tools.iter().map(|tool| &*tool.name));
    let options = match &request {
        Some(request) => request.options(&names, setup.options())?,
        None => setup.options(),
    };
    let limited = options.max_tokens.is_some();
    let sent = request.as_ref().map(|request| request.messages(&names)).transpose()?.flatten();
    let said = Said::of(act.session.as_deref(), sent)?;
    let system = [Some(said.system(&setup.instructions)), skills::told(act.agent.as_deref())];
    let system =
        system.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let make = |target: &Target| {
        let tools = tools.iter().map(|tool| told(tool, &names)).collect();
        setup.step(target, &system, said.messages(&names, &target.full), tools, options.clone())
    };
    let hears = |heard: Heard<'_>| asking.tell(heard);
    let (answer, target) = asking.models.ask(&setup.chain, &make, asking.tally, &hears).await?;
    setup.whole(&answer, &target, limited)?;
    let step = step(answer, &target.full, &names, said.used());
    serde_json::to_value(step).map_err(|e| Error::invalid(format!("the step cannot be written down: {e}")))
}

/// What was said before this step.
struct Said<'a> {
    recall: Option<&'a Recall>,
    /// What the asker sent, in place of what the session remembers of earlier exchanges.
    sent: Option<Vec<ChatMessage>>,
}

impl<'a> Said<'a> {
    fn of(recall: Option<&'a Recall>, sent: Option<Vec<ChatMessage>>) -> Result<Said<'a>, Error> {
        let is_empty = recall.is_none_or(|recall| recall.turns.is_empty());
        if is_empty && sent.as_ref().is_none_or(Vec::is_empty) {
            return Err(Error::unavailable("there is nothing to answer: nothing was said"));
        }
        Ok(Said { recall, sent })
    }

    fn system(&self, instructions: &str) -> String {
        match self.recall {
            Some(recall) if self.sent.is_none() && turns::is_put_away(recall) => {
                format!("{instructions}\n\n{}", turns::PUT_AWAY).trim().to_owned()
            }
            _ => instructions.to_owned(),
        }
    }

    fn messages(&self, names: &Names, model: &str) -> Vec<ChatMessage> {
        let with = self.recall.map(|recall| &recall.key.with);
        match (&self.sent, self.recall) {
            (None, None) => Vec::new(),
            (None, Some(recall)) => {
                let notes = turns::notes(recall).map(ChatMessage::user);
                notes.into_iter().chain(turns::messages(&recall.turns, with, names, model)).collect()
            }
            (Some(sent), recall) => {
                let turns = recall.map(turns::under_way).unwrap_or_default();
                // The question stands in what was sent.
                let asked = turns.iter().position(|turn| matches!(turn.turn, Turn::User { .. }));
                let rest = turns.get(asked.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default();
                let mut messages = sent.clone();
                messages.extend(turns::messages(rest, with, names, model));
                messages
            }
        }
    }

    /// Ids of calls that stand in the exchange under way.
    fn used(&self) -> HashSet<Arc<str>> {
        let turns = self.recall.map(turns::under_way).unwrap_or_default().iter();
        let id = |turn: &Turn| match turn {
            Turn::Call { id, .. } => Some(id.clone()),
            _ => None,
        };
        turns.filter_map(|turn| id(&turn.turn)).collect()
    }
}

/// The package's tools, those of servers, and the asker's own.
async fn tools(asking: &Asking<'_>, request: Option<&Request<'_>>) -> Vec<Tool> {
    let agent = asking.act.agent.as_deref();
    let mut tools = agent.map(|agent| agent.tools.clone()).unwrap_or_default();
    let connections = agent.map(|agent| agent.connections.as_slice()).unwrap_or_default();
    if !connections.is_empty() {
        tools.extend(asking.toolbox.tools(connections).await);
    }
    tools.extend(skills::tool(agent));
    tools.extend(request.map(Request::tools).unwrap_or_default());
    let mut seen = HashSet::new();
    tools.retain(|tool| seen.insert(tool.name.clone()));
    tools
}

fn told(tool: &Tool, names: &Names) -> genai::chat::Tool {
    let made = genai::chat::Tool::new(names.there(&tool.name)).with_schema(tool.parameters.clone());
    if tool.description.is_empty() { made } else { made.with_description(&*tool.description) }
}

fn step(answer: Answer, model: &str, names: &Names, mut used: HashSet<Arc<str>>) -> Step {
    let mut thoughts = answer.thoughts;
    let mut calls = Vec::new();
    for Called { id, name, arguments, signatures } in answer.calls {
        // What was thought is shown with the first call.
        let opaque = Opaque::write(model, std::mem::take(&mut thoughts), signatures);
        let id = fresh(&id, &used);
        used.insert(id.clone());
        let arguments = if arguments.is_null() { Map::new().into() } else { arguments };
        calls.push(ToolCall { id, tool: names.full(&name), arguments, opaque });
    }
    Step { text: answer.text.into(), calls }
}

/// Some providers count their calls from the start in each answer.
fn fresh(id: &str, used: &HashSet<Arc<str>>) -> Arc<str> {
    let id = if id.is_empty() { "call" } else { id };
    let mut candidates = std::iter::once(id.to_owned()).chain((2..).map(|n: u32| format!("{id}-{n}")));
    candidates.find(|id| !used.contains(id.as_str())).map_or_else(|| id.into(), Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_call_of_an_exchange_has_an_id_of_its_own() {
        let called = |id: &str| Called {
            id: id.into(),
            name: "refund".into(),
            arguments: Json::Null,
            signatures: vec![],
        };
        let answer =
            Answer { calls: vec![called("call_0"), called("call_0"), called("")], ..Answer::default() };
        let used = HashSet::from(["call_0".into(), "call_0-2".into()]);
        let step = step(answer, "a/b", &Names::of(["main.refund"]), used);
        let ids: Vec<&str> = step.calls.iter().map(|call| &*call.id).collect();
        assert_eq!(ids, ["call_0-3", "call_0-4", "call"]);
        assert_eq!(&*step.calls[0].tool, "main.refund");
        assert_eq!(step.calls[0].arguments, json!({}), "a tool without parameters is given nothing");
    }
}
