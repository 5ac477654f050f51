//! What an update says. Updates come from strangers: whatever stands in one, reading it gives something or nothing.

mod attachment;
mod happening;
mod message;
mod people;
mod update;

pub(crate) use happening::{Happening, Me};
pub(crate) use update::read;
