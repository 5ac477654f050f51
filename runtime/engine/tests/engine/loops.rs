//! Two programs that answer each other are stopped, and people are not.

use crate::bench::{Bench, DAY, HOUR, MINUTE, SECOND, answer};
use carapace_engine::{Event, Outgoing, Report, Reported};
use serde_json::json;

const ECHO: &str = r#"
flow echo on chat.message where message.text != "wait" and message.text != "stop" { reply("you say {message.text}") }
flow long on chat.message where message.text == "wait" cancellable by "stop" { wait(7d) }
"#;

/// Answers everybody the same.
const DESK: &str = r#"flow front on chat.message { reply("We will see to it.") }"#;

fn bench(source: &str) -> Bench {
    let mut t = Bench::new(source);
    t.core.break_loops(true);
    t
}

fn says(t: &mut Bench, who: &str, room: Option<&str>, text: &str, program: bool) -> Event {
    let mut event = t.said(who, room, text);
    event.fields["sender"]["bot"] = json!(program);
    event
}

/// Says something so often, each time so long after the answer; gives what was told of muting, and after how many rounds.
fn rounds(
    t: &mut Bench,
    count: u32,
    after: i64,
    program: bool,
    text: impl Fn(u32) -> String,
) -> Vec<(u32, String)> {
    let mut muted = Vec::new();
    for n in 0..count {
        let event = says(t, "ana", None, &text(n), program);
        t.core.event(t.now, event);
        // Without looking at the whole engine after each step, as the bench does: there are many.
        loop {
            t.core.pump(t.now);
            let outgoing = t.core.take_outgoing(u64::MAX);
            if outgoing.is_empty() {
                break;
            }
            for outgoing in outgoing {
                match outgoing {
                    Outgoing::Perform(act) => {
                        let outcome = Reported::Done(answer(&act));
                        let (act, attempt) = (act.id.clone(), act.attempt);
                        t.core.report(t.now, Report { act, attempt, outcome });
                    }
                    Outgoing::Muted(who) => muted.push((n, who.why.to_string())),
                    _ => {}
                }
            }
        }
        t.now += after;
    }
    muted
}

fn answers(t: &mut Bench, text: &str, program: bool) -> bool {
    let event = says(t, "ana", None, text, program);
    t.event(event).iter().any(|w| w.starts_with("reply"))
}

#[test]
fn a_program_is_not_heard_after_a_dozen_rounds() {
    let mut t = bench(ECHO);
    let muted = rounds(&mut t, 13, 20 * SECOND, true, |n| format!("number {n}"));
    assert_eq!(muted, [(12, "it is a program".to_owned())]);
    assert!(!answers(&mut t, "hello?", true));
    t.pass(MINUTE);
    assert!(answers(&mut t, "hello?", true));
}

#[test]
fn each_pause_is_longer_until_a_day_is_quiet() {
    let mut t = bench(ECHO);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        rounds(&mut t, 13, SECOND, true, |n| format!("{n}"));
        let origin = says(&mut t, "ana", None, "x", true);
        let until = t.core.state().talks.muted(&origin, t.now).unwrap();
        pauses.push((until - t.now + MINUTE - 1) / MINUTE);
        t.now = until - SECOND;
        assert!(!answers(&mut t, "again?", true));
        t.now = until;
        assert!(answers(&mut t, "again?", true));
    }
    assert_eq!(pauses, [1, 5, 30, 120, 720, 720]);
    t.pass(DAY + HOUR);
    rounds(&mut t, 13, SECOND, true, |n| format!("{n}"));
    t.pass(MINUTE);
    assert!(answers(&mut t, "again?", true), "it begins anew");
}

#[test]
fn a_program_that_does_not_say_so_is_known_by_its_pace() {
    let mut t = bench(ECHO);
    let muted = rounds(&mut t, 60, 700, false, |n| format!("number {n}"));
    assert_eq!(muted, [(30, "no person answers so quickly".to_owned())]);
}

#[test]
fn an_automatic_answer_is_known_by_its_sameness() {
    let mut t = bench(DESK);
    let muted = rounds(&mut t, 16, 30 * SECOND, false, |_| "I am out of office.".to_owned());
    assert_eq!(muted, [(14, "both say the same again and again".to_owned())]);
}

