//! A module with its tests, ready to be rehearsed.

use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_engine::machine::{Code, Loader};
use carapace_module::code::Module;
use carapace_module::signature::FunctionId;
use carapace_module::testing::{TestOp, TestSignature};
use std::cell::RefCell;
use std::sync::Arc;

/// A module with its tests.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) code: Arc<dyn Code>,
}

/// Why a module cannot be rehearsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LoadError(pub(crate) String);

impl Loaded {
    /// Reads a module; `loader` verifies it and makes code of it.
    ///
    /// # Errors
    /// What is wrong with the module.
    pub fn new(bytes: impl Into<Arc<[u8]>>, loader: Loader) -> Result<Loaded, LoadError> {
        let bytes = bytes.into();
        let code = loader(&bytes).map_err(LoadError)?;
        Ok(Loaded { bytes, code })
    }

    /// Makes the module the one that engines of this thread load.
    pub(crate) fn install(&self) {
        PRESENT.set(Some((Arc::clone(&self.bytes), Arc::clone(&self.code))));
    }

    pub(crate) fn module(&self) -> &Module {
        self.code.module()
    }

    /// Its tests.
    pub fn tests(&self) -> &[TestSignature] {
        &self.module().tests
    }

    pub(crate) fn op(&self, number: u32) -> Option<&TestOp> {
        self.module().test_ops.get(number as usize)
    }

    /// The file that a function's code comes from.
    pub(crate) fn file(&self, function: FunctionId) -> Option<FileId> {
        let (_, site) = self.module().functions.get(function.0 as usize)?.sites.first()?;
        self.span(*site).map(|span| span.file)
    }

    /// The place of a site.
    pub(crate) fn span(&self, site: u32) -> Option<Span> {
        let site = self.module().sites.get(site as usize)?;
        Some(Span::new(FileId(site.file), TextRange::new(site.start, site.end)))
    }
}

type Known = (Arc<[u8]>, Arc<dyn Code>);

thread_local! {
    /// The module that is rehearsed. A test makes an engine of its own, and each would verify the module anew.
    static PRESENT: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// The engine's loader: gives the module that is rehearsed, which was verified once.
pub(crate) fn load(bytes: &[u8]) -> Result<Arc<dyn Code>, String> {
    PRESENT.with_borrow(|present| match present {
        Some((known, code)) if **known == *bytes => Ok(Arc::clone(code)),
        _ => Err("a test deploys only the module it stands in".to_owned()),
    })
}
