//! The outline, from the checker's declarations.

use super::{
    Callable, EffectOutline, ItemOutline, KindOutline, ModuleOutline, OutlinePart, Parameter, PartOutline,
};
use crate::collect::{Checker, Def, DefId, DefKind, ModuleId, World, declared};
use crate::facts::{DefinitionSite, NameKind};
use crate::sources::{Origin, Source, Sources};
use carapace_module::{Type, TypeKind};
use carapace_syntax::ast::{self, EffectClause, ItemKind, TypeBody};
use std::sync::Arc;

/// The outline of the library: of all of these modules that are its own. It is the same for every package that is checked
/// against them, as the library's types have the first numbers.
pub fn library_outline(modules: &[Source]) -> OutlinePart {
    let library: Vec<Source> = modules.iter().filter(|m| m.origin != Origin::Package).cloned().collect();
    let sources = Sources {
        package: Arc::from(""),
        root: Arc::from(""),
        modules: &library,
        files: &|_| None,
        whole: false,
        intact: true,
        facts: false,
    };
    let mut cx = crate::check::declared(sources);
    cx.outline_of(|origin| origin != Origin::Package)
}

impl<'a> Checker<'a> {
    /// The outline of the modules of these origins.
    pub(crate) fn outline_of(&mut self, wanted: impl Fn(Origin) -> bool) -> OutlinePart {
        let mut part = OutlinePart::default();
        // Of an item that is not looked at, the type of its value is found out here, and its mistakes are not told.
        let told = self.diagnostics.len();
        for index in 0..self.modules.len() {
            let id = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            if wanted(self.module(id).origin) {
                self.outline_module(id, &mut part);
            }
        }
        self.diagnostics.truncate(told);
        if wanted(Origin::Prelude) {
            self.outline_prelude(&mut part);
        }
        part
    }

    fn outline_prelude(&self, part: &mut OutlinePart) {
        let site = |id: &DefId| DefinitionSite::at(self.def(*id).span());
        part.prelude = self.prelude.iter().map(|(name, id)| (Arc::from(*name), site(id))).collect();
        part.prelude.sort();
        let path = |id: &ModuleId| self.module(*id).path.clone();
        part.prelude_modules =
            self.prelude_modules.iter().map(|(name, id)| (Arc::from(*name), path(id))).collect();
        part.prelude_modules.sort();
        part.kinds = self.kinds.iter().map(|kind| self.outline_kind(kind)).collect();
    }

    fn outline_kind(&self, kind: &crate::collect::KindDecl<'a>) -> KindOutline {
        let def = self.defs.iter().find(|def| def.kind == DefKind::ChannelKind && def.name == kind.name);
        let mut can: Vec<Arc<str>> = kind.can.iter().map(|name| Arc::from(*name)).collect();
        can.sort();
        KindOutline {
            name: Arc::from(kind.name),
            site: def.map(|def| DefinitionSite::at(def.span())),
            docs: def.and_then(|def| def.item.docs.as_deref()).map(Arc::from),
            can,
            max_text: kind.max_text,
        }
    }

    fn outline_module(&mut self, id: ModuleId, part: &mut OutlinePart) {
        let scope = self.module(id);
        let (path, origin, defs) = (scope.path.clone(), scope.origin, scope.defs.clone());
        let path_of = |id: &ModuleId| self.module(*id).path.clone();
        let mut uses: Vec<(Arc<str>, Arc<str>)> =
            scope.uses.iter().map(|(name, id)| (Arc::from(*name), path_of(id))).collect();
        uses.sort();
        let source = self.sources.modules.get(id.0 as usize);
        let file = source.map_or(carapace_diagnostic::FileId(0), |source| source.file);
        let docs = source.and_then(|source| source.tree.docs.as_deref()).map(Arc::from);
        let number = u32::try_from(part.modules.len()).unwrap_or(u32::MAX);
        let mut items = Vec::with_capacity(defs.len());
        for id in defs {
            if self.def(id).name.is_empty() {
                continue;
            }
            let item = self.outline_item(id, part);
            part.items.insert(item.site, (number, u32::try_from(items.len()).unwrap_or(u32::MAX)));
            items.push(item);
        }
        part.modules.push(ModuleOutline {
            path,
            file,
            docs,
            prelude: origin == Origin::Prelude,
            uses,
            items,
        });
    }

