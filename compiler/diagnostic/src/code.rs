//! The number under which a mistake is known for ever.

use serde::Serialize;
use std::fmt;

/// A diagnostic's code: `E0101` for an error, `W0201` for a warning. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
