//! What something takes, many times: in the middle, and where one in a hundred takes longer.

use carapace_tests::measure::{Budget, tell};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Times that were measured: how long one waited, and how long this process was on processors meanwhile. On a machine that
/// does something else too, only the second says something about us.
#[derive(Default)]
pub(crate) struct Spent {
    waited: Vec<Duration>,
    worked: Vec<Duration>,
}

/// Begun.
pub(crate) struct Begun {
    at: Instant,
    worked: Duration,
}

/// Begins to measure.
pub(crate) fn begin() -> Begun {
    Begun { at: Instant::now(), worked: worked() }
}

impl Begun {
    /// Ends it.
    pub(crate) fn end(self, spent: &mut Spent) {
        spent.waited.push(self.at.elapsed());
        spent.worked.push(worked().saturating_sub(self.worked));
    }
}

impl Spent {
    /// Tells what it came to; the budget in milliseconds is that of the ninety-ninth of a hundred.
    pub(crate) fn tell(&self, what: &str, budget: Budget) {
        let (waited, worked) = (sorted(&self.waited), sorted(&self.worked));
        tell(&format!("{what}, half of {} in", worked.len()), at(&worked, 50), "ms", Budget::None);
        if worked.len() >= 100 {
            tell(&format!("{what}, 99 of 100 in"), at(&worked, 99), "ms", budget);
        }
        tell(&format!("{what}, waited for, half in"), at(&waited, 50), "ms", Budget::None);
    }
}

/// The budget is that of a file of 1,000 lines, whatever the package.
pub(crate) fn within(of: &str, milliseconds: f64) -> Budget {
    if of == "1,000 lines" { Budget::AtMost(milliseconds) } else { Budget::None }
}

fn worked() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), u32::try_from(spent.tv_nsec).unwrap())
}

fn sorted(times: &[Duration]) -> Vec<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times
}

fn at(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}
