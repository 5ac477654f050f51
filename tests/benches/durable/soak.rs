//! Talk for long: memory and disk stay as they are.

use crate::runtime::{Runtime, beside, open};
use crate::talk::{SOURCE, talk};
use crate::written::folder_size;
use carapace_tests::measure::{Budget, resident, tell};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Conversations at once.
const AT_ONCE: u64 = 64;

/// How often it is looked at.
const LOOKS: u32 = 5;

pub(crate) fn measure(folder: &Path, time: Duration) {
    beside(async {
        let runtime = Runtime::start(open(folder, SOURCE));
        let numbers = Arc::new(AtomicU64::new(0));
        let mut runs = 0;
        for look in 1..=LOOKS {
            let until = Instant::now() + time / LOOKS;
            runs += talk(&runtime, AT_ONCE, &numbers, until).await.len();
            // An event is known again for a week: that is memory with a use, and is counted apart.
            let known = runtime.handle.look(|state| state.seen.len()).await.unwrap();
            let mebibytes = resident() as f64 / f64::from(1 << 20);
            tell(&format!("after {runs} runs ({look} of {LOOKS})"), mebibytes, "MiB in memory", Budget::None);
            tell("  events known again", known as f64, "", Budget::None);
            tell("  the folder", folder_size(folder) as f64 / f64::from(1 << 20), "MiB", Budget::None);
        }
        runtime.end();
    });
}
