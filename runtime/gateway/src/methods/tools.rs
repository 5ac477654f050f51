//! What programs from outside may call: tools and flows without triggers, as far as a configuration offers them.

use super::{Methods, RunNamed, written};
use crate::auth::{Caller, hex};
use crate::methods::Request;
use crate::rpc::Fault;
use carapace_effect::RunId;
use carapace_engine::inspect::{Happened, Occurrence};
use carapace_engine::state::Deployment;
use carapace_engine::stored::End;
use carapace_engine::{Input, Reply, State};
use carapace_module::json::to_json;
use carapace_module::schema::{object_schema, schema};
use carapace_module::signature::{FlowSignature, is_of_the_run};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

/// How long an answer waits at most: less than those wait who ask, and what stands between.
const LONGEST: Duration = Duration::from_secs(25);

/// The code of something that is not offered.
const NOT_OFFERED: &str = "E1085";

/// The part of a package's names that its main module has.
const MAIN: &str = "main.";

/// What may be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolsListed {
    /// By name.
    pub tools: Vec<OfferedTool>,
    /// Changes with anything that is said of them.
    #[serde(default)]
    pub mark: Arc<str>,
}

impl ToolsListed {
    fn of(tools: Vec<OfferedTool>) -> ToolsListed {
        let written = serde_json::to_vec(&tools).unwrap_or_default();
        let mark = hex(&Sha256::digest(written));
        ToolsListed { tools, mark: mark.into() }
    }
}

/// Something that may be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferedTool {
    /// By this it is called: `shop.refund`.
    pub name: Arc<str>,
    /// Its doc comment.
    pub description: Arc<str>,
    /// What it is given: a JSON Schema of an object.
    pub parameters: Json,
    /// What it returns, where that is an object: a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
}

/// How a call stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolStands {
    /// Its run.
    pub run: RunId,
    /// What came of it; none where it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ToolOutcome>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolOutcome {
    /// It was done, with this result.
    Done(Json),
    /// It was not: why, for a person.
    Failed(String),
}

/// Why something that was asked is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// The code of a diagnostic, where there is one.
    pub code: Option<String>,
    /// What is wrong, for a person.
    pub message: String,
}

/// What a configuration offers: `shop/refund`, `shop/*`.
#[derive(Debug, Clone, Default)]
pub(super) struct Offers(Vec<(String, String)>);

impl Offers {
    fn take(&self, flow: &str) -> bool {
        let Some((package, rest)) = flow.split_once('/') else { return false };
        let short = rest.strip_prefix(MAIN).unwrap_or(rest);
        self.0.iter().any(|(of, name)| of == package && (name == "*" || name == rest || name == short))
    }
}

impl Methods {
    /// From now on these are offered, each as a configuration writes it: `shop/refund`, `shop/*`.
    pub fn offer_tools(&self, offers: &[String]) {
        let read = |text: &String| text.split_once('/').map(|(of, name)| (of.to_owned(), name.to_owned()));
        let offers = Offers(offers.iter().filter_map(read).collect());
        self.offers.send_replace(offers);
    }

    /// Answers something that is asked from within this process, in the name of who asks there.
    ///
    /// # Errors
    /// Why it is not done.
    pub async fn ask(&self, caller: &Caller, request: Request) -> Result<Json, Refused> {
        self.answer(caller, request).await.map_err(|fault| Refused {
            code: fault.diagnostic().map(str::to_owned),
            message: fault.message().to_owned(),
        })
    }

    fn offers(&self) -> Offers {
        self.offers.borrow().clone()
    }

    /// What may be called; with `unlike`, as soon as that is something else, or at the end of the time.
    pub(super) async fn tools(&self, unlike: Option<&str>, wait: Option<u64>) -> Result<Json, Fault> {
        let until = Instant::now() + Duration::from_millis(wait.unwrap_or_default()).min(LONGEST);
        // Before it is looked: what happens in between is heard.
        let (mut happens, mut said) = (self.engine.watch()?, self.offers.subscribe());
        loop {
            said.mark_unchanged();
            let offers = self.offers();
            let tools = self.engine.look(move |state| offered(state, &offers).map(tool).collect()).await?;
            let listed = ToolsListed::of(tools);
            if unlike.is_none_or(|unlike| *unlike != *listed.mark) {
                return written(&listed);
            }
            let over = tokio::select! {
                other = heard(&mut happens, until, is_of_deployments) => !other?,
                // Whoever offers is right here.
                _ = said.changed() => false,
            };
            if over {
                return written(&listed);
            }
        }
    }

