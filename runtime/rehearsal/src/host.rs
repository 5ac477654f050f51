//! What a test's own code reads: the engine's state, the deployment's settings, the simulated clock.

use crate::world::World;
use carapace_engine::Key;
use carapace_engine::machine::Host;
use carapace_module::{Value, json};
use std::sync::Arc;

/// A test's view of its world.
pub(crate) struct TestHost<'w>(pub(crate) &'w World);

impl Host for TestHost<'_> {
    fn setting(&mut self, index: u32) -> Option<Value> {
        let module = self.0.loaded.module();
        let setting = module.settings.get(index as usize)?;
        json::from_json(self.0.settings.get(&setting.name)?, &setting.ty, &module.types).ok()
    }

    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value> {
        let state = self.0.loaded.module().states.get(index as usize)?;
        let cell = self.0.core.state().values.get(&state.name, &Key::of(key))?;
        let gone = cell.until.is_some_and(|until| until <= self.0.now);
        if gone { None } else { Some(cell.value.0.clone()) }
    }

    fn state_set(&mut self, _: u32, _: &[Value], _: Value) {
        // Tests change state with `given`, which is a request; the checker lets no `set` through.
    }

    fn now(&mut self) -> i64 {
        self.0.now
    }

    fn run_id(&mut self) -> Arc<str> {
        "test".into()
    }

    fn random(&mut self) -> i64 {
        0
    }
}
