//! The time that this thread was on a processor.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long this thread has been on a processor, as the system counts it: a neighbour's work is not in it. It is brought
/// up to date some hundred times a second, so what is measured with it takes longer than that. Where the system does not
/// say (it is not Linux), the time that passed.
pub fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok().and_then(|text| {
        let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds)).filter(|counted| !counted.is_zero())
    });
    counted.unwrap_or_else(|| START.elapsed())
}
