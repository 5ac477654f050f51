//! A module that may be run: verified, with its library functions found.

use crate::fault::LoadError;
use carapace_module::Module;
use carapace_module::code::Site;
use carapace_module::signature::FunctionId;
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

    /// A function's name, and where in the source the instruction before `pc` stands.
    pub fn place(&self, function: FunctionId, pc: u32) -> Option<(Arc<str>, Option<Site>)> {
        let code = self.module.function(function)?;
        let at = code.sites.partition_point(|(from, _)| *from < pc.max(1));
        let site = at.checked_sub(1).and_then(|at| code.sites.get(at)).map(|(_, site)| *site);
        let site = site.and_then(|site| self.module.sites.get(site as usize)).copied();
        Some((code.name.clone(), site))
    }

    /// The site of the instruction before `pc`.
    pub fn site(&self, function: FunctionId, pc: u32) -> u32 {
        let Some(code) = self.module.function(function) else { return 0 };
        let at = code.sites.partition_point(|(from, _)| *from < pc);
        at.checked_sub(1).and_then(|at| code.sites.get(at)).map_or(0, |(_, site)| *site)
    }

    /// Whether the function is a flow's, with its handlers around the body.
    pub(crate) fn is_flow(&self, function: u32) -> bool {
        self.module.flows.iter().any(|flow| flow.body.0 == function)
    }

    pub(crate) fn native(&self, number: u16) -> Option<&'static Native> {
        self.natives.get(usize::from(number)).copied()
    }
}
