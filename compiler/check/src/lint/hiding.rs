//! W0307: a name that hides another.

use crate::code;
use crate::collect::Checker;
use carapace_diagnostic::Diagnostic;

impl Checker<'_> {
    /// Tells the locals that take a name which means something already.
    pub(super) fn hidden_names(&mut self) {
        for hiding in std::mem::take(&mut self.seen.hiding) {
            let name = &hiding.name;
            let message = format!("`{name}` hides {} that is called the same", hiding.what);
            let mut told = Diagnostic::new(code::HIDING, hiding.span, message)
                .help("give one of them another name: from here on the first cannot be reached");
            if let Some(hidden) = hiding.hidden {
                told = told.also(hidden, "declared here first");
            }
            self.report(told);
        }
    }
}
