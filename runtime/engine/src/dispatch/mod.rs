//! Which flows an event may concern, found without asking each.

mod command;
mod fields;
mod index;
mod listeners;
mod sights;
mod words;

pub(crate) use command::{command_words, parse_command, read};
pub(crate) use index::{Candidate, Index};
