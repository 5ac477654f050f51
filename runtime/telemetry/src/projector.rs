//! From lines of the journal to spans.

use crate::ids;
use crate::options::Sample;
use crate::record::{Created, Seen, Spent};
use crate::run::Run;
use carapace_effect::{Life, RunId};
use carapace_engine::EventNumber;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use opentelemetry_sdk::trace::SpanData;
use std::collections::{BTreeMap, HashMap};

/// Runs that are followed at the same time; of those beyond, nothing is told.
const RUNS: usize = 50_000;

/// Requests with a trace of their own whose runs are still to come to be.
const CALLERS: usize = 1_000;

/// Follows runs through the lines of the journal. The same lines make the same spans.
#[derive(Debug)]
pub(crate) struct Projector {
    sample: Sample,
    open: HashMap<RunId, Run>,
    callers: BTreeMap<EventNumber, SpanContext>,
    /// Runs of which nothing is told, as too many were followed.
    pub(crate) passed_over: u64,
}

impl Projector {
    pub(crate) fn new(sample: Sample) -> Projector {
        Projector { sample, open: HashMap::new(), callers: BTreeMap::new(), passed_over: 0 }
    }

    /// The first line that is needed to know the runs that are followed.
    pub(crate) fn first(&self) -> Option<u64> {
        self.open.values().map(|run| run.first).min()
    }

    /// What a line says, which was decided at a time.
    pub(crate) fn line(&mut self, seq: u64, at: i64, records: &[Seen]) -> Vec<SpanData> {
        let mut spans = Vec::new();
        // What asking models used up stands beside the outcome that ends the operation, before it or behind.
        for seen in records {
            if let Seen::Spent(spent) = seen {
                spans.extend(self.spent(seq, at, spent));
            }
        }
        for seen in records {
            self.record(seq, at, seen, &mut spans);
        }
        spans
    }

    fn record(&mut self, seq: u64, at: i64, seen: &Seen, spans: &mut Vec<SpanData>) {
        match seen {
            Seen::Spent(_) => {}
            Seen::Accepted(accepted) => {
                if let Some(caller) = ids::parent(accepted.parent()) {
                    self.callers.insert(accepted.number, caller);
                    while self.callers.len() > CALLERS {
                        self.callers.pop_first();
                    }
                }
            }
            Seen::Created(created) => self.created(seq, created),
            Seen::Requested(asked) => {
                if let Some(run) = self.living(seq, at, asked.run) {
                    run.ask(asked.op.clone(), at, &asked.operation);
                }
            }
            Seen::Acted(acted) => {
                let part =
                    vec![number("carapace.part", acted.act.part), number("carapace.attempt", acted.attempt)];
                let run = self.open.get_mut(&acted.act.run);
                if let Some(open) = run.and_then(|run| run.operation(&acted.act.op)) {
                    open.acted = acted.at;
                    open.events.push(acted.at, "started", part);
                }
            }
            Seen::Reported(told) => {
                let life = KeyValue::new("carapace.life", life(told.life));
                let part = vec![number("carapace.part", told.act.part), life];
                let run = self.open.get_mut(&told.act.run);
                if let Some(open) = run.and_then(|run| run.operation(&told.act.op)) {
                    open.events.push(at, "reported", part);
                }
            }
            Seen::Prompted(again) => {
                let run = self.open.get_mut(&again.run);
                if let Some(open) = run.and_then(|run| run.operation(&again.op)) {
                    open.events.push(at, "asked_again", Vec::new());
                }
            }
            Seen::Delivered(over) | Seen::Late(over) => {
                let run = self.open.get_mut(&over.run);
                spans.extend(run.and_then(|run| run.over(over.run, &over.op, at, &over.outcome)));
            }
            Seen::Abandoned(left) => {
                let Some(run) = self.open.get_mut(&left.run) else { return };
                for op in &left.ops {
                    if let Some(open) = run.operation(op) {
                        open.abandoned = Some(at);
                    }
                }
            }
            Seen::Stretched(on) => {
                let Some(end) = &on.end else { return };
                if let Some(run) = self.living(seq, at, on.run) {
                    let (word, failed) = end.words();
                    run.ended = Some((at, word, failed));
                }
            }
            Seen::Skipped(never) => {
                if let Some(mut run) = self.open.remove(&never.run) {
                    run.ended = Some((at, "skipped", None));
                    spans.extend(run.told(never.run, at));
                }
            }
            Seen::Closed(closed) => {
                if let Some(run) = self.open.remove(&closed.run) {
                    spans.extend(run.told(closed.run, closed.at));
                }
            }
            Seen::Released(free) => self.happened(free.run, at, "released"),
            Seen::Cancelling(run) => self.happened(run.run, at, "cancelling"),
            Seen::TimedOut(run) => self.happened(run.run, at, "timed_out"),
            Seen::Moved(run) => self.happened(run.run, at, "moved"),
            Seen::Crashed(run) => self.happened(run.run, at, "crashed"),
            Seen::Quarantined(run) => self.happened(run.run, at, "left_alone"),
        }
    }

    fn created(&mut self, seq: u64, created: &Created) {
        if !self.sample.takes(created.run) {
            return;
        }
        if self.open.len() >= RUNS {
            self.passed_over = self.passed_over.saturating_add(1);
            return;
        }
        let caller = created.event.and_then(|event| self.callers.get(&event).cloned());
        self.open.insert(created.run, Run::born(seq, created.clone(), caller));
    }

    fn spent(&mut self, seq: u64, at: i64, spent: &Spent) -> Vec<SpanData> {
        match self.open.get_mut(&spent.run) {
            Some(run) => run.spent(seq, spent),
            None if self.sample.takes(spent.run) => Run::met(seq, at).spent(seq, spent),
            None => Vec::new(),
        }
    }

    fn happened(&mut self, run: RunId, at: i64, name: &'static str) {
        if let Some(run) = self.open.get_mut(&run) {
            run.events.push(at, name, Vec::new());
        }
    }

    /// A run to which happens what only happens to one that lives; one that was never met came to be before what was read.
    fn living(&mut self, seq: u64, at: i64, run: RunId) -> Option<&mut Run> {
        if !self.open.contains_key(&run) {
            if self.open.len() >= RUNS || !self.sample.takes(run) {
                return None;
            }
            self.open.insert(run, Run::met(seq, at));
        }
        self.open.get_mut(&run)
    }
}

fn number(key: &'static str, number: u32) -> KeyValue {
    KeyValue::new(key, i64::from(number))
}

fn life(life: Life) -> &'static str {
    match life {
        Life::Requested => "requested",
        Life::Started { .. } => "started",
        Life::Done => "done",
        Life::Refused => "refused",
        Life::NotPerformed => "not_performed",
        Life::Unknown => "unknown",
    }
}
