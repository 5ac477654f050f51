//! A whole state as canonical JSON, and back.

use super::answers::WrittenAnswers;
use super::events::{Events, WrittenEvents};
use super::ground::Ground;
use super::keys::{EventKey, EventKeys, WrittenKeys};
use super::{
    Agenda, Answers, Failed, Finished, Forgettings, Lanes, Ledger, Outbox, Regulation, Runs, Sessions, State,
    Talks, Timers, Values,
};
use crate::DeploymentId;
use crate::machine::Loader;
use crate::record::{Deployed, Responded};
use crate::stored::{Run, StoredModule};
use carapace_store::{Extent, Shelf};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It says something that this program does not understand.
    #[error("the checkpoint cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// What it refers to cannot be read.
    #[error("what the checkpoint refers to cannot be read: {0}")]
    Shelf(#[from] carapace_store::Error),
    /// It refers to a shelf, and there is none.
    #[error("the checkpoint refers to entries beside it")]
    NoShelf,
}

/// What is written down. Maps are ordered and derived things left out, so equal states are equal bytes.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    sequence: u64,
    deployments: Vec<Cow<'a, Deployed>>,
    serving: Cow<'a, BTreeMap<Arc<str>, DeploymentId>>,
    last_deployment: u32,
    #[serde(default)]
    unneeded: Cow<'a, BTreeSet<Arc<str>>>,
    #[serde(default)]
    accounts: Cow<'a, Option<BTreeSet<Arc<str>>>>,
    events: WrittenEvents<'a>,
    /// As keys were written before they were hashed, and answers with them.
    #[serde(default, skip_serializing)]
    seen: BTreeMap<Arc<str>, i64>,
    #[serde(default, skip_serializing)]
    answers: BTreeMap<Arc<str>, Arc<Responded>>,
    #[serde(default)]
    keys: WrittenKeys,
    #[serde(default)]
    answered: WrittenAnswers,
    regulation: Cow<'a, Regulation>,
    #[serde(default)]
    talks: Cow<'a, Talks>,
    lanes: Cow<'a, Lanes>,
    runs: Vec<Cow<'a, Run>>,
    timers: Timers,
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
    #[serde(default)]
    failed: Cow<'a, Failed>,
    #[serde(default, skip_serializing_if = "nothing")]
    forgettings: Cow<'a, Forgettings>,
    #[serde(default)]
    sessions: Cow<'a, Sessions>,
    #[serde(default, skip_serializing_if = "empty")]
    ledger: Cow<'a, Ledger>,
    /// Where the runs and events lie that are not written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shelf: Option<Extent>,
}

#[expect(clippy::ptr_arg, reason = "serde asks so")]
fn nothing(forgettings: &Cow<'_, Forgettings>) -> bool {
    forgettings.is_nothing()
}

#[expect(clippy::ptr_arg, reason = "serde asks so")]
fn empty(ledger: &Cow<'_, Ledger>) -> bool {
    ledger.is_empty()
}

impl State {
    /// The state, canonically: equal states, equal bytes, wherever what rests may lie.
    pub fn snapshot(&self) -> Vec<u8> {
        self.written_down(
            self.events.written(),
            self.seen.written(),
            self.runs.iter().collect(),
            self.timers.all_warm(),
            None,
        )
    }

