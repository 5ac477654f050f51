//! Random commands over flows of every kind, sense and nonsense, with crashes wherever a line ends. Whatever happens: what
//! is read back is what there was, nothing is taken in or begun twice, nothing that may happen once happens twice, and
//! when the world comes to rest, so does the engine.

use crate::bench::{
    DAY, HOUR, MINUTE, SECOND, START, bindings, channel_event, difference, module, named, webhook,
};
use carapace_effect::{Failure, FailureKind, OpId, RunId, TaskPath};
use carapace_engine::machine::vm;
use carapace_engine::record::Record;
use carapace_engine::state::Work;
use carapace_engine::stored::{Entry, Operation};
use carapace_engine::{
    Act, ActId, Core, Deploy, Event, EventKind, Input, Key, Line, Outgoing, Reply, Report, Reported,
    Resolution, State, Timer,
};
use carapace_module::Value;
use carapace_module::signature::Delivery;
use carapace_store::{Checkpoint, MemoryStore, Position, Store as _};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const FLOWS: &str = r#"
state count: Int = 0
state notes: Text = "" by sender keep 1h
type Size = small | large

flow guardian on chat.message filter {
  set count = count + 1
  if message.text == "spam" { return drop }
}

flow echo on chat.message where message.text starts with "e"
  limit 3 per 1m by sender else { reply("slow down") }
{ reply(message.text) }

flow lane on chat.message where message.text == "lane" and count >= 0 serial by sender timeout 10m {
  send("in", to: oncall) undo { send("out", to: oncall) at most once } at most once
  wait(30s)
  if count > 20 { fail("enough") }
} on failure e { send("lane: {e.message}", to: oncall) at most once }

flow swap on chat.message where message.text == "swap" serial by sender or replace timeout 5m {
  let size = ask<Size>("Which?", reask: 1) within 2m else small
  set notes = "{size}"
} on cancel { reply("swapped") }

flow busy on chat.message where message.text == "busy" limit 2 by conversation cancellable by "stop" {
  parallel {
    desk.ask("left") retry 2 backoff 1s..10s within 1m undo { send("undo left", to: oncall) } else "none"
    do {
      send("right", to: oncall) undo { send("undo right", to: oncall) within 1m }
      wait(10s)
      fail("right gave up")
    } else e { reply(e.message) }
  }
  race {
    a: desk.ask("slow") undo { send("undo slow", to: oncall) at most once }
    b: await chat.message from anyone in conversation where it.message.text starts with "r"
    c: wait(1m)
  }
}

flow listener on chat.message where message.text == "listen" debounce 5s by sender {
  listen chat.message as inbox {
    for n in 1..3 {
      let next = inbox.next() within 1m else { return }
      reply("{n}: {next.message.text}")
    }
  }
}

flow decide on chat.command("decide") dedupe message.text for 1m {
  let decision = approve("Sure?", by: managers, count: 2) within 1h else { return }
  if decision.approved { emit("decided", 1) }
}

flow divide on chat.command("divide", n: Int) {
  send("step", to: oncall) undo { send("undo step", to: oncall) }
  reply("{10 / n}")
} on failure { reply("cannot") }

flow decided on event("decided", Int) {
  let run = start child(payload)
  if payload > 2 { cancel(run) }
}
flow child(n: Int) {
  wait(1m)
  if n > 1 { fail("child {n}") }
}
flow hook on webhook("/x", body: Int) {
  respond(200, body)
  if body > 0 { emit("decided", body) }
}
flow tick on every(7m) { log("tick") }
flow noon on cron("0 12 * * *", missed: all) { send("noon", to: oncall) }
flow told on failed(lane), failed(child), failed(busy) { log("{flow}: {error.message}") }
flow watcher on chat.message observes { log("saw") }
"#;

/// A small generator: the same seed, the same story.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or_default()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }
}

