//! The key of an event, in as many bytes as tell any two apart.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The first 128 bits of the BLAKE3 hash of the text that an event is recognised by. No two texts that anybody will ever
/// find have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey(pub(super) u128);

impl EventKey {
    /// The key of a text.
    pub fn of(text: &str) -> EventKey {
        let hash = blake3::hash(text.as_bytes());
        let half = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
        EventKey(u128::from_be_bytes(half))
    }
}

impl Serialize for EventKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for EventKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EventKey, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(EventKey).map_err(D::Error::custom)
    }
}
