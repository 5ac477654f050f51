//! Which runs are over, out of the whole journal.

use super::index::{Runs, Told};
use crate::inspect::{After, Found, Over, select};
use carapace_effect::RunId;
use carapace_store::{Error, Indexer as _, Line, Past, Position};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How many ids are told of a beginning that means several.
const SEVERAL: usize = 9;

/// Runs that are over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ended {
    /// The latest first.
    pub runs: Vec<Over>,
    /// Whether there are more that are older.
    pub more: bool,
    /// Whether some of the archive could not be read: runs may be missing.
    pub damaged: bool,
    /// What asks for those behind these, as `after`; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The runs that are over and that the journal still tells of: those of this flow, where one is named; at most so many, the
/// latest, behind one of an earlier answer. Reads the indexes of the archive, from the youngest on, as far as needed.
///
/// # Errors
/// Where the live lines cannot be read.
pub fn finished<J: Past + ?Sized>(
    journal: &J,
    flow: Option<&str>,
    after: Option<&After>,
    limit: usize,
) -> Result<Ended, Error> {
    let (live, parts) = (journal.live()?, journal.parts()?);
    let mut known = Known { flow, after, over: BTreeMap::new() };
    known.add(of_live(journal, live)?, usize::MAX);
    let mut damaged = false;
    for first in parts.into_iter().rev().filter(|first| *first < live) {
        if known.is_enough(limit) {
            break;
        }
        match of_part(journal, first) {
            Ok(Some(earlier)) => known.add(earlier, limit),
            Err(error) if error.is_gone() => {}
            _ => damaged = true,
        }
    }
    let mut runs = known.into_runs();
    let more = runs.len() > limit;
    runs.truncate(limit);
    let last = runs.last().filter(|_| more);
    let next = last.map(|over| After { at: over.at, name: over.run.to_string() }.to_string());
    Ok(Ended { runs, more, damaged, next })
}

/// Runs that are over, as far as is known while older and older parts are read.
struct Known<'a> {
    flow: Option<&'a str>,
    after: Option<&'a After>,
    over: BTreeMap<RunId, Told>,
}

impl Known<'_> {
    /// Adds what earlier lines tell: runs that ended there, as long as there are not enough, and what was missing of others.
    fn add(&mut self, earlier: Runs, limit: usize) {
        let room = self.count() <= limit;
        for (run, told) in earlier.runs {
            match self.over.entry(run) {
                Entry::Occupied(mut entry) => entry.get_mut().add_earlier(&told),
                Entry::Vacant(entry) if room && told.at.is_some() => drop(entry.insert(told)),
                Entry::Vacant(_) => {}
            }
        }
        let (flow, after) = (self.flow, self.after);
        self.over.retain(|run, told| is_of(told, flow) && is_behind(*run, told, after));
    }

    fn count(&self) -> usize {
        self.over.values().filter(|told| told.is_whole()).count()
    }

    fn is_enough(&self, limit: usize) -> bool {
        self.over.len() > limit && self.over.values().all(Told::is_whole)
    }

    /// The latest first.
    fn into_runs(self) -> Vec<Over> {
        let mut runs: Vec<Over> = self.over.into_iter().filter_map(|(run, told)| over(run, &told)).collect();
        runs.sort_by_key(|over| std::cmp::Reverse((over.at, over.run)));
        runs
    }
}

/// Whether a run is older than the last that was told.
fn is_behind(run: RunId, told: &Told, after: Option<&After>) -> bool {
    let (Some(after), Some(at)) = (after, told.at) else { return true };
    After { at, name: run.to_string() } < *after
}

/// Whether a run is of a flow, or may be.
fn is_of(told: &Told, wanted: Option<&str>) -> bool {
    let named = |wanted| told.flow.as_ref().is_none_or(|flow| select::is_named(flow, wanted));
    wanted.is_none_or(named)
}

/// The run whose id is, or begins with, `text`, as far as the journal tells of it; for those that the engine does not remember.
///
/// # Errors
/// Where the live lines cannot be read.
pub fn find_past<J: Past + ?Sized>(journal: &J, text: &str) -> Result<Found, Error> {
    let Some((first, last)) = select::range(text) else { return Ok(Found::Nothing) };
    let meant = |runs: Runs| runs.runs.into_iter().filter(move |(run, _)| (first..=last).contains(run));
    let (live, parts) = (journal.live()?, journal.parts()?);
    let mut known: BTreeMap<RunId, Told> = meant(of_live(journal, live)?).collect();
    for part in parts.into_iter().rev().filter(|first| *first < live) {
        // One that cannot be read hides what it tells of; `carapace journal verify` names it.
        let Ok(Some(earlier)) = of_part(journal, part) else { continue };
        for (run, told) in meant(earlier) {
            known.entry(run).or_default().add_earlier(&told);
        }
    }
    let mut runs = known.iter();
    Ok(match (runs.next(), runs.next()) {
        (None, _) => Found::Nothing,
        (Some((run, told)), None) => {
            over(*run, told).map_or(Found::Nothing, |over| Found::Over(Box::new(over)))
        }
        _ => Found::Several(known.into_keys().take(SEVERAL).collect()),
    })
}

/// Visits the lines of the parts of the archive that tell of a run, and the live lines. Says whether some of the archive
/// could not be read.
pub(in crate::inspect) fn visit_parts_of<J: Past + ?Sized>(
    journal: &J,
    run: RunId,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<bool, Error> {
    // What is put away while this reads is read where the live lines were.
    let (live, parts) = (journal.live()?, journal.parts()?);
    let mut damaged = false;
    for first in parts.into_iter().filter(|first| *first < live) {
        let part = journal.part(first);
        let known = part.as_ref().ok().and_then(|(_, index)| Runs::read(index));
        if known.is_some_and(|runs| !runs.runs.contains_key(&run)) {
            continue;
        }
        let read = part.and_then(|(part, _)| {
            journal.lines(Position(first.0.saturating_sub(1)), &mut |line| {
                visit(&line);
                if line.seq < part.last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        damaged |= read.is_err_and(|error| !error.is_gone());
    }
    live_lines(journal, live, visit)?;
    Ok(damaged)
}

fn of_part<J: Past + ?Sized>(journal: &J, first: Position) -> Result<Option<Runs>, Error> {
    journal.part(first).map(|(_, index)| Runs::read(&index))
}

fn of_live<J: Past + ?Sized>(journal: &J, live: Position) -> Result<Runs, Error> {
    let mut runs = Runs::default();
    live_lines(journal, live, &mut |line| runs.line(line))?;
    Ok(runs)
}

fn live_lines<J: Past + ?Sized>(
    journal: &J,
    live: Position,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<(), Error> {
    let mut read = |after| {
        journal.lines(after, &mut |line| {
            visit(&line);
            ControlFlow::Continue(())
        })
    };
    match read(Position(live.0.saturating_sub(1))) {
        // What was not to be kept went meanwhile.
        Err(Error::Truncated { gone }) => read(gone),
        result => result,
    }
}

fn over(run: RunId, told: &Told) -> Option<Over> {
    let unknown = || Arc::from("?");
    let at = told.at?;
    Some(Over {
        run,
        flow: told.flow.clone().unwrap_or_else(unknown),
        since: told.since.unwrap_or(at),
        at,
        how: told.how.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string),
    })
}
