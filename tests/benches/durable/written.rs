//! How much is written, and how long processors are busy, for what it is.

use carapace_tests::measure::{Budget, tell};
use std::path::Path;
use std::time::Duration;

/// What this process had written, and its processor time, at a time.
pub(crate) struct Written(u64, Duration);

impl Written {
    pub(crate) fn now() -> Written {
        Written(to_disk(), busy())
    }

    /// What was written since, for each run, and beside the journal's own lines.
    pub(crate) fn since(&self, folder: &Path, runs: f64) {
        let written = to_disk().saturating_sub(self.0) as f64;
        tell("  written for each", written / runs, "bytes", Budget::None);
        let busy = busy().saturating_sub(self.1).as_secs_f64() * 1e6 / runs;
        tell("  processors busy for each, those who talk included", busy, "µs", Budget::None);
        tell("  the folder holds", folder_size(folder) as f64 / f64::from(1 << 20), "MiB", Budget::None);
    }
}

/// Bytes this process has handed to the system to be written (`wchar` of `/proc/self/io`); 0 where the system does not
/// say. What the disk does with them, whole pages and more, it does with those of the bare file, too.
fn to_disk() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("wchar:"));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_default()
}

/// Processor time of all threads of this process (`utime` and `stime` of `/proc/self/stat`, in hundredths of a second): what
/// a run costs, also on a machine that has other things to do.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may have blanks in it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
}

/// What all files of a folder hold together.
pub(crate) fn folder_size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
