//! The engine without threads, clock or disk: commands in, lines and acts out.
//!
//! `Service` drives one of these with the real clock and a store; the simulated world drives one by hand.

use crate::Event;
use crate::command::{Call, Command, Input, Reply};
use crate::decide::{act_of, decide};
use crate::entropy::Entropy;
use crate::hot::{Hot, Kept};
use crate::machine::Loader;
use crate::record::Record;
use crate::state::{RestoreError, State, Taken, Work};
use crate::stored::End;
use crate::stretch::advance_kept;
use crate::{Act, Outgoing, Report};
use crate::{ActId, DeploymentId};
use carapace_effect::{EffectRequest, Request, RequestKind, RunId};
use carapace_module::signature::DeliveryClass;
use carapace_store::Shelf;
use std::collections::VecDeque;
use std::sync::Arc;

/// One line of the journal: the records of one decision.
pub type Line = Vec<Record>;

/// What came of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What the one who asked is told, once the line is durable.
    pub reply: Reply,
    /// The journal's position after it: that many lines are applied. Where nothing was decided, that of before.
    pub sequence: u64,
    /// Of an event that was a webhook's request: what became of it.
    pub call: Option<Call>,
}

impl Decided {
    /// Nothing was decided.
    pub(crate) fn nothing(reply: Reply) -> Decided {
        Decided { reply, sequence: 0, call: None }
    }
}

/// The engine as a value. Use:
///
/// 1. `submit` a command (or `event`, `report`, …) with the time it happens at;
/// 2. `pump` until nothing can go on by itself: runs advance, lanes move, timers that are due go off;
/// 3. take `take_lines` (write them down) and then `take_outgoing` (do it), and `report` outcomes back;
/// 4. when idle, the next thing happens at `next_due`.
///
/// A crash is `Core::restore(core.snapshot())`, or `Core::replay` of all lines, and then `recover`.
#[derive(Debug)]
pub struct Core {
    state: State,
    entropy: Entropy,
    lines: Vec<Line>,
    outgoing: VecDeque<(u64, Outgoing)>,
    asked: Option<Vec<(RunId, EffectRequest)>>,
    hot: Hot,
}

impl Core {
    /// An engine before anything happened. The same seed and the same commands give the same lines.
    pub fn new(loader: Loader, seed: [u64; 2]) -> Core {
        Core::of(State::new(loader), seed)
    }

    /// An engine that goes on from a state.
    pub fn of(mut state: State, seed: [u64; 2]) -> Core {
        // What was left before is of no more interest: whoever asked is gone.
        state.events.take_left();
        let entropy = Entropy::new(seed);
        Core {
            state,
            entropy,
            lines: Vec::new(),
            outgoing: VecDeque::new(),
            asked: None,
            hot: Hot::default(),
        }
    }

    /// From now on keeps what runs ask the engine itself for, until it is taken: for tests, which want to know what was
    /// called. What performers are asked for comes out of `take_outgoing`.
    pub fn watch(&mut self) {
        self.asked.get_or_insert_default();
    }

    /// From now on those who only answer us, as we them, are not heard for a while, and what goes to one place has a ceiling;
    /// or not any more.
    pub fn break_loops(&mut self, whether: bool) {
        self.state.breaks_loops = whether;
    }

    /// From now on it is for performers to open exchanges with agents (`exchange.open`), or to say at once what the answer is: the
    /// world of a test answers in the place of models.
    pub fn rehearse(&mut self) {
        self.state.rehearses = true;
    }

    /// What runs asked the engine itself for since the last call, in order.
    pub fn take_asked(&mut self) -> Vec<(RunId, EffectRequest)> {
        self.asked.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The whole engine, canonically, to be restored later. Lines and acts that were not taken yet are not in it:
    /// whoever takes a snapshot to test a crash may drop them, as a crash would.
    pub fn snapshot(&self) -> Vec<u8> {
        self.state.snapshot()
    }

    /// An engine from a snapshot. Call [`recover`](Core::recover) next.
    pub fn restore(bytes: &[u8], loader: Loader, seed: [u64; 2]) -> Result<Core, RestoreError> {
        Ok(Core::of(State::restore(bytes, loader)?, seed))
    }

    /// An engine from the journal's lines. Call [`recover`](Core::recover) next.
    pub fn replay<'a>(lines: impl IntoIterator<Item = &'a Line>, loader: Loader, seed: [u64; 2]) -> Core {
        let mut state = State::new(loader);
        for line in lines {
            state.apply(line);
        }
        Core::of(state, seed)
    }

