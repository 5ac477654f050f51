//! What an act has used up so far: also where it is given up in the middle.

use crate::Price;
use crate::provider::Counted;
use carapace_effect::Usage;
use std::sync::{Arc, Mutex, PoisonError};

/// What an act has used up so far. Cheap to clone; all see the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    done: Vec<Usage>,
    going: Option<Going>,
}

/// A request on its way.
#[derive(Debug)]
struct Going {
    model: Arc<str>,
    price: Option<Price>,
    given: u64,
    heard: Option<u64>,
}

impl Tally {
    /// A request goes out, of so many bytes.
    pub(crate) fn begin(&self, model: &str, price: Option<Price>, given: u64) {
        self.lock().going = Some(Going { model: model.into(), price, given, heard: None });
    }

    /// So many bytes of an answer came.
    pub(crate) fn heard(&self, bytes: usize) {
        if let Some(going) = &mut self.lock().going {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            going.heard = Some(going.heard.unwrap_or_default().saturating_add(bytes));
        }
    }

    /// It was answered, and the provider says what that used up, or does not.
    pub(crate) fn answered(&self, counted: Option<Counted>, heard: usize) {
        let mut inner = self.lock();
        let Some(going) = inner.going.take() else { return };
        let heard = u64::try_from(heard).unwrap_or(u64::MAX);
        let usage = match counted {
            Some(counted) => going.usage(&counted, false),
            None => going.usage(&estimated(going.given, heard), true),
        };
        inner.done.push(usage);
    }

    /// It was not answered. Where something of an answer came, it has cost something all the same.
    pub(crate) fn failed(&self) {
        let mut inner = self.lock();
        if let Some(going) = inner.going.take()
            && let Some(heard) = going.heard
        {
            let usage = going.usage(&estimated(going.given, heard), true);
            inner.done.push(usage);
        }
    }

    /// All of it; what is on its way is given up.
    pub(crate) fn close(&self) -> Vec<Usage> {
        self.failed();
        std::mem::take(&mut self.lock().done)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Going {
    fn usage(&self, counted: &Counted, estimated: bool) -> Usage {
        Usage {
            model: self.model.clone(),
            input: counted.input,
            cached: counted.cached,
            output: counted.output,
            cost: self.price.map(|price| price.of(counted)),
            estimated,
        }
    }
}

/// Four bytes are a token, near enough: English has a little more to one, other languages less.
fn estimated(given: u64, heard: u64) -> Counted {
    Counted { input: given.div_ceil(4), output: heard.div_ceil(4), ..Counted::default() }
}
