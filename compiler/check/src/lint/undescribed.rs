//! W0317: a tool of an agent without a word on what it is for.

use crate::code;
use crate::collect::{Checker, DefId, DefKind};
use carapace_diagnostic::Diagnostic;

impl Checker<'_> {
    /// Tells the tools that agents of the package may call, and that nothing is said of. The library's have their words.
    pub(super) fn undescribed_tools(&mut self) {
        for index in 0..self.defs.len() {
            let id = DefId(u32::try_from(index).unwrap_or(u32::MAX));
            let def = self.def(id);
            let described = def.item.docs.as_ref().is_some_and(|docs| !docs.trim().is_empty());
            if def.kind != DefKind::Tool
                || described
                || !self.is_package(def.at.module)
                || !self.is_offered(id)
            {
                continue;
            }
            let message =
                format!("nothing says what `{}` is for, and a model has only that to go by", def.name);
            self.report(
                Diagnostic::new(code::UNDESCRIBED, def.span(), message)
                    .help("write a doc comment above it: `/// Gives the money of an order back.`"),
            );
        }
    }

    fn is_offered(&self, tool: DefId) -> bool {
        let name = self.full_name(tool);
        self.program.agents.iter().any(|agent| agent.signature.tools.contains(&name))
    }
}
