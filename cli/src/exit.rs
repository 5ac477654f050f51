//! What the shell is told. Documented in `carapace help` and the README.

use std::process::ExitCode;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done, nothing to report.
    Fine,
    /// 1: done, and there is something to report: a mistake in a flow, a failed test, a file that is not formatted.
    Findings,
    /// 2: not done: a file that cannot be read or written, arguments that make no sense.
    Unusable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Unusable => 2,
        })
    }
}
