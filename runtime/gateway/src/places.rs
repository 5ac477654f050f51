//! How many connections one address may have.

use crate::auth::household;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of each address, as many as there are connections at most.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Places {
    /// So many for each address.
    pub(crate) fn new(most: usize) -> Places {
        Places { open: Arc::default(), most }
    }

    /// A place for one more; none where the address has all of its.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let address = household(address);
        let mut open = held(&self.open);
        let count = open.entry(address).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place { open: self.open.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = held(&self.open);
        if let Some(count) = open.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

fn held(open: &Mutex<HashMap<IpAddr, usize>>) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_gives_them_back() {
        let places = Places::new(2);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let taken = (places.take(one).unwrap(), places.take(one).unwrap());
        assert!(places.take(one).is_none() && places.take(other).is_some());
        drop(taken);
        assert!(places.take(one).is_some());
        assert!(held(&places.open).is_empty());
    }
}