    pub(super) async fn call_tool(
        &self,
        caller: &Caller,
        name: String,
        arguments: Map<String, Json>,
    ) -> Result<Json, Fault> {
        let (offers, wanted) = (self.offers(), name.clone());
        let find = move |state: &State| {
            let found = offered(state, &offers).find(|(flow, _)| called(&flow.name) == wanted);
            found.map(|(flow, deployment)| (deployment.record.package.clone(), flow.name.clone()))
        };
        let (package, flow) = self.engine.look(find).await?.ok_or_else(|| not_offered(&name))?;
        let by = caller.name.clone();
        match self.engine.submit(Input::Invoke { by, package, flow, arguments }).await?.reply {
            Reply::Started(run) => written(&RunNamed { run }),
            Reply::Rejected(no) => Err(Fault::refused(no.code, no.message, no.help)),
            _ => Err(Fault::refused("E1037", "the runtime takes nothing new in just now", None)),
        }
    }

    pub(super) async fn await_tool(&self, run: &str, wait: Option<u64>) -> Result<Json, Fault> {
        let run = read(run)?;
        let until = Instant::now() + Duration::from_millis(wait.unwrap_or_default()).min(LONGEST);
        // Before it is looked: what happens in between is heard.
        let mut happens = self.engine.watch()?;
        loop {
            let offers = self.offers();
            let stands = self.engine.look(move |state| stands(state, run, &offers)).await??;
            if stands.outcome.is_some() || !heard(&mut happens, until, |event| ends(event, run)).await? {
                return written(&stands);
            }
        }
    }

    pub(super) async fn leave_tool(&self, run: &str) -> Result<Json, Fault> {
        let run = read(run)?;
        let offers = self.offers();
        let stands = self.engine.look(move |state| stands(state, run, &offers)).await??;
        if stands.outcome.is_some() {
            return written(&RunNamed { run });
        }
        let reason = "whoever called it does not wait any more".into();
        self.submit(run, Input::Cancel { run, reason }).await
    }
}

/// The name by which a flow is called: `shop/main.refund` is `shop.refund`, `shop/till.open` is `shop.till.open`.
fn called(flow: &str) -> String {
    let (package, rest) = flow.split_once('/').unwrap_or(("", flow));
    format!("{package}.{}", rest.strip_prefix(MAIN).unwrap_or(rest))
}

/// The flows that are offered, by name.
fn offered<'s>(
    state: &'s State,
    offers: &Offers,
) -> impl Iterator<Item = (&'s FlowSignature, &'s Deployment)> {
    let mut all: Vec<(&FlowSignature, &Deployment)> = Vec::new();
    for deployment in state.deployments.serving() {
        let Ok(code) = &deployment.code else { continue };
        // What the library has in a package begins with another name than the package's own.
        let own = |flow: &&FlowSignature| {
            flow.name.split_once('/').is_some_and(|(package, _)| *package == *deployment.record.package)
        };
        // What is about whoever writes is nobody's to call who could claim to be anybody.
        let types = &code.module().types;
        let open = |flow: &&FlowSignature| {
            flow.triggers.is_empty() && !flow.params.iter().any(|(name, ty)| is_of_the_run(name, ty, types))
        };
        let flows = code.module().flows.iter().filter(open).filter(own);
        all.extend(flows.filter(|flow| offers.take(&flow.name)).map(|flow| (flow, &**deployment)));
    }
    all.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    all.into_iter()
}

fn tool((flow, deployment): (&FlowSignature, &Deployment)) -> OfferedTool {
    let types = deployment.code.as_ref().map(|code| &code.module().types);
    OfferedTool {
        name: called(&flow.name).into(),
        description: flow.docs.clone().unwrap_or_default(),
        parameters: types.as_ref().map(|types| object_schema(&flow.params, types)).unwrap_or_default(),
        result: types.ok().map(|types| schema(&flow.result, types)).filter(is_of_objects),
    }
}

/// Whether all that a schema describes are objects.
fn is_of_objects(schema: &Json) -> bool {
    schema.get("type").is_some_and(|ty| ty == "object")
}

fn read(run: &str) -> Result<RunId, Fault> {
    run.parse().map_err(|_| Fault::params("`run` is what calling the tool gave"))
}

