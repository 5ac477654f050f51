//! A module, as it stands in records.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::sync::Arc;

/// A module's bytes; or their name, where a store keeps them under it.
#[derive(Debug, Clone)]
pub struct StoredModule {
    hash: Arc<str>,
    bytes: Option<Arc<[u8]>>,
    kept: bool,
}

/// How it is written: the bytes themselves as base64, or the name of the blob.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Bytes(String),
    Named { kept: Arc<str> },
}

impl StoredModule {
    /// One that is written down whole.
    pub fn whole(bytes: Arc<[u8]>) -> StoredModule {
        StoredModule { hash: name(&bytes), bytes: Some(bytes), kept: false }
    }

    /// One whose bytes a store keeps, so that records need only name it.
    pub fn kept(bytes: Arc<[u8]>) -> StoredModule {
        StoredModule { kept: true, ..StoredModule::whole(bytes) }
    }

    /// The BLAKE3 hash of the bytes, 64 hexadecimal digits: the name under which a store keeps them.
    pub fn hash(&self) -> &Arc<str> {
        &self.hash
    }

    /// The bytes; none where they are gone.
    pub fn bytes(&self) -> Option<&Arc<[u8]>> {
        self.bytes.as_ref()
    }

    /// Whether a store keeps the bytes.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Takes the bytes that were found under its name, if they are the right ones.
    pub fn find(&mut self, bytes: Vec<u8>) {
        if self.bytes.is_none() && *name(&bytes) == *self.hash {
            self.bytes = Some(bytes.into());
        }
    }
}

fn name(bytes: &[u8]) -> Arc<str> {
    blake3::hash(bytes).to_hex().as_str().into()
}

/// Modules of the same name are the same.
impl PartialEq for StoredModule {
    fn eq(&self, other: &StoredModule) -> bool {
        self.hash == other.hash
    }
}

impl Eq for StoredModule {}

impl Serialize for StoredModule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match &self.bytes {
            Some(bytes) if !self.kept => Written::Bytes(STANDARD.encode(bytes)),
            _ => Written::Named { kept: self.hash.clone() },
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredModule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StoredModule, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Bytes(text) => {
                let bytes = STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
                Ok(StoredModule::whole(bytes.into()))
            }
            Written::Named { kept } => Ok(StoredModule { hash: kept, bytes: None, kept: true }),
        }
    }
}
