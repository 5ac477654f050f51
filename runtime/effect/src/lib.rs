//! Everything a run may ask of the world, and what the world may answer.
//!
//! The machine (`vm`) yields [`Request`]s and receives [`Outcome`]s; the engine journals both; performers (`delivery` and
//! its kin) carry requests out. Deliberately not here: any performer, and any table of channels (those come from
//! the library's declarations, through the module).

mod failure;
mod life;
mod operation;
mod outcome;
mod request;

pub use failure::{Failure, FailureKind};
pub use life::Life;
pub use operation::{OpId, RunId, TaskPath};
pub use outcome::Outcome;
pub use request::{EffectRequest, Request, RequestKind, WaitRequest};
