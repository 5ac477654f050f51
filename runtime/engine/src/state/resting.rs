//! Laying runs and events on the shelf, finding them there again, and keeping it tidy.

use super::ground::Ground;
use super::keys::PageName;
use super::table::Rests;
use super::{RestoreError, State};
use crate::stored::{Operation, Phase, Place, Run, Stop};
use crate::{ActId, DeploymentId, Timer};
use carapace_effect::{OpId, RunId};
use carapace_store::{Extent, Shelf, Spot};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A run at rest as the shelf has it: what is needed to find it, and it.
#[derive(Serialize, Deserialize)]
struct RunEntry<'a> {
    run: Laid,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// What is kept in memory of a run that rests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Laid {
    pub(super) id: RunId,
    pub(super) deployment: DeploymentId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) stops: Vec<Stop>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) waits: Vec<Indexed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    timers: Vec<(i64, Timer)>,
}

/// An operation by which a run is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Indexed {
    pub(super) op: OpId,
    pub(super) opened: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) places: Vec<Place>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) held: bool,
}

/// An entry of the shelf, as far as it has to be understood when it is gone through: what comes before its body.
enum AnyEntry {
    Run(Laid),
    Event(u64),
    /// Keys of events.
    Keys(PageName),
    /// File and byte of the entry that is taken back.
    Gone(u32, u32),
}

impl AnyEntry {
    fn of(entry: &[u8]) -> Result<AnyEntry, serde_json::Error> {
        if let Some(laid) = entry.strip_prefix(RUN) {
            return first(laid).map(AnyEntry::Run);
        }
        if let Some(number) = entry.strip_prefix(EVENT) {
            return first(number).map(AnyEntry::Event);
        }
        if let Some(page) = entry.strip_prefix(KEYS) {
            return first(page).map(AnyEntry::Keys);
        }
        first(entry.strip_prefix(GONE).unwrap_or(entry)).map(|(file, byte)| AnyEntry::Gone(file, byte))
    }
}

/// The value a text begins with; what comes after it is not read.
fn first<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, serde_json::Error> {
    T::deserialize(&mut serde_json::Deserializer::from_slice(text))
}

/// How entries begin.
const RUN: &[u8] = b"{\"run\":";
const EVENT: &[u8] = b"{\"event\":";
const KEYS: &[u8] = b"{\"keys\":";
const GONE: &[u8] = b"{\"gone\":";

/// Going through the oldest file of the shelf, to move what is still meant out of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cleaning {
    /// The first file that has anything that is meant; 0 before there is a shelf.
    first: u32,
    /// What is left to be looked at of the file that is being cleaned.
    left: Option<VecDeque<Spot>>,
    /// Files before this one are cleaned, however much of them is meant.
    until: u32,
}

/// Below so many bytes nothing is cleaned.
const CLEAN: u64 = 1 << 20;

/// So many entries are looked at at a time: more than a turn of the engine lays down, so that cleaning keeps up.
const LOOKED_AT: usize = 256;

impl Laid {
    pub(super) fn of(run: &Run) -> Laid {
        let waits = run.operations.iter().filter_map(|(op, operation)| {
            let (places, opened) = operation.places();
            let held = matches!(operation, Operation::Timer { held: Some(_), .. });
            let found = held || !places.is_empty();
            found.then(|| Indexed { op: op.clone(), opened, places: places.to_vec(), held })
        });
        Laid {
            id: run.id,
            deployment: run.deployment,
            stops: run.stops.clone(),
            waits: waits.collect(),
            timers: run.timers(),
        }
    }
}

impl Run {
    /// What is due for it, and when.
    pub(super) fn timers(&self) -> Vec<(i64, Timer)> {
        let mut timers = Vec::new();
        timers.extend(self.timeout.map(|due| (due, Timer::Timeout { run: self.id })));
        for (op, operation) in self.operations.iter().chain(&self.settling) {
            if let Operation::Timer { due, held, .. } = operation {
                timers.push((held.unwrap_or(*due), Timer::Operation { run: self.id, op: op.clone() }));
            }
            for (part, state) in (0..).zip(operation.parts()) {
                let act = || ActId { run: self.id, op: op.clone(), part };
                timers.extend(state.resend.map(|due| (due, Timer::Resend { act: act() })));
            }
        }
        timers
    }
}

