//! The runtime on a real disk: how fast, how much is written, how soon it is up again, and what it holds in memory.
//!
//! ```sh
//! cargo bench -p carapace-tests --bench durable                      # everything, with up to 100,000 waiting runs
//! cargo bench -p carapace-tests --bench durable -- step talk         # these parts only
//! cargo bench -p carapace-tests --bench durable -- waiting 1000000   # a million runs that wait
//! cargo bench -p carapace-tests --bench durable -- soak 600          # ten minutes of talk
//! ```

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

mod runtime;
mod soak;
mod step;
mod talk;
mod waiting;
mod written;

use std::path::Path;
use std::time::Duration;

fn main() {
    // What cargo itself passes along (`--bench`) is no part.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let parts: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| word.parse::<u64>().is_err()).collect();
    let number = words.iter().find_map(|word| word.parse::<u64>().ok());
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    // Beside the build, not in /tmp, which may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder: &Path = folder.path();
    if wanted("step") {
        step::measure(&folder.join("step"));
    }
    if wanted("talk") {
        for at_once in [1, 16, 256] {
            talk::measure(&folder.join(format!("talk{at_once}")), at_once);
        }
    }
    if wanted("waiting") {
        let counts = number.map_or(vec![10_000, 100_000], |count| vec![count]);
        for count in counts {
            waiting::measure(&folder.join(format!("waiting{count}")), count);
        }
    }
    if wanted("soak") {
        soak::measure(
            &folder.join("soak"),
            Duration::from_secs(number.filter(|_| !parts.is_empty()).unwrap_or(20)),
        );
    }
}
