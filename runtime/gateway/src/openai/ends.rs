//! How runs that were asked for end, and what models say meanwhile.
//!
//! One listener hears for everybody who waits: what happens from the engine, out of the journal where it fell behind, so that no
//! end is missed; and pieces of answers from those who ask models, of which some may be lost, as the end has the whole.

use super::answer::Used;
use super::models::{Delta, Heard, Models};
use super::trouble::Trouble;
use crate::Methods;
use crate::routes::{Seen, Wanted, Watcher};
use carapace_effect::RunId;
use carapace_engine::inspect::{Happened, Occurrence};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OnceCell, mpsc};

/// Runs that ended and of which nobody has asked. The engine may be quicker than whoever started one; who started none, because
/// they went, never asks.
const LEFT: usize = 1_024;

/// Pieces that are kept until their run is known: what is said may be heard a moment before the start of the run that asked.
const EARLY: usize = 256;

/// From those who ask models.
type Receiver = mpsc::UnboundedReceiver<Heard>;

/// What whoever waits for a run is told.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// A model said this for it.
    Said(Arc<Delta>),
    /// Some of what was said is lost.
    Lost,
    /// It ended.
    Ended {
        /// The line of the journal that says so.
        seq: u64,
        /// What it has used up.
        used: Used,
    },
}

/// Those who wait.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    table: Arc<Mutex<Table>>,
    listening: Arc<OnceCell<()>>,
}

#[derive(Debug)]
struct Table {
    /// The flow whose runs matter.
    flow: Arc<str>,
    runs: HashMap<RunId, Entry>,
    /// Runs that ended before anybody asked, oldest first.
    left: VecDeque<RunId>,
    /// What was said last for runs that are not known: most of them are no concern of ours.
    early: VecDeque<Arc<Delta>>,
    /// The runtime has ended.
    over: bool,
}

#[derive(Debug)]
struct Entry {
    used: Used,
    tell: mpsc::UnboundedSender<Told>,
    /// Until somebody takes it.
    told: Option<mpsc::UnboundedReceiver<Told>>,
    ended: bool,
}

impl Default for Entry {
    fn default() -> Entry {
        let (tell, told) = mpsc::unbounded_channel();
        Entry { used: Used::default(), tell, told: Some(told), ended: false }
    }
}

impl Ends {
    /// Those of runs of this flow.
    pub(super) fn new(flow: Arc<str>) -> Ends {
        let (left, early) = (VecDeque::new(), VecDeque::new());
        let table = Table { flow, runs: HashMap::new(), left, early, over: false };
        Ends { table: Arc::new(Mutex::new(table)), listening: Arc::default() }
    }

    /// Begins to listen, where nobody does: before the first run is started.
    pub(super) async fn listen(
        &self,
        methods: &Methods,
        models: Option<&Arc<dyn Models>>,
    ) -> Result<(), Trouble> {
        let begin = async {
            let deltas = models.and_then(|models| models.listen());
            let watcher = Watcher::begin(methods, Wanted::default()).await?;
            tokio::spawn(hear(self.table.clone(), watcher, deltas));
            Ok::<(), Trouble>(())
        };
        self.listening.get_or_try_init(|| begin).await.copied()
    }

    /// What is told of a run: once. All of it, also what happened before.
    pub(super) fn of(&self, run: RunId) -> mpsc::UnboundedReceiver<Told> {
        let mut table = self.table();
        if table.over {
            return mpsc::unbounded_channel().1;
        }
        let entry = table.known(run);
        let told = entry.told.take().unwrap_or_else(|| mpsc::unbounded_channel().1);
        if entry.ended {
            table.runs.remove(&run);
        }
        told
    }

    /// Nobody waits for it any more.
    pub(super) fn forget(&self, run: RunId) {
        self.table().runs.remove(&run);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        held(&self.table)
    }
}

