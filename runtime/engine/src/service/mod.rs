//! The engine as a component: a journal below it, a clock beside it, callers around it.
//!
//! [`Service`] drives one [`Core`](crate::Core): whatever is decided is appended to the journal at once, and what
//! leaves the process, be it an act or an answer to a caller, waits until its line is durable. The engine itself never
//! waits for the disk: while a batch is being synced, it decides the next.

mod archive;
mod error;
mod forget;
mod handle;
mod options;
mod recovery;

mod doing;
mod driver;
mod pending;

pub use driver::{Opened, Service};
pub use error::Error;
pub use forget::How;
pub use handle::{Gone, Handle};
pub use options::{Clock, Options};
pub(crate) use recovery::{recover, replay};
