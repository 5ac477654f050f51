//! A world in which there is nothing: for pure code that asks for nothing.

use carapace_module::Value;
use std::sync::Arc;

/// Settings have their defaults, states their first values, and the clock stands still.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl carapace_vm::Host for Nothing {
    fn setting(&mut self, _: u32) -> Option<Value> {
        None
    }
    fn state_get(&mut self, _: u32, _: &[Value]) -> Option<Value> {
        None
    }
    fn state_set(&mut self, _: u32, _: &[Value], _: Value) {}
    fn now(&mut self) -> i64 {
        0
    }
    fn random(&mut self) -> i64 {
        0
    }
}

impl carapace_engine::machine::Host for Nothing {
    fn setting(&mut self, _: u32) -> Option<Value> {
        None
    }
    fn state_get(&mut self, _: u32, _: &[Value]) -> Option<Value> {
        None
    }
    fn state_set(&mut self, _: u32, _: &[Value], _: Value) {}
    fn now(&mut self) -> i64 {
        0
    }
    fn random(&mut self) -> i64 {
        0
    }
    fn run_id(&mut self) -> Arc<str> {
        "run".into()
    }
}
