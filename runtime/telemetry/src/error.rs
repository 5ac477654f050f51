//! What keeps a collector from being told.

use std::fmt;

/// The collector takes no spans.
const AWAY: &str = "W0655";

/// The collector refused some.
const REFUSED: &str = "W0656";

/// The collector was not told of something.
const MISSED: &str = "W0657";

/// Why no collector can be told at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The headers hold secrets, and others would read them on the way.
    #[error("the collector at `{url}` would be sent secrets that others read on the way")]
    InTheClear {
        /// Its address.
        url: String,
    },
    /// The address, or a certificate, is none.
    #[error("the collector at `{url}` cannot be told anything: {why}")]
    Unusable {
        /// Its address.
        url: String,
        /// Why.
        why: String,
    },
}

impl Error {
    /// The code of its diagnostic, and the way out.
    pub fn code(&self) -> (&'static str, &'static str) {
        match self {
            Error::InTheClear { .. } => {
                ("E1101", "write `https://`; without TLS, headers are sent to this machine only")
            }
            Error::Unusable { .. } => ("E1102", "see to `telemetry.otlp` in carapace.json5"),
        }
    }
}

/// What those who run this should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The collector takes nothing at the moment.
    Away {
        /// Why.
        why: String,
    },
    /// It takes what it is told again.
    Back,
    /// It refused what it was told, and that is not told again.
    Refused {
        /// How many spans.
        spans: u64,
        /// What it said.
        why: String,
    },
    /// Lines of the journal were not told before they were kept no longer.
    Gone {
        /// How many.
        lines: u64,
    },
    /// So many runs live that of some nothing is told.
    Many,
    /// It cannot be kept how far was told.
    Unmarked {
        /// Why.
        why: String,
    },
}

impl Notice {
    /// Whether a person should see to it.
    pub fn is_warning(&self) -> bool {
        !matches!(self, Notice::Back)
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Away { why } => write!(
                f,
                "warning[{AWAY}]: the collector takes no spans: {why}; the journal keeps them for it, and it is tried again"
            ),
            Notice::Back => f.write_str("the collector takes spans again, and gets those that it missed"),
            Notice::Refused { spans, why } => {
                let spans = if *spans == 1 { "a span".to_owned() } else { format!("{spans} spans") };
                write!(f, "warning[{REFUSED}]: the collector refused {spans}, which it is not told again: {why}")
            }
            Notice::Gone { lines } => write!(
                f,
                "warning[{MISSED}]: the collector was away for so long that {lines} lines of the journal are kept no longer which it was not told of"
            ),
            Notice::Many => f.write_str(
                "warning[{MISSED}]: so many runs live that the collector is not told of each; `telemetry.otlp.sample` tells it of a part of them",
            ),
            Notice::Unmarked { why } => write!(
                f,
                "warning[{MISSED}]: how far the collector was told cannot be kept ({why}), so a new start tells it some spans twice"
            ),
        }
    }
}
