//! Where fields, tags, parameters and the fields of events are declared.

use super::NameKind;
use crate::collect::{At, Checker, DefId, ModuleId, declared};
use carapace_diagnostic::{Span, TextRange};
use carapace_module::{Type, TypeId, TypeKind};
use carapace_syntax::ast::{self, ItemKind, Name, Path, TypeBody, TypeDecl};

use super::Role;

impl<'a> Checker<'a> {
    /// Notes that a name stands for an item.
    pub(crate) fn note_item(&mut self, at: At, name: &Name, id: DefId) {
        if self.notes.wants(at.file) {
            let def = self.def(id);
            self.notes.name(at.span(name.range), def.span(), Self::name_kind(def.kind), Role::Use);
        }
    }

    /// Notes that a name stands for a module: the one of the `use` that gives it another name, where one does.
    pub(crate) fn note_module(&mut self, at: At, name: &Name, id: ModuleId) {
        if self.notes.wants(at.file) {
            let site = self.alias_site(at.module, &name.text).unwrap_or_else(|| self.module_site(id));
            self.notes.name(at.span(name.range), site, NameKind::Module, Role::Use);
        }
    }

    /// `o` of `use shop/orders as o`.
    fn alias_site(&self, module: ModuleId, name: &str) -> Option<Span> {
        let source = self.sources.modules.get(module.0 as usize)?;
        source.tree.items.iter().find_map(|placed| match &placed.item.kind {
            ItemKind::Use(ast::Use { alias: Some(alias), .. }) if alias.text == name => {
                Some(Span::new(source.file, alias.range.shift(placed.offset)))
            }
            _ => None,
        })
    }

    /// The declaration of a type, and where it stands.
    pub(crate) fn type_decl(&self, id: TypeId) -> Option<(At, &'a TypeDecl)> {
        let def = self.def(self.type_info.get(id.0 as usize)?.def?);
        match &def.item.kind {
            ItemKind::Type(decl) => Some((def.at, decl)),
            _ => None,
        }
    }

    /// Notes that a name stands for a field of a type (`tag`: of that tag of it).
    pub(crate) fn note_field(&mut self, at: At, name: &Name, ty: &Type, tag: Option<u32>) {
        if self.notes.wants(at.file)
            && let Type::Declared(id, _) = ty
            && let Some(site) = self.field_site(*id, tag, &name.text)
        {
            self.notes.name(at.span(name.range), site, NameKind::Field, Role::Use);
        }
    }

    /// Where a field is declared.
    pub(crate) fn field_site(&self, id: TypeId, tag: Option<u32>, name: &str) -> Option<Span> {
        let Some((at, decl)) = self.type_decl(id) else {
            return self.notes.unnamed.get(&(id, name.into())).map(|site| site.span);
        };
        let fields = match (&decl.body, tag) {
            (TypeBody::Record(fields), _) => fields,
            (TypeBody::Union(tags), Some(tag)) => {
                let tag = self.tag_name(id, tag)?;
                &tags.iter().find(|known| known.name.text == *tag)?.fields
            }
            (TypeBody::Union(_), None) => return None,
        };
        fields.iter().find(|field| field.name.text == name).map(|field| at.span(field.name.range))
    }

    fn tag_name(&self, id: TypeId, tag: u32) -> Option<std::sync::Arc<str>> {
        match &self.program.types.get(id)?.kind {
            TypeKind::Union(tags) => tags.get(tag as usize).map(|tag| tag.name.clone()),
            TypeKind::Record(_) => None,
        }
    }

    /// Notes that a name stands for a tag of a union.
    pub(crate) fn note_tag(&mut self, at: At, name: &Name, ty: &Type) {
        if self.notes.wants(at.file)
            && let Some(site) = self.tag_site(ty, &name.text)
        {
            self.notes.name(at.span(name.range), site, NameKind::Tag, Role::Use);
        }
    }