    /// Decides a command, and applies what was decided.
    pub fn submit(&mut self, now: i64, input: Input) -> Decided {
        let entropy = self.entropy.bits();
        let decision = decide(&self.state, Command { now, entropy, input });
        for (run, deployment, record) in decision.begun {
            self.hot.keep(run, Kept::record(deployment, record));
        }
        if !decision.records.is_empty() {
            self.state.apply(&decision.records);
            self.collect(&decision.records);
            self.lines.push(decision.records);
        }
        let open = |call: &Call| self.state.events.get(call.event).is_some_and(Taken::is_open);
        let call = decision.call.map(|call| Call { open: open(&call), ..call });
        Decided { reply: decision.reply, sequence: self.state.sequence, call }
    }

    /// Something happened.
    pub fn event(&mut self, now: i64, event: Event) -> Decided {
        self.submit(now, Input::Event(Box::new(event)))
    }

    /// A performer says what came of an act.
    pub fn report(&mut self, now: i64, report: Report) -> Decided {
        self.submit(now, Input::Report(Box::new(report)))
    }

    /// After `restore` or `replay`: what was started and has no outcome is re-sent, where that is allowed, or unknown.
    /// What the lost process had not sent yet comes out of `take_outgoing` again, marked as sent before.
    ///
    /// No channel that something may be answered on is heard yet: deadlines wait until each has said that it has caught
    /// up (`Input::Channel`), or for a while.
    pub fn recover(&mut self, now: i64) {
        for account in self.state.runs.accounts() {
            self.submit(now, Input::Channel { account, caught_up: false });
        }
        let letters: Vec<ActId> = self.state.outbox.letters().map(|letter| letter.act.clone()).collect();
        for act in letters {
            self.submit(now, Input::Lost { act });
        }
        for run in self.state.runs.unsettled() {
            for act in self.started(run) {
                self.submit(now, Input::Lost { act: act.id.clone() });
            }
            if self.state.is_idle(run) {
                self.submit(now, Input::Wake { run });
            }
        }
    }

    /// The run that the next step carries out, where it does that.
    pub fn next_run(&self) -> Option<RunId> {
        match self.state.agenda.first() {
            Some((_, Work::Advance { run })) => Some(*run),
            _ => None,
        }
    }

    /// Does one thing that can be done now by itself; says whether there was one.
    pub fn step(&mut self, now: i64) -> bool {
        if let Some((number, work)) = self.state.agenda.first() {
            let input = match work {
                Work::Advance { run } => {
                    let (run, seed) = (*run, self.entropy.next());
                    let kept = self.hot.take(run);
                    match advance_kept(&self.state, run, now, seed, kept) {
                        Some((ran, kept)) => {
                            kept.into_iter().for_each(|kept| self.hot.keep(run, kept));
                            self.note_asked(run, &ran.stretch.requests);
                            Input::Ran(Box::new(ran))
                        }
                        None => Input::Work(number),
                    }
                }
                Work::Lane { .. } | Work::Outbox { .. } | Work::Dispatch { .. } => Input::Work(number),
            };
            self.submit(now, input);
            return true;
        }
        match self.state.timers.first() {
            Some((due, timer)) if *due <= now => {
                let input = Input::Timer { due: *due, timer: timer.clone() };
                self.submit(now, input);
                true
            }
            _ => false,
        }
    }

    /// Steps until nothing can be done by itself at this time.
    pub fn pump(&mut self, now: i64) {
        while self.step(now) {}
    }

    /// When the next thing happens by itself, in milliseconds since 1970 UTC: the past, when `pump` has something to
    /// do; none, when only something from outside can go on.
    pub fn next_due(&self) -> Option<i64> {
        if !self.state.agenda.is_empty() {
            return Some(i64::MIN);
        }
        self.state.timers.first().map(|(due, _)| *due)
    }

    /// The lines since the last call, in order.
    pub fn take_lines(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }

