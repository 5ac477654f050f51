//! One package in a world that can be stopped between any two lines of its journal.

use crate::chance::Chance;
use crate::events::{Asked, Happenings};
use crate::ledger::{Ledger, nobody_is_stuck};
use crate::package::{Package, load};
use crate::platform::Platform;
use carapace_engine::{Act, ActId, Core, Decided, Event, EventKind, Input, Line, Outgoing, Reply, State};
use carapace_module::Type;
use carapace_store::{MemoryStore, Store as _};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Monday, 2026-01-05, 09:00 UTC.
pub(crate) const START: i64 = 1_767_603_600_000;

/// Steps at one instant after which the engine goes in circles.
const ROUNDS: u32 = 20_000;

/// What looks at a world after each line.
pub(crate) type Watch<'w> = &'w mut dyn FnMut(&World<'_>);

pub(crate) struct World<'p> {
    pub(crate) package: &'p Package,
    pub(crate) happenings: Arc<Happenings<'p>>,
    pub(crate) core: Core,
    pub(crate) now: i64,
    pub(crate) chance: Chance,
    /// The journal as it stands on the disk.
    pub(crate) journal: Vec<Arc<str>>,
    /// An engine that only ever read the journal.
    pub(crate) reader: State,
    pub(crate) ledger: Ledger,
    pub(crate) platform: Platform,
    pub(crate) asked: Vec<Asked>,
    /// The last events that were acknowledged.
    pub(crate) acknowledged: Vec<Event>,
    /// The event that is being pushed and has no answer yet.
    pub(crate) unanswered: Option<Event>,
    /// What left the engine and has not left the process.
    outbox: VecDeque<Outgoing>,
    number: u64,
}

impl<'p> World<'p> {
    pub(crate) fn new(package: &'p Package, seed: u64, start: i64) -> World<'p> {
        let mut core = Core::new(load, [seed, 1]);
        core.rest_on(MemoryStore::new().shelf()).unwrap();
        let mut world = World {
            package,
            happenings: Arc::new(Happenings::new(package)),
            core,
            now: start,
            chance: Chance::new(seed),
            journal: Vec::new(),
            reader: State::new(load),
            ledger: Ledger::default(),
            platform: Platform::default(),
            asked: Vec::new(),
            acknowledged: Vec::new(),
            unanswered: None,
            outbox: VecDeque::new(),
            number: 0,
        };
        let reply = world.submit(Input::Deploy(Box::new(package.deploy())), &mut |_| {}).reply;
        assert!(matches!(reply, Reply::Deployed(_)), "{}: {reply:?}", package.name);
        world.settle(&mut |_| {});
        world
    }

    /// The same world after a power cut at this very moment: only the journal and the rest of the world are left.
    pub(crate) fn after_power_loss(&self, salt: u64) -> World<'p> {
        let mut chance = self.chance.clone();
        let seed = [chance.next() ^ salt, salt];
        let mut world = World {
            package: self.package,
            happenings: Arc::clone(&self.happenings),
            core: Core::of(self.reader.clone(), seed),
            now: self.now,
            chance: Chance::new(salt ^ seed[0]),
            journal: self.journal.clone(),
            reader: self.reader.clone(),
            ledger: self.ledger.clone(),
            platform: self.platform.clone(),
            asked: self.asked.clone(),
            acknowledged: self.acknowledged.clone(),
            unanswered: self.unanswered.clone(),
            outbox: VecDeque::new(),
            number: self.number + 1_000_000,
        };
        // What stands in durable lines may have left, or not: some of it has.
        let left = world.chance.below(self.outbox.len() + 1);
        for outgoing in self.outbox.iter().take(left) {
            if let Outgoing::Perform(act) = outgoing {
                world.platform.deliver(act, world.now);
            }
        }
        world.core.rest_on(MemoryStore::new().shelf()).unwrap();
        world.platform.forget_reports();
        let in_the_dark = world.started();
        world.core.recover(world.now);
        world.written(&mut |_| {});
        let still = world.started();
        assert!(
            in_the_dark.is_disjoint(&still),
            "what was started before is sent again or unknown, never forgotten"
        );
        world
    }

    /// Acts that were started and have no outcome, and which attempts those are.
    fn started(&self) -> BTreeSet<(ActId, u32)> {
        let runs = self.core.state().runs.iter();
        runs.flat_map(|run| self.core.started(run.id)).map(|act| (act.id.clone(), act.attempt)).collect()
    }

    /// Decides something, and writes it down.
    pub(crate) fn submit(&mut self, input: Input, watch: Watch<'_>) -> Decided {
        let decided = self.core.submit(self.now, input);
        self.written(watch);
        decided
    }

