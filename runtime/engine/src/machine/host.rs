//! What running code may read and write while it runs.

use carapace_effect::RequestKind;
use carapace_module::Value;
use std::sync::Arc;

/// A consistent view of the world for one stretch, or for one pure call.
pub trait Host {
    /// A setting's value, by its index in the module; none: its default.
    fn setting(&mut self, index: u32) -> Option<Value>;
    /// A state's value under `key`; none when it was never set, and then the machine computes the initial value.
    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value>;
    /// Writes a state's value; kept until the stretch is committed.
    fn state_set(&mut self, index: u32, key: &[Value], value: Value);
    /// Whether the run may ask for it; else what its manifest does not list.
    ///
    /// # Errors
    /// Where it may not: the message of the fault.
    fn permits(&mut self, _asked: &RequestKind) -> Result<(), String> {
        Ok(())
    }
    /// Whether the run may read, or write, a state by its index in the module.
    ///
    /// # Errors
    /// As [`Host::permits`].
    fn permits_state(&mut self, _index: u32, _write: bool) -> Result<(), String> {
        Ok(())
    }
    /// Milliseconds since 1970 UTC: the same for the whole stretch.
    fn now(&mut self) -> i64;
    /// The next random number, 0 or more.
    fn random(&mut self) -> i64;
    /// Forgets what was written so far: the stretch broke a rule of the machine, and state is changed in whole stretches
    /// or not at all. What handlers write after that counts.
    fn roll_back(&mut self) {}
    /// Logical size in bytes of what it keeps for this stretch: what was read and written.
    fn held(&self) -> u64 {
        0
    }
    /// The run's own id.
    fn run_id(&mut self) -> Arc<str>;
}

/// Bounds of one stretch or call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of work: a basic block and each allocated byte cost some.
    pub fuel: u64,
    /// Logical size in bytes of everything the run holds.
    pub memory: u64,
}

impl Limits {
    /// Of a stretch of a run.
    pub const STRETCH: Limits = Limits { fuel: 50_000_000, memory: 64 << 20 };
    /// Of a guard, a key or a wait's condition.
    pub const PURE: Limits = Limits { fuel: 1_000_000, memory: 16 << 20 };
}
