//! What running code may read and write while it runs.

use carapace_effect::RequestKind;
use carapace_module::Value;
use std::sync::Arc;

/// A consistent view of the world for one stretch, or for one pure call.
pub trait Host {
    /// A setting's value, by its index in the module; none: its default.
    fn setting(&mut self, index: u32) -> Option<Value>;
    /// A state's value under `key`; none when it was never set: then its first value is computed.
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
    fn run_id(&mut self) -> Arc<str> {
        Arc::from("run")
    }
    /// Told of the functions and instructions at which code goes on after a call, a jump or a wait, when a test wants to
    /// know what it covered. They may repeat.
    fn visit(&mut self, _function: u32, _pc: u32) {}
    /// Whether [`Host::visit`] is to be called.
    fn visits(&self) -> bool {
        false
    }
    /// Told of each function that code calls by name, and of what it is given, when a test counts calls.
    fn called(&mut self, _function: u32, _args: &[Value]) {}
    /// Whether [`Host::called`] is to be called.
    fn counts(&self) -> bool {
        false
    }
}

/// Bounds of one stretch or call. Part of the machine's semantics: the same program ends in the same place anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of work: an instruction is one, sixteen bytes of a new value another.
    pub fuel: u64,
    /// Logical size in bytes of a value, and of everything a run holds.
    pub memory: u64,
    /// Frames of a task.
    pub frames: usize,
}

impl Limits {
    /// Of a stretch of a run.
    pub const STRETCH: Limits = Limits { fuel: 50_000_000, memory: 64 << 20, frames: 2_000 };
    /// Of a guard, a key or a wait's condition.
    pub const PURE: Limits = Limits { fuel: 1_000_000, memory: 16 << 20, frames: 500 };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::STRETCH
    }
}