    /// A channel pushes an event.
    pub(crate) fn push(&mut self, event: Event, watch: Watch<'_>) -> Reply {
        self.unanswered = Some(event.clone());
        let reply = self.submit(Input::Event(Box::new(event.clone())), watch).reply;
        self.unanswered = None;
        if let Some(key) = key(&event) {
            assert!(self.ledger.knows(&key), "an event was acknowledged and is not in the journal");
            if self.acknowledged.len() > 8 {
                self.acknowledged.remove(0);
            }
            self.acknowledged.push(event);
        }
        reply
    }

    /// Every channel has brought what piled up while nobody was there.
    pub(crate) fn caught_up(&mut self) {
        let accounts: Vec<Arc<str>> = self.core.state().deaf.keys().cloned().collect();
        for account in accounts {
            self.submit(Input::Channel { account, caught_up: true }, &mut |_| {});
        }
        self.settle(&mut |_| {});
    }

    /// Something plausible happens: an event, or time passes, or a run is cancelled.
    pub(crate) fn live(&mut self, watch: Watch<'_>) {
        let oldest = self.core.state().runs.iter().next().map(|run| run.id);
        if let Some(run) = oldest.filter(|_| self.chance.percent(4)) {
            self.submit(Input::Cancel { run, reason: "by hand".into() }, watch);
        } else {
            let event = self.happen();
            self.push(event, watch);
        }
        self.settle(watch);
        let spans = [0, 0, SECOND, 60 * SECOND, 15 * 60 * SECOND, HOUR, 20 * HOUR];
        let span = self.chance.pick(&spans).copied().unwrap_or_default();
        self.pass(span, watch);
    }

    /// An event that was not there before.
    pub(crate) fn happen(&mut self) -> Event {
        self.number += 1;
        self.happenings.any(&mut self.chance, self.number, &self.asked)
    }

    /// Another event's number.
    pub(crate) fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Lets everything happen that happens at this instant.
    pub(crate) fn settle(&mut self, watch: Watch<'_>) {
        for _ in 0..ROUNDS {
            let moved = self.core.step(self.now);
            self.written(watch);
            let left: Vec<Outgoing> = self.outbox.drain(..).collect();
            let idle = !moved && left.is_empty();
            for outgoing in left {
                if let Outgoing::Perform(act) = outgoing {
                    self.perform(&act);
                }
            }
            let said = self.platform.said(self.now);
            if idle && said.is_empty() {
                nobody_is_stuck(self.core.state());
                // What waits lies on the shelf from here on, and nobody may notice.
                self.core.rest(4);
                return;
            }
            for report in said {
                self.submit(Input::Report(Box::new(report)), watch);
            }
        }
        panic!("{} goes in circles", self.package.name);
    }

    /// Time passes; what is due on the way happens on the way, but for a great many things, which happen late.
    pub(crate) fn pass(&mut self, span: i64, watch: Watch<'_>) {
        let until = self.now + span;
        for _ in 0..12 {
            match self.core.next_due().into_iter().chain(self.platform.next()).min() {
                Some(due) if due <= until => self.now = self.now.max(due),
                _ => break,
            }
            self.settle(watch);
        }
        self.now = until;
        self.settle(watch);
    }

    /// Writes down what was decided, line by line.
    fn written(&mut self, watch: Watch<'_>) {
        let mut outgoing: VecDeque<Outgoing> = self.core.take_outgoing(u64::MAX).into();
        let lines = self.core.take_lines();
        for line in &lines {
            let text: Arc<str> = serde_json::to_string(line).unwrap().into();
            let read: Line = serde_json::from_str(&text).unwrap();
            assert_eq!(read, *line, "a line reads as it was written: {text}");
            self.journal.push(text);
            self.reader.apply(&read);
            self.ledger.read(&read, self.now);
            if lines.len() == 1 {
                self.outbox.append(&mut outgoing);
            }
            watch(self);
        }
        self.outbox.append(&mut outgoing);
    }

    fn perform(&mut self, act: &Act) {
        self.platform.deliver(act, self.now);
        if act.question
            && let Some(to) = &act.to
        {
            self.asked.push(Asked { to: to.clone(), buttons: act.buttons.clone() });
        }
        let wanted = match (&act.request.result, &act.request.type_arg) {
            (Type::Param(_), Some(ty)) => ty,
            (result, _) => result,
        };
        let answer = self.happenings.values().any(&mut self.chance, wanted);
        self.platform.outcome(&mut self.chance, self.now, act, answer);
    }
}

/// What an event is recognised by.
pub(crate) fn key(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::Channel { account, id, .. } => Some(format!("on {account}: {id}")),
        EventKind::Webhook { path, method, id: Some(id), .. } => Some(format!("{method} {path}: {id}")),
        _ => None,
    }
}

/// Whether that is what somebody is told who brings an event again.
pub(crate) fn came_before(reply: &Reply) -> bool {
    matches!(reply, Reply::Duplicate | Reply::Answered(_))
}
