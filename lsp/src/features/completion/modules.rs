//! Modules: in `use`, and those that a proposal would bring in.

use super::complete::Here;
use super::cursor::Cursor;
use super::proposal::{Completion, CompletionKind, Docs};
use crate::workspace::Snapshot;
use carapace_check::{ItemOutline, ModuleOutline, NameKind};
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::ItemKind;

/// Names of other modules' items are proposed from so many letters on.
const LETTERS: usize = 2;

/// Paths of modules, behind `use`.
pub(super) fn paths(snapshot: &Snapshot, file: FileId, cursor: &Cursor<'_>) -> Vec<Completion> {
    let Some(word) = cursor.before.iter().rposition(|token| token.text(cursor.text) == "use") else {
        return Vec::new();
    };
    let Some(written) = cursor.before.get(word.saturating_add(1)..) else { return Vec::new() };
    if written.iter().any(|token| token.text(cursor.text) == "as") {
        return Vec::new();
    }
    // A whole path, and no `/` behind it: only another name for it may follow.
    let open = written.last().is_none_or(|token| token.text(cursor.text).ends_with('/'));
    if !open {
        return vec![Completion::keyword(cursor, "as")];
    }
    let start = written.first().map_or(cursor.start, |token| token.start);
    let tried = snapshot.tried(file, cursor.text, cursor.start, |_| true);
    let outline = &tried.as_ref().unwrap_or(snapshot).checked.outline;
    let own = snapshot.module(file).map(|m| m.module.clone());
    let modules = outline.modules().filter(|m| !m.prelude && own.as_ref() != Some(&m.path));
    modules
        .map(|module| Completion {
            replace: TextRange::new(start, cursor.offset),
            rank: if module.path.starts_with("std/") { 2 } else { 1 },
            docs: Docs::Module(module.path.to_string()),
            ..Completion::plain(cursor, &*module.path, CompletionKind::Name(NameKind::Module))
        })
        .collect()
}

/// Modules that this one does not bring in yet, and what is called in them: each with the `use` that it needs.
pub(super) fn not_in_scope(here: &Here<'_, '_>, own: &str) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let known = outline.modules_in_scope(own);
    let in_scope = |module: &&ModuleOutline| {
        module.prelude || &*module.path == own || known.iter().any(|(_, m)| m.path == module.path)
    };
    let mut found = Vec::new();
    for module in outline.modules().filter(|module| !in_scope(module)) {
        let name = module.path.rsplit('/').next().unwrap_or(&module.path);
        if known.iter().any(|(taken, _)| ***taken == *name) {
            continue;
        }
        if here.cursor.may_be(name) {
            found.push(Completion {
                detail: format!("use {}", module.path),
                rank: 8,
                docs: Docs::Module(module.path.to_string()),
                brings: Some(module.path.to_string()),
                ..Completion::plain(here.cursor, name, CompletionKind::Name(NameKind::Module))
            });
        }
        if here.cursor.prefix().len() >= LETTERS {
            let called = module.items.iter().filter(|item| here.cursor.may_be(&item.name) && is_called(item));
            found.extend(called.map(|item| {
                let made = Completion::item(here.cursor, item, 0);
                Completion {
                    detail: format!("{} (use {})", made.detail, module.path),
                    insert: format!("{name}.{}", made.insert),
                    snippet: made.snippet.as_ref().map(|snippet| format!("{name}.{snippet}")),
                    rank: 9,
                    brings: Some(module.path.to_string()),
                    ..made
                }
            }));
        }
    }
    found
}

fn is_called(item: &ItemOutline) -> bool {
    let free = item.effect.as_ref().is_none_or(|effect| effect.on.is_none());
    matches!(item.kind, NameKind::Fn | NameKind::Native | NameKind::Effect | NameKind::Flow | NameKind::Tool)
        && free
        && !item.starts
}

/// A new `use` line: behind the last one, or at the top of the file.
pub(super) fn use_edit(snapshot: &Snapshot, file: FileId, path: &str) -> (TextRange, String) {
    let at = |offset: u32| TextRange::new(offset, offset);
    let items: Vec<_> = snapshot.items(file).collect();
    let mut uses = items.iter().filter(|(_, item)| matches!(item.kind, ItemKind::Use(_)));
    if let Some((offset, item)) = uses.next_back() {
        return (at(offset.saturating_add(item.range.end)), format!("\nuse {path}"));
    }
    let first = items.first().map_or(0, |(offset, _)| *offset);
    (at(first), format!("use {path}\n\n"))
}
