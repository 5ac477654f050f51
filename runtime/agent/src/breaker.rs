//! Models that cannot be had at the moment are not asked for a while.

use crate::Error;
use carapace_effect::FailureKind;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After so many failures in a row a model is left alone.
const FAILURES: u32 = 5;
/// For so long, and twice as long each time it fails again.
const PAUSE: Duration = Duration::from_secs(15);
/// At most for so long, whatever is said.
const LONGEST: Duration = Duration::from_secs(300);

/// What is known of each model, by `provider/model`.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    models: Mutex<HashMap<String, State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// Not asked before.
    until: Option<Instant>,
    /// Whether the provider itself said so.
    limited: bool,
}

impl Breaker {
    /// Whether a model may be asked now. Where a pause is over, one may, and the others wait for what becomes of it.
    ///
    /// # Errors
    /// In what time it may be.
    pub(crate) fn may(&self, model: &str) -> Result<(), Error> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = models.get_mut(model) else { return Ok(()) };
        let Some(until) = state.until else { return Ok(()) };
        let now = Instant::now();
        if until > now {
            let after = until.duration_since(now);
            let (kind, why) = if state.limited {
                (FailureKind::Limited, "its provider said that it is asked too often")
            } else {
                (FailureKind::Transient, "it has failed again and again")
            };
            let message = format!("`{model}` is not asked for {} s: {why}", after.as_secs().max(1));
            return Err(Error { retry_after: Some(after), ..Error::new(kind, message) });
        }
        state.until = (state.failures >= FAILURES).then(|| now + PAUSE);
        state.limited = false;
        Ok(())
    }

    /// It answered, whatever it said.
    pub(crate) fn answered(&self, model: &str) {
        self.models.lock().unwrap_or_else(PoisonError::into_inner).remove(model);
    }

    /// It did not answer.
    pub(crate) fn failed(&self, model: &str, error: &Error) {
        if !error.is_of_the_provider() {
            return self.answered(model);
        }
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        let state = models.entry(model.to_owned()).or_default();
        state.failures = state.failures.saturating_add(1);
        let over = state.failures.saturating_sub(FAILURES).min(8);
        let pause = (state.failures >= FAILURES).then(|| PAUSE.saturating_mul(1 << over));
        // What the provider says counts at once.
        let after = error.retry_after.into_iter().chain(pause).max();
        state.limited = error.kind == FailureKind::Limited;
        state.until = after.map(|after| Instant::now() + after.min(LONGEST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transient() -> Error {
        Error::transient("x")
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_again_and_again_is_left_alone_and_then_asked_once() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.may("a/b").is_ok());
            breaker.failed("a/b", &transient());
        }
        let told = breaker.may("a/b").unwrap_err();
        assert_eq!((told.kind, told.retry_after), (FailureKind::Transient, Some(PAUSE)));
        assert!(breaker.may("a/c").is_ok(), "another model of the same provider");
        tokio::time::advance(PAUSE).await;
        assert!(breaker.may("a/b").is_ok());
        assert!(breaker.may("a/b").is_err(), "one at a time finds out");
        breaker.failed("a/b", &transient());
        assert_eq!(breaker.may("a/b").unwrap_err().retry_after, Some(PAUSE * 2));
        tokio::time::advance(PAUSE * 2).await;
        assert!(breaker.may("a/b").is_ok());
        breaker.answered("a/b");
        assert!(breaker.may("a/b").is_ok() && breaker.may("a/b").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_provider_says_counts_at_once() {
        let breaker = Breaker::default();
        let after = Duration::from_secs(7);
        let limited = Error { retry_after: Some(after), ..Error::new(FailureKind::Limited, "x") };
        breaker.failed("a/b", &limited);
        let told = breaker.may("a/b").unwrap_err();
        assert_eq!((told.kind, told.retry_after), (FailureKind::Limited, Some(after)));
        tokio::time::advance(after).await;
        assert!(breaker.may("a/b").is_ok() && breaker.may("a/b").is_ok());
    }

    #[test]
    fn a_request_that_is_refused_says_nothing_about_the_model() {
        let breaker = Breaker::default();
        for _ in 0..20 {
            breaker.failed("a/b", &Error::new(FailureKind::Refused, "x"));
        }
        assert!(breaker.may("a/b").is_ok());
    }
}
