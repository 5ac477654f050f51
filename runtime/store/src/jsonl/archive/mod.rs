//! The archive: segments that a checkpoint made unneeded, compressed and sealed.
//!
//! ```text
//! archive/00000000000000000001.jsonl.zst   a segment's lines, as they were
//! archive/00000000000000000001.index.zst   its seal (which lines, when, how long, the hash of the file beside it), then the index
//! archive/00000000000000000001-1f2e3d4c5b6a7988.jsonl.zst   its lines once something was erased from them, as the seal says
//! ```
//!
//! Both are Zstandard (RFC 8878): `zstdcat` shows them. A part counts when its seal is there, which is written last and removed
//! first. A segment leaves only after the manifest says that the live lines begin behind it, and that is said only after
//! the part was read back. The archive begins with the oldest part there is: who removes old ones shortens the history,
//! and a gap behind the first is damage.

mod look;
mod pack;
mod part;
mod parts;
mod rewrite;
mod seal;

pub(super) use look::look;
pub(super) use pack::pack;
pub(super) use part::open;
pub(super) use parts::{Archive, list_before, remove_left_over};
pub(super) use seal::read as read_seal;
