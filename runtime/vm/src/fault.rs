//! What ends a run for good, and what cannot be loaded.

use carapace_module::signature::FunctionId;
use carapace_module::value::arith;
use carapace_module::{ReadError, VerifyError};
use std::borrow::Cow;
use thiserror::Error;

/// A rule of the machine that a run broke. No `else` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// A result does not fit.
    #[error("a number got too large")]
    Overflow,
    /// Division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// Two currencies where one is needed.
    #[error("two currencies cannot be added or compared")]
    Currency,
    /// It ran too long without waiting.
    #[error("it ran too long without waiting for anything")]
    Fuel,
    /// It holds too much.
    #[error("it holds more than it may")]
    Memory,
    /// Calls or values nest too deep.
    #[error("calls or values are nested too deep")]
    Depth,
    /// A library function refused its arguments.
    #[error("{0}")]
    Native(String),
    /// The manifest of its module does not list what it asks for.
    #[error("{0}")]
    NotPermitted(String),
    /// The code does what no compiler emits; the verifier lets it through because only a run can tell.
    #[error("the module is not sound: {0}")]
    Unsound(Cow<'static, str>),
}

impl Fault {
    pub(crate) const fn unsound(what: &'static str) -> Fault {
        Fault::Unsound(Cow::Borrowed(what))
    }
}

/// A fault, and where it happened: [`crate::Program::place`] says what that is in the source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct Broken {
    /// The rule that was broken.
    pub fault: Fault,
    /// The innermost function.
    pub function: FunctionId,
    /// The instruction behind the one that broke it.
    pub pc: u32,
}

/// Why a module cannot be run.
#[derive(Debug, Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It breaks a rule of code.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// It wants a library function that this version does not have.
    #[error("it needs `{0}@{1}`, which this version of carapace does not have")]
    Native(String, u32),
}

/// Why a snapshot cannot be restored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a run cannot be restored: {0}")]
pub struct SnapshotError(pub(crate) String);

impl From<arith::Error> for Fault {
    fn from(error: arith::Error) -> Fault {
        match error {
            arith::Error::Overflow => Fault::Overflow,
            arith::Error::DivisionByZero => Fault::DivisionByZero,
            arith::Error::Currency => Fault::Currency,
            arith::Error::Types => Fault::unsound("values that do not add up"),
        }
    }
}

impl From<carapace_natives::Error> for Fault {
    fn from(error: carapace_natives::Error) -> Fault {
        match error {
            carapace_natives::Error::Refused(message) => Fault::Native(message),
            carapace_natives::Error::TooLarge => Fault::Memory,
            carapace_natives::Error::Arithmetic(error) => error.into(),
            carapace_natives::Error::Types => {
                Fault::unsound("the arguments of a native are not of its types")
            }
        }
    }
}
