//! One test's world: an engine, a clock, and everything that happened so far.

use crate::agent::Scripts;
use crate::given::Given;
use crate::loaded::{Loaded, load};
use crate::matching::Called;
use crate::people::{People, Spot};
use crate::report::{FailureClass, TestFailure};
use crate::suite::Bounds;
use crate::transcript::{Entry, Happening, Output};
use carapace_effect::RunId;
use carapace_engine::machine::vm::take_called;
use carapace_engine::record::{Filtered, Record};
use carapace_engine::{Act, Core, Deploy, Event, Input, Line, Outgoing, Reply, Report, Reported};
use carapace_module::signature::SlotKind;
use carapace_module::testing::CallTarget;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// When every test begins, unless it says otherwise: Monday, 2026-01-05, 09:00 UTC.
pub const START: i64 = 1_767_603_600_000;

/// Entries of a transcript that a report has, at its beginning and at its end.
const KEPT: usize = 500;

/// What a step of a test comes to.
pub(crate) type Step<T = ()> = Result<T, Box<TestFailure>>;

/// A report that comes later.
#[derive(Debug, Clone)]
struct Pending {
    due: i64,
    report: Report,
    account: Option<Arc<str>>,
}

/// A question that was put to somebody.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) spot: Spot,
    pub(crate) message: String,
    pub(crate) approval: bool,
    /// Ids and labels.
    pub(crate) buttons: Vec<(String, String)>,
}

/// One test's world.
pub(crate) struct World {
    pub(crate) loaded: Loaded,
    /// The module in which the test stands.
    pub(crate) module: Arc<str>,
    bounds: Bounds,
    pub(crate) core: Core,
    pub(crate) now: i64,
    pub(crate) people: People,
    pub(crate) transcript: Vec<Entry>,
    pub(crate) givens: Vec<Given>,
    pub(crate) calls: Vec<Called>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) scripts: Scripts,
    /// Runs in the order in which they came to be.
    pub(crate) runs: Vec<(RunId, Arc<str>)>,
    pub(crate) settings: BTreeMap<Arc<str>, Json>,
    /// Who wrote last, and where.
    pub(crate) last: Option<(Arc<str>, Spot)>,
    /// Groups, and people who decided for them without belonging to them.
    pub(crate) missing: BTreeSet<(Arc<str>, Arc<str>)>,
    pub(crate) down: BTreeSet<Arc<str>>,
    /// Crashes to come: after which awaits, counted from 1.
    pub(crate) crashes: BTreeSet<u32>,
    /// How often everything has waited so far.
    pub(crate) awaits: u32,
    pub(crate) crash_each: bool,
    pub(crate) lines: Vec<Line>,
    /// The statement that is being carried out.
    pub(crate) site: u32,
    /// Groups that the test described.
    pub(crate) described: BTreeSet<Arc<str>>,
    started: i64,
    steps: u32,
    statements: u32,
    deployed: bool,
    pending: Vec<Pending>,
    held: Vec<Arc<Act>>,
    arrivals: Vec<Event>,
    /// What was answered under each key: the simulated platforms recognise a repetition.
    answered: BTreeMap<Arc<str>, Reported>,
    counter: u64,
}

impl World {
    pub(crate) fn new(loaded: &Loaded, module: &Arc<str>, bounds: Bounds) -> World {
        loaded.install();
        let mut core = Core::new(load, [0x5eed, 0]);
        core.watch();
        core.rehearse();
        World {
            loaded: loaded.clone(),
            module: Arc::clone(module),
            bounds,
            core,
            now: START,
            started: START,
            steps: 0,
            statements: 0,
            people: People::new(&loaded.module().slots),
            transcript: Vec::new(),
            givens: Vec::new(),
            calls: Vec::new(),
            asked: Vec::new(),
            scripts: Scripts::new(),
            runs: Vec::new(),
            settings: BTreeMap::new(),
            last: None,
            missing: BTreeSet::new(),
            described: BTreeSet::new(),
            down: BTreeSet::new(),
            crashes: BTreeSet::new(),
            awaits: 0,
            crash_each: false,
            lines: Vec::new(),
            site: 0,
            deployed: false,
            pending: Vec::new(),
            held: Vec::new(),
            arrivals: Vec::new(),
            answered: BTreeMap::new(),
            counter: 0,
        }
    }

