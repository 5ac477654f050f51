//! The machine, held to what `runtime.md` 2 promises of it: a run is a value, bounds hold, steps are taken back in order.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod bench;
mod bounds;
mod growth;
mod late;
mod moved;
mod positions;
mod races;
mod snapshots;
mod undo;
