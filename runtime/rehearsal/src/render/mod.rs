//! Reports as text for people, JUnit for build servers, JSON for programs.

mod human;
mod json;
mod junit;

pub use human::{Sources, failure, failures, suite, tests};
pub use json::json;
pub use junit::junit;
