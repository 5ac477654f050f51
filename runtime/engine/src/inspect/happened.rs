//! What happens, for whoever watches: the lines of the journal, as far as they tell of something that others care for.

use super::WaitingOn;
use crate::record::Record;
use crate::stored::{End, Operation};
use carapace_effect::{RunId, Usage};
use carapace_store::{Error, Past, Position};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Lines that one look goes through at most, so that it takes no long time and little memory.
const LOOKED: u64 = 5_000;

/// A line of the journal that tells of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Happened {
    /// The number of the line: who has seen this one goes on after it.
    pub seq: u64,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What; all of it at once.
    pub events: Vec<Occurrence>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Occurrence {
    /// A run came to be.
    RunStarted {
        /// Which.
        run: RunId,
        /// Its flow, by full name.
        flow: Arc<str>,
    },
    /// A run waits for something that may take long.
    RunWaiting {
        /// Which.
        run: RunId,
        /// For what kind of thing.
        on: WaitingOn,
    },
    /// A run's code has ended as it should.
    RunFinished {
        /// Which.
        run: RunId,
    },
    /// A run has failed.
    RunFailed {
        /// Which.
        run: RunId,
        /// Why, for a person.
        why: Arc<str>,
    },
    /// A run was cancelled.
    RunCancelled {
        /// Which.
        run: RunId,
        /// Why, for a person.
        why: Arc<str>,
    },
    /// A run is left alone, as the runtime fails at it.
    RunQuarantined {
        /// Which.
        run: RunId,
        /// Why, for a person.
        why: Arc<str>,
    },
    /// A deployment took effect.
    Deployed {
        /// The package.
        package: Arc<str>,
        /// The deployment's number.
        number: u32,
    },
    /// A package gets no new events any more.
    Withdrawn {
        /// The package.
        package: Arc<str>,
    },
    /// A channel hears, or does not.
    Channel {
        /// The account.
        account: Arc<str>,
        /// Whether everything that piled up was heard.
        caught_up: bool,
    },
    /// A flow noted something: `log(…)`.
    Noted {
        /// The run.
        run: RunId,
        /// Its flow, by full name.
        flow: Arc<str>,
        /// `debug`, `info`, `warning` or `error`.
        level: Arc<str>,
        /// What.
        message: Arc<str>,
    },
    /// A run asked an agent, and that used something up, whatever came of it.
    Spent {
        /// The run.
        run: RunId,
        /// Its flow, by full name.
        flow: Arc<str>,
        /// The agent, by full name.
        agent: Arc<str>,
        /// Each request to a model.
        usage: Vec<Usage>,
    },
}

/// What a look into the journal found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Happenings {
    /// In the order of the journal.
    pub lines: Vec<Happened>,
    /// The last line that was looked at.
    pub through: u64,
    /// The last line that is kept no longer, where some were asked for.
    pub gone: Option<u64>,
    /// Whether that was all there is.
    pub all: bool,
}

impl Happened {
    /// What a line tells; none where that is nothing.
    pub fn of<'r>(seq: u64, at: i64, records: impl IntoIterator<Item = &'r Record>) -> Option<Happened> {
        let events: Vec<Occurrence> = records.into_iter().filter_map(occurrence).collect();
        (!events.is_empty()).then_some(Happened { seq, at, events })
    }
}

impl Occurrence {
    /// How it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Occurrence::RunStarted { .. } => "run_started",
            Occurrence::RunWaiting { .. } => "run_waiting",
            Occurrence::RunFinished { .. } => "run_finished",
            Occurrence::RunFailed { .. } => "run_failed",
            Occurrence::RunCancelled { .. } => "run_cancelled",
            Occurrence::RunQuarantined { .. } => "run_quarantined",
            Occurrence::Deployed { .. } => "deployed",
            Occurrence::Withdrawn { .. } => "withdrawn",
            Occurrence::Channel { .. } => "channel",
            Occurrence::Noted { .. } => "noted",
            Occurrence::Spent { .. } => "spent",
        }
    }

    /// How all of them are called.
    pub const NAMES: [&'static str; 11] = [
        "run_started",
        "run_waiting",
        "run_finished",
        "run_failed",
        "run_cancelled",
        "run_quarantined",
        "deployed",
        "withdrawn",
        "channel",
        "noted",
        "spent",
    ];
}

