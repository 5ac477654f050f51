//! Executes a module, performs nothing.
//!
//! A [`Run`] is a value: a tree of tasks, each with its frames, scopes and undos. [`Run::advance`] goes on until every task
//! waits and gives the requests; [`Run::apply`] tells what became of one. In between a run can be written down
//! ([`Run::snapshot`]), moved and read back: equal runs are equal bytes. Nothing here calls itself: frames are data, so
//! that a flow cannot overflow the host's stack.
//!
//! `exec` does single instructions of one task and knows nothing of waiting; `task` is a task's data; `run` schedules
//! tasks; `ask` makes requests; `fork` starts and joins branches; `unwind` leaves scopes and takes back what was done;
//! `transfer` moves a run to another version of its program.
//! Deliberately not here: time, storage, the meaning of any effect.

mod ask;
mod exec;
mod fault;
mod fork;
mod host;
mod pieces;
mod program;
mod pure;
mod run;
mod snapshot;
mod task;
mod transfer;
mod unwind;

pub use fault::{Broken, Fault, LoadError, SnapshotError};
pub use host::{Host, Limits};
pub use program::Program;
pub use pure::call_pure;
pub use run::{Position, Run, Status, Stretch};
pub use transfer::MoveError;
