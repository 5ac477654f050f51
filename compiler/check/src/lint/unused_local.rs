//! W0304: a name that nothing reads.

use crate::code;
use crate::collect::Checker;
use carapace_diagnostic::Diagnostic;

impl Checker<'_> {
    /// Tells the names of bodies that nothing reads.
    pub(super) fn unused_locals(&mut self) {
        let locals = std::mem::take(&mut self.seen.locals);
        for (span, (name, used)) in locals {
            if used || super::is_silent(&name) {
                continue;
            }
            self.report(
                Diagnostic::new(code::UNUSED_NAME, span, format!("nothing reads `{name}`"))
                    .help(format!("take it out, or call it `_{name}` where something has to stand there")),
            );
        }
    }
}