/// What happened after a line, at most `most` lines of it. Reads the archive, too.
///
/// # Errors
/// Where the journal cannot be read.
pub fn happened<J: Past + ?Sized>(journal: &J, after: u64, most: usize) -> Result<Happenings, Error> {
    let mut found = Happenings { through: after, all: true, ..Happenings::default() };
    loop {
        let read = journal.lines(Position(found.through), &mut |line| {
            if found.lines.len() >= most || line.seq.0.saturating_sub(after) > LOOKED {
                found.all = false;
                return ControlFlow::Break(());
            }
            found.through = line.seq.0;
            let records = line.records.iter().filter_map(|record| serde_json::from_str(record.get()).ok());
            let records: Vec<Record> = records.collect();
            found.lines.extend(Happened::of(line.seq.0, line.at, &records));
            ControlFlow::Continue(())
        });
        match read {
            Err(Error::Truncated { gone }) if gone.0 > found.through => {
                found.gone = Some(gone.0);
                found.through = gone.0;
            }
            read => return read.map(|()| found),
        }
        if found.through.saturating_sub(after) > LOOKED {
            found.all = false;
            return Ok(found);
        }
    }
}

fn occurrence(record: &Record) -> Option<Occurrence> {
    Some(match record {
        Record::Created(created) => Occurrence::RunStarted { run: created.run, flow: created.flow.clone() },
        Record::Requested(requested) => {
            Occurrence::RunWaiting { run: requested.run, on: waits(&requested.operation)? }
        }
        Record::Stretched(stretched) => {
            let run = stretched.run;
            match stretched.end.as_ref()? {
                End::Succeeded(_) => Occurrence::RunFinished { run },
                End::Failed(failure) => Occurrence::RunFailed { run, why: failure.message.as_str().into() },
                End::Fault(why) => Occurrence::RunFailed { run, why: why.clone() },
                End::Cancelled(why) => Occurrence::RunCancelled { run, why: why.clone() },
            }
        }
        Record::Skipped(never) => Occurrence::RunCancelled { run: never.run, why: "it never started".into() },
        Record::Quarantined(left) => Occurrence::RunQuarantined { run: left.run, why: left.why.clone() },
        Record::Deployed(made) => Occurrence::Deployed { package: made.package.clone(), number: made.id.0 },
        Record::Withdrawn(gone) => Occurrence::Withdrawn { package: gone.package.clone() },
        Record::ChannelHeard(heard) => {
            Occurrence::Channel { account: heard.account.clone(), caught_up: heard.caught_up }
        }
        Record::Noted(note) => Occurrence::Noted {
            run: note.run,
            flow: note.flow.clone(),
            level: note.level.clone(),
            message: note.message.clone(),
        },
        Record::Spent(spent) => Occurrence::Spent {
            run: spent.run,
            flow: spent.payer.flow.clone(),
            agent: spent.payer.agent.clone(),
            usage: spent.usage.clone(),
        },
        _ => return None,
    })
}

/// What an operation waits for, where that may take long.
fn waits(operation: &Operation) -> Option<WaitingOn> {
    match operation {
        Operation::Question { .. } => Some(WaitingOn::Ask),
        Operation::Timer { .. } => Some(WaitingOn::Timer),
        Operation::Await { .. } => Some(WaitingOn::Event),
        Operation::HandedOver { .. } => Some(WaitingOn::Person),
        Operation::Effect { .. } | Operation::Listen { .. } | Operation::Next { .. } => None,
    }
}
