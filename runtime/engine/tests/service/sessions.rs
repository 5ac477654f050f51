//! Sessions with a store below: what is put away is there before the line that says so, and a store that takes nothing
//! costs no turn.

use super::*;
use carapace_effect::{Remembered, Turn};
use carapace_engine::inspect::{blobs_of, every_session, verify_sessions};
use carapace_engine::service::How;
use carapace_engine::stored::MOST_TURNS;

/// So many exchanges that something has to be put away.
const ROUNDS: u32 = 110;

/// One exchange: a question, a call with its result, an answer.
async fn round(life: &mut Life, n: u32) {
    life.handle.event(life::message(n, &format!("agent {n}"))).await.unwrap();
    let call = json!({ "id": "a", "tool": "main.double", "arguments": { "number": n } });
    for step in [json!({ "text": "", "calls": [call] }), json!({ "text": "yes", "calls": [] })] {
        let act = life.act().await;
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome: Reported::Done(step) };
        life.handle.report(report).await.unwrap();
    }
    life.handle.settled().await;
}

/// How many turns are in memory, how many in all, and what is wrong.
async fn looked(life: &Life) -> (usize, u64, usize) {
    let seen = life.handle.look(every_session).await.unwrap();
    let here =
        life.handle.look(|state| state.sessions.iter().map(|(_, session)| session.turns().len()).sum());
    let verified = life.handle.read(move |journal, _| verify_sessions(&seen, &mut blobs_of(journal)));
    let verified = verified.await.unwrap();
    (here.await.unwrap(), verified.turns, verified.wrong.len())
}

