//! `use shop/orders as o`.

use super::{At, Checker, ModuleId};
use crate::code;
use carapace_diagnostic::Diagnostic;
use carapace_syntax::ast::{ItemKind, Use};

impl<'a> Checker<'a> {
    /// Resolves the `use` items of all modules.
    pub(crate) fn resolve_uses(&mut self) {
        for (index, source) in self.sources.modules.iter().enumerate() {
            let module = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            for placed in &source.tree.items {
                if let ItemKind::Use(import) = &placed.item.kind {
                    self.resolve_use(At { module, file: source.file, offset: placed.offset }, import);
                }
            }
        }
    }

    fn resolve_use(&mut self, at: At, import: &'a Use) {
        let names = &import.path.names;
        if names.iter().any(|n| n.text.is_empty()) {
            return;
        }
        let Some(last) = names.last() else { return };
        let path = names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("/");
        let alias = import.alias.as_ref().unwrap_or(last);
        let Some(target) = self.module_by_path.get(path.as_str()).copied() else {
            let span = at.span(import.path.range());
            let others = self.focus.iter().flat_map(|focus| focus.others.iter().map(|path| &**path));
            let mut known: Vec<&str> = self.module_by_path.keys().copied().chain(others).collect();
            known.sort_unstable();
            let near = carapace_diagnostic::suggest(&path, known);
            let mut told =
                Diagnostic::new(code::UNKNOWN_MODULE, span, format!("there is no module `{path}`"));
            told = match near {
                Some(near) => {
                    told.help(format!("did you mean `{near}`?")).fix(format!("replace with `{near}`"), span, near)
                }
                None => told.help(format!(
                    "a module is a file under the source root: `{path}` would be `{path}.flow`; the library's begin with `std/`"
                )),
            };
            self.report(told);
            return;
        };
        self.note_use(at, &import.path, import.alias.as_ref(), target);
        let Some(scope) = self.modules.get_mut(at.module.0 as usize) else { return };
        if scope.uses.insert(&alias.text, target).is_some() {
            self.report(
                Diagnostic::new(
                    code::DUPLICATE,
                    at.span(alias.range),
                    format!("`{}` names another module already", alias.text),
                )
                .help(format!("name this one differently: `use {path} as …`")),
            );
        }
    }
}