    /// Makes these people members of groups that the test does not describe.
    pub(crate) fn populate(&mut self, members: &BTreeSet<(Arc<str>, Arc<str>)>) {
        let named: BTreeSet<&Arc<str>> = members.iter().map(|(group, _)| group).collect();
        let groups = self.loaded.module().slots.iter().filter(|slot| slot.kind == SlotKind::Group);
        // A group that nobody describes is one person of its name, so that somebody can be asked.
        for slot in groups.filter(|slot| !named.contains(&slot.name)) {
            self.people.set_group(&slot.name, vec![self.people.person(crate::transcript::short(&slot.name))]);
        }
        for (group, who) in members {
            let mut all = self.people.members(group).unwrap_or_default().to_vec();
            all.push(self.people.person(who));
            self.people.set_group(group, all);
        }
    }

    /// A failure at the present statement.
    pub(crate) fn failure(&self, kind: FailureClass, message: impl Into<String>) -> Box<TestFailure> {
        Box::new(TestFailure {
            kind,
            message: message.into(),
            span: self.loaded.span(self.site),
            source: None,
            difference: None,
            help: None,
            after_crash: None,
            transcript: shortened(&self.transcript),
        })
    }

    /// Writes down what happened.
    pub(crate) fn note(&mut self, what: Happening) {
        self.transcript.push(Entry { after: self.now - self.started, what });
    }

