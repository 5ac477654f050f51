//! A whole state as canonical JSON, and back.

use super::{Agenda, Events, Finished, Lanes, Outbox, Regulation, SeenTable, State, Timers, Values};
use crate::DeploymentId;
use crate::machine::Loader;
use crate::record::{Deployed, Responded};
use crate::stored::Run;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint cannot be read")]
pub struct RestoreError(#[from] serde_json::Error);

/// What is written down. Maps are ordered and derived things left out, so equal states are equal bytes.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    sequence: u64,
    deployments: Vec<Cow<'a, Deployed>>,
    serving: Cow<'a, BTreeMap<Arc<str>, DeploymentId>>,
    last_deployment: u32,
    events: Cow<'a, Events>,
    seen: Cow<'a, SeenTable>,
    answers: Cow<'a, BTreeMap<Arc<str>, Arc<Responded>>>,
    regulation: Cow<'a, Regulation>,
    lanes: Cow<'a, Lanes>,
    runs: Vec<Cow<'a, Run>>,
    timers: Cow<'a, Timers>,
    values: Cow<'a, Values>,
    #[serde(with = "crate::pairs")]
    schedules: BTreeMap<(Arc<str>, u32), i64>,
    claims: Cow<'a, BTreeSet<(i64, Arc<str>)>>,
    shapes: Cow<'a, BTreeMap<Arc<str>, Arc<str>>>,
    agenda: Cow<'a, Agenda>,
    deaf: Cow<'a, BTreeMap<Arc<str>, i64>>,
    #[serde(default)]
    outbox: Option<Cow<'a, Outbox>>,
    finished: Cow<'a, Finished>,
}

impl State {
    /// The state, canonically: equal states, equal bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        let written = Written {
            sequence: self.sequence,
            deployments: self.deployments.table.values().map(|d| Cow::Borrowed(&d.record)).collect(),
            serving: Cow::Borrowed(&self.deployments.current),
            last_deployment: self.deployments.last,
            events: Cow::Borrowed(&self.events),
            seen: Cow::Borrowed(&self.seen),
            answers: Cow::Borrowed(&self.answers),
            regulation: Cow::Borrowed(&self.regulation),
            lanes: Cow::Borrowed(&self.lanes),
            runs: self.runs.iter().map(Cow::Borrowed).collect(),
            timers: Cow::Borrowed(&self.timers),
            values: Cow::Borrowed(&self.values),
            schedules: self.schedules.clone(),
            claims: Cow::Borrowed(&self.claims),
            shapes: Cow::Borrowed(&self.shapes),
            agenda: Cow::Borrowed(&self.agenda),
            deaf: Cow::Borrowed(&self.deaf),
            outbox: Some(Cow::Borrowed(&self.outbox)),
            finished: Cow::Borrowed(&self.finished),
        };
        // Everything in it is plain data with text or pair keys, which JSON can always hold.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// A state as it was written down.
    pub fn restore(bytes: &[u8], loader: Loader) -> Result<State, RestoreError> {
        let written: Written<'static> = serde_json::from_slice(bytes)?;
        let mut state = State::new(loader);
        state.sequence = written.sequence;
        for deployed in written.deployments {
            state.deployments.add(deployed.into_owned(), loader);
        }
        state.deployments.current = written.serving.into_owned();
        state.deployments.last = written.last_deployment;
        state.events = written.events.into_owned();
        state.seen = written.seen.into_owned();
        state.answers = written.answers.into_owned();
        state.regulation = written.regulation.into_owned();
        state.lanes = written.lanes.into_owned();
        for run in written.runs {
            state.runs.insert(run.into_owned());
        }
        state.timers = written.timers.into_owned();
        state.values = written.values.into_owned();
        state.schedules = written.schedules;
        state.claims = written.claims.into_owned();
        state.shapes = written.shapes.into_owned();
        state.agenda = written.agenda.into_owned();
        state.deaf = written.deaf.into_owned();
        match written.outbox {
            Some(outbox) => state.outbox = outbox.into_owned(),
            None => state.rebuild_outbox(),
        }
        state.finished = written.finished.into_owned();
        Ok(state)
    }
}
