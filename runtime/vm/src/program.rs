//! A module that may be run: verified, with its library functions found.

use crate::fault::LoadError;
use carapace_module::Module;
use carapace_natives::{Native, lookup};
use std::sync::Arc;

/// A loaded module.
#[derive(Debug)]
pub struct Program {
    module: Module,
    natives: Vec<&'static Native>,
}

impl Program {
    /// Reads, verifies and links a module.
    ///
    /// # Errors
    /// Where the bytes are no module, a rule is broken, or a library function is unknown.
    pub fn load(bytes: &[u8]) -> Result<Arc<Program>, LoadError> {
        Program::link(Module::from_bytes(bytes)?)
    }

    /// Verifies and links a module that was just compiled.
    ///
    /// # Errors
    /// As [`Program::load`].
    pub fn of(module: Module) -> Result<Arc<Program>, LoadError> {
        module.verify()?;
        Program::link(module)
    }

    fn link(module: Module) -> Result<Arc<Program>, LoadError> {
        let natives = module
            .natives
            .iter()
            .map(|(name, version)| {
                lookup(name, *version).ok_or_else(|| LoadError::Native(name.to_string(), *version))
            })
            .collect::<Result<_, _>>()?;
        Ok(Arc::new(Program { module, natives }))
    }

    /// The module.
    pub const fn module(&self) -> &Module {
        &self.module
    }

    pub(crate) fn native(&self, number: u16) -> Option<&'static Native> {
        self.natives.get(usize::from(number)).copied()
    }
}