    /// Another number, never the same twice.
    pub(crate) fn count(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Sets the clock: before anything was deployed it is when the test begins.
    pub(crate) fn set_time(&mut self, time: i64) -> Step {
        if !self.deployed {
            (self.now, self.started) = (time, time);
            return Ok(());
        }
        if time < self.now {
            return Err(self.failure(FailureClass::Impossible, "the clock does not go back"));
        }
        self.advance_to(time)
    }

    /// Another statement of the test; more than anybody writes is a loop that never ends.
    pub(crate) fn another(&mut self) -> Step {
        self.statements += 1;
        let most = self.bounds.statements;
        if self.statements <= most {
            return Ok(());
        }
        let message = format!("the test goes on and on: this would be more than {most} statements");
        Err(self.failure(FailureClass::Fault, message))
    }

    /// The deployment must be made, or made anew, before the next thing happens.
    pub(crate) fn undeploy(&mut self) {
        self.deployed = false;
    }

    /// Sees to it that everything the test gave is deployed.
    pub(crate) fn deploy(&mut self) -> Step {
        if self.deployed {
            return Ok(());
        }
        let deploy = Deploy {
            module: Arc::clone(&self.loaded.bytes),
            settings: self.settings.clone(),
            bindings: self.people.bindings(),
        };
        let decided = self.core.submit(self.now, Input::Deploy(Box::new(deploy)));
        if let Reply::Rejected(rejection) = decided.reply {
            let mut failure = self.failure(FailureClass::Impossible, rejection.message);
            failure.help = rejection.help;
            return Err(failure);
        }
        self.deployed = true;
        self.settle()
    }

    /// An event arrives; on a channel that is down, it arrives when the channel is up again.
    pub(crate) fn arrive(&mut self, event: Event) -> Step {
        self.deploy()?;
        if event.origin.as_ref().is_some_and(|origin| self.down.contains(&origin.account)) {
            self.arrivals.push(event);
            return Ok(());
        }
        // Its own line shows whether anybody took it.
        self.take_lines();
        let before = self.lines.len();
        self.core.event(self.now, event.clone());
        self.take_lines();
        if !self.lines.get(before..).unwrap_or_default().iter().flatten().any(takes) {
            self.nobody_took(&event);
        }
        self.settle()
    }

    /// Lets everything happen that happens at this instant.
    pub(crate) fn settle(&mut self) -> Step {
        let mut at_once = 0;
        loop {
            while self.core.step(self.now) {
                at_once += 1;
                self.steps += 1;
                if at_once > self.bounds.at_once {
                    self.take_lines();
                    let message = "the flows go in circles: at this time there is always more to do";
                    return Err(self.failure(FailureClass::Fault, message));
                }
            }
            self.take_lines();
            let most = self.bounds.steps;
            if self.steps > most {
                let message = format!("too much happens in this test: more than {most} steps of its flows");
                let mut failure = self.failure(FailureClass::Fault, message);
                failure.help = Some("let less time pass, or less happen".to_owned());
                return Err(failure);
            }
            self.take_asked();
            let outgoing = self.core.take_outgoing(u64::MAX);
            let idle = outgoing.is_empty();
            for outgoing in outgoing {
                match outgoing {
                    Outgoing::Perform(act) => self.perform(&act)?,
                    Outgoing::Respond(respond) => self.respond_to_call(&respond),
                    Outgoing::Quarantined(alone) => {
                        return Err(
                            self.failure(FailureClass::Fault, format!("`{}`: {}", alone.flow, alone.why))
                        );
                    }
                    // The transcript has it already.
                    Outgoing::Note(_)
                    | Outgoing::Failed(_)
                    | Outgoing::Muted(_)
                    | Outgoing::Unanswered(_) => {}
                    Outgoing::Abandon(id) => {
                        // What has not left yet never will; what has is on its way, and its report is still true.
                        if self.held.iter().any(|act| act.id == id) {
                            self.held.retain(|act| act.id != id);
                            let outcome = Reported::NotPerformed("nobody waits for it".to_owned());
                            self.core.report(self.now, Report { act: id, attempt: 1, outcome });
                        }
                    }
                }
            }
            let reported = self.deliver();
            if idle && !reported && self.core.next_due().is_none_or(|due| due > self.now) {
                return self.waited();
            }
            at_once += 1;
        }
    }

    /// Lets time pass.
    pub(crate) fn advance_to(&mut self, target: i64) -> Step {
        self.deploy()?;
        loop {
            let report = self.pending.iter().filter(|p| !self.is_down(p)).map(|p| p.due).min();
            let timer = self.core.next_due();
            let next = report.into_iter().chain(timer).min();
            match next {
                Some(due) if due <= target => self.now = self.now.max(due),
                _ => break,
            }
            self.settle()?;
        }
        self.now = self.now.max(target);
        self.settle()
    }

    /// A channel goes away, or comes back.
    pub(crate) fn channel(&mut self, name: &str, up: bool) -> Step {
        self.deploy()?;
        let Some(account) = self.people.account(name).cloned() else {
            return Err(self.failure(FailureClass::Impossible, format!("`{name}` is not a channel")));
        };
        let words = format!("channel {} {}", crate::transcript::short(name), if up { "up" } else { "down" });
        self.note(Happening::World { text: words });
        if !up {
            self.down.insert(account.clone());
            self.core.submit(self.now, Input::Channel { account, caught_up: false });
            return self.settle();
        }
        self.down.remove(&account);
        let waiting = std::mem::take(&mut self.held);
        let (now, later) = waiting.into_iter().partition(|act: &Arc<Act>| !self.is_held(act));
        self.held = later;
        for act in now {
            self.perform(&act)?;
        }
        for event in std::mem::take(&mut self.arrivals) {
            self.arrive(event)?;
        }
        self.core.submit(self.now, Input::Channel { account, caught_up: true });
        self.settle()
    }

    /// Keeps an act until its channel is up.
    pub(crate) fn hold(&mut self, act: &Arc<Act>) {
        self.held.push(Arc::clone(act));
    }

    pub(crate) fn is_held(&self, act: &Act) -> bool {
        act.to.as_ref().is_some_and(|to| self.down.contains(to.account()))
    }

    fn is_down(&self, pending: &Pending) -> bool {
        pending.account.as_ref().is_some_and(|account| self.down.contains(account))
    }

    /// Says what came of an act, after so long.
    pub(crate) fn answer(&mut self, act: &Act, outcome: Reported, takes: i64) {
        self.answered.insert(act.key.clone(), outcome.clone());
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        let account = act.to.as_ref().map(|to| to.account().clone());
        self.pending.push(Pending { due: self.now.saturating_add(takes), report, account });
    }

    /// What was answered to the same request before, where this one repeats it.
    pub(crate) fn answer_before(&self, act: &Act) -> Option<Reported> {
        let before = self.answered.get(&act.key).filter(|_| act.again);
        before.filter(|before| !matches!(before, Reported::Unknown(_))).cloned()
    }

    /// Whether something is on its way whose end a crash would make unknown.
    fn in_flight(&self) -> bool {
        !self.pending.is_empty() || !self.held.is_empty()
    }

    fn deliver(&mut self) -> bool {
        let now = self.now;
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|p| p.due <= now && !self.is_down(p));
        self.pending = later;
        let any = !due.is_empty();
        for pending in due {
            self.core.report(now, pending.report);
        }
        any
    }

