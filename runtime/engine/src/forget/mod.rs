//! Forgetting a person: what of the journal and of the state is theirs, and what a line says once it is erased.
//!
//! A person is a [`Sender`]: an account and the id that they have there. Theirs are the events that they sent; the runs that
//! began with one, their children, and those of others that took one; and the events that such runs emitted. [`Trace`] finds
//! that, by reading every line once; [`Eraser`] puts tombstones in the place of its records; [`Named`] knows where a value
//! names the person. What the state keeps of them is dropped by `evolve`, in `state/forgetting.rs`, and the order of all of
//! it is in `service/driver/forgetting.rs`.

mod about;
mod eraser;
mod found;
mod named;
mod near;
mod report;
mod sender;
mod trace;

pub(crate) use eraser::Eraser;
pub use found::Found;
pub(crate) use found::Known;
pub(crate) use named::Named;
pub use near::Near;
pub use report::{Living, Report};
pub use sender::Sender;
pub(crate) use trace::Trace;
