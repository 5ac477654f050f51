//! Everything a run may ask of the world, and what the world may answer.
//!
//! The machine (`vm`) yields [`Request`]s and receives [`Outcome`]s; the engine journals both, hears [`Event`]s, and hands
//! [`Act`]s to performers (`delivery` and its kin), who answer with a [`Report`]. The table of channel kinds is made of
//! the library's declarations. Deliberately not here: any performer.

mod act;
mod event;
mod failure;
mod kind;
mod kinds;
mod life;
mod model;
mod operation;
mod outcome;
mod request;
mod session;

pub use act::{Act, ActId, Destination, Preview, Reach, Report, Reported, Sent};
pub use event::{Event, EventKind, Origin};
pub use failure::{Failure, FailureKind};
pub use kind::{Kind, Limit, LimitBy};
pub use life::Life;
pub use model::{Agent, Connection, Step, Tool, ToolCall, Usage};
pub use operation::{NoOpId, OpId, RunId, TaskPath};
pub use outcome::Outcome;
pub use request::{EffectRequest, Request, RequestKind, WaitRequest};
pub use session::{Called, Exchange, Pin, Recall, Remembered, SessionKey, Summary, Turn, Unanswered, With};
