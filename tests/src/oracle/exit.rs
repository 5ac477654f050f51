//! How an evaluation ends early.

use carapace_effect::Failure;
use carapace_module::Value;

/// What ends a run for good, whatever its `else` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A result does not fit.
    Overflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// Two currencies where one is needed.
    Currency,
    /// Too many steps.
    Fuel,
    /// Calls nested too deep.
    Depth,
    /// A native refused its arguments.
    Native(String),
    /// The tree is not one that the checker makes: a mistake of the test or of the checker.
    Broken(String),
}

impl Fault {
    /// What `on failure` is told of it.
    pub(super) fn message(&self) -> &str {
        match self {
            Fault::Overflow => "a number got too large",
            Fault::DivisionByZero => "division by zero",
            Fault::Currency => "two currencies cannot be added or compared",
            Fault::Fuel => "it ran too long without waiting for anything",
            Fault::Depth => "calls or values are nested too deep",
            Fault::Native(message) | Fault::Broken(message) => message,
        }
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Exit {
    /// `return`, of the flow or function.
    Return(Value),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// A failure: `fail`, or of an effect.
    Fail(Failure),
    /// `cancel`.
    Cancel(String),
    /// The outcome of an operation cannot be known.
    Unknown,
    /// A fault.
    Fault(Fault),
}

impl From<Fault> for Exit {
    fn from(fault: Fault) -> Exit {
        Exit::Fault(fault)
    }
}

/// The tree is not what the checker promises.
pub(super) fn broken(what: impl Into<String>) -> Exit {
    Exit::Fault(Fault::Broken(what.into()))
}