/// An engine, its journal, and a world that does what it is asked, or not.
struct Story {
    dice: Dice,
    core: Core,
    /// The engine that only ever applies lines.
    mirror: State,
    now: i64,
    lines: Vec<Line>,
    durable: usize,
    deploys: Vec<Deploy>,
    /// Acts on their way, and some that were reported before.
    acts: Vec<Arc<Act>>,
    past: Vec<ActId>,
    /// How often each act was performed, by its key.
    performed: BTreeMap<Arc<str>, u32>,
    /// Events that were taken in: what they are, to be sent again.
    events: Vec<Event>,
    count: u64,
    crashes: u64,
    /// Where what rests lies.
    shelf: MemoryStore,
    /// How many lines the last checkpoint holds, and it.
    checkpoint: Option<(usize, Vec<u8>)>,
}

impl Story {
    fn new(seed: u64, deploys: &[Deploy]) -> Story {
        let mut story = Story {
            dice: Dice(seed),
            core: Core::new(vm::load, [seed, 1]),
            mirror: State::new(vm::load),
            now: START,
            lines: Vec::new(),
            durable: 0,
            deploys: deploys.to_vec(),
            acts: Vec::new(),
            past: Vec::new(),
            performed: BTreeMap::new(),
            events: Vec::new(),
            count: 0,
            crashes: 0,
            shelf: MemoryStore::new(),
            checkpoint: None,
        };
        story.core.rest_on(story.shelf.shelf()).unwrap();
        let first = story.deploys[0].clone();
        story.submit(Input::Deploy(Box::new(first)));
        story
    }

    fn submit(&mut self, input: Input) -> Reply {
        let reply = self.core.submit(self.now, input).reply;
        self.take();
        reply
    }

    /// Writes down what was decided, and compares.
    fn take(&mut self) {
        for line in self.core.take_lines() {
            let written = serde_json::to_string(&line).unwrap();
            let read: Line = serde_json::from_str(&written).unwrap();
            assert_eq!(read, line, "what is written can be read");
            self.mirror.apply(&read);
            self.lines.push(line);
        }
    }

    fn compare(&self) {
        let (one, two) = (self.core.snapshot(), self.mirror.snapshot());
        assert!(one == two, "{}", difference(&one, &two));
        let restored = State::restore(&one, vm::load).unwrap().snapshot();
        assert!(one == restored, "{}", difference(&one, &restored));
    }

    /// Some of what was written becomes durable, and what is durable leaves.
    fn flow(&mut self, all: bool) {
        let behind = self.lines.len() - self.durable;
        self.durable += if all { behind } else { self.dice.below(behind + 1) };
        for outgoing in self.core.take_outgoing(self.durable as u64) {
            if let Outgoing::Perform(act) = outgoing {
                *self.performed.entry(act.key.clone()).or_default() += 1;
                let times = self.performed[&act.key];
                let once = act.request.delivery == Delivery::AtMostOnce;
                assert!(!once || times == 1, "`{}` may happen once, and happened {times} times", act.id);
                self.acts.retain(|open| open.id != act.id);
                self.acts.push(act);
            }
        }
    }

    /// The process dies. Of the lines that were not durable, some are there all the same.
    fn crash(&mut self) {
        self.crashes += 1;
        let kept = self.durable + self.dice.below(self.lines.len() - self.durable + 1);
        self.lines.truncate(kept);
        self.durable = kept;
        self.core = self.started_anew();
        self.mirror = State::new(vm::load);
        self.lines.iter().for_each(|line| self.mirror.apply(line));
        if self.dice.one_in(3) {
            // Its performers, too; else their word comes late.
            self.acts.clear();
        }
        self.core.recover(self.now);
        self.take();
        self.compare();
        if !self.dice.one_in(3) {
            self.submit(Input::Channel { account: "net".into(), caught_up: true });
        }
    }

