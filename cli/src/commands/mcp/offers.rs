//! What a runtime offers, asked through its methods, wherever it runs.

use async_trait::async_trait;
use carapace_gateway::{Request, RunNamed, ToolOutcome, ToolStands, ToolsListed};
use carapace_mcp::server::{Ended, Offered, Refusal, Runtime};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// The code of what is not offered.
const NOT_OFFERED: &str = "E1085";

/// How long an answer waits for the end of a call, in milliseconds: as often it is said that it goes on.
const WAIT: u64 = 5_000;

/// How long it is waited for something else to be offered, before it is asked again, in milliseconds.
const LONGEST: u64 = 25_000;

/// A runtime that can be asked something.
#[async_trait]
pub(crate) trait Asked: fmt::Debug + Send + Sync + 'static {
    /// What it answers; else the code and the words of what is wrong.
    async fn ask(&self, request: Request) -> Result<Json, (Option<String>, String)>;
}

/// What a runtime offers.
#[derive(Debug)]
pub(crate) struct Offers<A>(A);

impl<A: Asked> Offers<A> {
    pub(crate) fn new(asked: A) -> Offers<A> {
        Offers(asked)
    }

    async fn call<T: DeserializeOwned>(&self, request: Request) -> Result<T, Refusal> {
        let answered = self.0.ask(request).await.map_err(|(code, message)| match code.as_deref() {
            Some(NOT_OFFERED) => Refusal::NoTool(message),
            _ => Refusal::Other(message),
        })?;
        serde_json::from_value(answered)
            .map_err(|e| Refusal::Other(format!("the runtime answered strangely: {e}")))
    }
}

#[async_trait]
impl<A: Asked> Runtime for Offers<A> {
    async fn offered(&self) -> Result<Vec<Offered>, Refusal> {
        let listed: ToolsListed = self.call(Request::Tools { unlike: None, wait: None }).await?;
        let offered = |tool: carapace_gateway::OfferedTool| Offered {
            name: tool.name,
            description: tool.description,
            parameters: tool.parameters,
            result: tool.result,
        };
        Ok(listed.tools.into_iter().map(offered).collect())
    }

    async fn changed(&self, mark: Option<&str>) -> Result<Arc<str>, Refusal> {
        let (unlike, wait) = (mark.map(str::to_owned), mark.map(|_| LONGEST));
        let listed: ToolsListed = self.call(Request::Tools { unlike, wait }).await?;
        Ok(listed.mark)
    }

    async fn start(&self, tool: &str, arguments: Map<String, Json>) -> Result<String, Refusal> {
        let started: RunNamed = self.call(Request::CallTool { name: tool.to_owned(), arguments }).await?;
        Ok(started.run.to_string())
    }

    async fn ended(&self, call: &str) -> Result<Option<Ended>, Refusal> {
        let stands: ToolStands =
            self.call(Request::AwaitTool { run: call.to_owned(), wait: Some(WAIT) }).await?;
        Ok(stands.outcome.map(|outcome| match outcome {
            ToolOutcome::Done(result) => Ended::Done(result),
            ToolOutcome::Failed(why) => Ended::Failed(why),
        }))
    }

    async fn leave(&self, call: &str) {
        // Where it cannot be cancelled, it is over, or goes on to its end.
        let _: Result<RunNamed, Refusal> = self.call(Request::LeaveTool { run: call.to_owned() }).await;
    }
}
