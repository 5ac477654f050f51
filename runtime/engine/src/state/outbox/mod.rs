//! Messages on their way out: one at a time to each conversation, in the order in which they were asked for, and not more
//! at once on an account than a worker can hold. What waits here has not left, and a crash makes nothing else of it.

mod evolve;
mod forget;
mod pace;
mod sent;
mod table;

pub use pace::Pace;
pub use sent::SentMessage;
pub use table::{Account, Away, Entry, Held, Outbox, OutboxLane, Pause};
