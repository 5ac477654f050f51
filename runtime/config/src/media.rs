//! How much of files and pictures is taken, as values.

use crate::document::{Node, Value};
use crate::time::milliseconds;

/// How much of files and pictures is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaConfig {
    /// Bytes of the largest file.
    pub file: u64,
    /// Bytes of all files that are on their way; at least those of one.
    pub together: u64,
    /// How long a file at an address may take, in milliseconds.
    pub patience: u64,
    /// Pixels of the largest picture.
    pub pixels: u64,
    /// Pixels of a preview in each direction; 0 for none.
    pub preview: u32,
}

impl Default for MediaConfig {
    fn default() -> MediaConfig {
        MediaConfig {
            file: 20 << 20,
            together: 1024 << 20,
            patience: 30_000,
            pixels: 64_000_000,
            preview: 640,
        }
    }
}

impl MediaConfig {
    /// What `media` says.
    pub(crate) fn of(node: &Node) -> MediaConfig {
        let usual = MediaConfig::default();
        let whole = |key| match &node.get(key)?.value {
            Value::Number(number) => number.0.as_ref()?.as_u64(),
            _ => None,
        };
        let size = |key| whole(key).and_then(|number| number.checked_mul(1 << 20));
        let patience = node.get("patience").and_then(Node::text).and_then(milliseconds);
        let file = size("file").unwrap_or(usual.file);
        MediaConfig {
            file,
            together: size("together").unwrap_or(usual.together).max(file),
            patience: patience.and_then(|time| u64::try_from(time).ok()).unwrap_or(usual.patience),
            pixels: whole("picture").and_then(|number| number.checked_mul(1_000_000)).unwrap_or(usual.pixels),
            preview: whole("preview").and_then(|edge| u32::try_from(edge).ok()).unwrap_or(usual.preview),
        }
    }
}