    /// From the checkpoint where there is one, or from the first line.
    fn started_anew(&mut self) -> Core {
        let seed = [self.crashes, self.dice.next()];
        match &self.checkpoint {
            Some((held, bytes)) => {
                let mut state = State::take_over(bytes, vm::load, self.shelf.shelf()).unwrap();
                self.lines.iter().skip(*held).for_each(|line| state.apply(line));
                Core::of(state, seed)
            }
            None => {
                let mut core = Core::replay(&self.lines, vm::load, seed);
                core.rest_on(self.shelf.shelf()).unwrap();
                core
            }
        }
    }

    /// What nothing has happened to for a while is laid down; now and then that is what a checkpoint stands on.
    fn rest(&mut self) {
        let lines = self.dice.below(12) as u64;
        self.core.rest(lines);
        assert!(self.core.state().failure().is_none(), "{:?}", self.core.state().failure());
        if self.durable == self.lines.len() && self.dice.one_in(4) {
            let first = self.core.state().first_meant();
            let state = self.core.checkpoint();
            let checkpoint = Checkpoint { at: Position(0), state: state.clone() };
            // What it refers to is written with it.
            self.shelf.write_checkpoint(self.shelf.lease().unwrap(), &checkpoint).unwrap();
            self.checkpoint = Some((self.lines.len(), state));
            first.into_iter().for_each(|first| self.shelf.shelf().drop_before(first).unwrap());
        }
    }

    fn pump(&mut self, most: usize) {
        for _ in 0..most {
            if !self.core.step(self.now) {
                break;
            }
            self.take();
        }
    }

    fn step(&mut self) {
        match self.dice.below(20) {
            0..=6 => self.somebody_writes(),
            7..=10 => self.performers_report(),
            11..=13 => {
                let ms = [1, SECOND, 10 * SECOND, MINUTE, HOUR, 8 * DAY];
                let ms = self.dice.pick(&ms).copied().unwrap_or_default();
                self.now += if self.dice.one_in(10) { -ms } else { ms };
            }
            14 => self.crash(),
            15 | 16 => self.something_else_happens(),
            17 => self.a_person_intervenes(),
            18 => self.nonsense(),
            _ => self.flow(true),
        }
        let most = if self.dice.one_in(2) { 10_000 } else { self.dice.below(4) };
        self.pump(most);
        self.flow(false);
        if self.dice.one_in(3) {
            self.rest();
        }
    }

    fn somebody_writes(&mut self) {
        let texts = [
            "e1",
            "e2",
            "lane",
            "lane",
            "swap",
            "small",
            "large",
            "huge",
            "busy",
            "busy",
            "stop",
            "r",
            "listen",
            "spam",
            "/decide",
            "yes",
            "no",
            "approve",
            "/divide 0",
            "/divide 5",
            "/divide x",
            "1",
            "2",
        ];
        let text = self.dice.pick(&texts).copied().unwrap_or_default();
        let who = self.dice.pick(&["ana", "bo", "cy"]).copied().unwrap_or_default();
        let room = if self.dice.one_in(4) { Some("oncall") } else { None };
        self.count += 1;
        let id = format!("e{}", self.count);
        let message = json!({
            "id": id, "text": text, "attachments": [], "reply_to": null, "mentions": [], "mentioned": false,
        });
        let mut event = channel_event(&id, "message", who, room, self.now, vec![("message", message)]);
        if self.dice.one_in(5) {
            event.at = Some(self.now - self.dice.below(100_000) as i64);
        }
        self.arrive(event);
    }

    fn something_else_happens(&mut self) {
        let number = self.dice.below(4) as i64;
        let event = match self.dice.below(4) {
            0 => {
                let id = format!("w{}", self.dice.below(3));
                webhook("/x", Some(id.as_str()).filter(|_| number > 0), json!(number))
            }
            1 => named("decided", json!(number)),
            2 => match self.dice.pick(&self.events).cloned() {
                Some(again) => again,
                None => return,
            },
            _ => {
                let buttons: Vec<String> =
                    self.acts.iter().flat_map(|act| &act.buttons).map(|(id, _)| id.clone()).collect();
                let Some(value) = self.dice.pick(&buttons).cloned() else { return };
                self.count += 1;
                let who = self.dice.pick(&["ana", "bo", "cy"]).copied().unwrap_or_default();
                let message = json!({ "channel": "net", "conversation": who, "id": "m" });
                let fields = vec![("message", message), ("value", json!(value)), ("label", json!("x"))];
                channel_event(&format!("e{}", self.count), "button", who, None, self.now, fields)
            }
        };
        self.arrive(event);
    }

