//! How much is too much, and for whom it has been.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much is too much. None of it is met by people who chat.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one frame from a page.
    pub frame: usize,
    /// Characters of one message, either way.
    pub text: usize,
    /// Bytes of one file.
    pub file: u64,
    /// Files with one message.
    pub files: usize,
    /// Bytes of all files of one visitor.
    pub visitor_files: u64,
    /// Direct conversations of one visitor.
    pub conversations: usize,
    /// Events of one conversation that wait for the engine.
    pub waiting: usize,
    /// Sockets at the same time.
    pub sockets: usize,
    /// Sockets at the same time from one address.
    pub sockets_per_address: usize,
    /// Frames of one visitor.
    pub visitor: Rate,
    /// Frames and requests from one address.
    pub address: Rate,
    /// New visitors from one address.
    pub newcomers: Rate,
    /// Frames over the limit after which a socket is closed.
    pub patience: u32,
    /// How long a socket may say nothing before it is asked, and again until it is closed.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            frame: 128 * 1024,
            // As stdlib's `channel kind webchat` says.
            text: 20_000,
            file: 20 << 20,
            files: 10,
            visitor_files: 200 << 20,
            conversations: 50,
            waiting: 500,
            sockets: 2_000,
            sockets_per_address: 100,
            visitor: Rate { burst: 40, per_second: 4.0 },
            address: Rate { burst: 400, per_second: 40.0 },
            newcomers: Rate { burst: 30, per_second: 0.2 },
            patience: 100,
            silence: Duration::from_secs(25),
        }
    }
}

/// So many at once, and so many more each second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// From then on.
    pub per_second: f64,
}

/// A rate kept for each of many keys.
#[derive(Debug)]
pub(crate) struct Meter<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Beyond this many keys the full buckets are thrown out: a full one says nothing.
const KEYS: usize = 10_000;

impl<K: Eq + Hash> Meter<K> {
    pub(crate) fn new(rate: Rate) -> Meter<K> {
        Meter { rate, buckets: Mutex::default() }
    }

    /// Takes one, or says how long until there is one.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let burst = f64::from(self.rate.burst);
        let per_second = self.rate.per_second;
        let filled = move |bucket: &Bucket| {
            let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * per_second;
            (bucket.left + gained).min(burst)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS {
            buckets.retain(|_, bucket| filled(bucket) < burst);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { left: burst, at: now });
        let left = filled(bucket);
        bucket.at = now;
        if left < 1.0 {
            bucket.left = left;
            let wait = (1.0 - left) / per_second.max(0.001);
            return Err(Duration::from_secs_f64(wait));
        }
        bucket.left = left - 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_trickle_for_each_key() {
        let meter = Meter::new(Rate { burst: 3, per_second: 2.0 });
        let start = Instant::now();
        for _ in 0..3 {
            meter.take("a", start).unwrap();
        }
        assert_eq!(meter.take("a", start), Err(Duration::from_millis(500)));
        meter.take("b", start).unwrap();
        meter.take("a", start + Duration::from_millis(500)).unwrap();
        assert!(meter.take("a", start + Duration::from_millis(500)).is_err());
        // A long rest earns no more than the burst.
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| meter.take("a", later).is_ok()).count(), 3);
    }

    #[test]
    fn it_does_not_grow_with_strangers() {
        let meter = Meter::new(Rate { burst: 2, per_second: 1.0 });
        let start = Instant::now();
        for key in 0..KEYS {
            meter.take(key, start).unwrap();
        }
        meter.take(0, start + Duration::from_secs(5)).unwrap();
        assert!(meter.buckets.lock().unwrap().len() < 3);
    }
}
