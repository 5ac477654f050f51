//! A disk that is full: nothing new begins, and what has begun is finished.

use super::*;
use carapace_store::JsonlStore;
use carapace_store::disk::{Plan, SimulatedDisk};

fn used(disk: &SimulatedDisk) -> u64 {
    disk.files().iter().filter_map(|file| disk.contents(file)).map(|bytes| bytes.len() as u64).sum()
}

#[tokio::test(start_paused = true)]
async fn what_runs_finishes_and_what_comes_waits_until_there_is_room() {
    let disk = SimulatedDisk::new();
    let sizes = carapace_store::Options {
        segment_bytes: 30_000,
        padding_bytes: 2_000,
        reserve_bytes: 100_000,
        disk: Arc::new(disk.clone()),
        ..carapace_store::Options::new("data")
    };
    let mut life = Life::begin(Arc::new(JsonlStore::open(sizes).unwrap()), Options::default());
    life.handle.event(life::message(1, "later")).await.unwrap();
    life.handle.settled().await;
    disk.plan(Plan { capacity: Some(used(&disk) + 4_000), ..Plan::default() });
    let mut begun = 1;
    loop {
        match life.handle.event(life::message(begun + 1, "later")).await.unwrap().reply {
            Reply::Accepted => begun += 1,
            Reply::Busy(_) => break,
            other => panic!("{other:?}"),
        }
        assert!(begun < 100, "the disk is full, and nobody notices");
    }
    life.pass(3_600_000);
    for _ in 0..begun {
        let act = life.act().await;
        life.done(&act).await;
    }
    life.handle.settled().await;
    let over = |state: &carapace_engine::State| (state.runs.len(), state.finished.count);
    assert_eq!(life.handle.look(over).await.unwrap(), (0, u64::from(begun)));
    assert!(matches!(life.handle.event(life::message(90, "hi")).await.unwrap().reply, Reply::Busy(_)));

    disk.plan(Plan::default());
    while matches!(life.handle.event(life::message(91, "hi")).await.unwrap().reply, Reply::Busy(_)) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(life.act().await.arguments["content"]["text"], "1: hi");
}
