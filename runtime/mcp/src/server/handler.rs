//! What is answered to a program that speaks the protocol.

use super::result::result;
use super::{Ended, Offered, Refusal, Runtime};
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Extensions, Implementation, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ServerCapabilities, ServerConfig, SubscriptionFilter,
    Tool,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    fn runtime(&self, extensions: &Extensions) -> Result<Arc<dyn Runtime>, ErrorData> {
        let parts = extensions.get::<axum::http::request::Parts>();
        let theirs = parts.and_then(|parts| parts.extensions.get::<Theirs>());
        let runtime = theirs.map(|theirs| theirs.0.clone()).or_else(|| self.runtime.clone());
        runtime.ok_or_else(|| ErrorData::internal_error("nobody knows who asks", None))
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let ours = Implementation::new("carapace", env!("CARGO_PKG_VERSION")).with_title("Carapace");
        let able = ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build();
        ServerConfig::new(able)
            .with_server_info(ours)
            .with_instructions("Each tool starts a durable run of a flow, and answers when it is over. Cancelling a call cancels its run.")
    }

    /// Whoever has begun a session is told when something else is offered (2025-11-25 and before).
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let Ok(runtime) = self.runtime(&context.extensions) else { return };
        let (peer, there) = (context.peer.clone(), context.peer);
        let tell = move || {
            let peer = peer.clone();
            async move { peer.notify_tool_list_changed().await.is_ok() }
        };
        tokio::spawn(changes(runtime, move || !there.is_transport_closed(), tell));
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    /// Whoever subscribes is told (2026-07-28).
    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let runtime = self.runtime(&context.request_context().extensions)?;
        if context.accepted().tools_list_changed != Some(true) {
            context.cancelled().await;
            return Ok(());
        }
        let sink = context.sink().clone();
        let tell = move || {
            let sink = sink.clone();
            async move { sink.notify_tool_list_changed().await.is_ok() }
        };
        tokio::select! {
            () = changes(runtime, || true, tell) => {}
            () = context.cancelled() => {}
        }
        Ok(())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let offered = self.runtime(&context.extensions)?.offered().await.map_err(refused)?;
        Ok(ListToolsResult::with_all_items(offered.into_iter().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let runtime = self.runtime(&context.extensions)?;
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

/// How long it is waited before a runtime is asked again that could not say.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells each time that something else is offered, until nobody hears it.
async fn changes<F: Future<Output = bool> + Send>(
    runtime: Arc<dyn Runtime>,
    is_there: impl Fn() -> bool + Send,
    tell: impl Fn() -> F + Send,
) {
    let mut known: Option<Arc<str>> = None;
    while is_there() {
        match runtime.changed(known.as_deref()).await {
            Ok(mark) if known.as_ref() == Some(&mark) => {}
            Ok(mark) => {
                let first = known.replace(mark).is_none();
                if !first && !tell().await {
                    return;
                }
            }
            // It is being started again, or who asks may not any more.
            Err(_) => tokio::time::sleep(PAUSE).await,
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
    let tool = Tool::new(offered.name.to_string(), offered.description.to_string(), schema);
    match offered.result {
        Some(Json::Object(result)) => tool.with_raw_output_schema(Arc::new(result)),
        _ => tool,
    }
}

fn refused(refusal: Refusal) -> ErrorData {
    match refusal {
        Refusal::NoTool(why) => ErrorData::invalid_params(why, None),
        Refusal::Other(why) => ErrorData::internal_error(why, None),
    }
}