fn not_offered(name: &str) -> Fault {
    let shown: String = name.chars().take(80).collect();
    let help = "`mcp.offer` in the configuration says what is";
    Fault::refused(NOT_OFFERED, format!("`{shown}` is not offered"), Some(help.to_owned()))
}

/// How a run of something that is offered stands. Of other runs nothing is said.
fn stands(state: &State, run: RunId, offers: &Offers) -> Result<ToolStands, Fault> {
    let nobody = || {
        let help = "the latest 256 runs that are over are kept with their results";
        Fault::refused("E0910", format!("no call `{run}` is known"), Some(help.to_owned()))
    };
    if let Some(live) = state.runs.get(run) {
        let outcome = live.quarantined.as_ref().map(|why| {
            ToolOutcome::Failed(format!("the runtime fails at its run, and leaves it alone (E0913): {why}"))
        });
        return if offers.take(&live.flow) { Ok(ToolStands { run, outcome }) } else { Err(nobody()) };
    }
    let over = state.finished.iter().rev().find(|summary| summary.run == run);
    let over = over.filter(|over| offers.take(&over.flow)).ok_or_else(nobody)?;
    let outcome = match &over.end {
        End::Succeeded(value) => {
            let json = state.deployments.serving().find_map(|deployment| {
                let (flow, code) = (deployment.flow(&over.flow)?, deployment.code.as_ref().ok()?);
                to_json(&value.0, &flow.result, &code.module().types).ok()
            });
            match json {
                Some(json) => ToolOutcome::Done(json),
                None => ToolOutcome::Failed(
                    "it was done, and its result is of another version than serves now".to_owned(),
                ),
            }
        }
        End::Failed(failure) => ToolOutcome::Failed(failure.message.clone()),
        End::Cancelled(why) => ToolOutcome::Failed(format!("it was cancelled: {why}")),
        End::Fault(fault) => ToolOutcome::Failed(format!("it broke a rule: {fault}")),
    };
    Ok(ToolStands { run, outcome: Some(outcome) })
}

/// Returns when such a thing may have happened; whether it did so in time.
async fn heard(
    happens: &mut Receiver<Arc<Happened>>,
    until: Instant,
    wanted: impl Fn(&Occurrence) -> bool,
) -> Result<bool, Fault> {
    loop {
        match timeout_at(until, happens.recv()).await {
            Ok(Ok(happened)) if happened.events.iter().any(&wanted) => return Ok(true),
            Ok(Ok(_)) => {}
            Ok(Err(RecvError::Lagged(_))) => return Ok(true),
            Ok(Err(RecvError::Closed)) => {
                return Err(Fault::refused(
                    "E0941",
                    "the runtime is ending; the run goes on with its next start",
                    None,
                ));
            }
            Err(_) => return Ok(false),
        }
    }
}

/// Whether something else may be deployed after it.
fn is_of_deployments(event: &Occurrence) -> bool {
    matches!(event, Occurrence::Deployed { .. } | Occurrence::Withdrawn { .. })
}

fn ends(event: &Occurrence, run: RunId) -> bool {
    match event {
        Occurrence::RunFinished { run: which }
        | Occurrence::RunFailed { run: which, .. }
        | Occurrence::RunCancelled { run: which, .. }
        | Occurrence::RunQuarantined { run: which, .. } => *which == run,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_named_by_package_and_name() {
        let offers = |texts: &[&str]| {
            let read = |text: &&str| text.split_once('/').map(|(of, name)| (of.to_owned(), name.to_owned()));
            Offers(texts.iter().filter_map(read).collect())
        };
        for (texts, flow, is) in [
            (&["shop/refund"][..], "shop/main.refund", true),
            (&["shop/main.refund"], "shop/main.refund", true),
            (&["shop/refund"], "shop/till.refund", false),
            (&["shop/till.refund"], "shop/till.refund", true),
            (&["shop/*"], "shop/till.refund", true),
            (&["shop/*"], "shopping/main.refund", false),
            (&[], "shop/main.refund", false),
            (&["*"], "shop/main.refund", false),
        ] {
            assert_eq!(offers(texts).take(flow), is, "{texts:?} {flow}");
        }
        assert_eq!(called("shop/main.refund"), "shop.refund");
        assert_eq!(called("shop/till.open"), "shop.till.open");
    }
}
