//! Who gets an event, among 10,000 flows: the matching alone, which has a budget; and the whole decision, from the event
//! to the line of the journal, which also writes down what came of it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

use carapace_engine::decide::takers;
use carapace_engine::{Command, Event, EventKind, Input, Record, decide};
use carapace_tests::measure::{Budget, Engine, message, processor_time, tell};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const FLOWS: usize = 10_000;
const CHANNELS: usize = 20;
/// So many events as the caches hold: one that comes in was made a moment ago.
const EVENTS: u64 = 250;
/// As often, so that a round is long enough for its clock.
const TIMES: usize = 400;
const ROUNDS: usize = 10;
const NOW: i64 = 1_767_603_600_000;

fn main() {
    let engine = Engine::deployed(&flows());
    let state = engine.core.state();
    let events: Vec<Arc<Event>> = (0..EVENTS).map(|number| Arc::new(event(number))).collect();
    let (mut matching, mut deciding, mut took, mut started) = (f64::INFINITY, f64::INFINITY, 0, 0);
    for _ in 0..ROUNDS {
        let start = processor_time();
        for _ in 0..TIMES {
            took = events.iter().map(|event| takers(state, NOW, black_box(event)).len()).sum();
        }
        matching = matching.min(each(processor_time() - start));
        let mut spent = Duration::ZERO;
        for _ in 0..TIMES {
            let input = |event: &Arc<Event>| Input::Event(Box::new(Event::clone(event)));
            let command = |event| Command { now: NOW, entropy: [3, 4], input: input(event) };
            let commands: Vec<Command> = events.iter().map(command).collect();
            // What comes of it is kept until the clock has stopped: freeing it is nobody's decision.
            let mut decisions = Vec::with_capacity(commands.len());
            let start = processor_time();
            for command in commands {
                decisions.push(decide(state, black_box(command)));
            }
            spent += processor_time() - start;
            let records = decisions.iter().flat_map(|decision| &decision.records);
            started = records.filter(|record| matches!(record, Record::Created(_))).count();
        }
        deciding = deciding.min(each(spent));
    }
    assert_eq!(took, started, "who takes an event starts on it: nothing else has a say here");
    let share = 100.0 * took as f64 / EVENTS as f64;
    let what = format!("guard dispatch, {FLOWS} flows ({share:.0} % of the events start one)");
    tell(&what, 1.0 / matching, "events/s", Budget::AtLeast(1e6));
    tell("  each", matching * 1e9, "ns", Budget::None);
    tell("event to journal line", 1.0 / deciding, "events/s", Budget::None);
    tell("  each", deciding * 1e9, "ns", Budget::None);
}

fn each(spent: Duration) -> f64 {
    spent.as_secs_f64() / (EVENTS as f64 * TIMES as f64)
}

/// As many flows as a large deployment has, listening in the ways that people make flows listen.
fn flows() -> String {
    let mut source = String::new();
    (0..CHANNELS).for_each(|n| writeln!(source, "channel c{n}: telegram").unwrap());
    for n in 0..FLOWS {
        let c = n / 20 % CHANNELS;
        let header = match n % 20 {
            0..=8 => format!("on c{c}.message where message.text contains \"{}\" ignoring case", word(n)),
            9..=11 => format!(
                "on c{c}.message where not sender.bot and (message.text contains \"{}\" or message.text contains \"{}s\")",
                word(n),
                word(n)
            ),
            12..=15 => format!("on c{c}.command(\"{}\")", word(n)),
            16 => format!("on c{c}.message where conversation.id == \"room{n}\" and message.mentioned"),
            17 => format!("on c{c}.message where sender.id == \"person{n}\""),
            18 => format!("on c{c}.joined where conversation.id == \"room{n}\""),
            _ => format!("on event(\"{}\", Text)", word(n)),
        };
        writeln!(source, "flow f{n} {header} {{ }}").unwrap();
    }
    source
}

/// A word that nobody says by accident.
fn word(n: usize) -> String {
    const SYLLABLES: [&str; 10] = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu"];
    format!("{n:05}").bytes().map(|digit| SYLLABLES[usize::from(digit - b'0')]).collect()
}

/// What comes in: mostly talk, sometimes a word or a command that somebody waits for.
fn event(number: u64) -> Event {
    let n = usize::try_from(number).unwrap();
    let flow = n.wrapping_mul(7_919) % FLOWS;
    let account = format!("c{}", flow / 20 % CHANNELS);
    let who = format!("somebody{}", n % 500);
    let text = match n % 20 {
        0..=13 => "good morning, does anybody know when the parcel that I ordered last week will be here?"
            .to_owned(),
        14 | 15 => format!("could you have a look at the {} please", word(flow)),
        16 | 17 => format!("/{}", word(flow)),
        _ => "thanks!".to_owned(),
    };
    let mut event = message(&account, number, &who, &text);
    if n % 20 == 19
        && let EventKind::Channel { trigger, .. } = &mut event.kind
    {
        *trigger = "joined".into();
    }
    event
}
