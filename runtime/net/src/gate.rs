//! How many requests one host gets at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many hosts are remembered before those that nobody asks any more are forgotten.
const REMEMBERED: usize = 256;

/// How many requests one host gets at a time.
#[derive(Debug)]
pub(crate) struct Gate {
    each: usize,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Gate {
    pub(crate) fn new(each: usize) -> Gate {
        Gate { each: each.max(1), hosts: Mutex::default() }
    }

    /// Waits for a turn at the host; it is over when what is returned is dropped.
    pub(crate) async fn enter(&self, host: &str) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        self.at(host).acquire_owned().await.ok()
    }

    fn at(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host).and_then(Weak::upgrade) {
            return known;
        }
        if hosts.len() >= REMEMBERED {
            hosts.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let semaphore = Arc::new(Semaphore::new(self.each));
        hosts.insert(host.to_owned(), Arc::downgrade(&semaphore));
        semaphore
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn each_host_has_its_own_turns() {
        let gate = Gate::new(2);
        let held = (gate.enter("a").await, gate.enter("a").await);
        assert!(gate.enter("a").now_or_never().is_none());
        assert!(gate.enter("b").now_or_never().is_some());
        drop(held);
        assert!(gate.enter("a").now_or_never().is_some());
        for n in 0..1000 {
            gate.enter(&n.to_string()).await;
        }
        assert!(gate.hosts.lock().unwrap().len() <= REMEMBERED);
    }
}
