//! What is put away is read as before, or told to be damaged; a crash in between loses nothing; a full disk takes it first.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_store::conformance::{lines, numbers};
use carapace_store::disk::{Disk, Plan, SimulatedDisk};
use carapace_store::{
    Checkpoint, Depth, Epoch, Error, FindingKind, Indexer, JsonlReader, JsonlStore, Line, NoIndex, Options,
    Past, Position, Store, Transaction, inspect,
};
use std::ops::ControlFlow;
use std::path::PathBuf;
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

fn open(disk: &SimulatedDisk) -> JsonlStore {
    JsonlStore::open(options(disk)).unwrap()
}

fn no_index() -> Box<dyn Indexer> {
    Box::new(NoIndex)
}

/// A journal of so many lines, all of which a checkpoint holds.
fn journal(count: u64) -> (SimulatedDisk, JsonlStore, Epoch) {
    let disk = SimulatedDisk::new();
    let store = open(&disk);
    let epoch = store.lease().unwrap();
    for n in 0..count {
        store.append(epoch, Position(n), &lines(n + 1, 1)).unwrap();
        store.sync().unwrap();
    }
    store.write_checkpoint(epoch, &Checkpoint { at: Position(count), state: b"all".to_vec() }).unwrap();
    (disk, store, epoch)
}

/// The same, put into the archive as far as whole segments go.
fn put_away(count: u64) -> (SimulatedDisk, JsonlStore, Epoch) {
    let (disk, store, epoch) = journal(count);
    store.archive_before(epoch, Position(count), &mut no_index).unwrap();
    assert!(store.archived().unwrap().len() > 2, "it has several segments");
    (disk, store, epoch)
}

fn in_archive(disk: &SimulatedDisk) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|file| file.starts_with("data/archive")).collect()
}

fn segments(disk: &SimulatedDisk) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|file| file.starts_with("data/journal")).collect()
}

fn told(disk: &SimulatedDisk) -> Vec<(FindingKind, String, String)> {
    let found = inspect(&options(disk), Depth::Archive, Position(0), &mut |_| {}).unwrap().unwrap();
    let name = |file: PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    found.findings.into_iter().map(|finding| (finding.kind, name(finding.file), finding.why)).collect()
}

fn all(count: u64) -> Vec<u64> {
    (1..=count).collect()
}

#[test]
fn what_is_put_away_is_there_after_a_restart_and_beside_an_owner() {
    let (disk, store, epoch) = journal(60);
    let before = JsonlReader::open(options(&disk)).unwrap().unwrap();
    store.archive_before(epoch, Position(60), &mut no_index).unwrap();
    assert_eq!(segments(&disk).len(), 1, "segments have left");
    let seen = |reader: &JsonlReader, after| {
        let mut seen = Vec::new();
        let visit = &mut |line: carapace_store::Line<'_>| {
            seen.push(line.seq.0);
            ControlFlow::Continue(())
        };
        reader.lines(Position(after), visit).unwrap();
        seen
    };
    assert_eq!(seen(&before, 0), all(60), "who opened it before finds what has moved");
    drop(store);
    let store = open(&disk);
    assert_eq!(numbers(&store, Position(0)).unwrap(), all(60));
    assert_eq!(seen(&JsonlReader::open(options(&disk)).unwrap().unwrap(), 7), (8..=60).collect::<Vec<_>>());
    assert_eq!(told(&disk), []);
    let found = inspect(&options(&disk), Depth::Archive, Position(0), &mut |_| {}).unwrap().unwrap();
    assert_eq!((found.lines, found.oldest), (60, Position(1)));
    let live = inspect(&options(&disk), Depth::Live, Position(0), &mut |_| {}).unwrap().unwrap();
    assert!(live.lines < 60 && live.parts == 0 && live.last == Position(60));
}

