//! Items by name, and what to say when there is none.

use crate::code;
use crate::collect::{DefId, ModuleId};
use crate::infer::Body;
use carapace_diagnostic::{Diagnostic, Span, TextRange, suggest};
use carapace_syntax::ast::{self, ItemKind, Name};
use std::sync::Arc;

/// What a name, or `alias.name`, leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// An item.
    Item(DefId),
    /// A module, by its alias.
    Module(ModuleId),
    /// Nothing; not told yet.
    Nothing,
    /// Nothing, and it was told.
    Told,
}

impl<'a> Body<'_, 'a> {
    /// What a bare name that is no local leads to. Items hide modules, as a `use` can be given another alias.
    pub(crate) fn find_global(&self, name: &str) -> Found {
        let scope = self.cx.module(self.at.module);
        if let Some(id) = scope.names.get(name) {
            self.cx.seen.item(*id);
            return Found::Item(*id);
        }
        if let Some(module) = scope.uses.get(name) {
            self.cx.seen.alias(self.at.module, name);
            return Found::Module(*module);
        }
        if let Some(id) = self.cx.prelude.get(name) {
            return Found::Item(*id);
        }
        self.cx.prelude_modules.get(name).map_or(Found::Nothing, |module| Found::Module(*module))
    }

    /// What an expression names without having a value of its own: a module, or an item (`orders.refund`).
    pub(crate) fn find_path(&mut self, expr: &'a ast::Expr) -> Found {
        match &expr.kind {
            ast::ExprKind::Paren(inner) => self.find_path(inner),
            ast::ExprKind::Name(name) => {
                if name.text.is_empty() || self.names.iter().any(|(n, _)| **n == *name.text) {
                    return Found::Nothing;
                }
                let found = self.find_global(&name.text);
                self.note_found(name, found);
                found
            }
            ast::ExprKind::Field { base, optional: false, name } => match self.find_path(base) {
                Found::Module(module) => match self.cx.module(module).names.get(name.text.as_str()) {
                    Some(id) => {
                        let id = *id;
                        self.cx.seen.item(id);
                        self.cx.note_item(self.at, name, id);
                        Found::Item(id)
                    }
                    None => {
                        self.not_in_module(module, name);
                        Found::Told
                    }
                },
                _ => Found::Nothing,
            },
            _ => Found::Nothing,
        }
    }

    /// Notes what a name in the source leads to.
    pub(crate) fn note_found(&mut self, name: &Name, found: Found) {
        match found {
            Found::Item(id) => self.cx.note_item(self.at, name, id),
            Found::Module(id) => self.cx.note_module(self.at, name, id),
            Found::Nothing | Found::Told => {}
        }
    }

    fn not_in_module(&mut self, module: ModuleId, name: &Name) {
        if name.text.is_empty() {
            return;
        }
        let scope = self.cx.module(module);
        let mut candidates: Vec<&str> = scope.names.keys().copied().collect();
        candidates.sort_unstable();
        let near = suggest(&name.text, candidates);
        let message = format!("`{}` has no `{}`", scope.path, name.text);
        let told = self.suggesting(code::UNKNOWN_NAME, name.range, message, near);
        self.report(told);
    }

    /// A diagnostic with a near name as its repair.
    pub(crate) fn suggesting(
        &self,
        code: carapace_diagnostic::Code,
        range: TextRange,
        message: String,
        near: Option<&str>,
    ) -> Diagnostic {
        let told = self.told(code, range, message);
        match near {
            Some(near) => told.help(format!("did you mean `{near}`?")).fix(
                format!("replace with `{near}`"),
                self.span(range),
                near,
            ),
            None => told,
        }
    }

    /// Tells that nothing has that name.
    pub(crate) fn unknown_name(&mut self, name: &Name) {
        if name.text.is_empty() {
            return;
        }
        let mut candidates: Vec<&str> = self.names.iter().rev().map(|(n, _)| &**n).collect();
        let scope = self.cx.module(self.at.module);
        let mut items: Vec<&str> = scope.names.keys().chain(scope.uses.keys()).copied().collect();
        items.sort_unstable();
        let mut prelude: Vec<&str> = self.cx.prelude.keys().copied().collect();
        prelude.sort_unstable();
        candidates.extend(items);
        candidates.extend(prelude);
        let near = suggest(&name.text, candidates).map(str::to_owned);
        let message = format!("there is no `{}` here", name.text);
        if let Some(path) = self.module_called(&name.text) {
            let told = self.told(code::UNKNOWN_NAME, name.range, message);
            let told = told.help(format!("`{}` is a module: bring it in with `use {path}`", name.text));
            let (at, text) = self.use_line(&path);
            self.report(told.fix(format!("add `use {path}`"), at, &text));
            return;
        }
        let mut told = self.suggesting(code::UNKNOWN_NAME, name.range, message, near.as_deref());
        if near.is_none() {
            if let Some(union) = self.union_with_tag(&name.text) {
                told = told.help(format!(
                    "`{}` is a tag of `{union}`; where the type is not known write `{union}.{}`",
                    name.text, name.text
                ));
            } else if let Some(help) = self.field_of_event(&name.text) {
                told = told.help(help);
            } else {
                told = told.help("declare it with `let`, or bring its module in with `use`");
            }
        }
        self.report(told);
    }

    /// The module whose last name this is, if there is one that is not the library's own business.
    fn module_called(&self, name: &str) -> Option<Arc<str>> {
        let own = &self.cx.module(self.at.module).path;
        let known =
            |path: &&str| path.rsplit('/').next() == Some(name) && path.contains('/') && **path != **own;
        let in_scope = |id: &ModuleId| self.cx.prelude_modules.values().any(|prelude| prelude == id);
        let modules = self.cx.module_by_path.iter().filter(|(path, id)| known(path) && !in_scope(id));
        modules.map(|(path, _)| *path).min().map(Arc::from)
    }

    /// `use path`, and where it is put: behind the last one there is, else before the first item.
    fn use_line(&self, path: &str) -> (Span, String) {
        let module = self.cx.sources.modules.get(self.at.module.0 as usize);
        let items = module.map(|source| source.tree.items.as_slice()).unwrap_or_default();
        let last = items.iter().rev().find(|placed| matches!(placed.item.kind, ItemKind::Use(_)));
        let (at, text) = match (last, items.first()) {
            (Some(last), _) => (last.offset + last.item.range.end, format!("\nuse {path}")),
            (None, Some(first)) => (first.offset, format!("use {path}\n\n")),
            (None, None) => (0, format!("use {path}\n")),
        };
        (Span::new(self.at.file, TextRange::new(at, at)), text)
    }

    fn union_with_tag(&self, tag: &str) -> Option<String> {
        self.cx
            .module(self.at.module)
            .names
            .iter()
            .filter_map(|(name, id)| match self.cx.def(*id).kind {
                crate::collect::DefKind::Type(ty) => self.cx.world_tag(ty, tag).map(|_| (*name).to_owned()),
                _ => None,
            })
            .min()
    }

    fn field_of_event(&self, name: &str) -> Option<String> {
        matches!(name, "message" | "sender" | "conversation").then(|| {
            format!("`{name}` is in scope in flows whose trigger has it; a sub-flow or tool takes it as a parameter")
        })
    }
}
