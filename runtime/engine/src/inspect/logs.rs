//! What flows wrote into the log and what went wrong, out of a journal.

use super::{find_past, words};
use crate::inspect::Found;
use crate::record::{Muted, Noted, Quarantined};
use crate::state::State;
use crate::stored::End;
use carapace_effect::RunId;
use carapace_store::{Error, Line, Past, Position};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Runs whose flow is looked up in the past, for one answer at most: each look reads much.
const LOOKED_UP: usize = 16;

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For whoever looks for a mistake.
    Debug,
    /// How things go.
    Info,
    /// Something that a person should see.
    Warning,
    /// Something that went wrong.
    Error,
}

/// One thing that was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogEntry {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// How much it matters.
    pub level: Level,
    /// The flow that it is about, by full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Arc<str>>,
    /// The run that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The code of a diagnostic, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words.
    pub message: String,
}

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogFilter {
    /// Only those that a flow of this name wrote, or that are about it.
    #[serde(default)]
    pub flow: Option<String>,
    /// Only those that matter at least as much.
    #[serde(default)]
    pub level: Option<Level>,
    /// Only those of this moment and later.
    #[serde(default)]
    pub since: Option<i64>,
}

/// What was found in some lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// The entries, in the order of the journal.
    pub entries: Vec<LogEntry>,
    /// The last line that was looked at: the next look begins behind it.
    pub after: u64,
}

/// As much of the record of a run that came to be as is read here.
#[derive(Deserialize)]
struct Born {
    run: RunId,
    flow: Arc<str>,
}

/// As much of the record of a stretch as is read here.
#[derive(Deserialize)]
struct Ended<'a> {
    run: RunId,
    #[serde(borrow, default)]
    end: Option<&'a RawValue>,
}

impl Level {
    /// Its name as a flow writes it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    fn of(name: &str) -> Level {
        match name {
            "debug" => Level::Debug,
            "warning" => Level::Warning,
            "error" => Level::Error,
            _ => Level::Info,
        }
    }
}

impl LogFilter {
    /// Whether an entry is wanted.
    pub fn takes(&self, entry: &LogEntry) -> bool {
        let named =
            |wanted: &String| entry.flow.as_ref().is_some_and(|flow| super::select::is_named(flow, wanted));
        self.flow.as_ref().is_none_or(named)
            && self.level.is_none_or(|level| entry.level >= level)
            && self.since.is_none_or(|since| entry.at >= since)
    }
}

/// The line behind which a look begins that wants nothing of before a moment.
///
/// # Errors
/// Where the journal cannot be read.
pub fn log_start<J: Past + ?Sized>(journal: &J, since: Option<i64>) -> Result<u64, Error> {
    let live = journal.live()?;
    let mut start = live;
    for first in journal.parts()?.into_iter().filter(|first| *first < live).rev() {
        match journal.part(first) {
            Ok((part, _)) if since.is_some_and(|since| part.until < since) => break,
            Ok(_) => start = first,
            // What cannot be read hides what is before it; `carapace journal verify` names it.
            Err(_) => break,
        }
    }
    Ok(start.0.saturating_sub(1))
}

