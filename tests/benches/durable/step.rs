//! One durable step beside the least that a disk can do for it: overwriting as many bytes and syncing them.

use crate::runtime::journal;
use carapace_store::Store as _;
use carapace_store::conformance::lines;
use carapace_tests::measure::{Budget, Contender, side_by_side, tell};
use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// What the bare file holds, written before.
const BARE: u64 = 16 * 1024 * 1024;

/// Rounds in which both take turns.
const ROUNDS: usize = 400;

pub(crate) fn measure(folder: &Path) {
    let store = journal(folder);
    let epoch = store.lease().unwrap();
    let line = lines(1, 1);
    // As many bytes as the line has in its segment.
    let text: usize = line.iter().map(|transaction| transaction.records.len()).sum();
    let bytes = vec![b'x'; text + 90];
    let file = File::create(folder.join("bare")).unwrap();
    let file = RefCell::new((file, 0));
    file.borrow_mut().0.write_all(&vec![b' '; usize::try_from(BARE).unwrap()]).unwrap();
    file.borrow().0.sync_all().unwrap();
    let bare = || {
        let (file, offset) = &mut *file.borrow_mut();
        *offset = (*offset + bytes.len() as u64) % (BARE - bytes.len() as u64);
        file.seek(SeekFrom::Start(*offset)).unwrap();
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    };
    let step = || {
        store.append(epoch, store.position(), &line).unwrap();
        store.sync().unwrap();
    };
    let times = side_by_side(ROUNDS, vec![Contender::new("bare", bare), Contender::new("step", step)]);
    let [(_, bare), (_, step)] = times.as_slice() else { return };
    tell("the disk: overwriting and fdatasync", bare.middle / 1e3, "µs", Budget::None);
    tell("one durable step", step.middle / 1e3, "µs", Budget::None);
    tell("  beside the disk, middle rounds", step.middle / bare.middle, "×", Budget::AtMost(1.3));
    tell("  beside the disk, best rounds", step.best / bare.best, "×", Budget::AtMost(1.3));
}