    /// Acts of lines up to `durable`, in order. Without a store, everything: `take_outgoing(u64::MAX)`.
    pub fn take_outgoing(&mut self, durable: u64) -> Vec<Outgoing> {
        let released = self.outgoing.iter().take_while(|(sequence, _)| *sequence <= durable).count();
        self.outgoing.drain(..released).map(|(_, outgoing)| outgoing).collect()
    }

    /// The whole engine as a checkpoint: what rests is referred to, where it lies on the shelf.
    pub fn checkpoint(&self) -> Vec<u8> {
        self.state.checkpoint()
    }

    /// Lays down the runs that nothing has happened to for so many lines. It changes nothing that anybody could see.
    pub fn rest(&mut self, lines: u64) {
        self.state.rest(lines);
    }

    /// From now on what rests is moved out of the files of the shelf that are there by now.
    ///
    /// # Errors
    /// Where there is no room for a new file.
    pub(crate) fn sweep_shelf(&mut self) -> Result<(), carapace_store::Error> {
        self.state.sweep_shelf()
    }

    /// From now on what rests lies on this shelf.
    ///
    /// # Errors
    /// Where it cannot be cleared of what was there before.
    pub fn rest_on(&mut self, shelf: Arc<dyn Shelf>) -> Result<(), carapace_store::Error> {
        self.state.rest_on(shelf)
    }

    /// Everything the engine knows: runs, state, timers, lanes, deployments.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The deployment that takes a package's new events.
    pub fn deployment(&self, package: &str) -> Option<DeploymentId> {
        self.state.deployments.current(package).map(|deployment| deployment.record.id)
    }

    /// Acts that a run has started and that have no outcome yet, as they would be sent.
    pub fn started(&self, run: RunId) -> Vec<Arc<Act>> {
        crate::decide::started(&self.state, run)
    }

    fn note_asked(&mut self, run: RunId, requests: &[Request]) {
        let Some(asked) = &mut self.asked else { return };
        for request in requests {
            if let RequestKind::Effect(effect) = &request.kind
                && effect.class == DeliveryClass::Engine
            {
                asked.push((run, effect.clone()));
            }
        }
    }

    fn collect(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::Acted(acted) => {
                    if let Some(act) = act_of(&self.state, &acted.act) {
                        let perform = Outgoing::Perform(Arc::new(act));
                        self.outgoing.push_back((self.state.sequence, perform));
                    }
                }
                Record::Posted(posted) | Record::Digested(posted) => {
                    let perform = Outgoing::Perform(Arc::new(posted.0.to_act()));
                    self.outgoing.push_back((self.state.sequence, perform));
                }
                Record::Abandoned(abandoned) => {
                    let Some(run) = self.state.runs.get(abandoned.run) else { continue };
                    for op in &abandoned.ops {
                        let parts = run.settling.get(op).map_or(0, |o| o.parts().len());
                        for part in (0..).take(parts) {
                            let act = ActId { run: abandoned.run, op: op.clone(), part };
                            self.outgoing.push_back((self.state.sequence, Outgoing::Abandon(act)));
                        }
                    }
                }
                Record::Responded(responded) => {
                    let respond = Outgoing::Respond(Arc::new(responded.clone()));
                    self.outgoing.push_back((self.state.sequence, respond));
                }
                Record::Closed(closed) => {
                    let summary = self.state.finished.iter().rev().find(|summary| summary.run == closed.run);
                    let failed =
                        summary.filter(|summary| matches!(summary.end, End::Failed(_) | End::Fault(_)));
                    if let Some(summary) = failed {
                        let failed = Outgoing::Failed(Arc::new(summary.clone()));
                        self.outgoing.push_back((self.state.sequence, failed));
                    }
                }
                Record::Muted(muted) => {
                    let muted = Outgoing::Muted(Arc::new(muted.clone()));
                    self.outgoing.push_back((self.state.sequence, muted));
                }
                Record::Quarantined(quarantined) => {
                    let alone = Outgoing::Quarantined(Arc::new(quarantined.clone()));
                    self.outgoing.push_back((self.state.sequence, alone));
                }
                Record::Noted(noted) => {
                    let note = Outgoing::Note(Arc::new(noted.clone()));
                    self.outgoing.push_back((self.state.sequence, note));
                }
                _ => {}
            }
        }
        for event in self.state.events.take_left() {
            self.outgoing.push_back((self.state.sequence, Outgoing::Unanswered(event)));
        }
    }
}