    /// Everything waits: the place where a machine may lose its power.
    fn waited(&mut self) -> Step {
        if self.in_flight() {
            return Ok(());
        }
        self.awaits += 1;
        if self.crashes.contains(&self.awaits) { self.crash() } else { Ok(()) }
    }

    /// The machine loses its power; the run goes on from the journal.
    pub(crate) fn crash(&mut self) -> Step {
        self.deploy()?;
        self.note(Happening::World { text: "crash".to_owned() });
        let before = self.core.snapshot();
        let written: Vec<String> =
            self.lines.iter().filter_map(|line| serde_json::to_string(line).ok()).collect();
        let mut read = Vec::with_capacity(written.len());
        for line in &written {
            match serde_json::from_str::<Line>(line) {
                Ok(line) => read.push(line),
                Err(error) => {
                    let message = format!("the journal cannot be read back: {error}: {line}");
                    return Err(self.failure(FailureClass::Recovery, message));
                }
            }
        }
        // Other entropy than before: nothing may hang on it.
        let seed = [0x5eed, self.lines.len() as u64];
        let core = Core::replay(&read, load, seed);
        if core.snapshot() != before {
            let message = "the engine that was rebuilt from the journal is not the one that was lost";
            return Err(self.failure(FailureClass::Recovery, message));
        }
        self.core = core;
        self.core.watch();
        self.core.rehearse();
        self.pending.clear();
        self.core.recover(self.now);
        // Channels that are up have nothing to catch up with here.
        let deaf: Vec<Arc<str>> = self.core.state().deaf.keys().cloned().collect();
        for account in deaf.into_iter().filter(|account| !self.down.contains(account)) {
            self.core.submit(self.now, Input::Channel { account, caught_up: true });
        }
        let awaits = std::mem::take(&mut self.crashes);
        let settled = self.settle();
        self.crashes = awaits;
        settled
    }

    fn respond_to_call(&mut self, responded: &carapace_engine::record::Responded) {
        let text = format!("answered {}: {}", responded.status, responded.body);
        self.note(Happening::Call { text });
    }

    fn take_lines(&mut self) {
        self.take_called();
        for line in self.core.take_lines() {
            for record in &line {
                self.note_record(record);
            }
            self.lines.push(line);
        }
    }

    /// What the engine does by itself counts as a call too; questions count when they are put to somebody.
    fn take_asked(&mut self) {
        for (_, request) in self.core.take_asked() {
            if !request.effect.starts_with("chat.") {
                let call = self.called(&request);
                self.calls.push(call);
            }
        }
    }

    /// Sub-flows that runs called.
    fn take_called(&mut self) {
        let code = Arc::clone(&self.loaded.code);
        for (function, args) in take_called() {
            let Some(flow) = code.module().flows.iter().find(|flow| flow.body == function) else { continue };
            let names = flow.params.iter().map(|(name, _)| name.clone());
            let target = CallTarget::Flow(flow.name.clone());
            self.calls.push(Called { target, args: names.zip(args).collect() });
        }
    }

    /// A run that was called, not started by an event, counts as a call.
    fn note_call(&mut self, created: &carapace_engine::record::Created) {
        let carapace_engine::stored::Entry::Call { args } = &created.entry else { return };
        let code = Arc::clone(&self.loaded.code);
        let module = code.module();
        let Some(flow) = module.flows.iter().find(|flow| flow.name == created.flow) else { return };
        let names = flow.params.iter().map(|(name, _)| name.clone());
        let args = names.zip(args.iter().map(|wire| wire.0.clone())).collect();
        self.calls.push(Called { target: CallTarget::Flow(created.flow.clone()), args });
    }

