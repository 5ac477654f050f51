//! What no single crate can see: the oracle, the three-way property, the harnesses of the language suites, and the
//! reference of the standard library made of its declarations.
//!
//! The tests themselves stand in `tests/*/main.rs`; here is what they share. Deliberately not here: anything that ships.

pub mod generate;
pub mod measure;
pub mod oracle;
pub mod reference;
pub mod script;