    fn outline_item(&mut self, id: DefId, part: &mut OutlinePart) -> ItemOutline {
        let def = self.def(id);
        let site = DefinitionSite::at(def.span());
        let callable = self.outline_callable(id, part);
        let mut item = ItemOutline {
            name: Arc::from(def.name),
            kind: Checker::name_kind(def.kind),
            site,
            signature: self.signature(&def),
            docs: def.item.docs.as_deref().map(Arc::from),
            ty: self.outline_type(id),
            callable,
            effect: None,
            of: None,
            fields: Vec::new(),
            on: None,
            requires: Vec::new(),
            starts: false,
        };
        match &def.item.kind {
            ItemKind::Channel(c) => item.of = Some(Arc::from(c.kind.text.as_str())),
            ItemKind::Room(r) => item.of = Some(Arc::from(r.kind.text.as_str())),
            ItemKind::Connection(c) => item.of = Some(Arc::from(c.kind.text.as_str())),
            ItemKind::Flow(flow) => item.starts = !flow.header.triggers.is_empty(),
            ItemKind::Effect(effect) => self.outline_effect(id, effect, &mut item),
            ItemKind::Trigger(trigger) => self.outline_trigger(&def, trigger, &mut item, part),
            ItemKind::Type(decl) => self.outline_fields(&def, decl, part),
            _ => {}
        }
        item
    }

    /// The type of an item's value.
    fn outline_type(&mut self, id: DefId) -> Type {
        let def = self.def(id);
        let world = &self.world;
        match def.kind {
            DefKind::Type(ty) => Type::declared(ty),
            DefKind::Const => self.const_type(id),
            DefKind::Channel => World::ty(world.channel),
            DefKind::Room => World::ty(world.room),
            DefKind::Group => World::ty(world.group),
            DefKind::Connection => World::ty(world.connection),
            DefKind::Agent => World::ty(world.agent),
            DefKind::Setting | DefKind::State | DefKind::TextTag => {
                let ty = match &def.item.kind {
                    ItemKind::Setting(setting) => &setting.ty,
                    ItemKind::State(state) => &state.ty,
                    ItemKind::Tag(tag) => &tag.result,
                    _ => return Type::Error,
                };
                self.resolve_type(def.at, ty, &[])
            }
            _ => self.callable(id).map_or(Type::Nothing, |callable| callable.result.clone()),
        }
    }

    fn outline_callable(&mut self, id: DefId, part: &mut OutlinePart) -> Option<Callable> {
        let def = self.def(id);
        let parts = declared(def.item)?;
        let sig = self.callable(id)?;
        let mut params = Vec::with_capacity(parts.params.len());
        for (param, known) in parts.params.iter().zip(&sig.params) {
            let site = DefinitionSite::at(def.at.span(param.name.range));
            let text: Arc<str> = Arc::from(self.written_param(&def, param));
            part.parts.insert(
                site,
                PartOutline {
                    name: known.name.clone(),
                    kind: NameKind::Param,
                    owner: DefinitionSite::at(def.span()),
                    text: text.clone(),
                    docs: None,
                    ty: known.ty.clone(),
                },
            );
            params.push(Parameter {
                name: known.name.clone(),
                site,
                text,
                ty: known.ty.clone(),
                default: param.default.as_ref().map(|d| Arc::from(self.written(&def, d.range))),
                secret: param.secret,
                trusted: param.trusted,
            });
        }
        let type_params = parts.type_params.iter().map(|name| Arc::from(name.text.as_str())).collect();
        Some(Callable { type_params, params, result: sig.result.clone() })
    }

    fn outline_effect(&mut self, id: DefId, effect: &'a ast::Effect, item: &mut ItemOutline) {
        let class = self.delivery_class(effect);
        let mut made = EffectOutline {
            identity: self.short_name(id),
            version: effect.version,
            // `on connection mcp`: the kind says more.
            on: effect.on.as_ref().and_then(|on| on.names.last()).map(|on| Arc::from(on.text.as_str())),
            waits: self.effect_waits(id),
            class,
            needs: Vec::new(),
            requires_for: Vec::new(),
        };
        let text = |name: &ast::Name| -> Arc<str> { Arc::from(name.text.as_str()) };
        for clause in &effect.clauses {
            match clause {
                EffectClause::Needs(names) => made.needs.extend(names.iter().map(text)),
                EffectClause::Requires(names) => item.requires.extend(names.iter().map(text)),
                EffectClause::RequiresFor(param, capability) => {
                    made.requires_for.push((text(param), text(capability)));
                }
                EffectClause::Delivery(_) | EffectClause::Engine => {}
            }
        }
        item.effect = Some(made);
    }

