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
pub use session::{LARGEST_SESSION, LARGEST_TURN, MOST_BYTES, MOST_TURNS, Refusal, Session, verify};
pub use staleness::{StaleFate, Staleness};
pub use wait::{Place, Wait, Who};
