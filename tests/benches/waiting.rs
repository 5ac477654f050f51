//! What a run that waits costs in memory: as the process grows by many of them.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use carapace_engine::{Outgoing, Report, Reported};
use carapace_tests::measure::{Budget, Engine, message, resident, tell};
use serde_json::json;

/// Enough that what one page more or less means is nothing.
const RUNS: u64 = 50_000;

/// Name, the flow's body, whether it waits at all.
const CASES: &[(&str, &str, bool)] = &[
    ("an event that was remembered, without a run", "", false),
    ("a run in `wait(3d)`", "wait(3d)\n  reply(\"Three days later.\")", true),
    (
        "a run that has asked a question",
        "let answer = ask(\"How are you?\", choices: [\"well\", \"not well\"]) within 3d else \"\"\n  reply(answer)",
        true,
    ),
];

fn main() {
    let mut remembered = 0.0;
    for (name, body, waits) in CASES {
        let guard = if *waits { "true" } else { "false" };
        let source =
            format!("channel desk: any\n\nflow subject on desk.message where {guard} {{\n  {body}\n}}\n");
        let each = grown(&source, if *waits { RUNS } else { 0 });
        if !waits {
            remembered = each;
            tell(name, each, "bytes", Budget::None);
            continue;
        }
        tell(&format!("{name}, its event's memory aside"), each - remembered, "bytes", Budget::AtMost(600.0));
        let gibibytes = each * 1e6 / f64::from(1 << 30);
        tell("  a million of them", gibibytes, "GiB", Budget::AtMost(1.0));
    }
}

/// By how many bytes an event lets the process grow, while `expected` runs come to wait.
fn grown(source: &str, expected: u64) -> f64 {
    let mut engine = Engine::deployed(source);
    // Tables and buffers have their first size before it is looked at.
    go_through(&mut engine, 0, 1_000);
    let before = resident();
    go_through(&mut engine, 1_000, 1_000 + RUNS);
    let grown = resident().saturating_sub(before);
    let waiting = engine.core.state().runs.len() as u64;
    assert_eq!(waiting, if expected == 0 { 0 } else { expected + 1_000 });
    grown as f64 / RUNS as f64
}

fn go_through(engine: &mut Engine, from: u64, to: u64) {
    for number in from..to {
        let now = 1_767_603_600_000 + i64::try_from(number).unwrap();
        let who = format!("person{number}");
        engine.core.event(now, message("desk", number, &who, "hello there, I have a question"));
        engine.core.pump(now);
        for outgoing in engine.core.take_outgoing(u64::MAX) {
            let Outgoing::Perform(act) = outgoing else { continue };
            let outcome = Reported::Done(json!({ "channel": "desk", "conversation": who, "id": "m" }));
            engine.core.report(now, Report { act: act.id.clone(), attempt: act.attempt, outcome });
            engine.core.pump(now);
        }
        std::hint::black_box(engine.core.take_lines());
    }
}
