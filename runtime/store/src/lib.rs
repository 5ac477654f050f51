//! The journal: what happened, one line a transaction, never lost once it was called durable.
//!
//! [`Store`] is the contract; [`MemoryStore`] serves tests and the simulated world, [`JsonlStore`] a folder on disk; both
//! pass [`conformance`]. A line's records are opaque JSON here: their meaning is the engine's. [`disk`] is what
//! the folder stands on, and the one place where faults are injected.
//!
//! Deliberately not here: what a record means, when to make a checkpoint, and any clock (`at` is the caller's).

mod archive;
mod blob;
pub mod conformance;
pub mod disk;
mod error;
mod faulty;
mod jsonl;
mod line;
mod memory;
mod past;
mod shelf;
mod store;

pub use archive::{Change, Indexer, NoIndex, Part, Rewritten};
pub use blob::BlobId;
pub use error::Error;
pub use faulty::{Faults, Faulty};
pub use jsonl::{Cut, Depth, Finding, FindingKind, Inspection, cut, inspect};
pub use jsonl::{JsonlReader, JsonlStore, Options, Recovered};
pub use memory::MemoryStore;
pub use past::Past;
pub use shelf::{Extent, Shelf, Spot};
pub use store::{Checkpoint, Epoch, Line, OnDurable, Position, Store, Transaction};
