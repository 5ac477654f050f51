//! What is durable survives everything the disk is allowed to do; what is not leaves no trace; damage is told.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_store::conformance::{lines, numbers};
use carapace_store::disk::{Disk, OsDisk, Plan, SimulatedDisk};
use carapace_store::{Checkpoint, Error, Faults, Faulty, JsonlStore, MemoryStore, Options, Position, Store};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn options(disk: &SimulatedDisk) -> Options {
    Options {
        segment_bytes: 2000,
        padding_bytes: 700,
        reserve_bytes: 6000,
        disk: Arc::new(disk.clone()),
        ..Options::new("data")
    }
}

fn open(disk: &SimulatedDisk) -> Result<JsonlStore, Error> {
    JsonlStore::open(options(disk))
}

/// A journal of `durable` lines that were synced one by one.
fn journal(durable: u64) -> (SimulatedDisk, JsonlStore) {
    let disk = SimulatedDisk::new();
    let store = open(&disk).unwrap();
    let epoch = store.lease().unwrap();
    for n in 0..durable {
        store.append(epoch, Position(n), &lines(n + 1, 1)).unwrap();
        store.sync().unwrap();
    }
    (disk, store)
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.split(|b| *b == b'\n').filter(|l| l.starts_with(b"{\"seq\"")).count()
}

fn last_segment(disk: &SimulatedDisk) -> PathBuf {
    disk.files().into_iter().rfind(|f| f.extension().is_some_and(|e| e == "jsonl")).unwrap()
}

#[test]
fn a_reopened_journal_goes_on() {
    let (disk, store) = journal(30);
    drop(store);
    let store = open(&disk).unwrap();
    assert_eq!(store.recovered().torn, None);
    assert_eq!(numbers(&store, Position(0)).unwrap(), (1..=30).collect::<Vec<_>>());
    let epoch = store.lease().unwrap();
    assert_eq!(epoch.0, 2, "epochs outlive the process");
    store.append(epoch, Position(30), &lines(31, 1)).unwrap();
    assert_eq!(numbers(&store, Position(29)).unwrap(), [30, 31]);
}

