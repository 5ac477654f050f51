//! The terminal as a chat network: a person at the prompt, or a program at the other end of a pipe.
//!
//! A line is a message. One person can play several, to try an approval alone: see [`line`] for the few forms that
//! are not simply text. From a pipe the channel waits until an answer has come before it reads the next line, and the
//! end of the input ends the channel.
//!
//! Deliberately not here: commands of the runtime (`/name` is a message, and the engine's to read), and colours of
//! anything but this conversation.

mod options;

mod ledger;
pub mod line;
mod screen;

mod ends;
mod lines;
mod preview;
mod prompt;

mod terminal;

pub use ends::{Announcer, Input, Output};
pub use options::Options;
pub use prompt::Prompt;
pub use screen::Look;
pub use terminal::Terminal;
