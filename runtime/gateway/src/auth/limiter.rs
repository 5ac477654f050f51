//! How often somebody may ask.

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Cells of a limiter. Keys whose hash is the same share one; which do, nobody outside can know.
const CELLS: u64 = 1 << 16;

/// How much of something is allowed: so many at once, and then one after each such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// Then one after each such time.
    pub every: Duration,
}

impl Rate {
    /// So many at once, and so many in each second.
    pub fn per_second(burst: u32, count: u32) -> Rate {
        Rate { burst, every: Duration::from_secs(1) / count.max(1) }
    }

    fn quota(self) -> Quota {
        let burst = NonZeroU32::new(self.burst).unwrap_or(NonZeroU32::MIN);
        let every = self.every.max(Duration::from_nanos(1));
        Quota::with_period(every).unwrap_or(Quota::per_second(burst)).allow_burst(burst)
    }
}

/// Counts how often each key asks, and says when one has to wait. Its memory has a bound, however many keys there are.
pub struct Limiter<K> {
    cells: RateLimiter<u16, HashMapStateStore<u16>, DefaultClock>,
    hasher: RandomState,
    clock: DefaultClock,
    key: PhantomData<fn(&K)>,
}

impl<K: Hash> Limiter<K> {
    /// One with this rate for each key.
    pub fn new(rate: Rate) -> Limiter<K> {
        let clock = DefaultClock::default();
        let cells = RateLimiter::hashmap(rate.quota());
        Limiter { cells, hasher: RandomState::new(), clock, key: PhantomData }
    }

    /// Counts once.
    ///
    /// # Errors
    /// How long the key has to wait, where it asked too often.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        self.cells.check_key(&self.cell(key)).map_err(|not| not.wait_time_from(self.clock.now()))
    }

    fn cell(&self, key: &K) -> u16 {
        u16::try_from(self.hasher.hash_one(key) % CELLS).unwrap_or_default()
    }
}

impl<K> std::fmt::Debug for Limiter<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limiter")
    }
}

/// Counts how often each key fails. One that failed too often is shut out for a while, whatever it says then.
#[derive(Debug)]
pub(crate) struct Failures<K> {
    limiter: Limiter<K>,
    shut: Mutex<HashMap<u16, Instant>>,
}

impl<K: Hash> Failures<K> {
    pub(crate) fn new(rate: Rate) -> Failures<K> {
        Failures { limiter: Limiter::new(rate), shut: Mutex::default() }
    }

    /// How long a key is still shut out.
    pub(crate) fn check(&self, key: &K) -> Result<(), Duration> {
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = self.limiter.cell(key);
        let left = shut.get(&cell).map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if !left.is_zero() => Err(left),
            Some(_) => {
                shut.remove(&cell);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Counts a failure; says how long the key is shut out now, where it is.
    pub(crate) fn count(&self, key: &K) -> Option<Duration> {
        let wait = self.limiter.check(key).err()?;
        let until = Instant::now().checked_add(wait)?;
        self.shut.lock().unwrap_or_else(PoisonError::into_inner).insert(self.limiter.cell(key), until);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Rate = Rate { burst: 3, every: Duration::from_secs(3_600) };

    #[test]
    fn each_key_has_its_own_count() {
        let limiter: Limiter<&str> = Limiter::new(SLOW);
        assert!((0..3).all(|_| limiter.check(&"a").is_ok()));
        let wait = limiter.check(&"a").unwrap_err();
        assert!(wait > Duration::from_secs(3_000) && wait <= Duration::from_secs(3_600), "{wait:?}");
        // One of 65,536 keys would share the cell.
        assert!(["b", "c", "d", "e"].iter().filter(|key| limiter.check(key).is_ok()).count() >= 3);
    }

    #[test]
    fn memory_has_a_bound() {
        let limiter: Limiter<u32> = Limiter::new(SLOW);
        assert!((0..300_000).filter(|key| limiter.check(key).is_ok()).count() > 65_536);
        assert!(limiter.cells.len() <= 65_536);
    }

    #[test]
    fn who_fails_too_often_is_shut_out() {
        let failures: Failures<u8> = Failures::new(SLOW);
        assert!((0..3).all(|_| failures.count(&1).is_none() && failures.check(&1).is_ok()));
        assert!(failures.count(&1).is_some());
        assert!(failures.check(&1).is_err());
    }
}