    fn arrive(&mut self, event: Event) {
        if self.events.len() < 30 {
            self.events.push(event.clone());
        }
        self.submit(Input::Event(Box::new(event)));
    }

    fn performers_report(&mut self) {
        let at = self.dice.below(self.acts.len());
        let Some(act) = self.acts.get(at).cloned() else { return };
        let outcome = match self.dice.below(10) {
            0 => Reported::Unknown("?".to_owned()),
            1 => Reported::Failed(Failure::new(FailureKind::Refused, "refused")),
            2 | 3 => Reported::Failed(Failure::new(FailureKind::Transient, "later")),
            4 => Reported::NotPerformed("gone".to_owned()),
            _ => done(&act),
        };
        let attempt = if self.dice.one_in(5) { self.dice.below(4) as u32 } else { act.attempt };
        if !matches!(outcome, Reported::Unknown(_)) && attempt == act.attempt {
            self.acts.remove(at);
            self.past.push(act.id.clone());
        }
        self.submit(Input::Report(Box::new(Report { act: act.id.clone(), attempt, outcome })));
    }

    fn runs(&self) -> Vec<RunId> {
        self.core.state().runs.iter().map(|run| run.id).collect()
    }

    fn a_person_intervenes(&mut self) {
        let runs = self.runs();
        let Some(run) = self.dice.pick(&runs).copied() else { return };
        match self.dice.below(6) {
            0 | 1 => {
                self.submit(Input::Cancel { run, reason: "a person said so".into() });
            }
            2 => self.resolve_all(),
            3 => {
                let caught_up = self.dice.one_in(2);
                self.submit(Input::Channel { account: "net".into(), caught_up });
            }
            4 => {
                let which = self.dice.below(self.deploys.len());
                let deploy = self.deploys[which].clone();
                self.submit(Input::Deploy(Box::new(deploy)));
            }
            _ => {
                self.submit(Input::Call {
                    flow: "main.child".into(),
                    args: vec![Value::Int(1)],
                    parent: run,
                });
            }
        }
    }

    /// A person says of everything that nobody knows what became of it.
    fn resolve_all(&mut self) {
        let unknown = |operation: &Operation| {
            matches!(operation, Operation::HandedOver { .. })
                || operation.parts().iter().any(|part| part.life == carapace_effect::Life::Unknown)
        };
        let open: Vec<(RunId, OpId)> = self
            .core
            .state()
            .runs
            .iter()
            .flat_map(|run| {
                let all = run.operations.iter().chain(&run.settling);
                all.filter(|(_, o)| unknown(o)).map(|(op, _)| (run.id, op.clone())).collect::<Vec<_>>()
            })
            .collect();
        for (run, op) in open {
            let outcome = if self.dice.one_in(2) {
                Resolution::Done(Value::None)
            } else {
                Resolution::Failed(Failure::new(FailureKind::Refused, "it did not"))
            };
            self.submit(Input::Resolve { run, op, outcome });
        }
    }

