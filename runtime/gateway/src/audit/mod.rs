//! Who did what to a runtime, and who was refused: a log in which nothing can be changed or cut out without being noticed.
//!
//! `audit/` in the data directory holds files of JSON lines. Each line carries the hash of the one before it, and its own. Beside
//! them lies what the newest line is, so that a cut at the end is noticed, too. There are no secrets in it, no tokens and nothing
//! that anybody said. Whoever may write the files can write all of them anew; who notes the newest hash elsewhere notices that.

mod file;
mod head;
mod line;
mod log;
mod verify;

pub use line::{Act, Entry, Outcome};
pub use log::Audit;
pub use verify::{Damage, Verified, list, verify};
