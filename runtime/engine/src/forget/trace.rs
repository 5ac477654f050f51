//! Which events and runs are a person's.

use super::about::{About, name_in};
use super::near::Nearby;
use super::{Named, Near, Sender};
use crate::EventNumber;
use crate::deployment::Binding;
use crate::record::Deployed;
use crate::state::{State, dedupe_key};
use carapace_effect::RunId;
use carapace_store::{Error, Line, Past, Position};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is a person's, found by reading lines in their order: what began with them comes behind them.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) named: Named,
    /// Runs that are theirs.
    pub(crate) runs: BTreeSet<RunId>,
    /// Events that are theirs.
    pub(crate) events: BTreeSet<EventNumber>,
    /// Keys of `dedupe` that their events have.
    pub(crate) deduped: BTreeSet<Arc<str>>,
    /// The last line that was read.
    pub(crate) position: u64,
    /// Files of the archive that could not be read.
    pub(crate) unreadable: Vec<String>,
    /// The line behind which nothing is erased.
    upto: u64,
    /// Hashes of events that such runs emitted.
    emitted: HashSet<blake3::Hash>,
    /// Runs that live and were started by others.
    parents: HashMap<RunId, RunId>,
    /// Runs whose beginning was read.
    begun: HashSet<RunId>,
    near: Nearby,
}

/// Records by which a run hears of what else stands in their line.
const HEARS: [&str; 5] = ["delivered", "voted", "buffered", "late", "prompted"];

impl Trace {
    /// Of a person as they were typed; up to a line, where it is said.
    pub(crate) fn begin(named: Named, typed: &str, upto: Option<u64>) -> Trace {
        Trace {
            named,
            runs: BTreeSet::new(),
            events: BTreeSet::new(),
            deduped: BTreeSet::new(),
            position: 0,
            unreadable: Vec::new(),
            upto: upto.unwrap_or(u64::MAX),
            emitted: HashSet::new(),
            parents: HashMap::new(),
            begun: HashSet::new(),
            near: Nearby::of(typed),
        }
    }

    /// Takes in what a state knows: the lines that told it may be gone.
    pub(crate) fn know(&mut self, state: &State) {
        for deployment in state.deployments.iter() {
            self.named.bind(&deployment.record.bindings);
        }
        let mut roots = Vec::new();
        for (number, taken) in state.events.iter() {
            self.meet(taken.event.origin.as_ref(), || {
                let name = taken.event.at(["sender", "name"]).and_then(serde_json::Value::as_str);
                name.unwrap_or_default().to_owned()
            });
            if taken.event.origin.as_ref().is_some_and(|origin| self.named.meet(origin)) {
                self.events.insert(number);
            }
            roots.extend(taken.root().map(|root| (number, root)));
        }
        self.events.extend(
            roots
                .into_iter()
                .filter(|(_, root)| self.events.contains(root))
                .map(|(n, _)| n)
                .collect::<Vec<_>>(),
        );
        let mut theirs = Vec::new();
        for run in state.runs.iter() {
            self.parents.extend(run.parent.map(|parent| (run.id, parent)));
            if run.event.is_some_and(|event| self.events.contains(&event)) {
                theirs.push(run.id);
            }
        }
        theirs.into_iter().for_each(|run| self.claim(run));
    }

    /// Reads the lines behind those that were read, archived ones too.
    ///
    /// # Errors
    /// Where the live lines cannot be read. What of the archive cannot be is noted.
    pub(crate) fn read<J: Past + ?Sized>(&mut self, journal: &J) -> Result<(), Error> {
        let (live, parts) = (journal.live()?, journal.parts()?);
        for first in parts.into_iter().filter(|first| *first < live) {
            let read = journal.part(first).and_then(|(part, _)| {
                if part.last.0 <= self.position {
                    return Ok(());
                }
                let before = Position(first.0.saturating_sub(1).max(self.position));
                journal.lines(before, &mut |line| {
                    self.line(&line);
                    if line.seq < part.last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })
            });
            match read {
                Err(error) if error.is_gone() => {}
                Err(Error::Corrupt { file, .. }) => self.unreadable.push(file.display().to_string()),
                read => read?,
            }
        }
        self.go_on(journal, live.0.saturating_sub(1))
    }

    /// Reads the live lines behind those that were read.
    pub(crate) fn go_on<J: Past + ?Sized>(&mut self, journal: &J, from: u64) -> Result<(), Error> {
        let read = |trace: &mut Trace, after: u64| {
            journal.lines(Position(after), &mut |line| {
                trace.line(&line);
                ControlFlow::Continue(())
            })
        };
        let after = self.position.max(from);
        match read(self, after) {
            // What is not to be kept went meanwhile.
            Err(Error::Truncated { gone }) => read(self, gone.0.max(after)),
            result => result,
        }
    }