fn held(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    // Nothing in here is left half done by a panic.
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn hear(table: Arc<Mutex<Table>>, mut watcher: Watcher, mut models: Option<Receiver>) {
    loop {
        tokio::select! {
            // In this order: a run is known before anything is said for it.
            biased;
            seen = watcher.next() => match seen {
                Seen::Happened(happened) => {
                    // What was said before an end is told before it.
                    drain(&table, &mut models);
                    held(&table).happened(&happened);
                }
                // Whatever ended there ended in lines that nobody can read any more.
                Seen::Missed(_) => held(&table).runs.clear(),
                Seen::Ended => {
                    let mut table = held(&table);
                    table.over = true;
                    table.runs.clear();
                    return;
                }
            },
            heard = next(&mut models) => match heard {
                Some(heard) => held(&table).heard(heard),
                None => models = None,
            },
        }
    }
}

async fn next(models: &mut Option<Receiver>) -> Option<Heard> {
    match models {
        Some(models) => models.recv().await,
        None => std::future::pending().await,
    }
}

/// Tells what has been said by now.
fn drain(table: &Mutex<Table>, models: &mut Option<Receiver>) {
    while let Some(heard) = models.as_mut().and_then(|models| models.try_recv().ok()) {
        held(table).heard(heard);
    }
}

impl Table {
    fn happened(&mut self, happened: &Happened) {
        for one in &happened.events {
            match one {
                Occurrence::RunStarted { run, flow } if *flow == self.flow => {
                    self.known(*run);
                }
                Occurrence::Spent { run, usage, .. } => {
                    if let Some(entry) = self.runs.get_mut(run) {
                        usage.iter().for_each(|usage| entry.used.add(usage));
                    }
                }
                Occurrence::RunFinished { run }
                | Occurrence::RunFailed { run, .. }
                | Occurrence::RunCancelled { run, .. }
                | Occurrence::RunQuarantined { run, .. } => self.ended(*run, happened.seq),
                _ => {}
            }
        }
    }

    /// The entry of a run, with what was said before there was one.
    fn known(&mut self, run: RunId) -> &mut Entry {
        let early = &mut self.early;
        self.runs.entry(run).or_insert_with(|| {
            let entry = Entry::default();
            for delta in early.iter().filter(|delta| delta.run == run) {
                // Its other end is right there.
                let _ = entry.tell.send(Told::Said(delta.clone()));
            }
            early.retain(|delta| delta.run != run);
            entry
        })
    }

    fn ended(&mut self, run: RunId, seq: u64) {
        let Some(entry) = self.runs.get_mut(&run) else { return };
        // Whoever asked may have gone.
        let _ = entry.tell.send(Told::Ended { seq, used: entry.used });
        entry.ended = true;
        if entry.told.is_none() {
            self.runs.remove(&run);
            return;
        }
        self.left.push_back(run);
        while self.left.len() > LEFT {
            let Some(oldest) = self.left.pop_front() else { break };
            self.runs.remove(&oldest);
        }
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Said(delta) => self.said(delta),
            Heard::Lost => self.lost(),
        }
    }

    fn said(&mut self, delta: Arc<Delta>) {
        if let Some(entry) = self.runs.get(&delta.run) {
            let _ = entry.tell.send(Told::Said(delta));
            return;
        }
        self.early.push_back(delta);
        if self.early.len() > EARLY {
            self.early.pop_front();
        }
    }

    fn lost(&mut self) {
        for entry in self.runs.values() {
            let _ = entry.tell.send(Told::Lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> Ends {
        Ends::new("std/exchange.serve".into())
    }

    fn happens(ends: &Ends, seq: u64, event: Occurrence) {
        ends.table().happened(&Happened { seq, at: 0, events: vec![event] });
    }

    fn starts(ends: &Ends, run: RunId) {
        happens(ends, 1, Occurrence::RunStarted { run, flow: "std/exchange.serve".into() });
    }

    #[test]
    fn an_end_before_anybody_asks_is_told() {
        let (ends, run) = (ends(), RunId(1));
        starts(&ends, run);
        happens(&ends, 2, Occurrence::RunFinished { run });
        let mut told = ends.of(run);
        assert_eq!(told.try_recv().unwrap(), Told::Ended { seq: 2, used: Used::default() });
        assert!(ends.table().runs.is_empty(), "and nothing stays behind");
    }

    #[test]
    fn an_end_before_the_start_was_heard_is_told() {
        let (ends, run) = (ends(), RunId(1));
        let mut told = ends.of(run);
        starts(&ends, run);
        happens(&ends, 3, Occurrence::RunCancelled { run, why: "x".into() });
        assert_eq!(told.try_recv().unwrap(), Told::Ended { seq: 3, used: Used::default() });
        assert!(ends.table().runs.is_empty());
    }

    #[test]
    fn what_is_said_before_the_start_was_heard_is_told() {
        let (ends, run) = (ends(), RunId(1));
        let said = |run| {
            let said = super::super::models::Said::Text("a".into());
            Arc::new(Delta { run, op: ":1".parse().unwrap(), agent: "main.desk".into(), said })
        };
        for other in 2..2_000 {
            ends.table().said(said(RunId(other)));
        }
        ends.table().said(said(run));
        starts(&ends, run);
        assert_eq!(ends.of(run).try_recv().unwrap(), Told::Said(said(run)));
        assert_eq!(ends.table().early.len(), EARLY - 1);
    }

    #[test]
    fn runs_of_others_and_those_that_nobody_asks_for_leave_nothing_behind() {
        let ends = ends();
        happens(&ends, 1, Occurrence::RunStarted { run: RunId(7), flow: "main.other".into() });
        assert!(ends.table().runs.is_empty());
        for number in 0..(LEFT as u128 + 10) {
            starts(&ends, RunId(number));
            happens(&ends, 2, Occurrence::RunFinished { run: RunId(number) });
        }
        assert_eq!(ends.table().runs.len(), LEFT);
        assert_eq!(ends.table().left.len(), LEFT);
        drop(ends.of(RunId(5_000)));
        ends.forget(RunId(5_000));
        assert_eq!(ends.table().runs.len(), LEFT);
    }
}