#[tokio::test(start_paused = true)]
async fn a_long_session_is_put_away_in_parts_and_none_of_it_is_lost_by_a_crash() {
    let store = Arc::new(MemoryStore::new());
    let mut life = Life::begin(store.clone(), Options { checkpoint_lines: 300, ..Options::default() });
    for n in 1..=ROUNDS {
        round(&mut life, n).await;
    }
    let before = looked(&life).await;
    assert!(before.0 <= MOST_TURNS, "{before:?}");
    assert_eq!((before.1, before.2), (u64::from(ROUNDS) * 4, 0));
    life.cut().await;
    let mut life = Life::begin(store, Options::default());
    assert_eq!(looked(&life).await, before);
    round(&mut life, ROUNDS + 1).await;
    let turns = |state: &carapace_engine::State| -> Vec<Remembered> {
        state.sessions.iter().flat_map(|(_, session)| session.turns().to_vec()).collect()
    };
    let turns = life.handle.look(turns).await.unwrap();
    assert!(matches!(turns.first().map(|first| &first.turn), Some(Turn::Compacted { .. })));
    assert_eq!(turns.last().map(|last| last.number), Some(u64::from(ROUNDS + 1) * 4));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_no_blob_costs_no_turn() {
    // The first blob is the module.
    let store = Arc::new(Faulty::new(MemoryStore::new(), Faults { put_blob: Some(2), ..Faults::default() }));
    let mut life = Life::begin(store, Options::default());
    for n in 1..=ROUNDS {
        round(&mut life, n).await;
    }
    let (here, all, wrong) = looked(&life).await;
    assert_eq!((here as u64, all, wrong), (u64::from(ROUNDS) * 4, u64::from(ROUNDS) * 4, 0), "all stay");
    life.pass(61_000);
    round(&mut life, ROUNDS + 1).await;
    let (here, all, wrong) = looked(&life).await;
    assert!(here <= MOST_TURNS, "a minute later it is tried again: {here}");
    assert_eq!((all, wrong), (u64::from(ROUNDS + 1) * 4, 0));
}

const SUMMED: &str = r#"channel chat: any
agent desk {
  model: "test/model"
  memory: "conversation"
  window: 500
}
flow asks on chat.message { desk.chat(message.text) }
"#;

/// A question, and its answer; what is to be summed up meanwhile is put aside.
async fn asked(life: &mut Life, n: u32, text: &str, aside: &mut Vec<Arc<carapace_engine::Act>>) {
    life.handle.event(life::message(n, text)).await.unwrap();
    loop {
        let act = life.act().await;
        if *act.request.effect == *"exchange.think" {
            return told(life, &act, json!({ "text": "yes", "calls": [] })).await;
        }
        assert_eq!(*act.request.effect, *"exchange.sum_up");
        aside.push(act);
    }
}

async fn told(life: &Life, act: &carapace_engine::Act, answer: serde_json::Value) {
    let report = Report { act: act.id.clone(), attempt: act.attempt, outcome: Reported::Done(answer) };
    life.handle.report(report).await.unwrap();
}

/// What stands first in the session.
async fn first(life: &Life) -> Turn {
    let first = |state: &carapace_engine::State| {
        state.sessions.iter().flat_map(|(_, session)| session.turns().to_vec()).next().unwrap().turn
    };
    life.handle.look(first).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_summed_up_is_put_away_comes_back_and_is_gone_with_who_said_it() {
    let disk = carapace_store::disk::SimulatedDisk::new();
    let sizes =
        carapace_store::Options { disk: Arc::new(disk.clone()), ..carapace_store::Options::new("data") };
    let store = Arc::new(carapace_store::JsonlStore::open(sizes).unwrap());
    let clock = Arc::new(std::sync::atomic::AtomicI64::new(life::START));
    let mut life = Life::of(SUMMED, store, Options::default(), clock);
    let (mut aside, mut n) = (Vec::new(), 0);
    while aside.is_empty() {
        n += 1;
        asked(&mut life, n, &format!("a zebra {}", "x".repeat(300)), &mut aside).await;
    }
    told(&life, &aside[0], json!("Ana wants a zebra.")).await;
    life.handle.settled().await;
    let Turn::Compacted { summary: Some(summary), archives, through } = first(&life).await else { panic!() };
    assert_eq!((&*summary.text, summary.through, archives.len()), ("Ana wants a zebra.", through, 1));

    let seen = life.handle.look(every_session).await.unwrap().remove(0);
    let read = life.handle.read(move |journal, _| seen.last_put_away(&mut blobs_of(journal)));
    let carapace_engine::inspect::Restorable { session, archive, turns } = read.await.unwrap().unwrap();
    assert_eq!(turns.len() as u64, through);
    life.handle.submit(Input::Restore { session, archive, turns }).await.unwrap();
    assert!(matches!(first(&life).await, Turn::User { .. }), "the first question stands first again");
    let (here, all, wrong) = looked(&life).await;
    assert_eq!((here as u64, wrong), (all, 0));

    let report = life.handle.forget("main:ana", How::default()).await.unwrap().unwrap();
    assert_eq!(report.sessions, 1);
    life.stop().await.unwrap();
    for file in disk.files() {
        let bytes = disk.contents(&file).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("zebra"), "{}", file.display());
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_forgotten_has_no_session_any_more_and_what_was_put_away_is_gone() {
    let disk = carapace_store::disk::SimulatedDisk::new();
    let sizes =
        carapace_store::Options { disk: Arc::new(disk.clone()), ..carapace_store::Options::new("data") };
    let mut life =
        Life::begin(Arc::new(carapace_store::JsonlStore::open(sizes).unwrap()), Options::default());
    for n in 1..=ROUNDS {
        round(&mut life, n).await;
    }
    let archives = |state: &carapace_engine::State| -> Vec<Arc<str>> {
        state.sessions.iter().flat_map(|(_, session)| session.archives().to_vec()).collect()
    };
    let archives = life.handle.look(archives).await.unwrap();
    let there = |name: &Arc<str>| disk.files().iter().any(|file| file.ends_with(&**name));
    assert!(!archives.is_empty() && archives.iter().all(there), "{archives:?}");
    let report = life.handle.forget("main:ana", How::default()).await.unwrap().unwrap();
    assert_eq!(report.sessions, 1);
    assert!(!archives.iter().any(there), "what was put away is gone");
    assert_eq!(life.handle.look(|state| state.sessions.len()).await.unwrap(), 0);
    life.stop().await.unwrap();
    for file in disk.files() {
        let bytes = disk.contents(&file).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("agent 7\""), "{}", file.display());
    }
}
