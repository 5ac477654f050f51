//! The bodies of the library's `extern fn`s: pure functions over values, by name and version.
//!
//! What they are for and how they behave is said where they are declared, in `stdlib`; a test holds both lists against
//! each other. Retired versions stay. Deliberately not here: what the language can say itself, and anything that asks
//! the world. What depends on the zone database is journaled by those who call it.

mod args;
mod bytes;
mod crypto;
mod date;
mod error;
mod json;
mod list;
mod map;
mod money;
mod number;
pub mod pattern;
mod regex;
mod registry;
mod tags;
mod text;
mod time;
mod url;

pub use error::Error;
pub use registry::{Body, Cost, NATIVES, Native, lookup};
