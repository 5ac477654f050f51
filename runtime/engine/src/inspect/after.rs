//! Where a list goes on that was too long for one answer.

use std::fmt;
use std::str::FromStr;

/// An entry of a list, as far as it says where the next one begins: `1764270000000_0f3a…`. Who gets one gives it back as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct After {
    /// The time by which the list is in order.
    pub at: i64,
    /// The entry's name, which tells those of the same time apart.
    pub name: String,
}

/// The text is no [`After`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`after` is what the answer before gave as `next`")]
pub struct NoAfter;

impl FromStr for After {
    type Err = NoAfter;

    fn from_str(text: &str) -> Result<After, NoAfter> {
        let (at, name) = text.split_once('_').ok_or(NoAfter)?;
        Ok(After { at: at.parse().map_err(|_| NoAfter)?, name: name.to_owned() })
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for after in [After { at: -3, name: "a_b/:1/0".to_owned() }, After { at: 7, name: String::new() }] {
            assert_eq!(after.to_string().parse(), Ok(after));
        }
        for text in ["", "_", "x_y", "7", "99999999999999999999_a"] {
            assert_eq!(text.parse::<After>(), Err(NoAfter), "{text}");
        }
    }
}
