//! What can be chosen about telling a collector.

use crate::Notice;
use carapace_effect::RunId;
use http::HeaderMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Headers of a request, found anew for each: secrets may change. What is in them is marked as sensitive. An error says why they
/// cannot be had, for a person.
pub type Headers = Arc<dyn Fn() -> Result<HeaderMap, String> + Send + Sync>;

/// Tells those who run this.
pub type Tell = Arc<dyn Fn(Notice) + Send + Sync>;

/// What can be chosen about telling a collector.
#[derive(Clone)]
pub struct Options {
    /// Its address; `/v1/traces` is added where it does not end so.
    pub url: String,
    /// Headers of each request, where there are some.
    pub headers: Option<Headers>,
    /// Of which runs it is told.
    pub sample: Sample,
    /// Certificates of further authorities, in PEM.
    pub roots: Vec<Vec<u8>>,
    /// The file in which it is kept how far was told.
    pub mark: PathBuf,
    /// Tells those who run this.
    pub tell: Tell,
    /// How often it is looked whether there is more to tell.
    pub every: Duration,
    /// How long a request may take.
    pub patience: Duration,
    /// How long the end may take.
    pub drain: Duration,
}

impl Options {
    /// The usual ones, for a collector at this address.
    pub fn new(url: impl Into<String>, mark: PathBuf, tell: Tell) -> Options {
        Options {
            url: url.into(),
            headers: None,
            sample: Sample::default(),
            roots: Vec::new(),
            mark,
            tell,
            every: Duration::from_secs(1),
            patience: Duration::from_secs(10),
            drain: Duration::from_secs(3),
        }
    }

    /// Where spans are sent.
    pub(crate) fn traces(&self) -> String {
        let url = self.url.trim_end_matches('/');
        if url.ends_with("/v1/traces") { url.to_owned() } else { format!("{url}/v1/traces") }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("url", &self.url)
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}

/// Of which runs is told: so many in a hundred, always the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample(u8);

impl Sample {
    /// So many in a hundred; more than that is all.
    pub fn percent(percent: u8) -> Sample {
        Sample(percent.min(100))
    }

    /// Whether a run is one of them. Its id is random, and the other half of it is for collectors that sample by it themselves.
    pub(crate) fn takes(self, run: RunId) -> bool {
        (run.0 >> 64) % 100 < u128::from(self.0)
    }
}

impl Default for Sample {
    fn default() -> Sample {
        Sample(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_so_large_as_it_says() {
        let taken = |percent| {
            let runs = (0..1_000_u128).map(|n| RunId((n.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 64) | 7));
            runs.filter(|run| Sample::percent(percent).takes(*run)).count()
        };
        assert_eq!((taken(0), taken(100), taken(200)), (0, 1_000, 1_000));
        assert!((50..200).contains(&taken(10)), "{}", taken(10));
    }

    #[test]
    fn the_path_is_added_once() {
        let at = |url: &str| Options::new(url, PathBuf::new(), Arc::new(|_| {})).traces();
        for url in ["http://a:4318", "http://a:4318/", "http://a:4318/v1/traces"] {
            assert_eq!(at(url), "http://a:4318/v1/traces");
        }
        assert_eq!(at("https://a/otlp"), "https://a/otlp/v1/traces");
    }
}
