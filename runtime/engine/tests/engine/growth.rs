//! Memory over time is flat: after very many events there is no more of anything than after some.

use crate::bench::{DAY, START, bindings, channel_event, module, webhook};
use carapace_engine::machine::vm;
use carapace_engine::{Core, Deploy, Input, Outgoing, Report, Reported};
use serde_json::json;
use std::collections::BTreeMap;

const FLOWS: &str = r#"
state count: Int = 0 by sender keep 1h

flow answer on chat.message where message.text == "a"
  limit 3 per 10m by sender
  limit 1 by conversation
  timeout 1h
{
  set count = count + 1
  reply("{count}")
}

flow once on chat.message where message.text == "b" dedupe message.id for 1h serial by sender timeout 1h {
  let answer = ask("Sure?", choices: ["yes", "no"]) within 10m else "none"
  emit("answered", answer)
}
flow answered on event("answered", Text) { log(payload) }

flow quiet on chat.message where message.text == "c" debounce 30s by sender { log("quiet") }

flow hook on webhook("/x", body: Int) {
  respond(200, body)
}
flow tick on every(1m) { log("tick") }
flow fails on chat.message where message.text == "d" { fail("no") }
flow told on failed(fails) { log("told") }
"#;

/// What there is of everything, by name.
fn counts(core: &Core) -> BTreeMap<&'static str, usize> {
    let state = core.state();
    BTreeMap::from([
        ("runs", state.runs.len()),
        ("events", state.events.len()),
        ("seen", state.seen.len()),
        ("answers", state.answers.len()),
        ("regulation", state.regulation.len()),
        ("lanes", state.lanes.len()),
        ("talks", state.talks.len()),
        ("paces", state.outbox.pace.len()),
        ("timers", state.timers.iter().count()),
        ("values", state.values.names().map(|name| state.values.of(name).count()).sum()),
        ("schedules", state.schedules.len()),
        ("claims", state.claims.len()),
        ("finished", state.finished.iter().count()),
        ("deployments", state.deployments.iter().count()),
    ])
}

/// One day after the other, with so many events each. What is remembered for a week is full after the eighth.
fn day(core: &mut Core, now: &mut i64, number: u64, events: u64) {
    let until = *now + DAY;
    let pause = DAY / events.cast_signed();
    for n in 0..events {
        let who = format!("u{}", n % 50);
        let id = format!("{number}-{n}");
        let event = if n % 10 == 9 {
            webhook("/x", Some(&id), json!(n))
        } else {
            // Most of what is said concerns nobody.
            let texts = ["a", "b", "c", "d", "a", "yes"];
            let text = texts.get(usize::try_from(n % 23).unwrap()).copied().unwrap_or("hello");
            let message = json!({
                "id": id, "text": text, "attachments": [], "reply_to": null, "mentions": [], "mentioned": false,
            });
            channel_event(&id, "message", &who, None, *now, vec![("message", message)])
        };
        core.submit(*now, Input::Event(Box::new(event)));
        settle(core, *now);
        *now += pause;
        while let Some(due) = core.next_due().filter(|due| due <= now) {
            settle(core, due.max(*now - pause));
        }
    }
    *now = until;
}

fn settle(core: &mut Core, now: i64) {
    loop {
        core.pump(now);
        drop(core.take_lines());
        let outgoing = core.take_outgoing(u64::MAX);
        if outgoing.is_empty() {
            return;
        }
        for outgoing in outgoing {
            if let Outgoing::Perform(act) = outgoing {
                let outcome = Reported::Done(json!({ "channel": "net", "conversation": "x", "id": "m" }));
                core.report(now, Report { act: act.id.clone(), attempt: act.attempt, outcome });
            }
        }
    }
}

#[test]
fn a_hundred_thousand_events_leave_no_more_than_a_few_thousand() {
    let (mut core, mut now) = (Core::new(vm::load, [1, 2]), START);
    let deploy =
        Deploy { module: module(FLOWS).to_bytes().into(), settings: BTreeMap::new(), bindings: bindings() };
    core.submit(now, Input::Deploy(Box::new(deploy)));
    let per_day = 5_000;
    for number in 0..9 {
        day(&mut core, &mut now, number, per_day);
    }
    let (early, early_size) = (counts(&core), core.snapshot().len());
    for number in 9..20 {
        day(&mut core, &mut now, number, per_day);
    }
    let (late, late_size) = (counts(&core), core.snapshot().len());
    for (what, count) in &late {
        let before = early[what];
        assert!(
            *count <= before + before / 20 + 5,
            "{what}: {before} after 45,000 events, {count} after 100,000"
        );
    }
    assert!(late_size <= early_size + early_size / 20, "{early_size} bytes, then {late_size}");
    assert_eq!(late["deployments"], 1);
    // A quiet week later there is nothing but what is due by itself.
    now += 8 * DAY;
    settle(&mut core, now);
    day(&mut core, &mut now, 99, 1);
    let idle = counts(&core);
    assert!(idle["seen"] <= 1 && idle["answers"] <= 1 && idle["regulation"] <= 2, "{idle:?}");
    assert_eq!((idle["runs"], idle["lanes"], idle["values"]), (0, 0, 0), "{idle:?}");
    assert!(idle["timers"] <= 2 && idle["events"] <= 1, "{idle:?}");
}