    /// Where a tag is declared.
    pub(crate) fn tag_site(&self, ty: &Type, name: &str) -> Option<Span> {
        let id = match ty {
            Type::Declared(id, _) => *id,
            Type::Optional(inner) => return self.tag_site(inner, name),
            _ => return None,
        };
        match self.type_decl(id) {
            Some((at, ast::TypeDecl { body: TypeBody::Union(tags), .. })) => {
                tags.iter().find(|tag| tag.name.text == name).map(|tag| at.span(tag.name.range))
            }
            Some(_) => None,
            None => self.notes.unnamed.get(&(id, name.into())).map(|site| site.span),
        }
    }

    /// Notes that a name stands for a parameter of what is called.
    pub(crate) fn note_param(&mut self, at: At, name: &Name, callee: DefId) {
        if !self.notes.wants(at.file) {
            return;
        }
        let def = self.def(callee);
        let params = match &def.item.kind {
            ItemKind::Trigger(trigger) => Some(trigger.params.as_slice()),
            _ => declared(def.item).map(|parts| parts.params),
        };
        let param = params.into_iter().flatten().find(|param| param.name.text == name.text);
        if let Some(param) = param {
            let site = def.at.span(param.name.range);
            self.notes.name(at.span(name.range), site, NameKind::Param, Role::Use);
        }
    }

    /// Notes the names of a path that leads to a type, without looking for what is unused.
    pub(crate) fn note_type_path(&mut self, at: At, path: &[Name]) {
        if !self.notes.wants(at.file) {
            return;
        }
        let scope = self.module(at.module);
        let (last, found) = match path {
            [last] => {
                let name = last.text.as_str();
                (last, scope.names.get(name).or_else(|| self.prelude.get(name)).copied())
            }
            [alias, last] => {
                let target = scope.uses.get(alias.text.as_str()).copied();
                let found = target.and_then(|id| self.module(id).names.get(last.text.as_str()).copied());
                if let Some(target) = target {
                    self.note_module(at, alias, target);
                }
                (last, found)
            }
            _ => return,
        };
        if let Some(found) = found {
            self.note_item(at, last, found);
        }
    }

    /// Where the fields of a trigger's event are declared.
    pub(crate) fn event_field_site(&self, trigger: DefId, name: &str) -> Option<Span> {
        let def = self.def(trigger);
        let ItemKind::Trigger(decl) = &def.item.kind else { return None };
        let field = decl.fields.iter().find(|field| field.name.text == name)?;
        Some(def.at.span(field.name.range))
    }

    /// Notes `sender` and `conversation` where they are not in scope but said: as what states, budgets and lanes are kept
    /// by. They mean those of a message.
    pub(crate) fn note_event_key(&mut self, at: At, name: &Name) {
        if self.notes.wants(at.file)
            && let Some(id) = self.triggers_on_channel.get("message").copied()
            && let Some(site) = self.event_field_site(id, &name.text)
        {
            self.notes.name(at.span(name.range), site, NameKind::EventField, Role::Use);
        }
    }

    /// The names of a `use`, each with the module that it leads to.
    pub(crate) fn note_use(&mut self, at: At, import: &Path, alias: Option<&Name>, target: ModuleId) {
        if !self.notes.wants(at.file) {
            return;
        }
        let site = self.module_site(target);
        if let Some(last) = import.names.last() {
            self.notes.name(at.span(last.range), site, NameKind::Module, Role::Use);
        }
        if let Some(alias) = alias {
            let own = at.span(alias.range);
            self.notes.name(own, own, NameKind::Module, Role::Declaration);
        }
    }

    /// A capability, by its first mention among the kinds of channels.
    pub(crate) fn capability_site(&self, name: &str) -> Option<Span> {
        self.notes.capabilities.get(name).map(|site| site.span)
    }

    /// A place of an item as one of its file.
    pub(crate) fn note_own(&mut self, at: At, range: TextRange, kind: NameKind) {
        let own = at.span(range);
        self.notes.name(own, own, kind, Role::Declaration);
    }
}