/// What lines behind `after` tell, until there are `limit` entries or `lines` lines were looked at. All that one line tells is told
/// together.
///
/// # Errors
/// Where the journal cannot be read.
pub fn logs<J: Past + ?Sized>(
    journal: &J,
    after: u64,
    filter: &LogFilter,
    (limit, lines): (usize, usize),
) -> Result<Logged, Error> {
    let mut logged = Logged { entries: Vec::new(), after };
    let mut flows: BTreeMap<RunId, Arc<str>> = BTreeMap::new();
    let mut looked = 0_usize;
    let mut visit = |line: Line<'_>| {
        logged.after = line.seq.0;
        looked = looked.saturating_add(1);
        for record in &line.records {
            let entry = entry(line.at, record.get(), &mut flows);
            logged.entries.extend(entry.filter(|entry| entry.flow.is_none() || filter.takes(entry)));
        }
        if logged.entries.len() >= limit || looked >= lines {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    match journal.lines(Position(after), &mut visit) {
        // What was before is kept no longer.
        Err(Error::Truncated { gone }) => journal.lines(gone, &mut visit)?,
        read => read?,
    }
    Ok(logged)
}

/// Names the flows of entries whose run came to be before the lines that were looked at, and lets go of what is not wanted
/// after all.
pub fn named<J: Past + ?Sized>(
    journal: &J,
    entries: &mut Vec<LogEntry>,
    filter: &LogFilter,
    known: &BTreeMap<RunId, Arc<str>>,
) {
    let mut found: BTreeMap<RunId, Option<Arc<str>>> = BTreeMap::new();
    for entry in entries.iter_mut().filter(|entry| entry.flow.is_none()) {
        let Some(run) = entry.run else { continue };
        entry.flow = known.get(&run).cloned();
        if entry.flow.is_none() && (found.contains_key(&run) || found.len() < LOOKED_UP) {
            let looked = found.entry(run).or_insert_with(|| match find_past(journal, &run.to_string()) {
                Ok(Found::Over(over)) => Some(over.flow),
                _ => None,
            });
            entry.flow = looked.clone();
        }
    }
    entries.retain(|entry| filter.takes(entry));
}

/// The runs that entries name and no flow, with the flows that the engine remembers.
pub fn known_flows(state: &State, entries: &[RunId]) -> BTreeMap<RunId, Arc<str>> {
    let of = |run: &RunId| {
        let live = state.runs.get(*run).map(|run| run.flow.clone());
        let over = || state.finished.iter().rev().find(|over| over.run == *run).map(|over| over.flow.clone());
        live.or_else(over).map(|flow| (*run, flow))
    };
    entries.iter().filter_map(of).collect()
}

/// What a record tells those who run it.
fn entry(at: i64, record: &str, flows: &mut BTreeMap<RunId, Arc<str>>) -> Option<LogEntry> {
    // Of most records nothing is read but how they begin.
    if let Some(born) = body(record, "created") {
        let born: Born = serde_json::from_str(born).ok()?;
        flows.insert(born.run, born.flow);
        return None;
    }
    if let Some(noted) = body(record, "noted") {
        let Noted { run, flow, level, message } = serde_json::from_str(noted).ok()?;
        let (level, message) = (Level::of(&level), message.to_string());
        return Some(LogEntry { at, level, flow: Some(flow), run: Some(run), code: None, message });
    }
    if let Some(stretched) = body(record, "stretched") {
        let ended: Ended<'_> = serde_json::from_str(stretched).ok()?;
        let end = ended.end.filter(|end| !end.get().starts_with("{\"succeeded\""))?;
        let end: End = serde_json::from_str(end.get()).ok()?;
        let failed = matches!(end, End::Failed(_) | End::Fault(_));
        let flow = flows.get(&ended.run).cloned();
        let (run, message) = (Some(ended.run), words::end(&end));
        return failed.then_some(LogEntry { at, level: Level::Error, flow, run, code: None, message });
    }
    if let Some(muted) = body(record, "muted") {
        let Muted { account, conversation, sender, why, .. } = serde_json::from_str(muted).ok()?;
        let message = format!(
            "`{sender}` and this runtime only answer each other in `{conversation}` of {account}: {why}"
        );
        let code = Some("E0915".to_owned());
        return Some(LogEntry { at, level: Level::Warning, flow: None, run: None, code, message });
    }
    let alone: Quarantined = serde_json::from_str(body(record, "quarantined")?).ok()?;
    let (flow, run, code) = (Some(alone.flow), Some(alone.run), Some("E0913".to_owned()));
    let message = format!("is left alone: {}", alone.why);
    Some(LogEntry { at, level: Level::Error, flow, run, code, message })
}

/// The inside of a record of this kind: `{"noted":…}`.
fn body<'r>(record: &'r str, kind: &str) -> Option<&'r str> {
    let inside = record.strip_prefix("{\"")?.strip_prefix(kind)?.strip_prefix("\":")?;
    inside.strip_suffix('}')
}
