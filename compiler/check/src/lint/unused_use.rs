//! W0306: a `use` that nothing needs.

use crate::code;
use crate::collect::{At, Checker, ModuleId};
use carapace_diagnostic::{Diagnostic, Edit, Fix, TextRange};
use carapace_syntax::ast::ItemKind;

impl Checker<'_> {
    /// Tells the modules that are brought in and not used.
    pub(super) fn unused_uses(&mut self) {
        for (index, source) in self.sources.modules.iter().enumerate() {
            let module = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            if !self.is_package(module) {
                continue;
            }
            for placed in &source.tree.items {
                let ItemKind::Use(import) = &placed.item.kind else { continue };
                let Some(alias) = import.alias.as_ref().or(import.path.names.last()) else { continue };
                if self.seen.has_alias(module, &alias.text) || super::is_silent(&alias.text) {
                    continue;
                }
                let at = At { module, file: source.file, offset: placed.offset };
                let span = at.span(import.path.range());
                let mut told =
                    Diagnostic::new(code::UNUSED_USE, span, format!("nothing here uses `{}`", alias.text))
                        .help("take the line out");
                let line = at.span(with_line_end(&source.text, placed.offset, placed.item.range));
                let edits = vec![Edit { span: line, text: String::new() }];
                told.fix = Some(Fix { title: "take the line out".to_owned(), edits });
                self.report(told);
            }
        }
    }
}

/// The range with the line's end behind it, where nothing else stands on the line.
fn with_line_end(text: &str, offset: u32, range: TextRange) -> TextRange {
    let rest = text.get(range.end.saturating_add(offset) as usize..).unwrap_or_default();
    let blanks = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t', '\r']).len());
    match rest.get(blanks..) {
        Some(next) if next.starts_with('\n') => {
            let more = u32::try_from(blanks.saturating_add(1)).unwrap_or(0);
            TextRange::new(range.start, range.end.saturating_add(more))
        }
        _ => range,
    }
}
