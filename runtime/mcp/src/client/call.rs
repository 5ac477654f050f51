//! One call of a tool, from act to report.

use super::link::Link;
use super::plain::is_deeper;
use super::report::{Sent, failed, reported};
use super::{State, Taken};
use carapace_effect::{Act, Failure, FailureKind, Reported};
use rmcp::ServiceError;
use rmcp::model::{CallToolRequest, CallToolRequestParams, CancelledNotificationParam, ClientRequest};
use rmcp::service::PeerRequestOptions;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The effect that is performed here.
const EFFECT: (&str, u32) = ("mcp.call", 1);

/// A call may take so many times its server's `timeout` as long as the server says how far it is.
const LONGEST: u32 = 20;

/// What is called.
pub(super) struct Call {
    pub(super) server: Arc<str>,
    tool: String,
    arguments: Map<String, Json>,
}

impl Call {
    /// What an act asks for.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub(super) fn of(act: &Act) -> Result<Call, Failure> {
        let effect = (&*act.request.effect, act.request.version);
        let (Some(server), Some(tool), true) =
            (&act.server, act.arguments.get("tool").and_then(Json::as_str), effect == EFFECT)
        else {
            let what = format!(
                "this runtime does not know `{}@{}`, or not with these arguments",
                effect.0, effect.1
            );
            return Err(Failure::new(FailureKind::Unavailable, what));
        };
        let arguments = match act.arguments.get("arguments") {
            Some(Json::Object(arguments)) => arguments.clone(),
            None | Some(Json::Null) => Map::new(),
            Some(_) => {
                let what = format!("a tool is given an object, and `{tool}` was not");
                return Err(Failure::new(FailureKind::Invalid, what));
            }
        };
        Ok(Call { server: server.clone(), tool: tool.to_owned(), arguments })
    }

    /// Calls it. Where `left` says so, nobody waits for it any more, and the server is told.
    pub(super) async fn perform(self, link: Arc<Link>, mut left: oneshot::Receiver<()>) -> Reported {
        let limits = link.options().limits;
        let Call { server, tool, arguments } = self;
        let arguments = Json::Object(arguments);
        if is_deeper(&arguments, limits.depth) || arguments.to_string().len() > limits.value {
            return failed(
                FailureKind::Refused,
                format!("what `{tool}` of `{server}` is given is too large"),
            );
        }
        let now = tokio::select! {
            now = link.settled() => now,
            _ = &mut left => return Reported::NotPerformed("nobody waits for it any more".to_owned()),
        };
        let peer = match (now.peer, now.state) {
            (Some(peer), _) => peer,
            (None, State::Down(why)) => {
                return failed(
                    FailureKind::Unavailable,
                    format!("the server `{server}` is not there: {why}"),
                );
            }
            (None, _) => {
                return failed(FailureKind::Unavailable, format!("the server `{server}` is not there yet"));
            }
        };
        let Some(known) = now.tools.iter().find(|known| *known.name == *tool) else {
            return failed(FailureKind::Unavailable, format!("the server `{server}` has no tool `{tool}`"));
        };
        if let Some(why) = kept_from(&known.taken) {
            return failed(
                FailureKind::Refused,
                format!("`{tool}` of the server `{server}` is not used: {why}"),
            );
        }
        let sent =
            Sent { server, tool: tool.clone(), repeatable: known.repeatable, values: now.values, limits };
        let Json::Object(arguments) = arguments else { return sent.lost("it was not an object") };
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let patience = link.server.timeout;
        let options = PeerRequestOptions::with_timeout(patience)
            .reset_timeout_on_progress()
            .with_max_total_timeout(patience.saturating_mul(LONGEST));
        let handle = match peer.send_cancellable_request(request, options).await {
            Ok(handle) => handle,
            Err(_) => return sent.not_sent("the connection had ended"),
        };
        let id = handle.id.clone();
        let answered = tokio::select! {
            answered = handle.await_response() => answered,
            _ = left => {
                let reason = Some("nobody waits for it any more".to_owned());
                let cancelled = CancelledNotificationParam::new(Some(id), reason);
                // Where that cannot be said, the connection has ended.
                let _ = peer.notify_cancelled(cancelled).await;
                return sent.left();
            }
        };
        if let Err(ServiceError::TransportSend(_) | ServiceError::Timeout { .. }) = &answered {
            link.doubt();
        }
        reported(answered, &sent)
    }
}

/// Why a tool is not called.
fn kept_from(taken: &Taken) -> Option<String> {
    match taken {
        Taken::Used => None,
        Taken::LeftOut => Some("`tools` in the configuration leaves it out".to_owned()),
        Taken::Changed => Some("the server says something else of it than at first (W1083)".to_owned()),
        Taken::Unusable(why) => Some(why.clone()),
    }
}