impl Rests for Run {
    type Key = RunId;

    fn is_at_rest(&self) -> bool {
        let waits = match self.phase {
            Phase::Queued => true,
            Phase::Running => self.frames.is_some(),
            Phase::Cancelling | Phase::Over(_) => false,
        };
        let quiet = self.work.is_none() && self.inbox.is_empty() && self.settling.is_empty();
        waits && quiet && !self.operations.values().any(Operation::is_open)
    }

    fn entry(&self, _: RunId) -> Result<Vec<u8>, serde_json::Error> {
        let body = serde_json::value::to_raw_value(self)?;
        serde_json::to_vec(&RunEntry { run: Laid::of(self), body: &body })
    }

    fn of_entry(entry: &[u8]) -> Result<Run, serde_json::Error> {
        #[derive(Deserialize)]
        struct Body {
            body: Run,
        }
        serde_json::from_slice::<Body>(entry).map(|entry| entry.body)
    }
}

impl State {
    /// From now on what rests lies on this shelf, of which nothing is meant so far.
    ///
    /// # Errors
    /// Where it cannot be cleared.
    pub fn rest_on(&mut self, shelf: Arc<dyn Shelf>) -> Result<(), carapace_store::Error> {
        shelf.resume(None)?;
        self.stand_on(Ground::to_write(shelf));
        Ok(())
    }

    pub(super) fn stand_on(&mut self, ground: Ground) {
        self.runs.table.stand_on(ground.clone());
        self.events.table.stand_on(ground.clone());
        self.seen.stand_on(ground.clone());
        self.ground = ground;
    }

    /// What failed of the shelf. Whatever was decided since may rest on a value that could not be read.
    pub fn failure(&self) -> Option<&carapace_store::Error> {
        self.ground.failure()
    }

    /// Lays down the runs that nothing has happened to for so many lines, and goes on cleaning up.
    pub fn rest(&mut self, lines: u64) {
        let timers = &mut self.timers;
        self.runs.table.rest(lines, |_, run| {
            for timer in run.timers() {
                timers.lay(timer);
            }
        });
        self.events.table.rest(lines, |_, _| {});
        self.seen.rest(lines == 0);
        if let Err(error) = self.clean() {
            self.ground.fail(error);
        }
    }

    /// What a checkpoint has to say of the shelf.
    pub(super) fn extent(&self) -> Option<Extent> {
        let extent = self.ground.writable()?.extent()?;
        Some(Extent { first: self.cleaning.first.max(extent.first), ..extent })
    }

    /// The first file of the shelf that a checkpoint written now refers to.
    pub fn first_meant(&self) -> Option<u32> {
        self.extent().map(|extent| extent.first)
    }

    /// From now on everything that is meant is moved out of the files that are there by now, so that they can go with what
    /// else stands in them.
    ///
    /// # Errors
    /// Where there is no room for a new file.
    pub(crate) fn sweep_shelf(&mut self) -> Result<(), carapace_store::Error> {
        if let Some(shelf) = self.ground.writable() {
            self.cleaning.until = shelf.roll()?;
        }
        Ok(())
    }

    /// Whether that is done: a checkpoint does not refer to those files any more.
    pub(crate) fn is_swept(&self) -> bool {
        self.extent().is_none_or(|extent| extent.first >= self.cleaning.until)
    }

