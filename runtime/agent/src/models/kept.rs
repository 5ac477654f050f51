//! What texts mean, kept while the process lives: what somebody said is compared again and again, and is paid for once. In memory alone:
//! what is lost costs one more request, and nothing of what people said lies in one more place that would have to be forgotten.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// So many bytes are kept: some five thousand vectors of 1,536 numbers.
const MOST: usize = 32 << 20;

/// So many bytes a vector takes besides its numbers, about.
const BESIDES: usize = 160;

/// Of a model and a text: the text itself is not kept.
type Key = [u8; 32];

/// Vectors by model and text; those go first that nobody has wanted for the longest.
pub(super) struct Kept {
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    vectors: HashMap<Key, (Arc<[f32]>, u64)>,
    /// By when they were wanted last.
    order: BTreeMap<u64, Key>,
    wanted: u64,
    bytes: usize,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept::holding(MOST)
    }
}

impl Kept {
    fn holding(most: usize) -> Kept {
        Kept { most, inner: Mutex::default() }
    }

    pub(super) fn get(&self, model: &str, text: &str) -> Option<Arc<[f32]>> {
        let key = key(model, text);
        let mut inner = self.lock();
        let vector = inner.take(&key)?;
        inner.add(key, vector.clone());
        Some(vector)
    }

    pub(super) fn put(&self, model: &str, text: &str, vector: &Arc<[f32]>) {
        let key = key(model, text);
        let mut inner = self.lock();
        inner.take(&key);
        inner.add(key, vector.clone());
        while inner.bytes > self.most
            && let Some((_, oldest)) = inner.order.first_key_value()
        {
            let oldest = *oldest;
            inner.take(&oldest);
        }
    }

    pub(super) fn forget(&self, model: &str, text: &str) {
        self.lock().take(&key(model, text));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, key: &Key) -> Option<Arc<[f32]>> {
        let (vector, wanted) = self.vectors.remove(key)?;
        self.order.remove(&wanted);
        self.bytes = self.bytes.saturating_sub(size(&vector));
        Some(vector)
    }

    fn add(&mut self, key: Key, vector: Arc<[f32]>) {
        self.wanted = self.wanted.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size(&vector));
        self.order.insert(self.wanted, key);
        self.vectors.insert(key, (vector, self.wanted));
    }
}

fn size(vector: &[f32]) -> usize {
    size_of_val(vector).saturating_add(BESIDES)
}

fn key(model: &str, text: &str) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&u64::try_from(model.len()).unwrap_or(u64::MAX).to_le_bytes());
    hasher.update(model.as_bytes()).update(text.as_bytes());
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_goes_first_and_no_more_is_kept_than_fits() {
        let vector: Arc<[f32]> = [1.0, 2.0].into();
        let kept = Kept::holding(3 * size(&vector));
        for text in ["a", "b", "c"] {
            kept.put("m", text, &vector);
        }
        assert_eq!(kept.get("m", "a").as_ref(), Some(&vector));
        kept.put("m", "d", &vector);
        let there = |text: &str| kept.get("m", text).is_some();
        assert_eq!(["a", "b", "c", "d"].map(there), [true, false, true, true]);
        for _ in 0..9 {
            kept.put("m", "a", &vector);
        }
        assert!(there("c"), "the same again is no more than it was");
        kept.forget("m", "c");
        assert!(!there("c") && kept.get("n", "a").is_none() && kept.get("", "ma").is_none());
        let inner = kept.lock();
        assert_eq!((inner.vectors.len(), inner.order.len(), inner.bytes), (2, 2, 2 * size(&vector)));
    }
}
