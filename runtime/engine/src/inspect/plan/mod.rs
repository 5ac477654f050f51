//! What a deploy would change: the same decision as the deploy itself, looked at and not applied.

mod compare;
mod stranded;

use super::Brief;
use crate::command::{Command, Input, Rejection, Reply};
use crate::decide::decide;
use crate::record::Record;
use crate::state::State;
use crate::{Deploy, DeploymentId};
use carapace_module::Module;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a deploy would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// The package.
    pub package: Arc<str>,
    /// What serves it now; none where nothing does.
    pub from: Option<Serving>,
    /// The BLAKE3 hash of the new module's bytes.
    pub to: String,
    /// Whether that is what serves already, with the same settings and bindings: then nothing would change.
    pub same: bool,
    /// Why it would be refused, where it would.
    pub refused: Option<Refused>,
    /// Flows.
    pub flows: Changes,
    /// Triggers that begin, end, or start another flow than before.
    pub triggers: Vec<Trigger>,
    /// What flows may touch that none might before.
    pub gained: Vec<Arc<str>>,
    /// What no flow may touch any more.
    pub lost: Vec<Arc<str>>,
    /// What flows gain and lose that are there before and after: also what another flow might touch before.
    #[serde(default)]
    pub reach: Vec<Reach>,
    /// The names of the secrets that flows of it may use.
    #[serde(default)]
    pub secrets: Vec<Arc<str>>,
    /// Slots that stand for something else, or are new or gone.
    pub bindings: Vec<Change>,
    /// Settings with another value, or new or gone.
    pub settings: Vec<Change>,
    /// States.
    pub states: Vec<StateChange>,
    /// Runs that live and go on with the version that they began with, by flow.
    pub keeping: BTreeMap<Arc<str>, usize>,
    /// Those among them that the new version leaves behind, the oldest first; not all where there are very many.
    pub stranded: Vec<Stranded>,
    /// How many are left behind.
    pub strandeds: usize,
}

/// A deployment in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Serving {
    /// Its number.
    pub number: u32,
    /// The hash of its module's bytes.
    pub module: String,
    /// When it was made.
    pub at: i64,
}

/// Why something would be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Refused {
    /// `E0925`.
    pub code: String,
    /// One line.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// A flow that may touch more, or less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FlowReach)]
pub struct Reach {
    /// Its full name.
    pub flow: Arc<str>,
    /// What it may touch that it might not before.
    pub gained: Vec<Arc<str>>,
    /// What it may not touch any more.
    pub lost: Vec<Arc<str>>,
}

/// Names that come, go, or mean something else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changes {
    /// New ones.
    pub added: Vec<Arc<str>>,
    /// Those that are gone.
    pub removed: Vec<Arc<str>>,
    /// Those that mean something else.
    pub changed: Vec<Arc<str>>,
}

/// A trigger, and the flows that it starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trigger {
    /// In words: `main.chat.message`.
    pub trigger: String,
    /// The flows that it starts now.
    pub before: Vec<Arc<str>>,
    /// The flows that it would start.
    pub after: Vec<Arc<str>>,
}

/// Something that has another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Its full name.
    pub name: Arc<str>,
    /// What it is, in words; none where it is new.
    pub before: Option<String>,
    /// What it would be; none where it would be gone.
    pub after: Option<String>,
}

/// A state that is new, gone, or of another type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateChange {
    /// Its full name.
    pub name: Arc<str>,
    /// What.
    pub kind: StateChangeKind,
    /// How many values there are.
    pub values: usize,
}

/// What becomes of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateChangeKind {
    /// It is new.
    Added,
    /// Nothing declares it any more; its values stay.
    Removed,
    /// It has another type, and a migration for the values there are.
    Migrated,
    /// It has another type, and nothing says what becomes of the values.
    Retyped,
}

/// A run that the new version leaves behind: it goes on with the one it began with, if anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stranded {
    /// The run, and where it waits.
    pub run: Brief,
    /// `E0946`.
    pub code: String,
    /// Why, in words.
    pub why: String,
}

