//! The journal as a folder of text files.
//!
//! ```text
//! reserve         nothing, of a size: removed when the disk is full, so that what has begun can be finished
//! doing           what is being done at this moment, for whoever comes after a process that aborted
//! lock            held by the one process that has the folder open
//! manifest.json   epoch, the first segment that counts, the latest checkpoint; replaced whole
//! journal/        00000000000000000001.jsonl …  segments, named by their first line's number
//! archive/        segments before them, compressed, for those who ask what was: `archive/mod.rs` has the form
//! checkpoints/    00000000000000000120-1f2e3d4c.checkpoint  a line about it, then the engine's bytes
//! shelf/          0000000001.jsonl …  what rests: entries that the checkpoint refers to
//! blobs/          one file a blob, named by its BLAKE3 hash
//! ```
//!
//! One thread writes: it takes what was appended since it last looked, writes it, syncs once, and tells. It sleeps on a
//! condition variable, never on a timer.

mod archive;
mod blobs;
mod checkpoint;
mod folder;
mod inspect;
mod lines;
mod mark;
mod reader;
mod recovery;
mod repair;
mod reserve;
mod segment;
mod shelf;
mod store;
mod writer;

pub use inspect::{Depth, Finding, FindingKind, Inspection, inspect};
pub use reader::JsonlReader;
pub use recovery::Recovered;
pub use repair::{Cut, cut};
pub(crate) use shelf::FileShelf;
pub use store::{JsonlStore, Options};
