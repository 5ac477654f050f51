//! How a run and each of its operations are named, for ever.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A run, by 128 random bits that the command which created it carried; written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u128);

/// Which task of a run's tree: the child numbers from the root, which is empty. Numbers are never reused in a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskPath(pub Vec<u32>);

/// An operation of a run: the task, and which of its requests, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpId {
    /// The task.
    pub task: TaskPath,
    /// Its how-manieth request.
    pub ordinal: u32,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl RunId {
    /// As `{:032x}` writes it, quicker: nearly every record names a run.
    fn digits(self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let bytes = self.0.to_be_bytes();
        std::array::from_fn(|at| {
            let byte = bytes.get(at / 2).copied().unwrap_or_default();
            let digit = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
            DIGITS.get(usize::from(digit)).copied().unwrap_or_default()
        })
    }
}

impl std::str::FromStr for RunId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<RunId, Self::Err> {
        u128::from_str_radix(text, 16).map(RunId)
    }
}

impl Serialize for RunId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<RunId, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// As it is written: 32 hexadecimal digits.
impl utoipa::PartialSchema for RunId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let digits = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("The id of a run."))
            .pattern(Some("^[0-9a-f]{32}$"));
        digits.into()
    }
}

impl utoipa::ToSchema for RunId {}

/// The text names no operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOpId;

impl std::str::FromStr for OpId {
    type Err = NoOpId;

    fn from_str(text: &str) -> Result<OpId, NoOpId> {
        let (task, ordinal) = text.split_once(':').ok_or(NoOpId)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| NoOpId);
        let path = if task.is_empty() {
            Vec::new()
        } else {
            task.split('.').map(number).collect::<Result<_, _>>()?
        };
        Ok(OpId { task: TaskPath(path), ordinal: number(ordinal)? })
    }
}

impl fmt::Display for OpId {
    /// `0.2:5`: task 0.2, request 5; the root task is `:5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, n) in self.task.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{n}")?;
        }
        write!(f, ":{}", self.ordinal)
    }
}
