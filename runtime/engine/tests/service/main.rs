//! The engine with a journal below it: nothing leaves before it is durable, and a start goes on where the last one ended.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod forget;
mod full;
mod life;
mod modules;
mod past;
mod quarantine;
mod replayed;
mod resting;
mod sessions;

use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Clock, Error, Handle, Opened, Options, Service};
use carapace_engine::{
    Act, Binding, Deploy, Event, EventKind, Input, Origin, Outgoing, Reply, Report, Reported,
};
use carapace_store::{Faults, Faulty, MemoryStore, Store};
use life::Life;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_it_is_durable() {
    let store = Arc::new(MemoryStore::manual());
    let mut life = Life::begin(store.clone(), Options::default());
    let handle = life.handle.clone();
    let answered = tokio::spawn(async move { handle.event(life::message(1, "hi")).await });
    // Time passes for everybody, and still nothing is told to anybody.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!answered.is_finished() && life.outgoing.is_empty());
    assert_eq!(life.handle.look(|state| state.runs.len()).await.unwrap(), 1, "it was decided all the same");
    store.sync().unwrap();
    assert_eq!(answered.await.unwrap().unwrap().reply, Reply::Accepted);
    assert_eq!(life.act().await.arguments["content"]["text"], "1: hi");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_durable_never_happened() {
    let store = Arc::new(MemoryStore::manual());
    let life = Life::begin(store.clone(), Options::default());
    tokio::time::sleep(Duration::from_secs(1)).await;
    store.sync().unwrap();
    let handle = life.handle.clone();
    drop(tokio::spawn(async move { handle.event(life::message(1, "hi")).await }));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let left = Arc::new(store.crash());
    life.cut().await;
    // It was never acknowledged, so the channel brings it again, and it is new.
    let mut life = Life::begin(left.clone(), Options::default());
    let handle = life.handle.clone();
    let answered = tokio::spawn(async move { handle.event(life::message(1, "hi")).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    left.sync().unwrap();
    assert_eq!(answered.await.unwrap().unwrap().reply, Reply::Accepted);
    assert_eq!(life.act().await.arguments["content"]["text"], "1: hi");
}

#[tokio::test(start_paused = true)]
async fn a_start_goes_on_where_the_last_one_ended() {
    let store = Arc::new(MemoryStore::new());
    let mut life = Life::begin(store.clone(), Options::default());
    life.handle.event(life::message(1, "hi")).await.unwrap();
    let before = life.act().await;
    life.cut().await;
    let mut life = Life::begin(store.clone(), Options::default());
    // It was started and nobody knows what came of it: a reply is sent again, under its key, and marked.
    let again = life.act().await;
    assert_eq!((&again.key, again.again, again.attempt), (&before.key, true, 2));
    assert_eq!(life.handle.event(life::message(1, "hi")).await.unwrap().reply, Reply::Duplicate);
    life.done(&again).await;
    life.handle.settled().await;
    assert_eq!(life.handle.look(|state| (state.runs.len(), state.finished.count)).await.unwrap(), (0, 1));
    life.handle.event(life::message(2, "ho")).await.unwrap();
    assert_eq!(life.act().await.arguments["content"]["text"], "2: ho", "the state is there, too");
}

#[tokio::test(start_paused = true)]
async fn checkpoints_keep_a_start_short_and_lose_nothing() {
    let store = Arc::new(MemoryStore::new());
    let options = Options { checkpoint_lines: 10, ..Options::default() };
    let mut life = Life::begin(store.clone(), options.clone());
    for n in 1..=40 {
        life.handle.event(life::message(n, "x")).await.unwrap();
        let act = life.act().await;
        life.done(&act).await;
    }
    life.handle.settled().await;
    assert!(store.read_checkpoint().unwrap().unwrap().at.0 > 20);
    life.stop().await.unwrap();
    assert_eq!(store.read_checkpoint().unwrap().unwrap().at, store.position(), "the last is of the end");
    let mut life = Life::begin(store, options);
    life.handle.event(life::message(41, "y")).await.unwrap();
    assert_eq!(life.act().await.arguments["content"]["text"], "41: y");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_ends_the_engine_and_nobody_is_told_otherwise() {
    // The first lines are those of the start; the event's is the one that fails.
    let store = Arc::new(Faulty::new(MemoryStore::new(), Faults { append: Some(2), ..Faults::default() }));
    let life = Life::begin(store, Options::default());
    life.handle.settled().await;
    assert!(life.handle.event(life::message(1, "hi")).await.is_err());
    assert!(matches!(life.ended().await, Err(Error::Store(_))));
}

#[tokio::test(start_paused = true)]
async fn too_many_runs_refuse_events_and_not_reports() {
    let options = Options { runs: 1, ..Options::default() };
    let mut life = Life::begin(Arc::new(MemoryStore::new()), options);
    life.handle.event(life::message(1, "a")).await.unwrap();
    assert!(matches!(life.handle.event(life::message(2, "b")).await.unwrap().reply, Reply::Busy(_)));
    let act = life.act().await;
    life.done(&act).await;
    life.handle.settled().await;
    assert_eq!(life.handle.event(life::message(2, "b")).await.unwrap().reply, Reply::Accepted);
}

#[tokio::test(start_paused = true)]
async fn a_full_outbox_refuses_events_until_it_is_not_and_loses_none() {
    let options = Options { outbox: 2, ..Options::default() };
    let mut life = Life::begin(Arc::new(MemoryStore::new()), options);
    // One is on its way, two wait behind it.
    for n in 1..=3 {
        assert_eq!(life.handle.event(life::message(n, "a")).await.unwrap().reply, Reply::Accepted);
        life.handle.look(|_| ()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(matches!(life.handle.event(life::message(4, "b")).await.unwrap().reply, Reply::Busy(_)));
    let act = life.act().await;
    life.done(&act).await;
    let next = life.act().await;
    assert_eq!(life.handle.event(life::message(4, "b")).await.unwrap().reply, Reply::Accepted);
    life.done(&next).await;
    for expected in ["3: a", "4: b"] {
        let act = life.act().await;
        assert_eq!(act.arguments["content"]["text"], expected);
        life.done(&act).await;
    }
    life.handle.settled().await;
}

#[tokio::test(start_paused = true)]
async fn fifty_at_once_are_one_also_after_a_restart_and_with_another_body() {
    let store = Arc::new(MemoryStore::new());
    for (restarts, expected) in [(0, 1), (1, 0)] {
        let mut life = Life::begin(store.clone(), Options::default());
        let pushed: Vec<_> = (0..50)
            .map(|n| {
                let handle = life.handle.clone();
                tokio::spawn(async move { handle.event(life::message(1, &format!("body {n}"))).await })
            })
            .collect();
        let mut accepted = 0;
        for pushed in pushed {
            match pushed.await.unwrap().unwrap().reply {
                Reply::Accepted => accepted += 1,
                reply => assert_eq!(reply, Reply::Duplicate),
            }
        }
        assert_eq!(accepted, expected, "after {restarts} restarts");
        if expected == 1 {
            let act = life.act().await;
            life.done(&act).await;
        }
        life.handle.settled().await;
        assert!(life.outgoing.is_empty());
        // A week later it is another event.
        if restarts == 1 {
            life.pass(8 * 86_400_000);
            assert_eq!(life.handle.event(life::message(1, "again")).await.unwrap().reply, Reply::Accepted);
        }
        life.stop().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn waits_end_by_the_clock_also_over_a_restart() {
    let store = Arc::new(MemoryStore::new());
    let life = Life::begin(store.clone(), Options::default());
    life.handle.event(life::message(1, "later")).await.unwrap();
    life.handle.settled().await;
    life.pass(3_599_000);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(life.outgoing.is_empty(), "no wait ends early");
    let clock = life.clock.clone();
    life.cut().await;
    let mut life = Life::with_clock(store, Options::default(), clock);
    life.pass(2_000);
    assert_eq!(life.act().await.arguments["content"]["text"], "an hour later");
}

#[tokio::test(start_paused = true)]
async fn rest_is_when_every_act_has_come_to_something() {
    let mut life = Life::begin(Arc::new(MemoryStore::new()), Options::default());
    life.handle.event(life::message(1, "a")).await.unwrap();
    let handle = life.handle.clone();
    let rest = tokio::spawn(async move { handle.settled().await });
    let act = life.act().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!rest.is_finished());
    life.done(&act).await;
    rest.await.unwrap();
}

#[test]
fn a_journal_of_nonsense_is_told_with_its_line() {
    let store = MemoryStore::new();
    let epoch = store.lease().unwrap();
    let nonsense = carapace_store::Transaction::of(0, &[json!({ "no_such_record": {} })]).unwrap();
    store.append(epoch, carapace_store::Position(0), &[nonsense]).unwrap();
    let opened = Service::open(Arc::new(store), Options::default());
    let Err(Error::Line { line, .. }) = opened.map(|_| ()) else { panic!("it was understood") };
    assert_eq!(line.0, 1);
}
