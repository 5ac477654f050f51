//! Contenders take turns.

use super::processor_time;
use std::time::{Duration, Instant};

/// Below this a call is repeated within a round: a clock is read twice a round and must not count.
const ROUND: Duration = Duration::from_millis(2);
/// Above this a round is long enough for the clock that counts the processor's time.
const LONG: Duration = Duration::from_millis(60);

/// What takes part in a comparison.
pub struct Contender<'a> {
    name: &'a str,
    work: Box<dyn FnMut() + 'a>,
    calls: u32,
    long: bool,
    times: Vec<f64>,
}

/// What a call takes, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Time {
    /// In the best round.
    pub best: f64,
    /// In the middle one: far from the best where the machine was busy.
    pub middle: f64,
}

impl<'a> Contender<'a> {
    /// Work under a name. The work keeps its result from being optimised away (`std::hint::black_box`).
    pub fn new(name: &'a str, work: impl FnMut() + 'a) -> Contender<'a> {
        Contender { name, work: Box::new(work), calls: 1, long: false, times: Vec::new() }
    }

    /// Finds out how many calls make a round.
    fn settle(&mut self) {
        loop {
            let took = self.wall();
            if took >= ROUND || self.calls > 1 << 24 {
                self.long = took >= LONG;
                return;
            }
            self.calls *= 2;
        }
    }

    fn wall(&mut self) -> Duration {
        let start = Instant::now();
        (0..self.calls).for_each(|_| (self.work)());
        start.elapsed()
    }

    fn round(&mut self) {
        let took = if self.long {
            let start = processor_time();
            (0..self.calls).for_each(|_| (self.work)());
            processor_time().saturating_sub(start)
        } else {
            self.wall()
        };
        self.times.push(took.as_secs_f64() * 1e9 / f64::from(self.calls));
    }

    fn time(&mut self) -> Time {
        self.times.sort_by(f64::total_cmp);
        let at = |index: usize| self.times.get(index).copied().unwrap_or(f64::NAN);
        Time { best: at(0), middle: at(self.times.len() / 2) }
    }
}

/// Lets them take turns for so many rounds; what a call of each takes, in their order.
pub fn side_by_side(rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<(&str, Time)> {
    contenders.iter_mut().for_each(Contender::settle);
    for _ in 0..rounds {
        contenders.iter_mut().for_each(Contender::round);
    }
    contenders.iter_mut().map(|c| (c.name, c.time())).collect()
}

/// What a call takes.
pub fn alone(rounds: usize, work: impl FnMut()) -> Time {
    let mut only = Contender::new("", work);
    only.settle();
    (0..rounds).for_each(|_| only.round());
    only.time()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_more_takes_longer() {
        let count = |to: u64| move || (0..to).for_each(|n| assert!(std::hint::black_box(n) < to));
        let times = side_by_side(
            5,
            vec![Contender::new("few", count(1_000)), Contender::new("many", count(100_000))],
        );
        assert_eq!(times.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["few", "many"]);
        assert!(times[0].1.best < times[1].1.best, "{times:?}");
        assert!(times[0].1.best <= times[0].1.middle);
    }
}
