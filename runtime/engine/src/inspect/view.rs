//! What people are told, as data.

use super::History;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Runs that live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Listed {
    /// Oldest first.
    pub runs: Vec<Brief>,
    /// How many there are of the kind that was asked for; more than are in `runs` where a limit was given.
    pub total: usize,
    /// What asks for those behind these, as `after`; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Brief {
    /// Its id.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// When it came to be, in milliseconds since 1970 UTC.
    pub since: i64,
    /// Where it stands in its life.
    pub standing: Standing,
    /// What it waits for: what a person has to see to first.
    pub waits: Vec<Waiting>,
    /// The hash of the module it runs, by which its sources are kept.
    pub module: String,
}

/// Where a run stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It waits for its turn.
    Queued,
    /// It runs or waits.
    Running,
    /// It was asked to end.
    Cancelling,
    /// Its code is over, and something it did is not settled yet.
    Settling,
}

/// Something that a run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Waiting {
    /// Its operation, where it is one.
    pub op: Option<String>,
    /// What kind of thing.
    pub on: WaitingOn,
    /// What, in words: the question, the event.
    pub what: String,
    /// Until when, in milliseconds since 1970 UTC.
    pub until: Option<i64>,
    /// Where in the source, innermost first.
    pub places: Vec<Place>,
}

/// What kind of thing a run waits for; what a person has to see to comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingOn {
    /// A person who says what became of something: `carapace runs resolve`.
    Person,
    /// The answer to a question, or an approval.
    Ask,
    /// Something that happens.
    Event,
    /// Somebody who does something.
    Effect,
    /// A time.
    Timer,
    /// Its turn in a lane.
    Turn,
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// The function, by full name.
    pub function: Arc<str>,
    /// The file, relative to the package's source root.
    pub file: Arc<str>,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

/// All about one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shown {
    /// The run as it stands; none where it is over.
    pub live: Option<Detail>,
    /// How it ended, where it did and is remembered.
    pub over: Option<Over>,
    /// What it went through.
    pub history: History,
}

/// A run that lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Detail {
    /// As in a list.
    #[serde(flatten)]
    pub brief: Brief,
    /// What it runs.
    pub deployed: Deployed,
    /// The event it is about, in words.
    pub about: Option<String>,
    /// The run that started it.
    pub parent: Option<RunId>,
    /// When its `timeout` is over.
    pub timeout: Option<i64>,
    /// What it asked for and is not done with.
    pub operations: Vec<OperationView>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Deployment)]
pub struct Deployed {
    /// Its number.
    pub number: u32,
    /// The package.
    pub package: Arc<str>,
    /// When.
    pub at: i64,
    /// Whether new events go to it.
    pub serves: bool,
}

/// An operation that is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OperationView {
    /// Its name in the run: `:3`.
    pub op: String,
    /// What it is, in words.
    pub what: String,
    /// When it is due, where it is a time.
    pub due: Option<i64>,
    /// Whether the run no longer waits for it, but for word of what became of it.
    pub settling: bool,
    /// Its acts.
    pub parts: Vec<PartView>,
}

/// One act of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartView {
    /// Where it goes.
    pub to: Option<String>,
    /// Where it stands, in words.
    pub life: String,
    /// How many attempts have been started.
    pub attempts: u32,
    /// When the next is due.
    pub next: Option<i64>,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Over {
    /// Its id.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// When it came to be.
    pub since: i64,
    /// When it was over.
    pub at: i64,
    /// How, in words.
    pub how: String,
}
