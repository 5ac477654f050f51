//! The engine: what happened becomes runs, what runs ask for becomes acts, and all of it is a line of the journal
//! before it is an act.
//!
//! Two pure functions are the engine: [`decide`] makes records of a state and a command, [`State::evolve`] makes a
//! state of a state and a record. [`Core`] holds a state and drives both without threads, clock or disk; [`service`]
//! drives a `Core` with a store and the real clock. Deliberately not here: anybody who performs an act.

mod act;
mod blob;
pub mod command;
mod core;
pub mod decide;
pub mod deployment;
mod dispatch;
mod entropy;
pub mod forget;
mod hot;
mod id;
pub mod inspect;
pub mod machine;
mod pairs;
mod patch;
mod permit;
pub mod record;
mod schedule;
pub mod service;
pub mod state;
pub mod stored;
mod stretch;
mod timer;
mod wire;

pub use act::Outgoing;
pub use blob::Blob;
pub use carapace_effect::{Act, ActId, Destination, Event, EventKind, Origin, Report, Reported};
pub use command::{Call, Command, Input, Receipt, Rejection, Reply, Resolution, Wish};
pub use core::{Core, Decided, Line};
pub use decide::{Decision, decide};
pub use deployment::{Binding, Deploy, Person};
pub use id::{DeploymentId, EventNumber, Key, LaneId};
pub use record::Record;
pub use schedule::after as next_slot;
pub use state::State;
pub use stretch::{Ran, advance};
pub use timer::Timer;
pub use wire::Wire;
