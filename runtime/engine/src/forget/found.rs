//! What there is of a person.

use super::{Living, Named, Near, Report, Sender, Trace};
use crate::EventNumber;
use crate::command::Rejection;
use crate::deployment::Binding;
use crate::machine::Loader;
use crate::record::Forgetting;
use crate::service::{Error, recover};
use crate::state::State;
use carapace_effect::RunId;
use carapace_store::Past;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// What there is of a person, in a journal and in the state that it comes to.
#[derive(Debug)]
pub struct Found {
    typed: String,
    trace: Trace,
    /// Runs of others that wait for them, or are about to write to them.
    naming: BTreeSet<RunId>,
    report: Report,
}

/// What was known to be a person's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    runs: BTreeSet<RunId>,
    events: BTreeSet<EventNumber>,
}

/// So many runs are told by name.
const TOLD: usize = 5;

impl Found {
    /// Looks for a person, as they were typed. Reads the whole journal, and changes nothing.
    ///
    /// # Errors
    /// Where the journal cannot be read or understood.
    pub fn look<J: Past + ?Sized>(journal: &J, loader: Loader, typed: &str) -> Result<Found, Error> {
        Found::look_again(journal, loader, typed, &Known::default())
    }

    /// As [`Found::look`], after runs have ended of which it was known whose they are: the lines that told it may be gone.
    pub(crate) fn look_again<J: Past + ?Sized>(
        journal: &J,
        loader: Loader,
        typed: &str,
        known: &Known,
    ) -> Result<Found, Error> {
        let nobody = || Sender { account: "".into(), id: typed.into() };
        let named = Named::of(Sender::read(typed).unwrap_or_else(nobody));
        let mut trace = Trace::begin(named, typed, None);
        trace.runs.extend(&known.runs);
        trace.events.extend(&known.events);
        let state = recover(journal, loader)?;
        trace.know(&state);
        trace.read(journal)?;
        let mut naming = BTreeSet::new();
        for run in state.runs.iter() {
            let names = || serde_json::to_value(&*run).is_ok_and(|json| trace.named.is_in(&json));
            if !trace.runs.contains(&run.id) && names() {
                naming.insert(run.id);
            }
        }
        if let Some(failure) = state.failure() {
            return Err(failure.clone().into());
        }
        let forgetting = state.forgetting_of(&trace, 0);
        let report = report(&state, &trace, &naming, &forgetting);
        Ok(Found { typed: typed.to_owned(), trace, naming, report })
    }

    /// What there is, in counts.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Why they cannot be forgotten, whatever lives: nobody knows them, or what is kept cannot be searched.
    ///
    /// # Errors
    /// That.
    pub fn check(&self) -> Result<(), Rejection> {
        if let Some(file) = self.trace.unreadable.first() {
            return Err(Rejection {
                code: "E0970",
                message: format!("a part of the archive is damaged, and nobody can say whose lines are in it: {file}"),
                help: Some(
                    "put it back from a copy; or remove it and all that are older, and do without that history".to_owned(),
                ),
            });
        }
        let Report { events, runs, values, letters, sent, sessions, .. } = &self.report;
        if [events, runs, values, letters, sent, sessions].into_iter().any(|count| *count > 0)
            || !self.naming.is_empty()
        {
            return Ok(());
        }
        Err(Rejection {
            code: "E0967",
            message: format!("nothing is kept of anybody who is called `{}`", self.typed),
            help: Some(meant(&self.trace.near())),
        })
    }

    /// The runs that have to end first, as they are by now.
    pub fn living(&self, state: &State) -> Vec<Living> {
        Living::of(state, self.trace.runs.union(&self.naming))
    }

    /// That runs have to end first.
    pub fn too_early(living: &[Living], cancelled: bool) -> Rejection {
        let mut runs = String::new();
        for Living { run, flow } in living.iter().take(TOLD) {
            let short: String = run.to_string().chars().take(6).collect();
            // Writing to a text cannot fail.
            let _ = write!(runs, "{}{short} of `{flow}`", if runs.is_empty() { "" } else { ", " });
        }
        if living.len() > TOLD {
            let _ = write!(runs, " and {} more", living.len() - TOLD);
        }
        let (what, help) = if cancelled {
            (
                "were asked to end and have not yet",
                "try again when they have: `carapace runs list` shows what keeps them",
            )
        } else {
            (
                "live and are theirs or wait for them",
                "wait until they are over, or end them first: `--cancel`, while the runtime runs",
            )
        };
        Rejection { code: "E0968", message: format!("runs {what}: {runs}"), help: Some(help.to_owned()) }
    }

    /// What is known to be theirs by now.
    pub(crate) fn known(&self) -> Known {
        Known { runs: self.trace.runs.clone(), events: self.trace.events.clone() }
    }

    pub(crate) fn trace(&mut self) -> &mut Trace {
        &mut self.trace
    }

    /// What the state shall drop of them, and what that is in counts.
    pub(crate) fn forgetting(&self, state: &State, at: i64) -> (Forgetting, Report) {
        let forgetting = state.forgetting_of(&self.trace, at);
        let report = report(state, &self.trace, &self.naming, &forgetting);
        (forgetting, report)
    }
}

fn report(state: &State, trace: &Trace, naming: &BTreeSet<RunId>, forgetting: &Forgetting) -> Report {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let kept = state.kept_of(forgetting);
    Report {
        sender: trace.named.sender.to_string(),
        events: count(trace.events.len()),
        runs: count(trace.runs.len()),
        values: count(kept.values.len()),
        letters: count(kept.letters.len()),
        sent: count(kept.sent),
        sessions: count(state.sessions.of_person(&trace.named)),
        living: Living::of(state, trace.runs.union(naming)),
        groups: groups(state, &trace.named.sender),
        ..Report::default()
    }
}

/// Groups that name somebody.
fn groups(state: &State, sender: &Sender) -> Vec<Arc<str>> {
    let named = |binding: &Binding| match binding {
        Binding::Group { members } => {
            members.iter().any(|member| member.account == sender.account && member.id == sender.id)
        }
        _ => false,
    };
    let bindings = state.deployments.iter().flat_map(|deployment| &deployment.record.bindings);
    let groups = bindings.filter(|(_, binding)| named(binding)).map(|(slot, _)| slot.clone());
    groups.collect::<BTreeSet<_>>().into_iter().collect()
}

fn meant(near: &[Near]) -> String {
    if near.is_empty() {
        return "a person is an account and the id that they have there: `telegram:12345`".to_owned();
    }
    let one = |near: &Near| match near.name.as_str() {
        "" => format!("`{}`", near.sender),
        name => format!("`{}` ({name})", near.sender),
    };
    let all: Vec<String> = near.iter().map(one).collect();
    format!("a person is an account and the id that they have there; somebody is {}", all.join(", "))
}