    fn nonsense(&mut self) {
        let runs = self.runs();
        let run = self.dice.pick(&runs).copied().filter(|_| !self.dice.one_in(3)).unwrap_or(RunId(5));
        let task = TaskPath(vec![u32::try_from(self.dice.below(3)).unwrap_or_default()]);
        let task = if self.dice.one_in(2) { task } else { TaskPath::default() };
        let op = OpId { task, ordinal: u32::try_from(self.dice.below(6)).unwrap_or_default() };
        let act = ActId { run, op: op.clone(), part: u32::try_from(self.dice.below(3)).unwrap_or_default() };
        let act = self.dice.pick(&self.past).cloned().filter(|_| self.dice.one_in(2)).unwrap_or(act);
        let timers: Vec<(i64, Timer)> = self.core.state().timers.iter().cloned().collect();
        let input = match self.dice.below(10) {
            0 => Input::Report(Box::new(Report { act, attempt: 7, outcome: Reported::Unknown("?".into()) })),
            1 => Input::Report(Box::new(Report { act, attempt: 1, outcome: Reported::Value(Value::Int(1)) })),
            2 => Input::Timer { due: self.now, timer: Timer::Operation { run, op } },
            3 => match self.dice.pick(&timers).cloned() {
                Some((due, timer)) => Input::Timer { due: due - 1, timer },
                None => return,
            },
            4 => Input::Work(self.dice.next() % 50),
            5 => Input::Resolve { run, op, outcome: Resolution::Done(Value::Int(1)) },
            6 => Input::Cancel { run: RunId(9), reason: "nobody".into() },
            7 => Input::Wake { run },
            8 => Input::Call { flow: "main.nobody".into(), args: Vec::new(), parent: run },
            _ => Input::SetState { name: "main.count".into(), key: Key::of(&[]), value: Value::Int(3) },
        };
        let before = self.lines.len();
        let is_state = matches!(input, Input::SetState { .. });
        // A piece of the agenda that is there is no nonsense; nor is a report that happens to be of something open.
        let harmless = matches!(&input, Input::Cancel { .. } | Input::Call { .. } | Input::Timer { .. });
        self.submit(input);
        assert!(is_state || !harmless || self.lines.len() == before, "nonsense changes nothing");
    }

    /// The world comes to rest: whatever is asked is done, whatever is unknown is told, and time passes.
    fn end(&mut self) {
        self.submit(Input::Channel { account: "net".into(), caught_up: true });
        for round in 0..400 {
            // What is done makes room for what waits for its turn.
            for _ in 0..1_000 {
                self.pump(100_000);
                self.flow(true);
                if self.acts.is_empty() {
                    break;
                }
                for act in std::mem::take(&mut self.acts) {
                    let report = Report { act: act.id.clone(), attempt: act.attempt, outcome: done(&act) };
                    self.submit(Input::Report(Box::new(report)));
                }
            }
            self.resolve_all();
            self.pump(100_000);
            self.flow(true);
            if self.acts.is_empty() && self.core.state().runs.is_empty() {
                break;
            }
            assert!(round < 399, "something never ends: {:?}", self.core.state().runs.iter().next());
            self.now += if round < 50 { 30 * SECOND } else { DAY };
        }
        self.compare();
        let state = self.core.state();
        assert!(state.lanes.is_empty(), "nobody is in a lane");
        assert!(
            state.outbox.lanes().next().is_none() && state.outbox.is_empty(),
            "nothing is on its way out"
        );
        assert!(!state.runs.has_waits() && !state.runs.has_stops(), "nobody waits");
        let left = |timer: &Timer| {
            !matches!(timer, Timer::Slot { .. } | Timer::Forget { .. } | Timer::Debounce { .. })
        };
        let timers: Vec<_> = state.timers.iter().filter(|(_, timer)| left(timer)).collect();
        assert!(timers.is_empty(), "{timers:?}");
        assert!(state.agenda.first().is_none_or(|(_, work)| matches!(work, Work::Dispatch { .. })));
        // Those that failed may be tried again.
        let failed: BTreeSet<_> = state.failed.iter().filter_map(|kept| kept.event).collect();
        assert!(
            state.events.len() <= 1 + state.regulation.debounces.len() + failed.len(),
            "{} events are kept",
            state.events.len()
        );
    }