/// What a deploy would change, in this state of things.
///
/// # Errors
/// Where the module cannot be loaded.
pub fn plan(state: &State, now: i64, deploy: &Deploy) -> Result<Plan, Rejection> {
    let code = (state.loader)(&deploy.module).map_err(|e| Rejection {
        code: "E0921",
        message: format!("the module cannot be loaded: {e}"),
        help: Some("compile it again with this version".to_owned()),
    })?;
    let module = code.module();
    let package = module.package.clone();
    let current = state.deployments.current(&package);
    let command = Command { now, entropy: [0; 2], input: Input::Deploy(Box::new(deploy.clone())) };
    let decision = decide(state, command);
    let (refused, number) = match decision.reply {
        Reply::Rejected(rejection) => {
            let Rejection { code, message, help } = rejection;
            (Some(Refused { code: code.to_owned(), message, help }), None)
        }
        Reply::Deployed(id) => (None, Some(id)),
        _ => (None, None),
    };
    let deployed = decision.records.iter().find_map(|record| match record {
        Record::Deployed(deployed) => Some(&**deployed),
        _ => None,
    });
    let before = current.and_then(|current| current.code.as_ref().ok()).map(|code| code.module());
    let empty = Module::default();
    let before = before.unwrap_or(&empty);
    let same = current.is_some_and(|current| Some(current.record.id) == number);
    let triggers = compare::triggers(before, module);
    let (gained, lost) = compare::capabilities(before, module);
    let (stranded, strandeds) = if same { (Vec::new(), 0) } else { stranded::find(state, deploy, module) };
    Ok(Plan {
        from: current.map(|current| Serving {
            number: current.record.id.0,
            module: current.record.module.hash().to_string(),
            at: current.record.at,
        }),
        to: blake3::hash(&deploy.module).to_hex().to_string(),
        same,
        refused,
        flows: compare::flows(before, module),
        triggers,
        gained,
        lost,
        reach: compare::reach(before, module),
        secrets: secrets(module),
        bindings: compare::bindings(current.map(|current| &current.record.bindings), &deploy.bindings),
        settings: compare::settings(current.map(|c| (before, &*c.record.settings)), module, deployed),
        states: compare::states(state, before, module),
        keeping: if same { BTreeMap::new() } else { stranded::keeping(state, &package) },
        stranded,
        strandeds,
        package,
    })
}

/// What a deploy would be refused for, in this state of things; none where it would not be.
pub fn rejection(state: &State, now: i64, deploy: &Deploy) -> Option<Rejection> {
    let command = Command { now, entropy: [0; 2], input: Input::Deploy(Box::new(deploy.clone())) };
    match decide(state, command).reply {
        Reply::Rejected(rejection) => Some(rejection),
        _ => None,
    }
}

/// The secrets that flows of a module may use.
fn secrets(module: &Module) -> Vec<Arc<str>> {
    let touches = module.capabilities.iter().flat_map(|flow| &flow.touches);
    let mut names: Vec<Arc<str>> =
        touches.filter_map(|line| line.strip_prefix("secret ").map(Arc::from)).collect();
    names.sort();
    names.dedup();
    names
}

/// A deployment that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// The package.
    pub package: Arc<str>,
    /// The hash of its module's bytes.
    pub module: String,
    /// When it was made, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Whether new events go to it.
    pub serves: bool,
    /// Runs that live and are pinned to it.
    pub runs: usize,
    /// The deployment that it is again.
    pub back_to: Option<u32>,
    /// Why it cannot be loaded, where it cannot: its runs are parked.
    pub fault: Option<String>,
    /// The settings that were given a value.
    pub given: BTreeMap<Arc<str>, serde_json::Value>,
    /// What its slots stand for.
    pub bindings: BTreeMap<Arc<str>, crate::Binding>,
}

/// The deployments that are there, by package and number.
pub fn versions(state: &State) -> Vec<Version> {
    let version = |deployment: &Arc<crate::state::Deployment>| {
        let record = &deployment.record;
        let current = state.deployments.current(&record.package);
        Version {
            number: record.id.0,
            package: record.package.clone(),
            module: record.module.hash().to_string(),
            at: record.at,
            serves: current.is_some_and(|current| current.record.id == record.id),
            runs: state.runs.pinned_to(record.id),
            back_to: record.back_to.map(|id| id.0),
            fault: deployment.code.as_ref().err().cloned(),
            given: record.given.clone(),
            bindings: record.bindings.clone(),
        }
    };
    let mut versions: Vec<Version> = state.deployments.all().map(version).collect();
    versions.sort_by(|a, b| (&a.package, a.number).cmp(&(&b.package, b.number)));
    versions
}

/// The deployments that nobody needs, but for so many former ones of each package.
pub fn unneeded(state: &State, former: usize) -> Vec<Version> {
    let gone = crate::decide::collectable(state, former);
    let mut versions = versions(state);
    versions.retain(|version| gone.contains(&DeploymentId(version.number)));
    versions
}
