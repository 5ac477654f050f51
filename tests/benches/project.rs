//! `carapace check` of whole projects, as one waits for it: never seen before, and with nothing changed since.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at the first surprise, and says what it leaves out"
)]

use carapace_driver::Files;
use carapace_tests::measure::{Budget, large_package, released_binary, tell};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lines of the projects, about.
const SIZES: [usize; 3] = [1_000, 30_000, 300_000];

/// Lines a second that a check of something new has to make, on each core.
const PER_SECOND: f64 = 40_000.0;

/// What the largest may take when nothing has changed.
const UNCHANGED: f64 = 150.0;

fn main() {
    let Some(binary) = released_binary() else {
        println!("skipped: the binary was not built");
        return;
    };
    let (_, of_one) = large_package(1);
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let lines = write(folder.path(), size.div_ceil(of_one));
        let cache = folder.path().join("cache");
        let check = || took(&binary, &folder.path().join("project"), &cache);
        let cold = (0..3).map(|_| {
            // What an earlier run left behind would answer.
            let _ = fs::remove_dir_all(&cache);
            check()
        });
        let cold = cold.min().unwrap_or_default();
        let warm = (0..5).map(|_| check()).min().unwrap_or_default();
        let per_second = lines as f64 / cold.as_secs_f64();
        let what = |state: &str| format!("check of {lines} lines, {state}");
        tell(&what("never seen before"), cold.as_secs_f64() * 1e3, "ms", Budget::None);
        tell(&what("never seen before"), per_second, "lines/s", Budget::AtLeast(PER_SECOND));
        let budget = if size == 300_000 { Budget::AtMost(UNCHANGED) } else { Budget::None };
        tell(&what("nothing changed"), warm.as_secs_f64() * 1e3, "ms", budget);
    }
}

/// Writes a project with every example in it so many times; gives its lines.
fn write(folder: &Path, copies: usize) -> usize {
    let (files, lines) = large_package(copies);
    for path in files.list().unwrap() {
        let to = folder.join("project").join(&path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, files.read(&path, usize::MAX - 1).unwrap()).unwrap();
    }
    // What flows name with `file("…")` is no flow, and not in the list.
    for (name, files) in carapace_tests::measure::examples() {
        for (path, text) in files.iter().filter(|(path, _)| !path.ends_with(".flow")) {
            let to = folder.join("project").join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, text).unwrap_or_else(|e| println!("{name}: {e}"));
        }
    }
    lines
}

fn took(binary: &Path, project: &Path, cache: &Path) -> Duration {
    let mut command = Command::new(binary);
    command.arg("check").arg(project).env("XDG_CACHE_HOME", cache);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    assert!(command.status().unwrap().success());
    begun.elapsed()
}