    fn note_record(&mut self, record: &Record) {
        match record {
            Record::Created(created) => {
                self.runs.push((created.run, created.flow.clone()));
                self.note_call(created);
                let text = format!("{} started", crate::transcript::short(&created.flow));
                self.note(Happening::Run { text });
            }
            Record::Noted(noted) => {
                let text = format!("log {}: {}", noted.level, noted.message);
                self.note(Happening::Call { text });
            }
            Record::Filtered(filtered) if !filtered.passes => {
                let text = format!("{} lets it go no further", crate::transcript::short(&filtered.flow));
                self.note(Happening::Run { text });
            }
            Record::Dropped(dropped) => {
                let flow = crate::transcript::short(&dropped.flow);
                let text = format!("{flow} did not start: {}", reason(&dropped.reason));
                self.note(Happening::Run { text });
            }
            Record::Skipped(skipped) => {
                let text = format!("a run left its lane without starting: {}", reason(&skipped.reason));
                self.runs.retain(|(run, _)| *run != skipped.run);
                self.note(Happening::Run { text });
            }
            Record::Closed(closed) => {
                let end = self.core.state().finished.iter().rev().find(|s| s.run == closed.run);
                let Some(end) = end else { return };
                let text = format!("{} {}", crate::transcript::short(&end.flow), end_words(&end.end));
                self.note(Happening::Run { text });
            }
            _ => {}
        }
    }

    /// Messages that no expectation has taken.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = (usize, &Output)> {
        self.transcript.iter().enumerate().filter_map(|(i, entry)| match &entry.what {
            Happening::Output(output) => Some((i, output)),
            _ => None,
        })
    }
}

/// A transcript without its middle, where it is so long that nobody would read it.
fn shortened(transcript: &[Entry]) -> Vec<Entry> {
    let left_out = transcript.len().saturating_sub(2 * KEPT);
    let (Some(first), Some(last)) = (transcript.get(..KEPT), transcript.get(KEPT + left_out..)) else {
        return transcript.to_vec();
    };
    if left_out == 0 {
        return transcript.to_vec();
    }
    let after = first.last().map_or(0, |entry| entry.after);
    let gap = Entry { after, what: Happening::World { text: format!("… and {left_out} more") } };
    first.iter().cloned().chain([gap]).chain(last.iter().cloned()).collect()
}

/// Whether somebody took the event of this line: a flow that started or would have, a run that waited.
fn takes(record: &Record) -> bool {
    matches!(
        record,
        Record::Created(_)
            | Record::Dropped(_)
            | Record::Debounced(_)
            | Record::Delivered(_)
            | Record::Buffered(_)
            | Record::Voted(_)
            | Record::Prompted(_)
            | Record::Cancelling(_)
            | Record::Filtered(Filtered { passes: false, .. })
    )
}

fn reason(reason: &carapace_engine::record::DropReason) -> String {
    use carapace_engine::record::DropReason;
    match reason {
        DropReason::Limit(n) => format!("over its limit {}", n + 1),
        DropReason::Dedupe => "its `dedupe` key was there before".to_owned(),
        DropReason::LaneBusy => "its lane is busy".to_owned(),
        DropReason::LaneFull => "its lane is full".to_owned(),
        DropReason::Cancelled(reason) => format!("it was cancelled: {reason}"),
        DropReason::Replaced => "a later event took its place".to_owned(),
        DropReason::Guard => "its `where` does not hold".to_owned(),
        DropReason::Fault(fault) => fault.clone(),
        DropReason::Debounced => "another event came within its `debounce`".to_owned(),
        DropReason::Missed => "its time had passed".to_owned(),
    }
}

/// How a run ended, in words.
pub(crate) fn end_words(end: &carapace_engine::stored::End) -> String {
    use carapace_engine::stored::End;
    match end {
        End::Succeeded(_) => "succeeded".to_owned(),
        End::Failed(failure) => format!("failed: {}", failure.message),
        End::Cancelled(reason) => format!("was cancelled: {reason}"),
        End::Fault(fault) => format!("broke a rule of the machine: {fault}"),
    }
}