    /// The state as a checkpoint: what rests is referred to, where it lies on the shelf.
    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let Some(extent) = self.extent() else { return self.snapshot() };
        self.written_down(
            self.events.written_warm(),
            self.seen.written_warm(),
            self.runs.written_warm(),
            self.timers.warm(),
            Some(extent),
        )
    }

    fn written_down(
        &self,
        events: WrittenEvents<'_>,
        keys: WrittenKeys,
        runs: Vec<Cow<'_, Run>>,
        timers: Timers,
        shelf: Option<Extent>,
    ) -> Vec<u8> {
        let written = Written {
            sequence: self.sequence,
            deployments: self.deployments.table.values().map(|d| Cow::Borrowed(&d.record)).collect(),
            serving: Cow::Borrowed(&self.deployments.current),
            last_deployment: self.deployments.last,
            unneeded: Cow::Borrowed(&self.deployments.unneeded),
            accounts: Cow::Borrowed(&self.accounts),
            events,
            seen: BTreeMap::new(),
            answers: BTreeMap::new(),
            keys,
            answered: self.answers.written(),
            regulation: Cow::Borrowed(&self.regulation),
            talks: Cow::Borrowed(&self.talks),
            lanes: Cow::Borrowed(&self.lanes),
            runs,
            timers,
            values: Cow::Borrowed(&self.values),
            schedules: self.schedules.clone(),
            claims: Cow::Borrowed(&self.claims),
            shapes: Cow::Borrowed(&self.shapes),
            agenda: Cow::Borrowed(&self.agenda),
            deaf: Cow::Borrowed(&self.deaf),
            outbox: Some(Cow::Borrowed(&self.outbox)),
            finished: Cow::Borrowed(&self.finished),
            failed: Cow::Borrowed(&self.failed),
            forgettings: Cow::Borrowed(&self.forgettings),
            sessions: Cow::Borrowed(&self.sessions),
            ledger: Cow::Borrowed(&self.ledger),
            shelf,
        };
        // Everything in it is plain data with text or pair keys, which JSON can always hold.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// A state as it was written down whole, with its modules in it.
    ///
    /// # Errors
    /// Where it cannot be understood.
    pub fn restore(bytes: &[u8], loader: Loader) -> Result<State, RestoreError> {
        let written: Written<'static> = serde_json::from_slice(bytes)?;
        if written.shelf.is_some() {
            return Err(RestoreError::NoShelf);
        }
        Ok(State::of(written, loader, Ground::default(), &mut |_| {}))
    }

    /// A state from a checkpoint that somebody else may own; what rests is read when it is asked for. `find` looks for
    /// the bytes of modules that a store keeps.
    ///
    /// # Errors
    /// Where it, or what it refers to, cannot be read.
    pub(crate) fn look_at(
        bytes: &[u8],
        loader: Loader,
        shelf: Arc<dyn Shelf>,
        find: &mut dyn FnMut(&mut StoredModule),
    ) -> Result<State, RestoreError> {
        let written: Written<'static> = serde_json::from_slice(bytes)?;
        State::found(written, loader, Ground::to_read(shelf.clone()), &*shelf, find)
    }

    /// A state from a checkpoint with its modules in it, to go on with: from now on what rests lies on this shelf.
    ///
    /// # Errors
    /// Where it, or what it refers to, cannot be read.
    pub fn take_over(bytes: &[u8], loader: Loader, shelf: Arc<dyn Shelf>) -> Result<State, RestoreError> {
        State::take_over_with(bytes, loader, shelf, &mut |_| {})
    }

    /// As [`State::take_over`]; `find` looks for the bytes of modules that a store keeps.
    pub(crate) fn take_over_with(
        bytes: &[u8],
        loader: Loader,
        shelf: Arc<dyn Shelf>,
        find: &mut dyn FnMut(&mut StoredModule),
    ) -> Result<State, RestoreError> {
        let written: Written<'static> = serde_json::from_slice(bytes)?;
        shelf.resume(written.shelf)?;
        State::found(written, loader, Ground::to_write(shelf.clone()), &*shelf, find)
    }

    fn found(
        written: Written<'static>,
        loader: Loader,
        ground: Ground,
        shelf: &dyn Shelf,
        find: &mut dyn FnMut(&mut StoredModule),
    ) -> Result<State, RestoreError> {
        let extent = written.shelf;
        let mut state = State::of(written, loader, ground, find);
        if let Some(extent) = extent {
            state.find_resting(shelf, extent)?;
        }
        Ok(state)
    }

    fn of(
        written: Written<'static>,
        loader: Loader,
        ground: Ground,
        find: &mut dyn FnMut(&mut StoredModule),
    ) -> State {
        let mut state = State::new(loader);
        state.sequence = written.sequence;
        for deployed in written.deployments {
            let mut deployed = deployed.into_owned();
            find(&mut deployed.module);
            state.deployments.add(deployed, loader);
        }
        state.deployments.current = written.serving.into_owned();
        state.deployments.last = written.last_deployment;
        state.deployments.unneeded = written.unneeded.into_owned();
        state.accounts = written.accounts.into_owned();
        state.events = Events::of(written.events, written.sequence, ground.clone());
        state.seen = EventKeys::of(written.keys, ground.clone());
        state.answers = Answers::of(written.answered);
        for (key, until) in written.seen {
            state.seen.insert(EventKey::of(&key), until);
            if let Some(answer) = written.answers.get(&key) {
                state.answers.respond(EventKey::of(&key), until, answer.clone());
            }
        }
        state.regulation = written.regulation.into_owned();
        state.talks = written.talks.into_owned();
        state.lanes = written.lanes.into_owned();
        state.runs = Runs::of(written.runs, written.sequence, ground.clone());
        state.timers = written.timers;
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
        state.failed = written.failed.into_owned();
        state.forgettings = written.forgettings.into_owned();
        state.sessions = written.sessions.into_owned();
        state.ledger = written.ledger.into_owned();
        state.ground = ground;
        state
    }
}