    /// Moves what is meant out of the oldest files, where less than half of everything is.
    fn clean(&mut self) -> Result<(), carapace_store::Error> {
        let Some(shelf) = self.ground.writable().cloned() else { return Ok(()) };
        let mut budget = LOOKED_AT;
        while budget > 0 {
            if self.cleaning.left.is_none() {
                self.begin_to_clean(&*shelf)?;
            }
            let Some(mut left) = self.cleaning.left.take() else { return Ok(()) };
            for spot in left.drain(..left.len().min(budget)) {
                budget = budget.saturating_sub(1);
                self.move_to_the_end(&*shelf, spot)?;
            }
            if left.is_empty() {
                self.cleaning.first = self.cleaning.first.saturating_add(1);
            } else {
                self.cleaning.left = Some(left);
            }
        }
        Ok(())
    }

    /// Puts an entry at the end, if it is meant.
    fn move_to_the_end(&mut self, shelf: &dyn Shelf, spot: Spot) -> Result<(), carapace_store::Error> {
        let entry = shelf.get(spot)?;
        match AnyEntry::of(&entry) {
            Ok(AnyEntry::Run(laid)) if self.runs.table.lies_at(laid.id, spot) => {
                self.runs.table.lay_elsewhere(laid.id, shelf.put(&entry)?);
            }
            Ok(AnyEntry::Event(number)) if self.events.table.lies_at(number, spot) => {
                self.events.table.lay_elsewhere(number, shelf.put(&entry)?);
            }
            Ok(AnyEntry::Keys(page)) if self.seen.lies_at(page, spot) => {
                self.seen.lay_elsewhere(page, shelf.put(&entry)?);
            }
            _ => return Ok(()),
        }
        self.ground.take_back(spot);
        Ok(())
    }

    /// Lists what the oldest file holds, where less than half of what lies there is meant.
    fn begin_to_clean(&mut self, shelf: &dyn Shelf) -> Result<(), carapace_store::Error> {
        let Some(extent) = self.extent().filter(|extent| extent.first < extent.last) else { return Ok(()) };
        let resting = [self.runs.table.resting, self.events.table.resting, self.seen.resting];
        let meant = resting.into_iter().fold(0, u64::saturating_add);
        let lying = shelf.bytes(extent.first);
        let worth_it = lying >= CLEAN && meant.saturating_mul(2) <= lying;
        if !worth_it && extent.first >= self.cleaning.until {
            return Ok(());
        }
        let mut left = VecDeque::new();
        shelf.scan(extent, &mut |spot, entry| {
            if spot.file > extent.first {
                return ControlFlow::Break(());
            }
            if !entry.starts_with(GONE) {
                left.push_back(spot);
            }
            ControlFlow::Continue(())
        })?;
        self.cleaning.first = extent.first;
        self.cleaning.left = Some(left);
        Ok(())
    }

    /// Finds what an extent of the shelf holds.
    pub(super) fn find_resting(&mut self, shelf: &dyn Shelf, extent: Extent) -> Result<(), RestoreError> {
        let mut gone = HashSet::new();
        shelf.scan(extent, &mut |_, entry| {
            if entry.starts_with(GONE)
                && let Ok(AnyEntry::Gone(file, byte)) = AnyEntry::of(entry)
            {
                gone.insert((file, byte));
            }
            ControlFlow::Continue(())
        })?;
        let mut mistaken = None;
        shelf.scan(extent, &mut |spot, entry| {
            if entry.starts_with(GONE) || gone.contains(&(spot.file, spot.offset)) {
                return ControlFlow::Continue(());
            }
            match AnyEntry::of(entry) {
                Ok(AnyEntry::Run(laid)) => {
                    self.runs.insert_resting(&laid, spot);
                    laid.timers.into_iter().for_each(|timer| self.timers.lay(timer));
                }
                Ok(AnyEntry::Event(number)) => self.events.table.insert_resting(number, spot),
                Ok(AnyEntry::Keys(_)) => {
                    if let Err(error) = self.seen.insert_page(entry, spot) {
                        mistaken = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                Ok(AnyEntry::Gone(..)) => {}
                Err(error) => {
                    mistaken = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        self.compact();
        mistaken.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Builds the large tables anew, in one go: nodes that grew one entry at a time are little more than half full.
    fn compact(&mut self) {
        self.runs.compact();
        self.events.table.compact();
        self.timers.compact();
    }
}
