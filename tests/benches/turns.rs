//! What an agent's turn costs beside its model: time and journal for each request to a model and each call of a tool, and what a
//! thousand conversations cost while their models think.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use carapace_engine::{Outgoing, Report, Reported};
use carapace_tests::measure::{Budget, Engine, alone, message, tell};
use serde_json::{Value as Json, json};

const NOW: i64 = 1_767_603_600_000;

const SOURCE: &str = "channel desk: any

agent clerk {
  model: \"test/model\"
  instructions: \"Answer.\"
  tools: [look]
  max_steps: 100
}

/// Looks an order up.
tool look(order: Int) -> Text { return \"order {order} is on its way\" }

flow talk on desk.message { reply(clerk.chat(message.text)) }
";

/// How many requests to the model a turn has.
const STEPS: u32 = 50;

/// How many people talk at the same time.
const PEOPLE: u32 = 1_000;

fn main() {
    // A round begins with an engine of its own.
    let deployed = alone(5, || drop(Engine::deployed(SOURCE))).best;
    let (plain, plain_bytes) = turn(0);
    let (tools, tool_bytes) = turn(1);
    let (more, more_bytes) = turn(8);
    let each = |whole: f64| whole / f64::from(STEPS) / 1e3;
    tell(
        "a turn of one request, from the message to the reply",
        (plain - deployed) / 1e3,
        "µs",
        Budget::None,
    );
    tell("a turn of one request: journal", plain_bytes as f64, "bytes", Budget::None);
    tell("each request that calls a tool, and the tool", each(tools - plain), "µs", Budget::None);
    let bytes = (tool_bytes - plain_bytes) as f64 / f64::from(STEPS);
    tell("each request that calls a tool, and the tool: journal", bytes, "bytes", Budget::None);
    tell("each further tool of a request", each(more - tools) / 7.0, "µs", Budget::None);
    let further = (more_bytes - tool_bytes) as f64 / f64::from(STEPS) / 7.0;
    tell("each further tool of a request: journal", further, "bytes", Budget::None);
    let (time, bytes) = crowd();
    tell(
        &format!("{PEOPLE} people while their models think: each"),
        bytes / f64::from(PEOPLE),
        "bytes",
        Budget::None,
    );
    tell(&format!("{PEOPLE} people: a turn each"), time / f64::from(PEOPLE) / 1e3, "µs", Budget::None);
}

/// One turn whose model calls so many tools in each step but the last: nanoseconds, and bytes of journal.
fn turn(tools: u32) -> (f64, usize) {
    let mut bytes = 0;
    let time = alone(5, || {
        let mut engine = Engine::deployed(SOURCE);
        written(&mut engine);
        engine.core.event(NOW, message("desk", 1, "person", "where is it?"));
        bytes = 0;
        let mut step = 0;
        loop {
            engine.core.pump(NOW);
            bytes += written(&mut engine);
            let acts = engine.core.take_outgoing(u64::MAX);
            if acts.is_empty() {
                break;
            }
            for outgoing in acts {
                let Outgoing::Perform(act) = outgoing else { continue };
                let outcome = if act.request.effect.starts_with("chat.") {
                    Reported::Done(json!({ "channel": "desk", "conversation": "person", "id": "m" }))
                } else {
                    step += 1;
                    Reported::Done(said(step, if step > STEPS { 0 } else { tools }))
                };
                engine.core.report(NOW, Report { act: act.id.clone(), attempt: act.attempt, outcome });
            }
        }
        assert!(engine.core.state().runs.is_empty());
    });
    (time.best, bytes)
}

/// What a model says in its n-th step.
fn said(step: u32, tools: u32) -> Json {
    let call = |n: u32| json!({ "id": format!("{step}-{n}"), "tool": "main.look", "arguments": { "order": step * 100 + n } });
    json!({ "text": "an answer of some words", "calls": (0..tools).map(call).collect::<Vec<_>>() })
}

/// Many people at once: nanoseconds for all turns, and how many bytes of the state are theirs while their models think.
fn crowd() -> (f64, f64) {
    let mut bytes = 0.0;
    let time = alone(3, || {
        let mut engine = Engine::deployed(SOURCE);
        let before = engine.core.snapshot().len();
        for person in 0..PEOPLE {
            let text = format!("where is order {person}?");
            engine.core.event(NOW, message("desk", u64::from(person), &format!("p{person}"), &text));
        }
        engine.core.pump(NOW);
        bytes = (engine.core.snapshot().len() - before) as f64;
        loop {
            let acts = engine.core.take_outgoing(u64::MAX);
            if acts.is_empty() {
                break;
            }
            for outgoing in acts {
                let Outgoing::Perform(act) = outgoing else { continue };
                let outcome = if act.request.effect.starts_with("chat.") {
                    Reported::Done(json!({ "channel": "desk", "conversation": "person", "id": "m" }))
                } else {
                    Reported::Done(said(1, 0))
                };
                engine.core.report(NOW, Report { act: act.id.clone(), attempt: act.attempt, outcome });
            }
            engine.core.pump(NOW);
        }
        assert!(engine.core.state().runs.is_empty());
    });
    (time.best, bytes)
}

/// How long the lines since the last time are, as they go to the disk.
fn written(engine: &mut Engine) -> usize {
    engine.core.take_lines().iter().map(|line| serde_json::to_vec(line).unwrap().len()).sum()
}
