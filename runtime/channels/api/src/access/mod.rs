//! Who may talk to an account: the same rules for every network.
//!
//! An adapter asks the [`Gate`] of its account before it pushes anything. Who wrote directly is let in by [`Direct`], what is
//! said in a group by [`Groups`]. With [`Direct::Pairing`] a stranger gets a short code, and somebody who runs the runtime
//! approves it: `carapace access approve CODE`.
//!
//! Deliberately not here: what somebody who was let in may do. Flows decide that, by their guards.

mod code;
mod gate;
mod rules;

pub use gate::{AccessError, Asking, Gate, Listed, Paired, Verdict};
pub use rules::{Direct, Groups, Rules};
