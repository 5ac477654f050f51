//! Questions to an outline.

use super::{ItemOutline, KindOutline, ModuleOutline, Outline, OutlinePart, PartOutline};
use crate::facts::{DefinitionSite, NameKind};
use carapace_module::{Type, TypeKind};
use rustc_hash::FxHashSet;
use std::sync::Arc;

impl OutlinePart {
    fn item(&self, site: DefinitionSite) -> Option<&ItemOutline> {
        let (module, item) = self.items.get(&site)?;
        self.modules.get(*module as usize)?.items.get(*item as usize)
    }
}

impl Outline {
    /// The type as an author would write it.
    pub fn show(&self, ty: &Type) -> String {
        crate::ty::show(&self.types, ty)
    }

    /// Whether a value of one type may stand where the other is wanted, with the conversions that need no word: a number for
    /// a number, a text for content, a place or person for a target.
    pub fn fits(&self, from: &Type, to: &Type) -> bool {
        if matches!(from, Type::Error) || crate::ty::fit(from, to) != crate::ty::Fit::No {
            return !matches!(from, Type::Error);
        }
        let to = match to {
            Type::Optional(inner) => inner,
            other => other,
        };
        let Type::Declared(id, _) = to else { return false };
        match self.types.get(*id) {
            Some(def) if &*def.name == "std/world.Content" => matches!(from, Type::Text | Type::Template(_)),
            Some(def) if &*def.name == "std/world.Target" => match &def.kind {
                TypeKind::Union(tags) => tags.iter().any(|tag| tag.fields.iter().any(|f| f.ty == *from)),
                TypeKind::Record(_) => false,
            },
            _ => false,
        }
    }

    /// All modules, the package's first.
    pub fn modules(&self) -> impl Iterator<Item = &ModuleOutline> {
        self.package.modules.iter().chain(&self.library.modules)
    }

    /// The module of that path.
    pub fn module(&self, path: &str) -> Option<&ModuleOutline> {
        self.modules().find(|module| &*module.path == path)
    }

    /// The module whose file it is, by the site of a module's name.
    pub fn module_at(&self, site: DefinitionSite) -> Option<&ModuleOutline> {
        let whole = site.span.range.is_empty();
        self.modules().find(|module| whole && module.file == site.span.file)
    }

    /// The item that is declared there.
    pub fn item(&self, site: DefinitionSite) -> Option<&ItemOutline> {
        self.package.item(site).or_else(|| self.library.item(site))
    }

    /// The field, tag or parameter that is declared there.
    pub fn part(&self, site: DefinitionSite) -> Option<&PartOutline> {
        self.package.parts.get(&site).or_else(|| self.library.parts.get(&site))
    }

    /// The doc comment of what is declared there.
    pub fn docs(&self, site: DefinitionSite) -> Option<&Arc<str>> {
        let part = || self.part(site).and_then(|part| part.docs.as_ref());
        let module = || self.module_at(site).and_then(|module| module.docs.as_ref());
        self.item(site).and_then(|item| item.docs.as_ref()).or_else(part).or_else(module)
    }

    /// The items of every module that are of that kind, the package's first.
    pub fn of_kind(&self, kind: NameKind) -> impl Iterator<Item = &ItemOutline> {
        self.modules().flat_map(|module| &module.items).filter(move |item| item.kind == kind)
    }

    /// The kind of channel of that name.
    pub fn kind(&self, name: &str) -> Option<&KindOutline> {
        self.kinds().iter().find(|kind| &*kind.name == name)
    }

    /// All kinds of channels.
    pub fn kinds(&self) -> &[KindOutline] {
        if self.package.kinds.is_empty() { &self.library.kinds } else { &self.package.kinds }
    }

    /// What a bare name may mean in that module, apart from locals: its own items, and those that are in scope everywhere
    /// and that it does not hide. Effects that are called on something, triggers and kinds are not among them.
    pub fn in_scope(&self, path: &str) -> Vec<&ItemOutline> {
        let bare = |item: &&ItemOutline| {
            !matches!(item.kind, NameKind::Trigger | NameKind::ChannelKind | NameKind::TextTag)
                && item.effect.as_ref().is_none_or(|effect| effect.on.is_none())
        };
        let own: Vec<&ItemOutline> =
            self.module(path).map(|module| module.items.iter().filter(bare).collect()).unwrap_or_default();
        let names: FxHashSet<&str> = own.iter().map(|item| &*item.name).collect();
        let hidden = |name: &str| names.contains(name);
        let prelude = self.package.prelude.iter().chain(&self.library.prelude);
        let everywhere = prelude
            .filter(|(name, _)| !hidden(name))
            .filter_map(|(_, site)| self.item(*site))
            .filter(bare)
            .collect::<Vec<_>>();
        own.into_iter().chain(everywhere).collect()
    }

    /// The modules that a module may name: by what name, and which.
    pub fn modules_in_scope(&self, path: &str) -> Vec<(&Arc<str>, &ModuleOutline)> {
        let uses = self.module(path).map(|module| module.uses.as_slice()).unwrap_or_default();
        let prelude = self.package.prelude_modules.iter().chain(&self.library.prelude_modules);
        let hidden = |name: &Arc<str>| uses.iter().any(|(known, _)| known == name);
        let everywhere = prelude.filter(|(name, _)| !hidden(name));
        uses.iter().chain(everywhere).filter_map(|(name, path)| Some((name, self.module(path)?))).collect()
    }
}
