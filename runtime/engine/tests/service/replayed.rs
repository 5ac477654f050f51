//! A journal that is replayed from its first line comes to what the runtime knew.

use super::*;
use carapace_engine::inspect::{Replayed, replayed};
use carapace_engine::machine::vm;
use carapace_store::{Checkpoint, JsonlStore, Position};
use std::path::{Path, PathBuf};

pub(super) const MONTH: Duration = Duration::from_hours(30 * 24);

/// A folder of this name, empty.
pub(super) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

fn store(folder: &Path, segment_bytes: u64) -> Arc<JsonlStore> {
    let options = carapace_store::Options { segment_bytes, ..carapace_store::Options::new(folder) };
    Arc::new(JsonlStore::open(options).unwrap())
}

pub(super) async fn live(folder: &Path, segment_bytes: u64, history: Duration) {
    let options = Options { checkpoint_lines: 20, rest_after: 0, history, ..Options::default() };
    let mut life = Life::begin(store(folder, segment_bytes), options);
    for n in 1..=10 {
        life.handle.event(life::message(n, "later")).await.unwrap();
        life.handle.event(life::message(100 + n, "hi")).await.unwrap();
        let act = life.act().await;
        life.done(&act).await;
    }
    life.handle.settled().await;
    life.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_whose_beginning_is_there() {
    let folder = folder("replayed-whole");
    live(&folder, 1 << 20, MONTH).await;
    let Some(Replayed::Same { lines }) = replayed(&folder, vm::load).unwrap() else {
        panic!("another state")
    };
    let store = store(&folder, 1 << 20);
    assert_eq!(lines, store.position().0);

    // A checkpoint that says something else is noticed, and by its table.
    let checkpoint = store.read_checkpoint().unwrap().unwrap();
    let text = String::from_utf8(checkpoint.state).unwrap();
    let other = text.replace("\"last_deployment\":1", "\"last_deployment\":7");
    assert_ne!(text, other);
    let epoch = store.lease().unwrap();
    store.write_checkpoint(epoch, &Checkpoint { at: checkpoint.at, state: other.into_bytes() }).unwrap();
    drop(store);
    let differs = Replayed::Differs { tables: vec!["last_deployment".to_owned()] };
    assert_eq!(replayed(&folder, vm::load).unwrap(), Some(differs));
}

#[tokio::test(start_paused = true)]
async fn one_whose_beginning_is_gone() {
    let folder = folder("replayed-truncated");
    live(&folder, 4_000, Duration::ZERO).await;
    assert_eq!(store(&folder, 4_000).archived().unwrap(), [], "nothing was to be kept");
    let replayed = replayed(&folder, vm::load).unwrap();
    let Some(Replayed::NoBeginning { gone, checkpoint, lines }) = replayed else { panic!("{replayed:?}") };
    let last = store(&folder, 4_000).position();
    assert!(Position(0) < gone && gone <= checkpoint && checkpoint.0 + lines == last.0, "{replayed:?}");
}

#[tokio::test(start_paused = true)]
async fn one_whose_beginning_is_in_the_archive() {
    let folder = folder("replayed-archived");
    live(&folder, 4_000, MONTH).await;
    let store = store(&folder, 4_000);
    assert!(store.archived().unwrap().len() > 2);
    let lines = store.position().0;
    drop(store);
    assert_eq!(replayed(&folder, vm::load).unwrap(), Some(Replayed::Same { lines }));
}

#[tokio::test(start_paused = true)]
async fn where_little_happens_what_was_goes_all_the_same() {
    const DAY: i64 = 86_400_000;
    let folder = folder("replayed-quiet");
    let kept = store(&folder, 1 << 20);
    let mut life = Life::begin(kept.clone(), Options { history: MONTH, ..Options::default() });
    for n in 1..=40 {
        life.handle.event(life::message(n, "hi")).await.unwrap();
        let act = life.act().await;
        life.done(&act).await;
        life.handle.settled().await;
        life.pass(DAY);
    }
    let lines = kept.position().0;
    while kept.archived().unwrap().first().is_none_or(|oldest| oldest.0 == 1) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(kept.archived().unwrap().len() > 20, "about a day in each part");
    assert!(kept.first_live().unwrap().0 > lines / 2, "what is live is of the last days");
    life.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_for_long_enough_goes_and_a_clock_is_all_it_takes() {
    let folder = folder("replayed-old");
    live(&folder, 4_000, MONTH).await;
    let kept = store(&folder, 4_000);
    assert!(!kept.archived().unwrap().is_empty());
    let life = Life::begin(kept.clone(), Options { history: MONTH, ..Options::default() });
    life.handle.settled().await;
    life.pass(29 * 86_400_000);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(!kept.archived().unwrap().is_empty(), "it is not old enough");
    life.pass(2 * 86_400_000);
    while !kept.archived().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    life.stop().await.unwrap();
}