    /// Those who may be meant instead.
    pub(crate) fn near(&self) -> Vec<Near> {
        self.near.all()
    }

    /// Whether a record of somebody's says so.
    pub(super) fn is_about(&self, about: &About<'_>) -> bool {
        about.run().is_some_and(|run| self.runs.contains(&run)) || self.is_of_event(about)
    }

    fn is_of_event(&self, about: &About<'_>) -> bool {
        let of = |event: Option<u64>| event.is_some_and(|event| self.events.contains(&EventNumber(event)));
        of(about.event()) || of(about.root())
    }

    fn line(&mut self, line: &Line<'_>) {
        self.position = self.position.max(line.seq.0);
        if line.seq.0 > self.upto {
            return;
        }
        let records: Vec<About<'_>> = line.records.iter().filter_map(|record| About::of(record)).collect();
        let mut touched = false;
        for about in &records {
            self.record(about);
            touched |= self.is_about(about);
        }
        if touched {
            records.iter().for_each(|about| self.beside(about));
        }
    }

    fn record(&mut self, about: &About<'_>) {
        match about.kind {
            "accepted" => self.accepted(about),
            "created" => self.created(about),
            "closed" => {
                about.run().map(|run| self.parents.remove(&run));
            }
            "deployed" => {
                if let Ok(deployed) = serde_json::from_str::<Deployed>(about.body.get()) {
                    self.bind(&deployed.bindings);
                }
            }
            // What an earlier start of this erased.
            "erased" if about.members.by.as_ref().and_then(serde_json::Value::as_u64) == Some(self.upto) => {
                self.events.extend(about.event().map(EventNumber));
                about.run().into_iter().for_each(|run| self.claim(run));
            }
            // Of a run whose beginning is gone, only what it says now tells whose it is.
            _ => {
                if let Some(run) = about.run()
                    && !self.begun.contains(&run)
                    && !self.runs.contains(&run)
                {
                    let json = about.json();
                    if self.named.is_in(&json) || self.named.is_in_frames(&json) {
                        self.claim(run);
                    }
                }
            }
        }
    }

    fn bind(&mut self, bindings: &BTreeMap<Arc<str>, Binding>) {
        self.named.bind(bindings);
    }

    fn meet(&mut self, origin: Option<&crate::Origin>, name: impl FnOnce() -> String) {
        let Some(origin) = origin else { return };
        let Some(id) = &origin.sender else { return };
        self.near.meet(&Sender { account: origin.account.clone(), id: id.clone() }, name);
    }

    fn accepted(&mut self, about: &About<'_>) {
        let (Some(number), Some(told)) = (about.event().map(EventNumber), about.told()) else { return };
        self.meet(told.origin.as_ref(), || name_in(told.text));
        let theirs = told.origin.as_ref().is_some_and(|origin| self.named.meet(origin))
            || self.is_of_event(about)
            || told.failed.is_some_and(|run| self.runs.contains(&run))
            || self.emitted.contains(&blake3::hash(told.text.as_bytes()));
        if theirs {
            self.events.insert(number);
        }
    }

    fn created(&mut self, about: &About<'_>) {
        let Some(run) = about.run() else { return };
        self.begun.insert(run);
        let parent = about.members.parent.and_then(|id| id.0);
        self.parents.extend(parent.map(|parent| (run, parent)));
        let of = |other: Option<RunId>| other.is_some_and(|other| self.runs.contains(&other));
        if of(parent) || of(about.members.retries.and_then(|id| id.0)) || self.is_of_event(about) {
            self.claim(run);
        }
    }

    /// What stands in a line with something of theirs.
    fn beside(&mut self, about: &About<'_>) {
        match about.kind {
            "emitted" => {
                let emitted = about.told().map(|told| blake3::hash(told.text.as_bytes()));
                self.emitted.extend(emitted);
            }
            "deduped" => self.deduped.extend(about.keyed().map(|(flow, key)| dedupe_key(&flow, &key))),
            kind if HEARS.contains(&kind) => about.run().into_iter().for_each(|run| self.claim(run)),
            _ => {}
        }
    }

    /// A run is theirs; so are those that hear what it came to.
    fn claim(&mut self, run: RunId) {
        let mut next = Some(run);
        while let Some(run) = next.filter(|run| self.runs.insert(*run)) {
            next = self.parents.get(&run).copied();
        }
    }
}
