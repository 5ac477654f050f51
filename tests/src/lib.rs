//! What no single crate can see: the oracle, the three-way property, and the harnesses of the language suites.
//!
//! The tests themselves stand in `tests/*/main.rs`; here is what they share. Deliberately not here: anything that ships.

pub mod generate;
pub mod oracle;
pub mod script;