    /// What the journal says in the end.
    fn judge(&self) {
        let mut runs = BTreeSet::new();
        let mut seen: BTreeMap<Arc<str>, i64> = BTreeMap::new();
        let mut begun = BTreeSet::new();
        let mut slots = BTreeSet::new();
        let mut latest = i64::MIN;
        for record in self.lines.iter().flatten() {
            match record {
                Record::Created(created) => {
                    assert!(runs.insert(created.run), "a run came to be twice");
                    let by_event = matches!(created.entry, Entry::Trigger { .. });
                    let first = begun.insert((created.event, created.flow.clone(), by_event));
                    assert!(first || !by_event, "one event started `{}` twice", created.flow);
                }
                Record::Accepted(accepted) => {
                    if let EventKind::Slot { flow, slot, .. } = &accepted.event.kind {
                        assert!(slots.insert((flow.clone(), *slot)), "a slot of `{flow}` came twice");
                    }
                    // A window that has passed has passed, also when the clock is set back then.
                    latest = latest.max(accepted.at);
                    let Some(key) = accepted.seen.as_ref() else { continue };
                    if let Some(until) = seen.insert(key.key.clone(), key.until) {
                        assert!(until <= latest, "an event was taken in twice");
                    }
                }
                _ => {}
            }
        }
    }
}

fn done(act: &Act) -> Reported {
    match &*act.request.effect {
        "agent.ask" => Reported::Done(json!("answer")),
        _ => Reported::Done(json!({ "channel": "net", "conversation": "x", "id": "m" })),
    }
}

fn deploys() -> Vec<Deploy> {
    let other = FLOWS
        .replace("flow echo on chat.message", "flow renamed on chat.message")
        .replace("flow tick on every(7m)", "flow tick on every(3m)");
    [FLOWS, &other]
        .iter()
        .map(|source| Deploy {
            module: module(source).to_bytes().into(),
            settings: BTreeMap::new(),
            bindings: bindings(),
        })
        .collect()
}

/// The first story, and how many are told: `CARAPACE_STORY=304 CARAPACE_STORIES=1` tells that one.
#[expect(clippy::disallowed_methods, reason = "only tests are told by the environment what to do")]
fn asked_for(what: &str, otherwise: u64) -> u64 {
    std::env::var(what).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

fn first() -> u64 {
    asked_for("CARAPACE_STORY", 0)
}

fn stories() -> u64 {
    asked_for("CARAPACE_STORIES", 16)
}

#[test]
fn whatever_happens_the_engine_keeps_its_promises() {
    let deploys = deploys();
    for seed in first()..first() + stories() {
        let told = std::panic::catch_unwind(|| {
            let mut story = Story::new(seed, &deploys);
            for step in 0..150 {
                story.step();
                if step % 5 == 0 {
                    story.compare();
                }
            }
            story.end();
            story.judge();
        });
        assert!(told.is_ok(), "the story of seed {seed} went wrong");
    }
}

#[test]
fn a_crash_after_any_line_comes_to_rest_too() {
    let deploys = deploys();
    for seed in 1_000..1_000 + stories().div_ceil(20) {
        let mut story = Story::new(seed, &deploys);
        for _ in 0..60 {
            story.step();
        }
        story.flow(true);
        let (lines, now, performed) = (story.lines.clone(), story.now, story.performed.clone());
        for cut in (1..=lines.len()).step_by(3) {
            let told = std::panic::catch_unwind(|| {
                let mut again = Story::new(seed, &deploys);
                // Acts of later lines never left: what was performed is not known, and so only counted from here on.
                again.lines = lines[..cut].to_vec();
                again.durable = cut;
                again.now = now;
                again.performed = performed.keys().map(|key| (key.clone(), 0)).collect();
                again.crash();
                again.end();
                again.judge();
            });
            assert!(told.is_ok(), "the story of seed {seed}, cut after line {cut}, went wrong");
        }
    }
}

#[test]
fn the_stories_notice_a_planted_mistake() {
    let deploys = deploys();
    let mut story = Story::new(3, &deploys);
    for _ in 0..30 {
        story.step();
    }
    // A line that the mirror did not see.
    let line: Line = vec![Record::Worked { work: 999_999 }];
    story.mirror.apply(&line);
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story.compare()));
    assert!(told.is_err(), "the sequence differs");
}
