//! The engine in memory: a message comes in, a guard holds, a reply goes out and is confirmed, the run is over. No disk.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use carapace_engine::{Outgoing, Report, Reported};
use carapace_tests::measure::{Budget, Engine, alone, message, tell};
use serde_json::json;

const SOURCE: &str = r#"
channel desk: any

flow greet on desk.message
  where not sender.bot and message.text starts with "hello"
{
  reply("Hello, {sender.name}!")
}
"#;

/// Runs of a round.
const RUNS: u64 = 5_000;

fn main() {
    // A new engine each round, so that what it remembers of a million events does not count.
    let mut finished = 0;
    let time = alone(15, || finished = talk());
    assert_eq!(finished, RUNS);
    let each = time.best / RUNS as f64;
    tell("inbound, guard, reply, over: each", each / 1e3, "µs", Budget::None);
    tell("inbound, guard, reply, over", 1e9 / each, "runs/s", Budget::AtLeast(20_000.0));
    let bare = alone(15, || drop(Engine::deployed(SOURCE)));
    tell("of a round, loading and deploying", 100.0 * bare.best / time.best, "%", Budget::None);
}

/// As many runs as a round has, each from its message to its end; how many ended.
fn talk() -> u64 {
    let mut engine = Engine::deployed(SOURCE);
    let mut confirmed = 0;
    for number in 0..RUNS {
        let now = 1_767_603_600_000 + i64::try_from(number).unwrap();
        let who = format!("person{}", number % 100);
        engine.core.event(now, message("desk", number, &who, "hello there"));
        engine.core.pump(now);
        for outgoing in engine.core.take_outgoing(u64::MAX) {
            let Outgoing::Perform(act) = outgoing else { continue };
            let outcome = Reported::Done(json!({ "channel": "desk", "conversation": who, "id": "m" }));
            engine.core.report(now, Report { act: act.id.clone(), attempt: act.attempt, outcome });
            engine.core.pump(now);
            confirmed += 1;
        }
        std::hint::black_box(engine.core.take_lines());
    }
    assert!(engine.core.state().runs.is_empty());
    confirmed
}