#[test]
fn others_are_heard_and_so_is_the_word_that_stops() {
    let mut t = bench(ECHO);
    let event = says(&mut t, "ana", None, "wait", true);
    t.event(event);
    rounds(&mut t, 13, SECOND, true, |n| format!("{n}"));
    let in_room = says(&mut t, "ana", Some("club"), "hello", true);
    assert!(t.event(in_room).iter().any(|w| w.starts_with("reply")), "elsewhere");
    assert!(t.message("bo", "hello").iter().any(|w| w.starts_with("reply")), "somebody else");
    let stop = says(&mut t, "ana", None, "/stop", true);
    let said = t.event(stop);
    assert!(said.iter().any(|w| w.contains("cancelled")), "{said:?}");
}

#[test]
fn it_is_known_over_a_restart() {
    let mut t = bench(ECHO);
    rounds(&mut t, 13, SECOND, true, |n| format!("{n}"));
    t.pass(0);
    t.crash();
    t.core.break_loops(true);
    assert!(!answers(&mut t, "hello?", true));
    assert!(t.core.state().talks.len() <= 2);
    t.pass(3 * DAY);
    t.message("bo", "x");
    assert_eq!(t.core.state().talks.len(), 1, "what is long over is forgotten");
}

type Habit = (&'static str, &'static str, u32, i64, fn(u32) -> String);

#[test]
fn people_are_heard() {
    let people: [Habit; 8] = [
        ("talks fast all evening", ECHO, 80, 1_600, |n| format!("word {n}")),
        ("turns pages", ECHO, 60, 2_500, |n| format!("next {n}")),
        ("plays dice: the same word, another answer", ECHO, 10, 3_000, |_| "roll".to_owned()),
        ("pastes a page, line by line", ECHO, 80, 5, |n| format!("line {n}")),
        ("forwards a hundred messages", ECHO, 80, 150, |n| format!("see {n}")),
        ("sends fifty receipts", DESK, 50, 1_000, |_| String::new()),
        ("asks whether there is news every other minute", DESK, 40, 2 * MINUTE, |_| "news?".to_owned()),
        ("complains ten times", DESK, 10, 10 * SECOND, |_| "hello???".to_owned()),
    ];
    for (who, source, count, after, text) in people {
        let mut t = bench(source);
        assert_eq!(rounds(&mut t, count, after, false, text), [], "{who}");
    }
}

#[test]
fn two_people_in_a_room_do_not_count_as_one() {
    let mut t = bench(ECHO);
    for n in 0..40 {
        for who in ["ana", "bo"] {
            let event = says(&mut t, who, Some("club"), &format!("{n}"), false);
            assert!(t.event(event).iter().any(|w| w.starts_with("reply")), "{who} {n}");
            t.pass(SECOND);
        }
    }
}

#[test]
fn nobody_is_muted_where_it_is_not_wanted() {
    let mut t = Bench::new(ECHO);
    assert_eq!(rounds(&mut t, 60, 500, true, |n| format!("{n}")), []);
}

#[test]
fn too_much_to_one_place_waits_and_is_not_lost() {
    let mut t = bench("flow talks on chat.message timeout 1h { for n in 1..250 { reply(\"{n}\") } }");
    let mut said = t.message("ana", "go");
    assert_eq!(said.iter().filter(|w| w.starts_with("reply")).count(), 100);
    assert!(t.message("bo", "go").iter().any(|w| w.starts_with("reply 1 ")), "others get theirs");
    said.extend(t.pass(599));
    assert_eq!(said.iter().filter(|w| w.ends_with("ana")).count(), 100);
    t.crash();
    t.core.break_loops(true);
    said.extend(t.pass(1));
    assert_eq!(said.iter().filter(|w| w.ends_with("ana")).count(), 101, "one more every 600 ms");
    said.extend(t.pass(2 * MINUTE));
    let to_ana: Vec<&String> = said.iter().filter(|w| w.ends_with("→ ana")).collect();
    let all: Vec<String> = (1..=250).map(|n| format!("reply {n} → ana")).collect();
    assert_eq!(to_ana, all.iter().collect::<Vec<_>>());
    assert!(t.core.state().runs.is_empty() && t.core.state().outbox.lanes().next().is_none());
}