#[test]
fn a_journal_at_rest_ends_with_a_mark_and_reads_as_text() {
    let (disk, store) = journal(2);
    drop(store);
    let text =
        String::from_utf8(disk.contents(Path::new("data/journal/00000000000000000001.jsonl")).unwrap())
            .unwrap();
    let written: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    assert!(
        written[0].starts_with(r#"{"format":"carapace-journal","version":1,"first":1,"crc":""#),
        "{text}"
    );
    assert!(written[1].starts_with(r#"{"seq":1,"durable":0,"at":1,"records":[{"n":1,"#), "{text}");
    assert!(written.last().unwrap().starts_with(r#"{"durable":2,"crc":""#), "{text}");
}

#[test]
fn two_owners_are_one_too_many() {
    let (disk, store) = journal(1);
    assert!(matches!(open(&disk), Err(Error::Owned { .. })));
    drop(store);
    open(&disk).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let first = JsonlStore::open(Options::new(folder.path())).unwrap();
    match JsonlStore::open(Options::new(folder.path())) {
        Err(Error::Owned { by, .. }) => assert_eq!(by, Some(std::process::id())),
        other => panic!("{:?}", other.err()),
    }
    drop(first);
    JsonlStore::open(Options::new(folder.path())).unwrap();
}

#[test]
fn a_failed_sync_stops_the_journal_for_good() {
    let (disk, store) = journal(3);
    let epoch = store.lease().unwrap();
    disk.plan(Plan { fail_sync: Some(1), ..Plan::default() });
    let (tell, heard) = std::sync::mpsc::channel();
    store.on_durable(Box::new(move |result| tell.send(result.is_err()).unwrap()));
    store.append(epoch, Position(3), &lines(4, 1)).unwrap();
    assert!(matches!(store.sync(), Err(Error::Poisoned { .. })));
    // Word of the line before may come late; word of the failure comes.
    while !heard.recv_timeout(std::time::Duration::from_secs(10)).expect("the owner is told") {}
    assert!(matches!(store.append(epoch, Position(4), &lines(5, 1)), Err(Error::Poisoned { .. })));
    assert!(matches!(store.lease(), Err(Error::Poisoned { .. })));
    assert_eq!(store.durable(), Position(3));
    drop(store);
    let store = open(&disk.power_loss(7)).unwrap();
    let found = numbers(&store, Position(0)).unwrap();
    assert!(found == [1, 2, 3] || found == [1, 2, 3, 4], "{found:?}");
}

#[test]
fn short_writes_are_written_on() {
    let (disk, store) = journal(1);
    let epoch = store.lease().unwrap();
    disk.plan(Plan { short_write: Some(1), ..Plan::default() });
    store.append(epoch, Position(1), &lines(2, 3)).unwrap();
    store.sync().unwrap();
    drop(store);
    assert_eq!(numbers(&open(&disk).unwrap(), Position(0)).unwrap(), [1, 2, 3, 4]);
}

#[test]
fn a_full_or_read_only_disk_is_an_error_and_loses_nothing() {
    let (disk, store) = journal(5);
    let epoch = store.lease().unwrap();
    disk.plan(Plan { capacity: Some(1), ..Plan::default() });
    store.append(epoch, Position(5), &lines(6, 40)).unwrap();
    match store.sync() {
        Err(Error::Poisoned { cause }) => assert!(cause.contains("cannot write"), "{cause}"),
        other => panic!("{other:?}"),
    }
    drop(store);
    disk.plan(Plan { read_only: true, ..Plan::default() });
    assert!(matches!(open(&disk), Err(Error::Io { .. })));
    disk.plan(Plan::default());
    let found = numbers(&open(&disk).unwrap(), Position(0)).unwrap();
    assert!(found.len() >= 5 && found == (1..=found.len() as u64).collect::<Vec<_>>(), "{found:?}");
}

#[test]
fn on_a_full_disk_what_has_begun_is_finished() {
    let (disk, store) = journal(40);
    let epoch = store.lease().unwrap();
    assert!(!store.is_low());
    let used = || {
        disk.files()
            .iter()
            .filter_map(|file| disk.contents(file))
            .map(|bytes| bytes.len() as u64)
            .sum::<u64>()
    };
    disk.plan(Plan { capacity: Some(used() + 1000), ..Plan::default() });
    let mut last = 40;
    while !store.is_low() {
        store.append(epoch, Position(last), &lines(last + 1, 1)).unwrap();
        store.sync().unwrap();
        last += 1;
    }
    // The reserve is given up, and there is room for this.
    for _ in 0..10 {
        store.append(epoch, Position(last), &lines(last + 1, 1)).unwrap();
        store.sync().unwrap();
        last += 1;
    }
    assert!(store.is_low());
    // Without more room a checkpoint lets old lines go, and with them comes the reserve again.
    let checkpoint = Checkpoint { at: Position(last), state: b"small".to_vec() };
    store.write_checkpoint(epoch, &checkpoint).unwrap();
    store.truncate_before(epoch, Position(last)).unwrap();
    assert!(!store.is_low());
    drop(store);
    let after = disk.power_loss(3);
    let store = open(&after).unwrap();
    assert_eq!((store.position(), store.is_low()), (Position(last), false));
}

#[test]
fn a_disk_that_is_full_at_any_moment_loses_nothing_that_was_durable() {
    for room in (0..12_000).step_by(97) {
        let (disk, store) = journal(20);
        let epoch = store.lease().unwrap();
        let used: u64 =
            disk.files().iter().filter_map(|file| disk.contents(file)).map(|bytes| bytes.len() as u64).sum();
        disk.plan(Plan { capacity: Some(used + room), ..Plan::default() });
        let mut last = 20;
        for _ in 0..150 {
            if store.append(epoch, Position(last), &lines(last + 1, 1)).is_err() || store.sync().is_err() {
                break;
            }
            last += 1;
            if last % 25 == 0 {
                let checkpoint = Checkpoint { at: Position(last), state: vec![b'x'; 500] };
                // One that does not fit is left out, and the one before stays the truth.
                if store.write_checkpoint(epoch, &checkpoint).is_ok() {
                    let _ = store.truncate_before(epoch, Position(last));
                }
            }
        }
        drop(store);
        disk.plan(Plan::default());
        let store = open(&disk.power_loss(room)).unwrap_or_else(|e| panic!("room {room}: {e}"));
        assert!(store.position() >= Position(last), "room {room}");
        let after = store.read_checkpoint().unwrap().map(|checkpoint| checkpoint.at).unwrap_or_default();
        let rest: Vec<u64> = (after.0 + 1..=store.position().0).collect();
        assert_eq!(numbers(&store, after).unwrap(), rest, "room {room}");
    }
}

#[test]
fn a_failed_rename_leaves_the_old_checkpoint() {
    let (disk, store) = journal(5);
    let epoch = store.lease().unwrap();
    let first = Checkpoint { at: Position(2), state: b"two".to_vec() };
    store.write_checkpoint(epoch, &first).unwrap();
    for n in 1..=2 {
        disk.plan(Plan { fail_rename: Some(n), ..Plan::default() });
        let second = Checkpoint { at: Position(5), state: b"five".to_vec() };
        store.write_checkpoint(epoch, &second).unwrap_err();
        assert_eq!(store.read_checkpoint().unwrap().as_ref(), Some(&first));
    }
    drop(store);
    disk.plan(Plan::default());
    assert_eq!(open(&disk).unwrap().read_checkpoint().unwrap(), Some(first));
}

fn segments(disk: &SimulatedDisk) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|f| f.extension().is_some_and(|e| e == "jsonl")).collect()
}

#[test]
fn a_missing_segment_is_seen() {
    let (disk, store) = journal(40);
    drop(store);
    // Where one ends and the next begins depends on the marks in it, and so on the threads: each journal has its own.
    let names = segments(&disk);
    assert!(names.len() > 2, "the journal has several segments");
    disk.remove(&names[0]).unwrap();
    assert!(matches!(open(&disk), Err(Error::Corrupt { seq: Some(Position(1)), .. })));

    let (disk, store) = journal(40);
    drop(store);
    disk.remove(&segments(&disk)[1]).unwrap();
    let store = open(&disk).unwrap();
    assert!(
        matches!(numbers(&store, Position(0)), Err(Error::Corrupt { .. })),
        "a hole is seen when it is read"
    );
}

#[test]
fn a_newer_format_is_refused() {
    let (disk, store) = journal(1);
    drop(store);
    let file = last_segment(&disk);
    let bytes = disk.contents(&file).unwrap();
    let end = bytes.iter().position(|b| *b == b'\n').unwrap();
    let mut newer = br#"{"format":"carapace-journal","version":2,"first":1"#.to_vec();
    newer.extend(format!(",\"crc\":\"{:08x}\"}}", crc32c::crc32c(&newer)).bytes());
    newer.extend(&bytes[end..]);
    disk.damage(&file, newer.clone());
    assert!(matches!(open(&disk), Err(Error::Newer { found: 2, known: 1, .. })));
    assert_eq!(disk.contents(&file), Some(newer), "nothing was changed");
}

#[test]
fn a_torn_checkpoint_counts_for_nothing_and_a_damaged_one_is_told() {
    let (disk, store) = journal(3);
    let epoch = store.lease().unwrap();
    store.write_checkpoint(epoch, &Checkpoint { at: Position(3), state: vec![7; 2000] }).unwrap();
    drop(store);
    let file = disk.files().into_iter().find(|f| f.extension().is_some_and(|e| e == "checkpoint")).unwrap();
    let mut bytes = disk.contents(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    disk.damage(&file, bytes);
    let store = open(&disk).unwrap();
    assert!(matches!(store.read_checkpoint(), Err(Error::Corrupt { .. })));
}

#[test]
fn power_loss_at_any_time_during_checkpoints_and_truncation() {
    for seed in 0..300 {
        let (disk, store) = journal(20);
        let epoch = store.lease().unwrap();
        store.write_checkpoint(epoch, &Checkpoint { at: Position(10), state: b"ten".to_vec() }).unwrap();
        store.truncate_before(epoch, Position(10)).unwrap();
        // What fails ends the work there, as the end of the power does.
        let at = seed / 2 + 1;
        disk.plan(if seed % 2 == 0 {
            Plan { fail_sync: Some(at), ..Plan::default() }
        } else {
            Plan { fail_write: Some(at), ..Plan::default() }
        });
        let blob = store.put_blob(b"picture");
        let second = Checkpoint { at: Position(20), state: b"twenty".to_vec() };
        let written = store.write_checkpoint(epoch, &second).is_ok();
        let truncated = written && store.truncate_before(epoch, Position(20)).is_ok();
        drop(store);
        let after = disk.power_loss(seed);
        let store = open(&after).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let checkpoint = store.read_checkpoint().unwrap().unwrap();
        assert!(checkpoint.at == Position(20) || (checkpoint.at == Position(10) && !written), "seed {seed}");
        let rest: Vec<u64> = (checkpoint.at.0 + 1..=20).collect();
        assert_eq!(numbers(&store, checkpoint.at).unwrap(), rest, "seed {seed}, truncated {truncated}");
        if let Ok(id) = blob {
            assert_eq!(store.get_blob(id).unwrap().as_deref(), Some(&b"picture"[..]), "seed {seed}");
        }
    }
}

#[test]
fn power_loss_keeps_what_a_checkpoint_refers_to() {
    for seed in 0..200 {
        let (disk, store) = journal(20);
        let (epoch, shelf) = (store.lease().unwrap(), store.shelf());
        // Small segments are small files of the shelf, too.
        let entry = |n: u64| format!("{{\"n\":{n},\"text\":\"{}\"}}", "x".repeat(200)).into_bytes();
        let spots: Vec<_> = (0..20).map(|n| shelf.put(&entry(n)).unwrap()).collect();
        let extent = shelf.extent().unwrap();
        store.write_checkpoint(epoch, &Checkpoint { at: Position(10), state: b"ten".to_vec() }).unwrap();
        disk.plan(Plan { fail_sync: Some(seed / 2 + 1), ..Plan::default() });
        let more = (20..40).map_while(|n| shelf.put(&entry(n)).ok()).count();
        let second = Checkpoint { at: Position(20), state: b"twenty".to_vec() };
        let written = store.write_checkpoint(epoch, &second).is_ok();
        drop((store, shelf));
        let store = open(&disk.power_loss(seed)).unwrap();
        let shelf = store.shelf();
        let found = store.read_checkpoint().unwrap().unwrap().at;
        assert!(found == Position(20) || (found == Position(10) && !written), "seed {seed}");
        if found == Position(10) {
            shelf.resume(Some(extent)).unwrap();
        }
        let kept = if found == Position(20) { spots.len() + more } else { spots.len() };
        for (n, spot) in (0..).zip(&spots) {
            assert_eq!(shelf.get(*spot).unwrap(), entry(n), "seed {seed}");
        }
        if found == Position(10) {
            let mut count = 0;
            shelf
                .scan(extent, &mut |_, _| {
                    count += 1;
                    std::ops::ControlFlow::Continue(())
                })
                .unwrap();
            assert_eq!(count, kept, "seed {seed}");
        }
    }
}

#[test]
fn an_entry_that_is_damaged_is_told() {
    let (disk, store) = journal(1);
    let shelf = store.shelf();
    let spot = shelf.put(b"{\"text\":\"hello\"}").unwrap();
    let epoch = store.lease().unwrap();
    store.write_checkpoint(epoch, &Checkpoint { at: Position(1), state: b"one".to_vec() }).unwrap();
    let file = disk.files().into_iter().find(|file| file.starts_with("data/shelf")).unwrap();
    let whole = disk.contents(&file).unwrap();
    for at in usize::try_from(spot.offset).unwrap()..whole.len() - 1 {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        disk.damage(&file, damaged);
        assert!(matches!(shelf.get(spot), Err(Error::Corrupt { .. })), "byte {at}");
    }
    let full = Plan { capacity: Some(1), ..Plan::default() };
    disk.damage(&file, whole);
    disk.plan(full);
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(400_000)).into_bytes();
    let large_spot = shelf.put(&large).unwrap();
    assert!(shelf.get(large_spot).unwrap() == large, "what finds no room stays in memory");
    assert_eq!(shelf.get(spot).unwrap(), b"{\"text\":\"hello\"}");
    let full = store.write_checkpoint(epoch, &Checkpoint { at: Position(1), state: b"more".to_vec() });
    assert!(full.is_err_and(|error| error.is_full()), "and no checkpoint refers to it");
}

#[test]
fn the_memory_store_loses_what_was_not_synced() {
    let store = MemoryStore::manual();
    let epoch = store.lease().unwrap();
    store.append(epoch, Position(0), &lines(1, 2)).unwrap();
    store.sync().unwrap();
    store.append(epoch, Position(2), &lines(3, 2)).unwrap();
    assert_eq!((store.position(), store.durable()), (Position(4), Position(2)));
    let after = store.crash();
    assert_eq!(numbers(&after, Position(0)).unwrap(), [1, 2]);
    assert_eq!(after.position(), Position(2));
}

#[test]
fn a_faulty_store_fails_when_planned() {
    let store = Faulty::new(MemoryStore::new(), Faults { append: Some(2), ..Faults::default() });
    let epoch = store.lease().unwrap();
    store.append(epoch, Position(0), &lines(1, 1)).unwrap();
    store.append(epoch, Position(1), &lines(2, 1)).unwrap_err();
    store.append(epoch, Position(1), &lines(2, 1)).unwrap_err();
    assert_eq!(numbers(&store, Position(0)).unwrap(), [1]);
}

#[test]
fn many_threads_wait_for_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(JsonlStore::open(Options::new(folder.path())).unwrap());
    let epoch = store.lease().unwrap();
    std::thread::scope(|scope| {
        let mut waiting = Vec::new();
        for n in 0..200 {
            store.append(epoch, Position(n), &lines(n + 1, 1)).unwrap();
            let store = Arc::clone(&store);
            waiting.push(scope.spawn(move || assert!(store.sync().unwrap() >= Position(n + 1))));
        }
    });
    assert_eq!(numbers(&*store, Position(0)).unwrap().len(), 200);
    assert!(OsDisk.list(&folder.path().join("journal")).unwrap().len() == 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Power goes at any time: what was durable is there, what came after it is there from the front or not at all.
    #[test]
    fn power_loss(durable in 0u64..25, behind in 0u64..6, seed: u64) {
        let (disk, store) = journal(durable);
        let epoch = store.lease().unwrap();
        // The next sync never happens: what is written then is in the disk's memory only.
        disk.plan(Plan { fail_sync: Some(1), ..Plan::default() });
        store.append(epoch, Position(durable), &lines(durable + 1, behind)).unwrap();
        let _ = store.sync();
        drop(store);
        let after = disk.power_loss(seed);
        let store = open(&after).unwrap();
        let found = numbers(&store, Position(0)).unwrap();
        prop_assert!(found.len() as u64 >= durable && found.len() as u64 <= durable + behind);
        prop_assert_eq!(&found, &(1..=found.len() as u64).collect::<Vec<_>>());
        // It goes on from there, and the torn end is never seen again.
        let epoch = store.lease().unwrap();
        let position = store.position();
        store.append(epoch, position, &lines(position.0 + 1, 3)).unwrap();
        store.sync().unwrap();
        drop(store);
        let store = open(&after).unwrap();
        prop_assert_eq!(numbers(&store, Position(0)).unwrap().len() as u64, position.0 + 3);
        prop_assert_eq!(&store.recovered().torn, &None);
    }

    /// Every torn length of the last segment: cut off, and what is cut is blank, zero or gone.
    #[test]
    fn torn_lengths(count in 1u64..8, cut in 0.0f64..1.0, filling in 0u8..3) {
        let (disk, store) = journal(count);
        drop(store);
        let file = last_segment(&disk);
        let whole = disk.contents(&file).unwrap();
        let at = (whole.len() as f64 * cut) as usize;
        let mut torn = whole[..at].to_vec();
        match filling {
            0 => torn.resize(whole.len(), b' '),
            1 => torn.resize(whole.len(), 0),
            _ => {}
        }
        disk.damage(&file, torn);
        match open(&disk) {
            Ok(store) => {
                let found = numbers(&store, Position(0)).unwrap();
                let before: Vec<&[u8]> = whole[..at].split_inclusive(|b| *b == b'\n').collect();
                let complete = before.iter().filter(|l| l.starts_with(b"{\"seq\"") && l.ends_with(b"\n")).count();
                prop_assert_eq!(found.len(), complete + (count as usize - lines_in(&whole)));
                prop_assert_eq!(&found, &(1..=found.len() as u64).collect::<Vec<_>>());
            }
            // A header, or a line that a later one calls durable.
            Err(error) => prop_assert!(matches!(error, Error::Corrupt { .. }), "{error}"),
        }
    }

    /// One flipped bit anywhere: a clear error, or everything that was there; nothing in between.
    #[test]
    fn flipped_bits(count in 2u64..20, place in 0.0f64..1.0, bit in 0u8..8) {
        let (disk, store) = journal(count);
        drop(store);
        let files: Vec<_> = disk.files().into_iter().filter(|f| f.extension().is_some_and(|e| e == "jsonl")).collect();
        let file = &files[(place * files.len() as f64) as usize];
        let mut bytes = disk.contents(file).unwrap();
        let at = ((place * files.len() as f64).fract() * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        disk.damage(file, bytes);
        match open(&disk).and_then(|store| numbers(&store, Position(0))) {
            Ok(found) => {
                // The flip hit padding, the mark, or the last line together with no mark: never an earlier line.
                prop_assert!(found.len() as u64 >= count - 1, "{found:?} of {count}");
                prop_assert_eq!(&found, &(1..=found.len() as u64).collect::<Vec<_>>());
            }
            Err(error) => prop_assert!(matches!(error, Error::Corrupt { .. }), "{error}"),
        }
    }
}
