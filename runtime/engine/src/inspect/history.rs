//! What a run went through, out of the journal.

use super::past::visit_parts_of;
use super::words;
use crate::record::{DropReason, Record, Reported};
use crate::state::{Deployment, Deployments};
use crate::stored::{Operation, OutcomeRecord};
use crate::{Event, EventNumber};
use carapace_effect::{Life, OpId, RunId};
use carapace_module::Value;
use carapace_store::{Error, Line, Past};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Entries that are kept, the latest: a run may have gone through a million.
const KEPT: usize = 500;

/// What a run went through.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct History {
    /// In the order of the journal.
    pub entries: Vec<Entry>,
    /// How many came before them, in the lines that are there.
    pub before: u64,
    /// Whether its beginning is there: older lines of the journal may be gone.
    pub whole: bool,
    /// Whether some of the archive could not be read, which may have told of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
}

/// One thing that a run went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The line of the journal.
    pub line: u64,
    /// The operation it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// What, in words.
    pub what: String,
}

/// What a run went through, as far back as the journal goes. Reads what of the archive tells of it, and what is live. What the run said and asked is
/// told in its words where its deployment is among `deployments`.
///
/// # Errors
/// Where the journal cannot be read.
pub fn history<J: Past + ?Sized>(
    journal: &J,
    run: RunId,
    deployments: &Deployments,
) -> Result<History, Error> {
    let mut teller = Teller {
        deployments,
        deployment: None,
        run,
        name: run.to_string(),
        at: 0,
        line: 0,
        entries: VecDeque::new(),
        before: 0,
        whole: false,
        operations: BTreeMap::new(),
    };
    let damaged = visit_parts_of(journal, run, &mut |line| teller.line(line))?;
    Ok(History { entries: teller.entries.into(), before: teller.before, whole: teller.whole, damaged })
}

struct Teller<'d> {
    deployments: &'d Deployments,
    deployment: Option<Arc<Deployment>>,
    run: RunId,
    /// How the id is written: what does not hold it is not about the run, and need not be understood.
    name: String,
    at: i64,
    line: u64,
    entries: VecDeque<Entry>,
    before: u64,
    whole: bool,
    operations: BTreeMap<OpId, Operation>,
}

