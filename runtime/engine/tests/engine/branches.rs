//! A run of many branches hears of them one by one: each outcome costs what it changes, however many branches there are.

use crate::bench::{Bench, difference, module};
use carapace_engine::machine::vm;
use carapace_engine::record::{Frames, Record};
use carapace_engine::{Core, Line, Outgoing, Report, Reported};
use serde_json::json;

/// A run with so many branches, each of which asks; all are answered, one after the other, and in an order that is not
/// theirs. Gives how many bytes of journal the middle half of the answers took, for each.
fn trickle(branches: usize, crashes: bool) -> usize {
    let source = format!(
        "flow f on chat.message {{\n  let all = for n in 1..{branches} parallel {{ desk.ask(\"{{n}}\") }}\n  \
         log(\"{{all.count()}} {{all.first() else \"\"}} {{all.last() else \"\"}}\")\n}}"
    );
    let mut t = Bench::of(&module(&source));
    t.message("ana", "go");
    assert_eq!(t.acts.len(), branches);
    let mut open = t.acts.clone();
    let (from, to) = (branches / 4, branches * 3 / 4);
    let (mut bytes, mut said) = (0, Vec::new());
    for number in 0..branches {
        let act = open.swap_remove((number * 7) % open.len());
        let before = t.lines.len();
        let outcome = Reported::Done(json!(format!("answer {}", act.arguments["prompt"])));
        // By hand: the bench would look at all of the journal each time.
        t.core.report(t.now, Report { act: act.id.clone(), attempt: act.attempt, outcome });
        t.core.pump(t.now);
        t.lines.extend(t.core.take_lines());
        said.extend(t.core.take_outgoing(u64::MAX));
        if (from..to).contains(&number) {
            bytes +=
                t.lines[before..].iter().map(|line| serde_json::to_vec(line).unwrap().len()).sum::<usize>();
        }
        if crashes && number % 16 == 5 {
            replays(&t);
            let restored = Core::restore(&t.core.snapshot(), vm::load, [9, 9]).unwrap();
            t.core = restored;
        }
    }
    replays(&t);
    assert!(t.core.state().runs.is_empty(), "{:?}", t.living());
    let [Outgoing::Note(note)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(*note.message, format!("{branches} answer \"1\" answer \"{branches}\""));
    bytes / (to - from)
}

/// The lines, written and read, lead to the same state.
fn replays(t: &Bench) {
    let written = t.lines.iter().map(|line| serde_json::to_string(line).unwrap());
    let read: Vec<Line> = written.map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert!(read == t.lines, "what is written can be read");
    let (replayed, now) = (Core::replay(&read, vm::load, [0, 0]).snapshot(), t.core.snapshot());
    assert!(replayed == now, "{}", difference(&now, &replayed));
}

#[test]
fn what_an_outcome_writes_does_not_grow_with_the_branches_that_wait() {
    let (few, many) = (trickle(50, false), trickle(500, false));
    assert!(many < few + few / 5, "{few} bytes each of 50 branches, {many} each of 500");
    assert!(many < 1_500, "{many} bytes for an outcome");
}

#[test]
fn a_run_of_many_branches_replays_and_goes_on_from_its_snapshot_at_any_outcome() {
    trickle(100, true);
}

#[test]
fn frames_are_written_whole_first_and_then_as_what_has_changed() {
    let long = "0123456789".repeat(300);
    let mut t = Bench::new(&format!(
        "flow f on chat.message {{\n  let long = \"{long}\" + message.text\n  \
         send(\"one\", to: oncall)\n  send(\"two\", to: oncall)\n  send(\"three\", to: oncall)\n  reply(\"{{long.length()}}\")\n}}"
    ));
    let said = t.message("ana", "go");
    assert_eq!(said.last().map(String::as_str), Some("f succeeded"));
    let forms: Vec<&str> = t
        .lines
        .iter()
        .flatten()
        .filter_map(|record| match record {
            Record::Stretched(stretched) => Some(match stretched.frames {
                Some(Frames::Whole(_)) => "whole",
                Some(Frames::Changed(_)) => "changed",
                None => "none",
            }),
            _ => None,
        })
        .collect();
    assert_eq!(forms, ["whole", "changed", "changed", "whole", "none"], "without the text it is short");
}

#[test]
fn a_line_of_before_is_read_with_its_frames_whole() {
    let line = r#"[{"stretched":{"run":"00000000000000000000000000000007","now":5,"seed":6,"frames":"AQID","fuel":4}}]"#;
    let read: Line = serde_json::from_str(line).unwrap();
    let [Record::Stretched(stretched)] = read.as_slice() else { panic!("{read:?}") };
    assert!(matches!(&stretched.frames, Some(Frames::Whole(bytes)) if *bytes.0 == [1, 2, 3]));
    assert_eq!(serde_json::to_string(&read).unwrap(), line, "and is written as it was");
}
