//! What the engine wants of the machine that executes modules: load, start, advance, write down, call.
//!
//! The engine's own tests answer these traits with scripts, so that a decision can be tested without a compiler; the
//! virtual machine answers them ([`vm::load`]). Deliberately not here: anything that knows an opcode.

mod caught;
mod code;
mod host;
pub mod vm;

pub(crate) use caught::{call_pure, caught};
pub use code::{Code, Frames, Loader, Stretch, StretchStatus, Task};
pub use host::{Host, Limits};
