//! What events are recognised by lies on the shelf, and the checkpoint only refers to it.

use crate::bench::{Bench, DAY, channel_event, webhook};
use carapace_engine::machine::vm;
use carapace_engine::record::Record;
use carapace_engine::{Core, Input, Reply, State};
use carapace_store::{Checkpoint, MemoryStore, Position, Store as _};
use serde_json::{Value as Json, json};

const START: i64 = 1_790_000_000_000;

/// Says something under this id; the answer to whoever brings it.
fn say(core: &mut Core, now: i64, id: u64) -> Reply {
    let event = channel_event(&id.to_string(), "message", "ana", None, now, Vec::new());
    let reply = core.submit(now, Input::Event(Box::new(event))).reply;
    core.rest(4_096);
    drop(core.take_lines());
    reply
}

#[test]
fn a_checkpoint_does_not_grow_with_the_events_that_are_known() {
    let store = MemoryStore::new();
    let mut core = Core::new(vm::load, [1, 2]);
    core.rest_on(store.shelf()).unwrap();
    // More than one day, and in each more than a page and more than a table has room for.
    let (events, pause) = (24_000, DAY / 10_000);
    let at = |n: u64| START + n.cast_signed() * pause;
    for n in 0..events {
        assert_eq!(say(&mut core, at(n), n), Reply::Accepted);
    }
    let checkpoint = core.checkpoint();
    assert!(checkpoint.len() < 150_000, "{} bytes", checkpoint.len());
    assert!(core.snapshot().len() > 24_000 * 20, "the snapshot has them all");

    let written = Checkpoint { at: Position(0), state: checkpoint.clone() };
    store.write_checkpoint(store.lease().unwrap(), &written).unwrap();
    let state = State::take_over(&checkpoint, vm::load, store.shelf()).unwrap();
    assert_eq!(state.snapshot(), core.snapshot());
    let mut core = Core::of(state, [3, 4]);
    let now = at(events);
    for n in (0..events).step_by(7) {
        assert_eq!(say(&mut core, now, n), Reply::Duplicate, "{n}");
    }
    // Each for seven days to the millisecond, wherever it lies.
    for n in (0..events).step_by(1_000) {
        assert_eq!(say(&mut core, at(n) + 7 * DAY - 1, n), Reply::Duplicate, "{n}");
        assert_eq!(say(&mut core, at(n) + 7 * DAY, n), Reply::Accepted, "{n}");
    }
    // Days that are over are gone with their pages.
    say(&mut core, now + 15 * DAY, events);
    assert_eq!(core.state().seen.len(), 1);
    assert!(core.state().failure().is_none());
}

#[test]
fn keys_and_answers_of_an_older_checkpoint_are_known() {
    let mut t = Bench::new(
        r#"
flow f on chat.message { reply("once") }
flow hook on webhook("/pay", body: Int) { respond(200, body) }
"#,
    );
    let said = t.said("ana", None, "hi");
    assert_eq!(t.event(said.clone()).len(), 3);
    t.event(webhook("/pay", Some("1"), json!(5)));
    // As it was written before bodies were told apart, and before keys were hashed.
    for record in t.lines.iter_mut().flatten() {
        if let Record::Accepted(accepted) = record {
            accepted.seen.iter_mut().for_each(|seen| seen.body = None);
        }
    }
    let mut written: Json = serde_json::from_slice(&t.core.snapshot()).unwrap();
    let members = written.as_object_mut().unwrap();
    members.remove("keys").unwrap();
    let answers = members.remove("answered").unwrap();
    let answer = answers.as_object().unwrap().values().next().unwrap()["responded"].clone();
    let until = t.now + 7 * DAY;
    let (message, request) = (format!(r#"["net","{}"]"#, id_of(&said)), r#"["POST","/pay","1"]"#);
    members.insert("seen".into(), json!({ message: until, request: until }));
    members.insert("answers".into(), json!({ request: answer }));
    t.core = Core::restore(&serde_json::to_vec(&written).unwrap(), vm::load, [1, 2]).unwrap();
    for _ in 0..2 {
        assert_eq!(t.event(said.clone()), Vec::<String>::new());
        assert_eq!(t.reply, Some(Reply::Duplicate));
        t.event(webhook("/pay", Some("1"), json!(6)));
        let Some(Reply::Answered(answer)) = &t.reply else { panic!("{:?}", t.reply) };
        assert_eq!(answer.body, json!(5));
    }
    t.pass(7 * DAY);
    assert_eq!(t.event(said).len(), 3, "after its window it is another one");
}

fn id_of(event: &carapace_engine::Event) -> &str {
    match &event.kind {
        carapace_engine::EventKind::Channel { id, .. } => id,
        other => panic!("{other:?}"),
    }
}
