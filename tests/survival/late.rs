//! Too late, twice, too early, and by the wrong people.

use crate::events::Asked;
use crate::package::seeded;
use crate::world::{DAY, HOUR, START, World};
use carapace_effect::{Life, OpId, RunId};
use carapace_engine::record::Record;
use carapace_engine::stored::{Operation, Question, Who};
use carapace_engine::{Destination, Input, Line, Report, Reported};
use serde_json::Value as Json;

/// A question that is open.
struct Open {
    run: RunId,
    op: OpId,
    question: Question,
    buttons: Vec<(String, String)>,
    to: Destination,
    confirmed: bool,
}

#[test]
fn outcomes_that_come_late_or_twice_are_true_and_change_nothing_else() {
    let (mut late, mut again) = (0, 0);
    for (seed, package) in seeded(9) {
        let mut world = World::new(package, seed, START);
        for _ in 0..30 {
            world.live(&mut |_| {});
            let Some((run, act)) = started(&world) else { continue };
            // Cancelled first, its outcome afterwards, and then once more.
            world.submit(Input::Cancel { run, reason: "too slow".into() }, &mut |_| {});
            world.settle(&mut |_| {});
            let report = Report { act, attempt: 1, outcome: Reported::Done(Json::Null) };
            world.submit(Input::Report(Box::new(report.clone())), &mut |_| {});
            late += 1;
            let before = world.journal.len();
            world.submit(Input::Report(Box::new(report)), &mut |_| {});
            assert_eq!(world.journal.len(), before, "{}: what is known is not written again", package.name);
            again += 1;
            world.settle(&mut |_| {});
        }
        world.pass(3 * DAY, &mut |_| {});
    }
    println!("{late} outcomes after a cancel, {again} said twice");
    assert!(late > 20);
}

#[test]
fn only_those_who_were_asked_answer_and_only_while_it_is_open() {
    let (mut strangers, mut early, mut expired) = (0, 0, 0);
    for (seed, package) in seeded(10) {
        let mut world = World::new(package, seed, START);
        for _ in 0..80 {
            world.live(&mut |_| {});
            let Some(open) = open(&world) else { continue };
            if open.buttons.is_empty() {
                continue;
            }
            if !open.question.from.includes(open.to.account(), Some("nobody")) {
                press(&mut world, &open, "nobody");
                assert!(!answered(&world, &open), "{}: a stranger answered", package.name);
                strangers += 1;
            }
            if !open.confirmed
                && let Who::Only(people) = &open.question.from
                && let Some(person) = people.first()
            {
                press(&mut world, &open, &person.id.clone());
                early += u32::from(answered(&world, &open));
            }
            // Long after nobody waits for it any more.
            world.settle(&mut |_| {});
            world.pass(HOUR, &mut |_| {});
            world.pass(9 * DAY, &mut |_| {});
            let gone = world
                .core
                .state()
                .runs
                .get(open.run)
                .is_none_or(|run| !run.operations.contains_key(&open.op));
            if gone {
                let who = match &open.question.from {
                    Who::Only(people) => people.first().map_or("ana", |person| &person.id),
                    Who::Anyone => "ana",
                };
                press(&mut world, &open, who);
                assert!(!answered(&world, &open), "{}: it was answered after its time", package.name);
                expired += 1;
            }
        }
    }
    println!(
        "{strangers} strangers, {early} answers before the question's own send was confirmed, {expired} too late"
    );
    assert!(strangers > 3 && early > 0 && expired > 5, "{strangers} {early} {expired}");
}

fn started(world: &World<'_>) -> Option<(RunId, carapace_engine::ActId)> {
    let runs: Vec<RunId> = world.core.state().runs.iter().map(|run| run.id).collect();
    runs.into_iter().find_map(|run| Some((run, world.core.started(run).first()?.id.clone())))
}

fn open(world: &World<'_>) -> Option<Open> {
    let state = world.core.state();
    state.runs.iter().find_map(|run| {
        run.operations.iter().find_map(|(op, operation)| {
            let Operation::Question { question, parts, .. } = operation else { return None };
            let part = parts.last()?;
            let button = |(index, label): (usize, &std::sync::Arc<str>)| {
                (format!("ask/{}/{op}/{index}", run.id), label.to_string())
            };
            Some(Open {
                run: run.id,
                op: op.clone(),
                question: (**question).clone(),
                buttons: question.buttons.iter().enumerate().map(button).collect(),
                to: part.to.clone()?,
                confirmed: matches!(part.life, Life::Done),
            })
        })
    })
}

/// Somebody presses the question's first button.
fn press(world: &mut World<'_>, open: &Open, who: &str) {
    let to = Destination::User { account: open.to.account().clone(), user: who.into() };
    let asked = Asked { to, buttons: open.buttons.clone() };
    let number = world.number();
    let event = world.happenings.press(number, &asked, who);
    world.push(event, &mut |_| {});
}

/// Whether the last line answered the question.
fn answered(world: &World<'_>, open: &Open) -> bool {
    let line: Line = serde_json::from_str(world.journal.last().unwrap()).unwrap();
    line.iter().any(|record| match record {
        Record::Delivered(delivered) => delivered.run == open.run && delivered.op == open.op,
        Record::Voted(voted) => voted.run == open.run && voted.op == open.op,
        _ => false,
    })
}
