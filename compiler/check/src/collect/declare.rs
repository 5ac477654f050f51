//! Numbers for all items, names into their scopes, duplicates told.

use super::{At, Checker, Def, DefId, DefKind, ModuleId, ModuleScope, TypeInfo};
use crate::code;
use crate::sources::{Origin, Source};
use carapace_diagnostic::Diagnostic;
use carapace_module::{TypeDef, TypeId, TypeKind};
use carapace_syntax::ast::{Item, ItemKind, Placed};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::sync::Arc;

impl<'a> Checker<'a> {
    /// All modules, the library's first, so that an author's item never takes a library item's number.
    pub(crate) fn declare_all(&mut self) {
        let modules: &'a [Source] = self.sources.modules;
        let items = modules.iter().map(|source| source.tree.items.len()).sum();
        self.modules.reserve(modules.len());
        self.defs.reserve(items);
        self.callables.reserve(items);
        for source in modules {
            let id = ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX));
            self.module_by_path.entry(&source.path).or_insert(id);
            self.modules.push(ModuleScope {
                path: source.path.clone(),
                origin: source.origin,
                text: &source.text,
                names: room_for(source.tree.items.len()),
                uses: FxHashMap::default(),
                defs: Vec::with_capacity(source.tree.items.len()),
            });
            for placed in &source.tree.items {
                self.declare(id, source, placed);
            }
        }
        self.fill_prelude();
        self.find_world();
    }

    fn declare(&mut self, module: ModuleId, source: &'a Source, placed: &'a Placed) {
        let item: &'a Item = &placed.item;
        let at = At { module, file: source.file, offset: placed.offset };
        let Some((kind, library_only)) = self.kind_of(module, item) else { return };
        let name = item.name.as_ref();
        let range = name.map_or(item.range, |n| n.range);
        let text = name.map_or("", |n| n.text.as_str());
        if library_only && source.origin == Origin::Package && !source.path.starts_with("std/") {
            self.library_only(at, kind, range, text);
        }
        let id = DefId(u32::try_from(self.defs.len()).unwrap_or(u32::MAX));
        let def = Def { at, kind, name: text, name_range: range, item };
        self.defs.push(def);
        self.callables.push(None);
        if let DefKind::Type(ty) = kind
            && let Some(info) = self.type_info.get_mut(ty.0 as usize)
        {
            info.def = Some(id);
        }
        let Some(scope) = self.modules.get_mut(module.0 as usize) else { return };
        scope.defs.push(id);
        if text.is_empty() {
            return;
        }
        match kind {
            DefKind::ChannelKind => {}
            DefKind::Effect => self.declare_effect(id, def),
            DefKind::Trigger => self.declare_trigger(id, def),
            DefKind::TextTag => {
                self.text_tags.entry(text).or_insert(id);
            }
            _ => self.declare_name(id, def),
        }
    }

    fn declare_name(&mut self, id: DefId, def: Def<'a>) {
        let Some(scope) = self.modules.get_mut(def.at.module.0 as usize) else { return };
        if let Some(first) = scope.names.get(def.name).copied() {
            let first = self.def(first);
            self.report(
                Diagnostic::new(code::DUPLICATE, def.span(), format!("`{}` is declared twice", def.name))
                    .label("again here")
                    .also(first.span(), format!("{} of this name", first.kind.noun()))
                    .help("give one of them another name"),
            );
            return;
        }
        scope.names.insert(def.name, id);
    }

    fn declare_effect(&mut self, id: DefId, def: Def<'a>) {
        let ItemKind::Effect(effect) = &def.item.kind else { return };
        // `on agent`, `on connection mcp`: by the kind, where there is one.
        match effect.on.as_ref().and_then(|p| p.names.last()) {
            Some(on) => {
                // Later versions win: `reply@2` is what a new program means by `reply`.
                let newer = self.effects_on.get(&(on.text.as_str(), def.name)).is_none_or(|old| {
                    matches!(&self.def(*old).item.kind, ItemKind::Effect(e) if e.version < effect.version)
                });
                if newer {
                    self.effects_on.insert((&on.text, def.name), id);
                }
            }
            None => self.declare_versioned(id, def, effect.version),
        }
    }

    fn declare_versioned(&mut self, id: DefId, def: Def<'a>, version: u32) {
        let Some(scope) = self.modules.get(def.at.module.0 as usize) else { return };
        let older = scope.names.get(def.name).map(|old| match &self.def(*old).item.kind {
            ItemKind::Effect(e) => e.version < version,
            ItemKind::ExternFn(f) => f.version < version,
            _ => false,
        });
        match older {
            None => self.declare_name(id, def),
            Some(true) => {
                if let Some(scope) = self.modules.get_mut(def.at.module.0 as usize) {
                    scope.names.insert(def.name, id);
                }
            }
            Some(false) => {}
        }
    }

    fn declare_trigger(&mut self, id: DefId, def: Def<'a>) {
        let ItemKind::Trigger(trigger) = &def.item.kind else { return };
        if trigger.on.is_some() {
            self.triggers_on_channel.entry(def.name).or_insert(id);
        } else {
            // Triggers have a name space of their own: `event` the trigger does not hide a value `event`.
            self.effects_on.entry(("trigger", def.name)).or_insert(id);
        }
    }

    fn library_only(&mut self, at: At, kind: DefKind, range: carapace_diagnostic::TextRange, name: &str) {
        self.report(
            Diagnostic::new(
                code::LIBRARY_ONLY,
                at.span(range),
                format!("`{name}` is {}, which only a library may declare", kind.noun()),
            )
            .help("write a `fn` or a `flow`; effects are what the runtime and plug-ins perform"),
        );
    }

    /// What an item declares, and whether only a library may.
    fn kind_of(&mut self, module: ModuleId, item: &'a Item) -> Option<(DefKind, bool)> {
        Some(match &item.kind {
            ItemKind::Use(_) | ItemKind::Test(_) => return None,
            ItemKind::Error if item.name.is_none() => return None,
            ItemKind::Error => (DefKind::Broken, false),
            ItemKind::Channel(_) => (DefKind::Channel, false),
            ItemKind::Room(_) => (DefKind::Room, false),
            ItemKind::Group(_) => (DefKind::Group, false),
            ItemKind::Connection(_) => (DefKind::Connection, false),
            ItemKind::Setting(_) => (DefKind::Setting, false),
            ItemKind::Type(_) => (DefKind::Type(self.new_type(module, item)), false),
            ItemKind::Const(_) => (DefKind::Const, false),
            ItemKind::Fn(_) => (DefKind::Fn, false),
            ItemKind::State(_) => (DefKind::State, false),
            ItemKind::Agent(_) => (DefKind::Agent, false),
            ItemKind::Tool(_) => (DefKind::Tool, false),
            ItemKind::Flow(_) => (DefKind::Flow, false),
            ItemKind::Effect(_) => (DefKind::Effect, true),
            ItemKind::Trigger(_) => (DefKind::Trigger, true),
            ItemKind::ChannelKind(_) => (DefKind::ChannelKind, true),
            ItemKind::Tag(_) => (DefKind::TextTag, true),
            ItemKind::ExternFn(_) => (DefKind::ExternFn, true),
        })
    }

    fn new_type(&mut self, module: ModuleId, item: &'a Item) -> TypeId {
        let id = TypeId(u32::try_from(self.program.types.types.len()).unwrap_or(u32::MAX));
        let name = item.name.as_ref().map_or("", |n| &n.text);
        let params = match &item.kind {
            ItemKind::Type(decl) => u32::try_from(decl.params.len()).unwrap_or(0),
            _ => 0,
        };
        self.program.types.types.push(TypeDef {
            name: Arc::from(format!("{}.{name}", self.module(module).path)),
            docs: item.docs.as_deref().map(Arc::from),
            params,
            kind: TypeKind::Record(Vec::new()),
        });
        self.type_info.push(TypeInfo::default());
        id
    }

    fn fill_prelude(&mut self) {
        // A name that several of them declare (`list.count`, `map.count`) is only in scope with its module in front;
        // what the checker knows by name goes before.
        let mut twice: Vec<&'a str> = Vec::new();
        let prelude = self.modules.iter().filter(|module| module.origin == Origin::Prelude);
        self.prelude.reserve(prelude.map(|module| module.names.len()).sum());
        for (module, source) in self.modules.iter().zip(self.sources.modules) {
            if module.origin != Origin::Prelude {
                continue;
            }
            let id = self.module_by_path.get(&*source.path).copied();
            if let (Some(id), Some(last)) = (id, source.path.rsplit('/').next()) {
                self.prelude_modules.entry(last).or_insert(id);
            }
            let intrinsic = &*module.path == "std/intrinsics";
            for (name, id) in &module.names {
                let known = self.prelude.get(name).map(|old| {
                    let old = self.def(*old);
                    &*self.module(old.at.module).path == "std/intrinsics"
                });
                match known {
                    None => {
                        self.prelude.insert(name, *id);
                    }
                    Some(true) => {}
                    Some(false) if intrinsic => {
                        self.prelude.insert(name, *id);
                    }
                    Some(false) => twice.push(name),
                }
            }
        }
        for name in twice {
            if self.prelude.get(name).is_some_and(|id| !matches!(self.def(*id).kind, DefKind::Type(_))) {
                self.prelude.remove(name);
            }
        }
    }
}

/// An empty map with room for so many: all that is declared is declared anew with every key that is pressed, and a map that grows is
/// copied again and again.
fn room_for<K, V>(count: usize) -> FxHashMap<K, V> {
    FxHashMap::with_capacity_and_hasher(count, FxBuildHasher)
}
