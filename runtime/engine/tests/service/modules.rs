//! Modules are kept beside the journal; one that is gone parks the runs that need it.

use super::life::{Life, message};
use super::*;
use carapace_engine::inspect::{Filter, WaitingOn, select};
use carapace_engine::machine::vm;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicI64;

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_module_is_a_blob_and_its_line_names_it() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let life = Life::begin(store.clone(), Options::default());
    life.handle.settled().await;
    life.cut().await;
    let mut deployed = Vec::new();
    let mut read = |line: carapace_store::Line<'_>| {
        let records = line.records.iter().map(|record| record.get().to_owned());
        deployed.extend(records.filter(|record| record.contains("\"deployed\"")));
        ControlFlow::Continue(())
    };
    store.read(carapace_store::Position(0), &mut read).unwrap();
    assert_eq!(deployed.len(), 1);
    assert!(deployed[0].contains("\"module\":{\"kept\":\"") && deployed[0].len() < 2_000, "{}", deployed[0]);
}

#[tokio::test]
async fn a_module_that_is_gone_parks_its_runs_until_it_is_there_again() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let clock: Arc<AtomicI64> = Arc::new(AtomicI64::new(1_700_000_000_000));
    let life = Life::with_clock(store.clone(), Options::default(), clock.clone());
    life.handle.event(message(1, "later")).await.unwrap();
    life.stop().await.unwrap();
    let epoch = store.lease().unwrap();
    assert_eq!(store.sweep_blobs(epoch, &|_| false).unwrap(), 1);

    let opened = Service::open(store.clone(), Options { loader: vm::load, ..Options::default() }).unwrap();
    let state = opened.service.state();
    assert_eq!(state.runs.len(), 1, "the rest of the journal is as it was");
    let filter = Filter { waiting_on: Some(WaitingOn::Person), flow: None, after: None, limit: 10 };
    let parked = select(state, &filter);
    assert_eq!(parked.total, 1);
    let waits = parked.runs[0].brief().waits;
    assert!(waits[0].what.contains("E0927"), "{waits:?}");
    drop(opened);

    // Whoever deploys the same again brings it back, and the run goes on where it stood.
    let mut life = Life::with_clock(store, Options::default(), clock);
    life.handle.channel("main".into(), true).await.unwrap();
    life.pass(HOUR);
    life.handle.event(message(2, "wake up")).await.unwrap();
    let first = life.act().await;
    life.done(&first).await;
    let second = life.act().await;
    life.done(&second).await;
    let said = [first.arguments["content"]["text"].clone(), second.arguments["content"]["text"].clone()];
    assert!(said.contains(&json!("an hour later")), "{said:?}");
    life.stop().await.unwrap();
}

#[tokio::test]
async fn what_nobody_needs_is_swept_and_the_rest_is_not() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    Life::begin(store.clone(), Options::default()).stop().await.unwrap();
    let other = store.put_blob(b"something else").unwrap();
    let Opened { mut service, .. } = Service::open(store.clone(), Options::default()).unwrap();
    let module = service.state().deployments.all().next().unwrap().record.module.hash().parse().unwrap();
    service.prepare(Input::Withdraw { package: "main".into() });
    assert_eq!(service.sweep().unwrap(), 0, "it is there to go back to");
    service.prepare(Input::Collect { former: 0 });
    assert_eq!(service.sweep().unwrap(), 1);
    assert_eq!(service.sweep().unwrap(), 0);
    service.commit().unwrap();
    assert_eq!(store.get_blob(module).unwrap(), None);
    assert!(store.get_blob(other).unwrap().is_some(), "only modules are swept");
    let Opened { service, .. } = Service::open(store, Options::default()).unwrap();
    assert_eq!(service.state().deployments.all().count(), 0);
    assert_eq!(service.state().deployments.unneeded().count(), 0);
}