#[test]
fn what_owners_put_away_meanwhile_is_found_where_it_is_then() {
    let (disk, store, epoch) = journal(60);
    let reader = JsonlReader::open(options(&disk)).unwrap().unwrap();
    let mut seen = Vec::new();
    reader
        .lines(Position(0), &mut |line| {
            seen.push(line.seq.0);
            if seen.len() == 2 {
                store.archive_before(epoch, Position(60), &mut no_index).unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, all(60));
}

#[test]
fn any_tool_reads_a_part() {
    let (disk, _store, _) = put_away(60);
    let part =
        in_archive(&disk).into_iter().find(|file| file.to_string_lossy().ends_with(".jsonl.zst")).unwrap();
    let text = zstd::decode_all(disk.contents(&part).unwrap().as_slice()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with(r#"{"format":"carapace-journal","version":1,"first":1,"#), "{text}");
    assert!(text.contains(r#""records":[{"n":1,"#) && text.ends_with("\"}\n"), "{text}");
}

/// What fails as planned while segments are put away, and what is there after the power went.
fn crashed(plan: Plan, seed: u64) -> bool {
    let (disk, store, epoch) = journal(40);
    disk.plan(plan);
    let whole = store.archive_before(epoch, Position(40), &mut no_index).is_ok();
    drop(store);
    let after = disk.power_loss(seed);
    let store = open(&after);
    assert_eq!(numbers(&store, Position(0)).unwrap(), all(40), "{plan:?}, seed {seed}");
    assert_eq!(told(&after), [], "{plan:?}, seed {seed}");
    // It goes on, and what was interrupted is done again.
    let epoch = store.lease().unwrap();
    store.archive_before(epoch, Position(40), &mut no_index).unwrap();
    assert_eq!(numbers(&store, Position(0)).unwrap(), all(40), "{plan:?}, seed {seed}");
    assert!(!in_archive(&after).iter().any(|file| file.extension().is_some_and(|e| e == "tmp")));
    whole
}

#[test]
fn a_crash_at_any_step_of_putting_away_loses_no_line() {
    let plans: [fn(u64) -> Plan; 4] = [
        |n| Plan { fail_sync: Some(n), ..Plan::default() },
        |n| Plan { fail_write: Some(n), ..Plan::default() },
        |n| Plan { fail_rename: Some(n), ..Plan::default() },
        |n| Plan { short_write: Some(n), ..Plan::default() },
    ];
    for plan in plans {
        let mut step = 1;
        while !crashed(plan(step), step) || step < 4 {
            for seed in 0..3 {
                crashed(plan(step), seed + 1000 * step);
            }
            step += 1;
        }
    }
}

#[test]
fn a_crash_while_old_parts_go_leaves_a_whole_rest() {
    for seed in 0..200 {
        let (disk, store, epoch) = put_away(60);
        disk.plan(Plan { fail_sync: Some(seed % 12 + 1), ..Plan::default() });
        let _ = store.shorten_archive(epoch, 40);
        drop(store);
        let after = disk.power_loss(seed);
        let store = open(&after);
        let oldest = store.archived().unwrap().first().map_or(0, |first| first.0 - 1);
        assert_eq!(
            numbers(&store, Position(oldest)).unwrap(),
            (oldest + 1..=60).collect::<Vec<_>>(),
            "seed {seed}"
        );
        assert_eq!(told(&after), [], "seed {seed}");
        let sealed = store.archived().unwrap().len();
        assert_eq!(in_archive(&after).len(), 2 * sealed, "seed {seed}: nothing is left over");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_archive_is_told_and_never_taken_for_data() {
    let (disk, store, _) = put_away(60);
    for file in in_archive(&disk) {
        let whole = disk.contents(&file).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            disk.damage(&file, damaged);
            match numbers(&store, Position(0)) {
                Err(Error::Corrupt { file: told, .. }) => assert_eq!(told, file, "byte {at}"),
                // A bit of the compressed form that means nothing.
                Ok(found) => assert_eq!(found, all(60), "byte {at} of {}", file.display()),
                Err(other) => panic!("{other}"),
            }
        }
        disk.damage(&file, whole[..whole.len() / 2].to_vec());
        assert!(matches!(numbers(&store, Position(0)), Err(Error::Corrupt { .. })));
        let findings = told(&disk);
        assert!(findings.len() == 1 && findings[0].0 == FindingKind::Archive, "{findings:?}");
        assert_eq!(PathBuf::from(&findings[0].1), file.file_name().unwrap(), "it is told by its name");
        let last_part = store.archived().unwrap().last().copied().unwrap();
        let live = numbers(&store, Position(58)).unwrap();
        assert!(live == [59, 60] || last_part.0 > 58, "what lives needs no archive");
        disk.damage(&file, whole);
    }
}

#[test]
fn what_is_missing_in_the_middle_is_told_and_old_parts_may_be_removed_by_hand() {
    let (disk, store, _) = put_away(80);
    drop(store);
    let files = in_archive(&disk);
    // Files come in pairs: the seal, then the lines.
    disk.remove(&files[0]).unwrap();
    disk.remove(&files[1]).unwrap();
    let store = open(&disk);
    assert_eq!(told(&disk), [], "who removes the oldest shortens the history");
    assert!(matches!(numbers(&store, Position(0)), Err(Error::Truncated { .. })));
    drop(store);
    disk.remove(&files[5]).unwrap();
    let findings = told(&disk);
    assert!(findings.len() == 1 && findings[0].2.contains("missing"), "{findings:?}");
    disk.remove(&files[4]).unwrap();
    let findings = told(&disk);
    assert!(findings.len() == 1 && findings[0].2.contains("are missing behind it"), "{findings:?}");
    let store = open(&disk);
    let oldest = store.archived().unwrap()[0].0 - 1;
    assert!(matches!(numbers(&store, Position(oldest)), Err(Error::Corrupt { .. })), "a gap is no end");
}

#[test]
fn a_seal_that_is_lost_does_not_take_its_lines_with_it() {
    let (disk, store, _) = put_away(80);
    drop(store);
    let seal = in_archive(&disk)[2].clone();
    let lines = in_archive(&disk)[3].clone();
    disk.remove(&seal).unwrap();
    drop(open(&disk));
    assert!(disk.contents(&lines).is_some(), "what is left may be of use to a person");
    assert_eq!(told(&disk).len(), 1);
}

#[test]
fn a_segment_that_was_damaged_is_put_away_as_it_is_and_told() {
    let (disk, store, epoch) = journal(60);
    let segment = segments(&disk)[1].clone();
    let mut bytes = disk.contents(&segment).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 4;
    disk.damage(&segment, bytes.clone());
    store.archive_before(epoch, Position(60), &mut no_index).unwrap();
    assert_eq!(numbers(&store, Position(59)).unwrap(), [60], "the runtime goes on");
    assert!(matches!(numbers(&store, Position(0)), Err(Error::Corrupt { .. })));
    let findings = told(&disk);
    assert!(findings.len() == 1 && findings[0].2.contains("before it was put away"), "{findings:?}");
    let kept =
        in_archive(&disk).into_iter().find(|file| file.to_string_lossy().contains(&findings[0].1)).unwrap();
    let kept = zstd::decode_all(disk.contents(&kept).unwrap().as_slice()).unwrap();
    assert_eq!(kept, bytes, "what is left of it is kept");
}

#[test]
fn a_segment_that_is_old_gets_a_successor_so_that_what_is_old_can_go() {
    const DAY: i64 = 86_400_000;
    let disk = SimulatedDisk::new();
    let day = |store: &JsonlStore, epoch, n: u64, at: i64| {
        let line = Transaction::of(at, &[n]).unwrap();
        store.append(epoch, Position(n - 1), &[line]).unwrap();
        store.sync().unwrap();
    };
    let wide = || Options { segment_bytes: 1 << 20, ..options(&disk) };
    let store = JsonlStore::open(wide()).unwrap();
    let epoch = store.lease().unwrap();
    day(&store, epoch, 1, 5 * DAY);
    day(&store, epoch, 2, 6 * DAY - 1);
    assert_eq!(segments(&disk).len(), 1);
    // That a segment has begun is known after a restart, too.
    drop(store);
    let store = JsonlStore::open(wide()).unwrap();
    let epoch = store.lease().unwrap();
    day(&store, epoch, 3, 6 * DAY);
    day(&store, epoch, 4, 6 * DAY);
    assert_eq!(segments(&disk).len(), 2);
    day(&store, epoch, 5, 40 * DAY);
    store.write_checkpoint(epoch, &Checkpoint { at: Position(5), state: Vec::new() }).unwrap();
    store.archive_before(epoch, Position(5), &mut no_index).unwrap();
    assert_eq!(store.archived().unwrap(), [Position(1), Position(3)]);
    assert_eq!(store.shorten_archive(epoch, 6 * DAY).unwrap(), 1);
    assert_eq!(store.archived().unwrap(), [Position(3)]);
}

#[test]
fn what_was_kept_back_for_lines_is_not_for_what_is_put_away() {
    let (disk, store, epoch) = journal(40);
    let used: u64 =
        disk.files().iter().filter_map(|file| disk.contents(file)).map(|bytes| bytes.len() as u64).sum();
    disk.plan(Plan { capacity: Some(used + 500), ..Plan::default() });
    let mut last = 40;
    while !store.is_low() {
        store.append(epoch, Position(last), &lines(last + 1, 1)).unwrap();
        store.sync().unwrap();
        last += 1;
    }
    // There would be room: that of the reserve.
    store.write_checkpoint(epoch, &Checkpoint { at: Position(last), state: b"small".to_vec() }).unwrap();
    store.archive_before(epoch, Position(last), &mut no_index).unwrap();
    assert_eq!(store.archived().unwrap(), [], "segments went without being kept");
    assert!(!store.is_low(), "and made room");
    // What comes after that is kept again.
    disk.plan(Plan::default());
    for n in last..last + 40 {
        store.append(epoch, Position(n), &lines(n + 1, 1)).unwrap();
        store.sync().unwrap();
    }
    let checkpoint = Checkpoint { at: Position(last + 40), state: b"small".to_vec() };
    store.write_checkpoint(epoch, &checkpoint).unwrap();
    store.archive_before(epoch, Position(last + 40), &mut no_index).unwrap();
    let oldest = store.archived().unwrap()[0].0 - 1;
    assert_eq!(numbers(&store, Position(oldest)).unwrap(), (oldest + 1..=last + 40).collect::<Vec<_>>());
}

#[test]
fn on_a_full_disk_the_archive_gives_way_before_anything_new_is_refused() {
    let (disk, store, epoch) = put_away(80);
    let used: u64 =
        disk.files().iter().filter_map(|file| disk.contents(file)).map(|bytes| bytes.len() as u64).sum();
    disk.plan(Plan { capacity: Some(used + 500), ..Plan::default() });
    let mut last = 80;
    while !store.is_low() {
        store.append(epoch, Position(last), &lines(last + 1, 1)).unwrap();
        store.sync().unwrap();
        last += 1;
    }
    assert_eq!(store.archived().unwrap(), [], "all of it went before the reserve did");
    let after = store.durable();
    drop(store);
    let store = open(&disk.power_loss(1));
    assert_eq!((store.position(), after), (Position(last), Position(last)));
    assert_eq!(numbers(&store, Position(80)).unwrap(), (81..=last).collect::<Vec<_>>());
}

#[test]
fn a_disk_that_is_full_at_any_moment_loses_nothing_that_lives() {
    for room in (0..14_000).step_by(131) {
        let (disk, store, epoch) = put_away(60);
        let used: u64 =
            disk.files().iter().filter_map(|file| disk.contents(file)).map(|bytes| bytes.len() as u64).sum();
        disk.plan(Plan { capacity: Some(used + room), ..Plan::default() });
        let mut last = 60;
        for _ in 0..120 {
            if store.append(epoch, Position(last), &lines(last + 1, 1)).is_err() || store.sync().is_err() {
                break;
            }
            last += 1;
            if last % 25 == 0 {
                let checkpoint = Checkpoint { at: Position(last), state: vec![b'x'; 500] };
                if store.write_checkpoint(epoch, &checkpoint).is_ok() {
                    let _ = store.archive_before(epoch, Position(last), &mut no_index);
                }
            }
        }
        drop(store);
        disk.plan(Plan::default());
        let after = disk.power_loss(room);
        let store = open(&after);
        assert!(store.position() >= Position(last), "room {room}");
        let at = store.read_checkpoint().unwrap().map(|checkpoint| checkpoint.at).unwrap_or_default();
        let rest: Vec<u64> = (at.0 + 1..=store.position().0).collect();
        assert_eq!(numbers(&store, at).unwrap(), rest, "room {room}");
        assert_eq!(told(&after), [], "room {room}: what is left of the archive is whole");
    }
}

/// A line that was to be erased, erased.
fn erased(line: &Line<'_>) -> Option<String> {
    line.seq.0.is_multiple_of(5).then(|| "[{\"n\":0}]".to_owned())
}

fn with_erased(count: u64) -> Vec<u64> {
    (1..=count).map(|n| if n.is_multiple_of(5) { 0 } else { n }).collect()
}

/// All that any file of the archive says, whether or not anything means it.
fn everything(disk: &SimulatedDisk) -> String {
    let text = |file: &PathBuf| {
        let bytes = zstd::decode_all(disk.contents(file).unwrap_or_default().as_slice()).unwrap_or_default();
        String::from_utf8(bytes).unwrap()
    };
    in_archive(disk).iter().map(text).collect()
}

#[test]
fn what_is_erased_stands_nowhere_any_more_and_the_rest_is_read_as_before() {
    let (disk, store, epoch) = put_away(60);
    let live = store.first_live().unwrap().0;
    let reader = JsonlReader::open(options(&disk)).unwrap().unwrap();
    let mut seen = 0;
    let visit = &mut |_: Line<'_>| {
        seen += 1;
        if seen == 2 {
            let rewritten = store.rewrite_archive(epoch, &mut erased, &mut no_index).unwrap();
            assert!(rewritten.parts > 2 && rewritten.removed.is_empty(), "{rewritten:?}");
        }
        ControlFlow::Continue(())
    };
    reader.lines(Position(0), visit).unwrap();
    assert_eq!(seen, 60, "who reads meanwhile reads on");
    let expected: Vec<u64> =
        with_erased(60).iter().zip(1..).map(|(n, seq)| if seq < live { *n } else { seq }).collect();
    assert_eq!(numbers(&store, Position(0)).unwrap(), expected);
    let text = everything(&disk);
    assert!(text.contains("line 4,") && !text.contains("line 5,") && !text.contains("line 10,"), "{text}");
    assert_eq!(in_archive(&disk).len(), 2 * store.archived().unwrap().len(), "what was replaced is gone");
    assert_eq!(told(&disk), []);
    drop(store);
    let store = open(&disk);
    assert_eq!(numbers(&store, Position(0)).unwrap(), expected);
    // It goes like any other part.
    let epoch = store.lease().unwrap();
    assert!(store.shorten_archive(epoch, i64::MAX).unwrap() > 2);
    assert_eq!(in_archive(&disk), Vec::<PathBuf>::new());
}

#[test]
fn a_crash_at_any_step_of_erasing_leaves_old_lines_or_new_ones_and_it_can_be_done_again() {
    let plans: [fn(u64) -> Plan; 4] = [
        |n| Plan { fail_sync: Some(n), ..Plan::default() },
        |n| Plan { fail_write: Some(n), ..Plan::default() },
        |n| Plan { fail_rename: Some(n), ..Plan::default() },
        |n| Plan { short_write: Some(n), ..Plan::default() },
    ];
    let crash = |plan: Plan, seed: u64| {
        let (disk, store, epoch) = put_away(60);
        disk.plan(plan);
        let whole = store.rewrite_archive(epoch, &mut erased, &mut no_index).is_ok();
        drop(store);
        let after = disk.power_loss(seed);
        let store = open(&after);
        let live = store.first_live().unwrap().0;
        let (old, new) = (all(60), with_erased(60));
        let found = numbers(&store, Position(0)).unwrap();
        assert!(
            found.iter().zip(old.iter().zip(&new)).all(|(n, (old, new))| n == old || n == new),
            "{plan:?}"
        );
        assert_eq!(told(&after), [], "{plan:?}, seed {seed}");
        let sealed = store.archived().unwrap().len();
        assert_eq!(in_archive(&after).len(), 2 * sealed, "{plan:?}, seed {seed}: nothing is left over");
        let epoch = store.lease().unwrap();
        store.rewrite_archive(epoch, &mut erased, &mut no_index).unwrap();
        let found = numbers(&store, Position(0)).unwrap();
        assert!(
            found
                .iter()
                .zip(1..)
                .all(|(n, seq)| *n == if seq < live && seq.is_multiple_of(5) { 0 } else { seq })
        );
        assert!(!everything(&after).contains("line 5,"), "{plan:?}, seed {seed}");
        whole
    };
    for plan in plans {
        let mut step = 1;
        while !crash(plan(step), step) || step < 4 {
            for seed in 0..3 {
                crash(plan(step), seed + 1000 * step);
            }
            step += 1;
        }
    }
}

#[test]
fn a_part_that_cannot_be_searched_goes_when_something_is_erased() {
    let (disk, store, epoch) = put_away(60);
    let file = in_archive(&disk)[3].clone();
    disk.damage(&file, b"nothing that could be read".to_vec());
    let rewritten = store.rewrite_archive(epoch, &mut erased, &mut no_index).unwrap();
    assert_eq!(rewritten.removed, [file]);
    assert!(
        told(&disk).iter().all(|(kind, _, why)| *kind == FindingKind::Archive && why.contains("missing"))
    );
}
