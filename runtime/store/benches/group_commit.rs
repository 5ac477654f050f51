//! One durable step of the journal beside the least a disk can do: overwriting as many bytes and syncing them.
//!
//! The budget is a ratio (1.3), so both are measured in one run on one disk. `batch` shows what group commit is for: the
//! time of one sync, shared.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use carapace_store::conformance::lines;
use carapace_store::{JsonlStore, Options, Position, Store};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

fn group_commit(criterion: &mut Criterion) {
    // Beside the build, not in /tmp, which may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut group = criterion.benchmark_group("durable step");
    group.sample_size(50);

    let bytes = vec![b'x'; 160];
    let mut file = File::create(folder.path().join("raw")).unwrap();
    file.write_all(&vec![b' '; 16 * 1024 * 1024]).unwrap();
    file.sync_all().unwrap();
    let mut offset = 0;
    group.bench_function("overwrite and fdatasync", |b| {
        b.iter(|| {
            offset = (offset + 160) % (16 * 1024 * 1024 - 160);
            file.seek(SeekFrom::Start(offset)).unwrap();
            file.write_all(&bytes).unwrap();
            file.sync_data().unwrap();
        });
    });

    let store = JsonlStore::open(Options::new(folder.path().join("journal"))).unwrap();
    let epoch = store.lease().unwrap();
    let line = lines(1, 1);
    group.bench_function("append and sync", |b| {
        b.iter(|| {
            store.append(epoch, store.position(), &line).unwrap();
            store.sync().unwrap();
        });
    });

    for count in [10, 1000] {
        let batch = lines(1, count);
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("append {count} one by one, sync once"), |b| {
            b.iter(|| {
                for line in &batch {
                    store.append(epoch, store.position(), std::slice::from_ref(line)).unwrap();
                }
                store.sync().unwrap();
            });
        });
    }
    assert!(store.position() > Position(0));
}

criterion_group!(benches, group_commit);
criterion_main!(benches);
