//! What is asked of a runtime, written down.

use super::tokens::on_disk;
use super::{Methods, Request};
use crate::audit::{Act, Outcome};
use crate::auth::{Caller, Scope};
use crate::rpc::Fault;
use serde_json::Value as Json;

impl Request {
    /// What it would change, where it would change anything: on what. None for what only looks.
    pub(crate) fn act(&self) -> Option<Option<String>> {
        match self {
            Request::Move { dry_run: true, .. }
            | Request::Forget { dry_run: true, .. }
            | Request::Deploy { dry_run: true, .. }
            | Request::DeployAll { dry_run: true, .. }
            | Request::Logs(_)
            | Request::Usage { .. }
            | Request::About {}
            | Request::CheckChannels {}
            | Request::Sources { .. }
            | Request::Collect { dry_run: true, .. }
            | Request::List { .. }
            | Request::Finished { .. }
            | Request::Show { .. }
            | Request::Outbox(_)
            | Request::Message { .. }
            | Request::Sessions { .. }
            | Request::Session { .. }
            | Request::VerifySessions { .. }
            | Request::Deployments {}
            | Request::Tools { .. }
            | Request::AwaitTool { .. }
            | Request::Servers {}
            | Request::Tokens {}
            | Request::Access {} => None,
            Request::Cancel { run, .. } | Request::RetryRun { run } | Request::Resolve { run, .. } => {
                Some(Some(run.clone()))
            }
            Request::RestoreSession { session } => Some(Some(session.clone())),
            Request::CallTool { name, .. } => Some(Some(name.clone())),
            Request::LeaveTool { run } => Some(Some(run.clone())),
            Request::TrustServer { server } => Some(Some(server.clone())),
            Request::Start { flow, .. } => Some(Some(flow.clone())),
            Request::Move { run, flow, .. } => Some(run.clone().or_else(|| flow.clone())),
            Request::Retry { id } | Request::Drop { id } => Some(Some(id.clone())),
            Request::Rollback { package, .. } => Some(Some(package.to_string())),
            Request::CreateToken { name, .. } => Some(Some(name.clone())),
            Request::RevokeToken { token } => Some(Some(token.clone())),
            // Who was forgotten is not written down: that would be remembering them. Nor is who was let in.
            Request::Forget { .. }
            | Request::Backup {}
            | Request::Deploy { .. }
            | Request::DeployAll { .. }
            | Request::Collect { .. }
            | Request::Pair { .. }
            | Request::Approve { .. }
            | Request::Revoke { .. } => Some(None),
        }
    }
}

impl Methods {
    /// Whether what is done next can be written down. What could not be is not done.
    pub(crate) async fn ready(&self) -> Result<(), Fault> {
        let access = self.access.clone();
        on_disk(move || access.audit().ready()).await?.map_err(|error| {
            let help =
                "make room on the disk, or see to the rights of `audit/` in the data directory".to_owned();
            Fault::refused(
                "E1027",
                format!("the audit log cannot be written, so nothing is done: {error}"),
                Some(help),
            )
        })
    }

    /// Writes down what was done, or refused.
    pub(crate) async fn note(
        &self,
        caller: &Caller,
        (what, on): (&str, Option<String>),
        result: &Result<Json, Fault>,
    ) {
        let package = || packages(result.as_ref().ok()?);
        let outcome = match result {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::Refused(fault.name()),
        };
        let act = act(caller, what, on.or_else(package), outcome);
        let access = self.access.clone();
        let noted = on_disk(move || access.audit().note(act, access.now())).await;
        if let Ok(Err(error)) = noted {
            tracing::error!(%error, "the audit log cannot be written");
        }
    }

    /// Whether somebody may do that. Where they may not, that is written down.
    pub(crate) fn check(&self, caller: &Caller, what: &str, scope: Scope) -> Result<(), Fault> {
        if caller.may(scope) {
            return Ok(());
        }
        let fault = Fault::forbidden(what, scope);
        let act = act(caller, what, None, Outcome::Refused(fault.name()));
        let access = self.access.clone();
        tokio::task::spawn_blocking(move || access.audit().refused(act, access.now()));
        Err(fault)
    }
}

/// The packages that an answer is about.
fn packages(answer: &Json) -> Option<String> {
    let several = answer.get("plans").and_then(Json::as_array).into_iter().flatten();
    let plans = answer.get("plan").into_iter().chain(several);
    let names: Vec<&str> = plans.filter_map(|plan| plan.get("package")?.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn act(caller: &Caller, what: &str, on: Option<String>, outcome: Outcome) -> Act {
    Act { who: caller.name.to_string(), from: caller.from.to_string(), what: what.to_owned(), on, outcome }
}
