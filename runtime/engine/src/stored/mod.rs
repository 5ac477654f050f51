//! The things that state holds and records carry: runs, operations, waits, questions.

mod letter;
mod module;
mod operation;
mod outcome;
mod preview;
mod question;
mod run;
mod session;
mod staleness;
mod wait;

pub use letter::{Letter, LetterState, Spot};
pub use module::StoredModule;
pub use operation::{Call, Operation, Part};
pub use outcome::OutcomeRecord;
pub use preview::Preview;
pub use question::{Asking, Question};
pub use run::{Concurrency, End, Entry, Phase, Run, Stop, Tell};
pub use session::{
    Frame, LARGEST_PIN, LARGEST_SESSION, LARGEST_SUMMARY, LARGEST_TURN, MOST_BYTES, MOST_PINS, MOST_TURNS,
    Refusal, Session, verify,
};
pub use staleness::{StaleFate, Staleness};
pub use wait::{Place, Wait, Who};
