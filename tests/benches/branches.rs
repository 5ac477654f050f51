//! A run with many branches whose outcomes come one by one: what each costs, in time and in the journal, by how many
//! branches there are.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use carapace_engine::{Outgoing, Report, Reported};
use carapace_tests::measure::{Budget, Engine, alone, message, tell};
use serde_json::json;

const NOW: i64 = 1_767_603_600_000;

fn main() {
    for branches in [10, 100, 1_000] {
        let mut bytes = 0;
        let time = alone(5, || bytes = trickle(branches));
        let each = |whole: f64| whole / f64::from(branches);
        tell(
            &format!("{branches} branches: journal, each outcome"),
            each(bytes as f64),
            "bytes",
            Budget::None,
        );
        tell(&format!("{branches} branches: the whole journal"), bytes as f64 / 1e6, "MB", Budget::None);
        tell(&format!("{branches} branches: each outcome"), each(time.best) / 1e3, "µs", Budget::None);
    }
}

/// One run, from its message to its end; how many bytes the journal's records have.
fn trickle(branches: u32) -> usize {
    let source = format!(
        "channel desk: any\n\nagent helper {{\n  model: \"test/model\"\n  instructions: \"Answer.\"\n}}\n\n\
         flow subject on desk.message {{\n  let all = for n in 1..{branches} parallel {{ helper.ask(\"{{n}}\") }}\n  \
         log(\"{{all.count()}}\")\n}}\n"
    );
    let mut engine = Engine::deployed(&source);
    engine.core.event(NOW, message("desk", 1, "person", "go"));
    engine.core.pump(NOW);
    let (mut acts, mut bytes) = (engine.core.take_outgoing(u64::MAX), written(&mut engine));
    assert_eq!(acts.len(), branches as usize);
    // Not in the order in which they were asked for.
    let mut number = 0;
    while !acts.is_empty() {
        number += 7;
        let Outgoing::Perform(act) = acts.swap_remove(number % acts.len()) else { continue };
        let outcome = Reported::Done(json!("an answer of some words"));
        engine.core.report(NOW, Report { act: act.id.clone(), attempt: act.attempt, outcome });
        engine.core.pump(NOW);
        bytes += written(&mut engine);
    }
    assert!(engine.core.state().runs.is_empty());
    bytes
}

/// How long the lines since the last time are, as they go to the disk: that they are made counts.
fn written(engine: &mut Engine) -> usize {
    engine.core.take_lines().iter().map(|line| serde_json::to_vec(line).unwrap().len()).sum()
}
