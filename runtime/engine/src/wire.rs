//! Values in records: lossless JSON.

use carapace_module::{Value, wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A value that can be written down and read back exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire(pub Value);

impl Serialize for Wire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::write(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Wire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Wire, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        wire::decode(&json).map(Wire).map_err(D::Error::custom)
    }
}
