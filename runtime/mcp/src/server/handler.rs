//! What is answered to a program that speaks the protocol.

use super::result::result;
use super::{Ended, Offered, Refusal, Runtime};
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The runtime as whoever sent a request may use it; stands beside the request.
#[derive(Debug, Clone)]
pub(super) struct Theirs(pub(super) Arc<dyn Runtime>);

/// Answers requests.
#[derive(Debug, Clone)]
pub(super) struct Handler {
    /// The runtime that everybody uses; none where each request says it.
    pub(super) runtime: Option<Arc<dyn Runtime>>,
    pub(super) calls: Arc<Calls>,
}

/// Calls that are waited for, or that are just being left.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<BTreeSet<String>>);

impl Calls {
    fn begin(&self, call: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(call.to_owned());
    }

    fn end(&self, call: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(call);
    }

    /// Leaves all of them: nobody is there any more.
    pub(super) async fn leave(&self, runtime: &dyn Runtime) {
        let calls = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for call in calls {
            runtime.leave(&call).await;
        }
    }
}

impl Handler {
    fn runtime(&self, context: &RequestContext<RoleServer>) -> Result<Arc<dyn Runtime>, ErrorData> {
        let parts = context.extensions.get::<axum::http::request::Parts>();
        let theirs = parts.and_then(|parts| parts.extensions.get::<Theirs>());
        let runtime = theirs.map(|theirs| theirs.0.clone()).or_else(|| self.runtime.clone());
        runtime.ok_or_else(|| ErrorData::internal_error("nobody knows who asks", None))
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let ours = Implementation::new("carapace", env!("CARGO_PKG_VERSION")).with_title("Carapace");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(ours)
            .with_instructions("Each tool starts a durable run of a flow, and answers when it is over. Cancelling a call cancels its run.")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let offered = self.runtime(&context)?.offered().await.map_err(refused)?;
        Ok(ListToolsResult::with_all_items(offered.into_iter().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let runtime = self.runtime(&context)?;
        let call = match runtime.start(&request.name, request.arguments.unwrap_or_default()).await {
            Ok(call) => call,
            Err(refusal @ Refusal::NoTool(_)) => return Err(refused(refusal)),
            // What a caller can set right is told as the result, so that a model reads it.
            Err(Refusal::Other(why)) => return Ok(result(Ended::Failed(why)).into()),
        };
        self.calls.begin(&call);
        let mut waiting = Waiting { runtime, call: Some(call.clone()), calls: self.calls.clone() };
        let mut far = Progress { context: &context, count: 0 };
        loop {
            let ended = tokio::select! {
                ended = waiting.runtime.ended(&call) => ended,
                () = context.ct.cancelled() => return Err(ErrorData::internal_error("it was called off", None)),
            };
            match ended {
                Ok(None) => far.tell().await,
                Ok(Some(ended)) => {
                    waiting.over();
                    return Ok(result(ended).into());
                }
                Err(refusal) => {
                    waiting.over();
                    return Ok(result(Ended::Failed(refusal.to_string())).into());
                }
            }
        }
    }
}

/// A call that somebody waits for. Where they go away, it is left.
struct Waiting {
    runtime: Arc<dyn Runtime>,
    call: Option<String>,
    calls: Arc<Calls>,
}

impl Waiting {
    /// It has come to its end.
    fn over(&mut self) {
        if let Some(call) = self.call.take() {
            self.calls.end(&call);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let (runtime, calls) = (self.runtime.clone(), self.calls.clone());
        if let (Some(call), Ok(executor)) = (self.call.take(), tokio::runtime::Handle::try_current()) {
            executor.spawn(async move {
                runtime.leave(&call).await;
                calls.end(&call);
            });
        }
    }
}

/// Says that a call goes on, to who asked to be told.
struct Progress<'c> {
    context: &'c RequestContext<RoleServer>,
    count: u32,
}

impl Progress<'_> {
    async fn tell(&mut self) {
        let Some(token) = self.context.meta.get_progress_token() else { return };
        self.count = self.count.saturating_add(1);
        let far =
            ProgressNotificationParam::new(token, f64::from(self.count)).with_message("the run goes on");
        // Who does not hear it any more is noticed by other means.
        let _ = self.context.peer.notify_progress(far).await;
    }
}

fn tool(offered: Offered) -> Tool {
    let schema = match offered.parameters {
        Json::Object(schema) => schema,
        _ => Map::new(),
    };
    Tool::new(offered.name.to_string(), offered.description.to_string(), schema)
}

fn refused(refusal: Refusal) -> ErrorData {
    match refusal {
        Refusal::NoTool(why) => ErrorData::invalid_params(why, None),
        Refusal::Other(why) => ErrorData::internal_error(why, None),
    }
}