impl Teller<'_> {
    fn line(&mut self, line: &Line<'_>) {
        (self.at, self.line) = (line.at, line.seq.0);
        for raw in &line.records {
            if !raw.get().contains(&self.name) {
                continue;
            }
            // A line that cannot be understood keeps the runtime from starting; a story just goes on behind it.
            if let Ok(record) = serde_json::from_str::<Record>(raw.get()) {
                let begins = match &record {
                    Record::Created(created) if created.run == self.run => created.event,
                    _ => None,
                };
                self.record(record);
                if let Some(event) = begins.and_then(|number| accepted(line, number)) {
                    self.say(None, format!("is about {}", words::event(&event)));
                }
            }
        }
    }

    fn say(&mut self, op: Option<&OpId>, what: impl Into<String>) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.before = self.before.saturating_add(1);
        }
        let entry = Entry { at: self.at, line: self.line, op: op.map(OpId::to_string), what: what.into() };
        self.entries.push_back(entry);
    }

    fn record(&mut self, record: Record) {
        let ours = self.run;
        match record {
            Record::Created(created) if created.run == ours => {
                self.whole = true;
                self.deployment = self.deployments.get(created.deployment).cloned();
                let queued = if created.lane.is_some() { ", and waits for its turn" } else { "" };
                let retries = created.retries.map(|run| format!(", to try run {} again", words::short(run)));
                let retries = retries.unwrap_or_default();
                self.say(None, format!("came to be, as {}{retries}{queued}", created.flow));
            }
            Record::Created(created) if created.retries == Some(ours) => {
                self.say(None, format!("is tried again, as run {}", created.run));
            }
            Record::Moved(moved) if moved.run == ours => {
                self.deployment = self.deployments.get(moved.deployment).cloned();
                self.say(None, format!("goes on with version {}", moved.deployment.0));
            }
            Record::Released(released) if released.run == ours => self.say(None, "started"),
            Record::Skipped(skipped) if skipped.run == ours => {
                self.say(None, format!("did not start: {}", dropped(&skipped.reason)));
            }
            Record::Requested(requested) if requested.run == ours => {
                let what = self.asked_for(&requested.operation);
                self.say(Some(&requested.op), what);
                self.operations.insert(requested.op, requested.operation);
            }
            Record::Acted(acted) if acted.act.run == ours => {
                let name = self.name_of(&acted.act.op);
                let again =
                    if acted.attempt > 1 { format!(", attempt {}", acted.attempt) } else { String::new() };
                self.say(Some(&acted.act.op), format!("sent {name}{again}"));
            }
            Record::Reported(reported) if reported.act.run == ours => self.reported(&reported),
            Record::Prompted(prompted) if prompted.run == ours => self.say(Some(&prompted.op), "asked again"),
            Record::Voted(voted) if voted.run == ours => {
                let by = if voted.by.name.is_empty() { &voted.by.id } else { &voted.by.name };
                self.say(Some(&voted.op), format!("{by} agreed"));
            }
            Record::Buffered(buffered) if buffered.run == ours => {
                self.say(Some(&buffered.op), "heard something it listens for");
            }
            Record::Delivered(delivered) if delivered.run == ours => {
                if self.said_before(&delivered.op, &delivered.outcome) {
                    return;
                }
                let what = self.came_of(&delivered.op, &delivered.outcome);
                self.say(Some(&delivered.op), what);
            }
            Record::Late(late) if late.run == ours => {
                self.say(Some(&late.op), "did happen, when nobody waited for it any more");
            }
            Record::Abandoned(abandoned) if abandoned.run == ours => {
                for op in &abandoned.ops {
                    // That a deadline or a listener is taken down is no news.
                    let waited = self.operations.get(op).is_some_and(|operation| {
                        !matches!(operation, Operation::Timer { .. } | Operation::Listen { .. })
                    });
                    if waited {
                        self.say(Some(op), format!("no longer waits for {}", self.name_of(op)));
                    }
                }
            }
            Record::Cancelling(cancelling) if cancelling.run == ours => {
                self.say(None, format!("was asked to end: {}", cancelling.reason));
            }
            Record::TimedOut(timed_out) if timed_out.run == ours => {
                self.say(None, "took longer than its timeout");
            }
            Record::Crashed(crashed) if crashed.run == ours => {
                self.say(None, "the runtime ended while it carried it out");
            }
            Record::Quarantined(quarantined) if quarantined.run == ours => {
                self.say(None, format!("is left alone: {}", quarantined.why));
            }
            Record::Woken(woken) if woken.run == ours => self.say(None, "may go on"),
            Record::Noted(noted) if noted.run == ours => {
                self.say(None, format!("noted ({}): {}", noted.level, noted.message));
            }
            Record::Stretched(stretched) if stretched.run == ours => {
                if let Some(end) = &stretched.end {
                    self.say(None, words::end(end));
                }
            }
            Record::Closed(closed) if closed.run == ours => self.say(None, "is over, and settled"),
            other => self.outgo(&other),
        }
    }

    /// A message on its way out.
    fn outgo(&mut self, record: &Record) {
        let ours = self.run;
        match record {
            Record::Queued(queued) if queued.act.run == ours => {
                self.say(
                    Some(&queued.act.op),
                    format!("{} waits for its turn", self.name_of(&queued.act.op)),
                );
            }
            Record::Returned(returned) if returned.act.run == ours => {
                let name = self.name_of(&returned.act.op);
                self.say(
                    Some(&returned.act.op),
                    format!("{name} did not leave: {}; it is tried again", returned.why),
                );
            }
            Record::Posted(posted) if posted.0.act.run == ours => {
                let how = if posted.0.attempts > 1 { "once more" } else { "by hand" };
                self.say(Some(&posted.0.act.op), format!("{} was sent again, {how}", posted.0.effect));
            }
            Record::Reached(reached) if reached.act.run == ours => {
                self.say(Some(&reached.act.op), format!("the message was {}", reached.reach.name()));
            }
            Record::Digested(posted) if posted.0.act.run == ours => {
                self.say(Some(&posted.0.act.op), "a digest of what was held back was sent");
            }
            Record::Discarded(gone) if gone.act.run == ours => {
                let what = if gone.sent {
                    "the message was sent after all"
                } else {
                    "the message is kept no longer"
                };
                self.say(Some(&gone.act.op), what);
            }
            _ => {}
        }
    }

    fn words(&self, operation: &Operation) -> String {
        let code = self.deployment.as_ref().and_then(|deployment| deployment.code.as_ref().ok());
        words::operation(code.map(|code| code.module()), operation)
    }

    fn asked_for(&self, operation: &Operation) -> String {
        let name = self.words(operation);
        match operation {
            Operation::Effect { .. } => format!("asked for {name}"),
            Operation::Question { .. } => format!("asks {name}"),
            Operation::Timer { label: Some(label), .. } => format!("set the time `{label}`"),
            Operation::Timer { label: None, .. } => "set a time".to_owned(),
            Operation::Await { .. } | Operation::Next { .. } => format!("waits for {name}"),
            Operation::Listen { .. } => name,
            Operation::HandedOver { .. } => format!("needs a person: {name}"),
        }
    }

    fn name_of(&self, op: &OpId) -> String {
        match self.operations.get(op) {
            Some(Operation::Question { .. }) => "the question".to_owned(),
            Some(Operation::Effect { call, .. }) => call.effect.to_string(),
            Some(operation) => self.words(operation),
            None => "it".to_owned(),
        }
    }

    fn is_question(&self, op: &OpId) -> bool {
        matches!(self.operations.get(op), Some(Operation::Question { .. }))
    }

    /// Whether what came of it was told when its performer reported it.
    fn said_before(&self, op: &OpId, outcome: &OutcomeRecord) -> bool {
        let effect =
            matches!(self.operations.get(op), Some(Operation::Effect { parts, .. }) if !parts.is_empty());
        effect && matches!(outcome, OutcomeRecord::Done(_))
    }

    fn reported(&mut self, reported: &Reported) {
        let name = self.name_of(&reported.act.op);
        let what = match (reported.life, &reported.outcome) {
            (_, _) if reported.resend.is_some() => {
                format!("nobody knows whether {name} happened; it is sent again")
            }
            (Life::Done, _) if self.is_question(&reported.act.op) => "the question was put".to_owned(),
            (Life::Done, _) => match &reported.sent {
                Some(sent) => format!("{name} happened: {}", words::sent(sent)),
                None => format!("{name} happened"),
            },
            (Life::Refused | Life::NotPerformed, Some(OutcomeRecord::Failed(why))) => {
                format!("{name} failed: {}", why.message)
            }
            (Life::Refused, Some(OutcomeRecord::Partly(_, why))) => {
                format!("{name} happened in part: {}", why.message)
            }
            (Life::Refused | Life::NotPerformed, _) => format!("{name} failed"),
            (Life::Unknown, _) => format!("nobody knows whether {name} happened"),
            (Life::Requested | Life::Started { .. }, _) => return,
        };
        self.say(Some(&reported.act.op), what);
    }

    fn came_of(&self, op: &OpId, outcome: &OutcomeRecord) -> String {
        let failed = |message: &str| format!("went on with the failure: {message}");
        match (self.operations.get(op), outcome) {
            (_, OutcomeRecord::Failed(why) | OutcomeRecord::Partly(_, why)) => failed(&why.message),
            (_, OutcomeRecord::Unknown) => "waits for somebody who finds out".to_owned(),
            (Some(Operation::Timer { .. }), _) => "the time has come".to_owned(),
            (Some(Operation::Question { .. }), OutcomeRecord::Done(answer)) => match &answer.0 {
                Value::Text(text) => format!("answered: {}", words::quoted(&text.0)),
                Value::Int(n) => format!("answered: {n}"),
                Value::Bool(yes) => format!("answered: {yes}"),
                _ => "answered".to_owned(),
            },
            (Some(Operation::Await { .. } | Operation::Next { .. }), _) => "it happened".to_owned(),
            (Some(Operation::HandedOver { .. }), _) => "a person has seen to it".to_owned(),
            _ => "went on".to_owned(),
        }
    }
}

/// The event of a number, where it was taken in with this line, as it is where nothing had to be waited for first.
fn accepted(line: &Line<'_>, number: EventNumber) -> Option<Arc<Event>> {
    let all = line.records.iter().filter(|raw| raw.get().starts_with("{\"accepted\""));
    all.filter_map(|raw| serde_json::from_str::<Record>(raw.get()).ok()).find_map(|record| match record {
        Record::Accepted(accepted) if accepted.number == number => Some(accepted.event),
        _ => None,
    })
}

fn dropped(reason: &DropReason) -> String {
    match reason {
        DropReason::Cancelled(reason) => format!("cancelled: {reason}"),
        DropReason::Guard => "its guard did not hold any more".to_owned(),
        DropReason::Replaced => "a later run took its place".to_owned(),
        DropReason::Fault(fault) => fault.clone(),
        DropReason::Limit(_) => "over a limit".to_owned(),
        DropReason::Dedupe => "it was there before".to_owned(),
        DropReason::LaneBusy | DropReason::LaneFull => "its lane was taken".to_owned(),
        DropReason::Debounced => "a later event came".to_owned(),
        DropReason::Missed => "its slot had passed".to_owned(),
    }
}
