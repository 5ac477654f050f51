//! Taking out of a state what is to be told. Quick, as the engine waits meanwhile.

use super::waits;
use super::{After, Over, WaitingOn, words};
use crate::Event;
use crate::decide::missing;
use crate::state::{Deployment, State};
use crate::stored::Run;
use carapace_effect::{OpId, RunId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which runs are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Only those that wait for such a thing.
    pub waiting_on: Option<WaitingOn>,
    /// Only those of this flow: its full name, or the last part of it.
    pub flow: Option<String>,
    /// Only those behind this one.
    pub after: Option<After>,
    /// At most so many, the oldest.
    pub limit: usize,
}

/// Runs, taken out of a state.
#[derive(Debug)]
pub struct Selected {
    /// Oldest first.
    pub runs: Vec<Seen>,
    /// How many there are in all.
    pub total: usize,
    /// The last of these, where there are more behind it.
    pub next: Option<After>,
}

/// A run with what its story needs.
#[derive(Debug, Clone)]
pub struct Seen {
    pub(super) run: Run,
    pub(super) deployment: Option<Arc<Deployment>>,
    pub(super) event: Option<Arc<Event>>,
    pub(super) serves: bool,
    /// The account that an operation waits for, where that is gone.
    pub(super) missing: BTreeMap<OpId, Arc<str>>,
    /// What stands before it in its lane.
    pub(super) before: Option<RunId>,
}

/// What a beginning of an id means.
#[derive(Debug, Clone)]
pub enum Found {
    /// A run that lives.
    Live(Box<Seen>),
    /// One that is over.
    Over(Box<Over>),
    /// Several; these are some of them.
    Several(Vec<RunId>),
    /// None.
    Nothing,
}

/// The runs that a filter means.
pub fn select(state: &State, filter: &Filter) -> Selected {
    let mut all: Vec<(i64, RunId)> = state
        .runs
        .iter()
        .filter(|run| filter.flow.as_ref().is_none_or(|wanted| is_named(&run.flow, wanted)))
        .filter(|run| filter.waiting_on.is_none_or(|on| waits::kinds(state, run).any(|kind| kind == on)))
        .map(|run| (run.created, run.id))
        .collect();
    all.sort_unstable();
    let behind = |at: i64, run: RunId| After { at, name: run.to_string() };
    let first =
        filter.after.as_ref().map_or(0, |after| all.partition_point(|(at, run)| behind(*at, *run) <= *after));
    let mut rest = all.iter().skip(first);
    let some: Vec<&(i64, RunId)> = rest.by_ref().take(filter.limit).collect();
    let next = rest.next().and(some.last()).map(|(at, run)| behind(*at, *run));
    let runs = some.iter().filter_map(|(_, id)| Seen::of(state, *id)).collect();
    Selected { runs, total: all.len(), next }
}

/// Whether a flow has this name: its full one, or the last part of it.
pub(super) fn is_named(flow: &str, wanted: &str) -> bool {
    flow == wanted || flow.strip_suffix(wanted).is_some_and(|before| before.ends_with(['.', '/']))
}

/// The run whose id is, or begins with, `text`. Runs that live come before those that are over.
pub fn find(state: &State, text: &str) -> Found {
    let Some((first, last)) = range(text) else { return Found::Nothing };
    let live: Vec<RunId> = state.runs.between(first, last).take(9).collect();
    match live.as_slice() {
        [] => {}
        [only] => return Seen::of(state, *only).map_or(Found::Nothing, |seen| Found::Live(Box::new(seen))),
        _ => return Found::Several(live),
    }
    let failed = state.failed.iter().map(|kept| &kept.summary);
    let failed = failed.filter(|kept| state.finished.iter().all(|summary| summary.run != kept.run));
    let over = state.finished.iter().chain(failed);
    let mut over = over.filter(|summary| (first..=last).contains(&summary.run));
    match (over.next(), over.next()) {
        (None, _) => Found::Nothing,
        (Some(only), None) => Found::Over(Box::new(Over {
            run: only.run,
            flow: only.flow.clone(),
            since: only.created,
            at: only.at,
            how: words::end(&only.end),
        })),
        (Some(one), Some(two)) => Found::Several(vec![one.run, two.run]),
    }
}

/// Why a beginning of an id names no run: code, message and the way out.
pub fn not_found(text: &str, found: &Found) -> (&'static str, String, String) {
    let shown: String = text.chars().take(40).collect();
    match found {
        Found::Several(runs) => {
            let some: Vec<String> = runs.iter().map(ToString::to_string).collect();
            (
                "E0942",
                format!("`{shown}` is the beginning of several runs"),
                format!("say more of it: {}", some.join(", ")),
            )
        }
        _ => (
            "E0910",
            format!("no run `{shown}` is known"),
            "`carapace runs list` lists those that live, and with `--finished` those that are over"
                .to_owned(),
        ),
    }
}

/// All ids that begin with these hexadecimal digits.
pub(super) fn range(text: &str) -> Option<(RunId, RunId)> {
    let digits = u32::try_from(text.len()).ok().filter(|n| (1..=32).contains(n))?;
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let given = u128::from_str_radix(text, 16).ok()?;
    let free = 128_u32.saturating_sub(digits.saturating_mul(4));
    let rest = 1_u128.checked_shl(free).map_or(u128::MAX, |end| end.wrapping_sub(1));
    let first = given.checked_shl(free).unwrap_or_default();
    Some((RunId(first), RunId(first | rest)))
}

impl Seen {
    /// A run that lives.
    pub fn of(state: &State, id: RunId) -> Option<Seen> {
        let run = state.runs.get(id)?.clone();
        let deployment = state.deployments.get(run.deployment).cloned();
        let event = run.event.and_then(|number| state.events.get(number)).map(|taken| taken.event.clone());
        let serves = deployment.as_ref().is_some_and(|deployment| {
            let current = state.deployments.current(&deployment.record.package);
            current.is_some_and(|current| current.record.id == deployment.record.id)
        });
        let lane = run.lane.as_ref().and_then(|lane| state.lanes.table.get(lane));
        let before = lane.and_then(|lane| lane.running).filter(|running| *running != id);
        let missing = run.operations.iter().filter_map(|(op, operation)| {
            missing(state, operation).map(|account| (op.clone(), account.clone()))
        });
        let missing = missing.collect();
        Some(Seen { run, deployment, event, serves, missing, before })
    }

    /// Its id.
    pub fn id(&self) -> RunId {
        self.run.id
    }

    /// The run.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What it runs; none where that cannot be loaded.
    pub fn module(&self) -> Option<&carapace_module::Module> {
        self.deployment.as_ref()?.code.as_ref().ok().map(|code| code.module())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_means_all_ids_that_begin_so() {
        let of = |text| range(text).map(|(first, last)| (first.0, last.0));
        assert_eq!(of("f"), Some((0xf << 124, u128::MAX)));
        assert_eq!(of("00000000000000000000000000000000"), Some((0, 0)));
        assert_eq!(of("0000000000000000000000000000000"), Some((0, 15)));
        assert_eq!(of("0"), Some((0, u128::MAX >> 4)));
        for nonsense in ["", "x", "+1", "000000000000000000000000000000000", "é"] {
            assert_eq!(of(nonsense), None, "{nonsense}");
        }
    }
}