    fn outline_trigger(
        &mut self,
        def: &Def<'a>,
        trigger: &'a ast::TriggerDecl,
        item: &mut ItemOutline,
        part: &mut OutlinePart,
    ) {
        item.on = trigger.on.as_ref().map(|on| Arc::from(on.text.as_str()));
        item.requires = trigger.requires.iter().map(|name| Arc::from(name.text.as_str())).collect();
        for field in &trigger.fields {
            let ty = if crate::flow::is_payload(&field.ty) {
                Type::Error
            } else {
                self.resolve_type(def.at, &field.ty, &[])
            };
            item.fields.push((Arc::from(field.name.text.as_str()), ty.clone()));
            self.outline_part(def, field, NameKind::EventField, ty, part);
        }
        let mut params = Vec::with_capacity(trigger.params.len());
        for param in &trigger.params {
            let site = DefinitionSite::at(def.at.span(param.name.range));
            let text: Arc<str> = Arc::from(self.written_param(def, param));
            let plain = crate::flow::is_payload(&param.ty) || crate::flow::is_named(&param.ty, "Flow");
            let ty = if plain { Type::Error } else { self.resolve_type(def.at, &param.ty, &[]) };
            let name: Arc<str> = Arc::from(param.name.text.as_str());
            let owner = DefinitionSite::at(def.span());
            let kind = NameKind::Param;
            let known = PartOutline {
                name: name.clone(),
                kind,
                owner,
                text: text.clone(),
                docs: None,
                ty: ty.clone(),
            };
            part.parts.insert(site, known);
            params.push(Parameter {
                name,
                site,
                text,
                ty,
                default: param.default.as_ref().map(|d| Arc::from(self.written(def, d.range))),
                secret: param.secret,
                trusted: param.trusted,
            });
        }
        item.callable = Some(Callable { type_params: Vec::new(), params, result: Type::Nothing });
    }

    fn outline_fields(&mut self, def: &Def<'a>, decl: &'a ast::TypeDecl, part: &mut OutlinePart) {
        let DefKind::Type(id) = def.kind else { return };
        let Some(kind) = self.program.types.get(id).map(|known| known.kind.clone()) else { return };
        match (&decl.body, kind) {
            (TypeBody::Record(fields), TypeKind::Record(known)) => {
                for field in fields {
                    let ty = known.iter().find(|k| *k.name == *field.name.text).map(|k| k.ty.clone());
                    self.outline_part(def, field, NameKind::Field, ty.unwrap_or(Type::Error), part);
                }
            }
            (TypeBody::Union(tags), TypeKind::Union(known)) => {
                for tag in tags {
                    let site = DefinitionSite::at(def.at.span(tag.name.range));
                    let made = PartOutline {
                        name: Arc::from(tag.name.text.as_str()),
                        kind: NameKind::Tag,
                        owner: DefinitionSite::at(def.span()),
                        text: Arc::from(self.written_tag(def, tag)),
                        docs: tag.docs.as_deref().map(Arc::from),
                        ty: Type::declared(id),
                    };
                    part.parts.insert(site, made);
                    let Some(known) = known.iter().find(|k| *k.name == *tag.name.text) else { continue };
                    for field in &tag.fields {
                        let ty =
                            known.fields.iter().find(|k| *k.name == *field.name.text).map(|k| k.ty.clone());
                        self.outline_part(def, field, NameKind::Field, ty.unwrap_or(Type::Error), part);
                    }
                }
            }
            _ => {}
        }
    }

    fn outline_part(
        &self,
        def: &Def<'a>,
        field: &ast::Field,
        kind: NameKind,
        ty: Type,
        part: &mut OutlinePart,
    ) {
        let made = PartOutline {
            name: Arc::from(field.name.text.as_str()),
            kind,
            owner: DefinitionSite::at(def.span()),
            text: Arc::from(self.written_field(def, field)),
            docs: field.docs.as_deref().map(Arc::from),
            ty,
        };
        part.parts.insert(DefinitionSite::at(def.at.span(field.name.range)), made);
    }
}
