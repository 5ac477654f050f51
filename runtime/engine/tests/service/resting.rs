//! Runs that wait lie on the shelf: out of memory, and as safe as the journal.

use super::*;
use carapace_store::JsonlStore;
use carapace_store::disk::SimulatedDisk;
use std::path::PathBuf;

/// Everything that can rest, rests at once.
fn at_once() -> Options {
    Options { checkpoint_lines: 20, rest_after: 0, ..Options::default() }
}

fn on(disk: &SimulatedDisk) -> Arc<JsonlStore> {
    let disk = Arc::new(disk.clone());
    let sizes = carapace_store::Options {
        segment_bytes: 6_000,
        padding_bytes: 2_000,
        reserve_bytes: 10_000,
        disk,
        ..carapace_store::Options::new("data")
    };
    Arc::new(JsonlStore::open(sizes).unwrap())
}

fn files_of_the_shelf(disk: &SimulatedDisk) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|file| file.starts_with("data/shelf")).collect()
}

/// What the files of the shelf hold beside their first lines.
fn entries_of(disk: &SimulatedDisk) -> Vec<u8> {
    let bytes = files_of_the_shelf(disk).into_iter().filter_map(|file| disk.contents(&file));
    bytes
        .flat_map(|bytes| bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default().to_vec())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn they_are_there_again_after_a_power_loss_and_go_on() {
    let disk = SimulatedDisk::new();
    let life = Life::begin(on(&disk), at_once());
    for n in 1..=60 {
        life.handle.event(life::message(n, "later")).await.unwrap();
    }
    life.handle.settled().await;
    let clock = life.clock.clone();
    life.cut().await;
    for seed in 0..20 {
        let after = disk.power_loss(seed);
        assert!(files_of_the_shelf(&after).len() > 1, "they rest, and in several files");
        let mut life = Life::with_clock(on(&after), at_once(), clock.clone());
        let waiting = |state: &carapace_engine::State| (state.runs.len(), state.timers.iter().count());
        assert_eq!(life.handle.look(waiting).await.unwrap(), (60, 60), "seed {seed}");
        life.pass(3_600_000);
        for _ in 0..60 {
            let act = life.act().await;
            assert_eq!(act.arguments["content"]["text"], "an hour later");
            life.done(&act).await;
        }
        life.handle.settled().await;
        assert_eq!(life.handle.look(waiting).await.unwrap(), (0, 0), "seed {seed}");
        life.pass(-3_600_000);
        life.stop().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_shelf_is_kept_tidy() {
    let disk = SimulatedDisk::new();
    let mut life = Life::begin(on(&disk), at_once());
    let mut most = 0;
    for round in 0..20 {
        for n in 1..=60 {
            life.handle.event(life::message(round * 60 + n, "later")).await.unwrap();
        }
        life.handle.settled().await;
        life.pass(3_600_000);
        for _ in 0..60 {
            let act = life.act().await;
            life.done(&act).await;
        }
        life.handle.settled().await;
        most = most.max(files_of_the_shelf(&disk).len());
    }
    // More than a thousand runs have lain there, of some 3 kB each; below 1 MiB nobody cleans up.
    assert!((100..350).contains(&most), "{most} files of 6 kB");
    life.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_read_ends_the_engine_before_anything_is_decided_on_it() {
    let disk = SimulatedDisk::new();
    let life = Life::begin(on(&disk), at_once());
    life.handle.event(life::message(1, "later")).await.unwrap();
    life.handle.settled().await;
    // Something happens after it, so that it is laid down.
    life.handle.event(life::message(2, "later")).await.unwrap();
    life.handle.settled().await;
    let clock = life.clock.clone();
    life.stop().await.unwrap();
    for file in files_of_the_shelf(&disk) {
        let mut bytes = disk.contents(&file).unwrap();
        let at = bytes.len() - 40;
        bytes[at] ^= 1;
        disk.damage(&file, bytes);
    }
    let opened = Service::open(on(&disk), at_once()).map(|_| ());
    assert!(matches!(opened, Err(Error::Checkpoint(_))), "{opened:?}");

    let disk = SimulatedDisk::new();
    let life = Life::with_clock(on(&disk), at_once(), clock);
    for n in 1..=12 {
        life.handle.event(life::message(n, "later")).await.unwrap();
    }
    life.handle.settled().await;
    // What the last checkpoint refers to is in the file, and not only on its way there.
    while entries_of(&disk).is_empty() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for file in files_of_the_shelf(&disk) {
        let whole = disk.contents(&file).unwrap();
        let broken = whole.iter().map(|byte| if *byte == b'e' { b'E' } else { *byte });
        disk.damage(&file, broken.collect());
    }
    let before = life.handle.look(|state| state.sequence).await.unwrap();
    life.pass(3_600_000);
    assert!(life.handle.event(life::message(30, "hi")).await.is_err());
    assert!(matches!(life.ended().await, Err(Error::Store(carapace_store::Error::Corrupt { .. }))));
    assert_eq!(on(&disk).position().0, before, "nothing that was decided since is written down");
}
