//! Tombstones in the place of records.

use super::Trace;
use super::about::About;
use crate::EventNumber;
use crate::record::{Erased, Record};
use carapace_effect::RunId;
use carapace_store::Line;
use serde_json::Value as Json;

/// Erases what is a person's from lines.
#[derive(Debug)]
pub(crate) struct Eraser {
    trace: Trace,
    /// The line that says that they are to be forgotten: nothing behind it is erased.
    by: u64,
    /// How many records were erased.
    pub(crate) records: u64,
}

/// Records that are about nobody: what is deployed, which channels there are, what the runtime itself does.
const NOBODYS: [&str; 11] = [
    "deployed",
    "withdrawn",
    "retired",
    "swept",
    "accounts",
    "channel_heard",
    "staleness_set",
    "scheduled",
    "worked",
    "erased",
    "forgot",
];

/// Records that say nothing of whose they are, and belong to what else stands in their line.
const BESIDE: [&str; 5] = ["counted", "deduped", "emitted", "state_set", "filtered"];

impl Eraser {
    pub(crate) fn new(trace: Trace, by: u64) -> Eraser {
        Eraser { trace, by, records: 0 }
    }

    /// The records that a line shall have, as the text of a JSON array; none where it stays as it is.
    pub(crate) fn change(&mut self, line: &Line<'_>) -> Option<String> {
        if line.seq.0 > self.by {
            return None;
        }
        let about: Vec<Option<About<'_>>> = line.records.iter().map(|record| About::of(record)).collect();
        let touched = about.iter().flatten().any(|about| self.trace.is_about(about));
        let mut erased = 0_u64;
        let mut written = Vec::with_capacity(about.len());
        for (about, record) in about.iter().zip(&line.records) {
            match about.as_ref().and_then(|about| self.tombstone(about, touched)) {
                Some(tombstone) => {
                    erased = erased.saturating_add(1);
                    // A number and an id can always be written.
                    written.push(serde_json::to_string(&Record::Erased(tombstone)).unwrap_or_default());
                }
                None => written.push(record.get().to_owned()),
            }
        }
        self.records = self.records.saturating_add(erased);
        (erased > 0).then(|| format!("[{}]", written.join(",")))
    }

    /// What stands in the place of a record that is to be erased.
    fn tombstone(&self, about: &About<'_>, touched: bool) -> Option<Erased> {
        let by = self.by;
        let run = about.run().filter(|run| self.trace.runs.contains(run));
        let event = about.event().map(EventNumber).filter(|event| self.trace.events.contains(event));
        let theirs = match about.kind {
            kind if NOBODYS.contains(&kind) => false,
            // It names whom to forget.
            "forgetting" => true,
            "accepted" => self.trace.is_about(about),
            kind => {
                self.trace.is_about(about) || (touched && BESIDE.contains(&kind)) || self.names(&about.json())
            }
        };
        theirs.then_some(Erased { run, event, by })
    }

    /// Whether something in a record is about a run that is theirs, or names them.
    fn names(&self, json: &Json) -> bool {
        self.trace.named.is_in(json) || self.is_of_run(json)
    }

    fn is_of_run(&self, json: &Json) -> bool {
        match json {
            Json::Array(items) => items.iter().any(|item| self.is_of_run(item)),
            Json::Object(members) => {
                let run = members.get("run").and_then(Json::as_str).and_then(|run| run.parse::<RunId>().ok());
                run.is_some_and(|run| self.trace.runs.contains(&run))
                    || members.values().any(|member| self.is_of_run(member))
            }
            _ => false,
        }
    }
}
