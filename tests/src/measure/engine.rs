//! An engine with a package deployed, every channel bound to an account of its own name.

use super::program;
use carapace_engine::machine::vm;
use carapace_engine::{Binding, Core, Deploy, Input, Line, Reply};
use carapace_module::Module;
use carapace_module::signature::SlotKind;
use std::collections::BTreeMap;

/// A module, every channel of it bound to an account of its own name.
pub fn deploy(module: &Module) -> Deploy {
    let channels = module.slots.iter().filter(|slot| slot.kind == SlotKind::Channel);
    let bindings = channels.map(|slot| {
        let account = slot.name.rsplit('.').next().unwrap_or_default().into();
        (slot.name.clone(), Binding::Channel { accounts: vec![account] })
    });
    Deploy { module: module.to_bytes().into(), settings: BTreeMap::new(), bindings: bindings.collect() }
}

/// An engine in memory.
pub struct Engine {
    /// The engine.
    pub core: Core,
}

impl Engine {
    /// With the package of this one module deployed.
    ///
    /// # Panics
    /// Where it cannot be.
    pub fn deployed(source: &str) -> Engine {
        Engine::with_lines(source).0
    }

    /// The same, with the journal's lines so far.
    ///
    /// # Panics
    /// As [`Engine::deployed`].
    pub fn with_lines(source: &str) -> (Engine, Vec<Line>) {
        let program = program(source);
        let module = program.module();
        let mut core = Core::new(vm::load, [1, 2]);
        let deploy = deploy(module);
        let decided = core.submit(0, Input::Deploy(Box::new(deploy)));
        assert!(matches!(decided.reply, Reply::Deployed(_)), "{:?}", decided.reply);
        core.pump(0);
        let lines = core.take_lines();
        (Engine { core }, lines)
    }
}
