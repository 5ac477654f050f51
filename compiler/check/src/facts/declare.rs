//! Names that are declared: read off the tree when everything else is known.

use super::{DefinitionSite, NameKind, Role};
use crate::collect::{At, Checker, DefId, DefKind, declared};
use carapace_module::{Type, TypeKind};
use carapace_syntax::ast::{
    self, ChannelKindLine, DeliveryLine, EffectClause, ItemKind, Name, Param, TypeBody, TypeDecl,
};

impl<'a> Checker<'a> {
    /// Notes the declarations of everything that is asked about.
    pub(super) fn note_declarations(&mut self) {
        self.find_capabilities();
        for index in 0..self.defs.len() {
            let id = DefId(u32::try_from(index).unwrap_or(u32::MAX));
            let def = self.def(id);
            if !self.notes.wants(def.at.file) {
                continue;
            }
            if let Some(name) = &def.item.name {
                self.note_own(def.at, name.range, Self::name_kind(def.kind));
            }
            self.note_parts(id);
        }
    }

    /// What kinds of channels can do is declared where it is said first.
    fn find_capabilities(&mut self) {
        for index in 0..self.defs.len() {
            let Some(def) = self.defs.get(index).copied() else { continue };
            let ItemKind::ChannelKind(kind) = &def.item.kind else { continue };
            for line in &kind.lines {
                let ChannelKindLine::Can(names) = line else { continue };
                for name in names {
                    let site = DefinitionSite { span: def.at.span(name.range) };
                    self.notes.capabilities.entry(name.text.clone()).or_insert(site);
                }
            }
        }
    }

    fn note_parts(&mut self, id: DefId) {
        let def = self.def(id);
        let at = def.at;
        if let Some(parts) = declared(def.item) {
            let sig = self.callable(id);
            self.note_type_params(at, parts.type_params);
            for (index, param) in parts.params.iter().enumerate() {
                let ty = sig.as_ref().and_then(|sig| sig.params.get(index)).map(|param| param.ty.clone());
                self.note_declared_param(at, param, ty);
            }
        }
        match &def.item.kind {
            ItemKind::Channel(channel) => self.note_kind(at, &channel.kind),
            ItemKind::Room(room) => self.note_kind(at, &room.kind),
            ItemKind::Type(decl) => self.note_type_decl(at, decl, def.kind),
            ItemKind::Effect(effect) => self.note_effect(at, id, effect),
            ItemKind::Trigger(trigger) => self.note_trigger_decl(at, trigger),
            ItemKind::ChannelKind(kind) => {
                for line in &kind.lines {
                    self.note_kind_line(at, line);
                }
            }
            ItemKind::Tag(tag) => {
                if let Some(by) = &tag.by
                    && let Some(found) = self.module(at.module).names.get(by.text.as_str()).copied()
                {
                    self.note_item(at, by, found);
                }
            }
            ItemKind::Flow(flow) => {
                if let Some(serial) = &flow.header.serial {
                    self.note_lane(at, serial);
                }
            }
            _ => {}
        }
    }

    fn note_type_params(&mut self, at: At, params: &[Name]) {
        for param in params {
            self.note_own(at, param.range, NameKind::TypeParam);
        }
    }

    fn note_declared_param(&mut self, at: At, param: &Param, ty: Option<Type>) {
        self.note_own(at, param.name.range, NameKind::Param);
        if let Some(ty) = ty {
            self.notes.ty(at.span(param.name.range), &ty);
        }
    }

    fn note_kind(&mut self, at: At, kind: &Name) {
        let found = self.defs.iter().find(|def| def.kind == DefKind::ChannelKind && def.name == kind.text);
        if let Some(found) = found {
            self.notes.name(at.span(kind.range), found.span(), NameKind::ChannelKind, Role::Use);
        }
    }

    fn note_type_decl(&mut self, at: At, decl: &TypeDecl, kind: DefKind) {
        self.note_type_params(at, &decl.params);
        let DefKind::Type(id) = kind else { return };
        let Some(known) = self.program.types.get(id).map(|def| def.kind.clone()) else { return };
        match (&decl.body, known) {
            (TypeBody::Record(fields), TypeKind::Record(known)) => self.note_fields(at, fields, &known),
            (TypeBody::Union(tags), TypeKind::Union(known)) => {
                for tag in tags {
                    self.note_own(at, tag.name.range, NameKind::Tag);
                    if let Some(known) = known.iter().find(|known| *known.name == *tag.name.text) {
                        self.note_fields(at, &tag.fields, &known.fields);
                    }
                }
            }
            _ => {}
        }
    }

    fn note_fields(&mut self, at: At, fields: &[ast::Field], known: &[carapace_module::Field]) {
        for field in fields {
            self.note_own(at, field.name.range, NameKind::Field);
            if let Some(known) = known.iter().find(|known| *known.name == *field.name.text) {
                self.notes.ty(at.span(field.name.range), &known.ty);
            }
        }
    }

    /// A lane is declared by the first flow that names it.
    fn note_lane(&mut self, at: At, serial: &ast::Serial) {
        let Some(lane) = &serial.lane else { return };
        let full = self.name_in(at.module, &lane.text);
        let own = at.span(lane.range);
        let site = self.notes.lanes.entry(full).or_insert(DefinitionSite { span: own }).span;
        let role = if site == own { Role::Declaration } else { Role::Use };
        self.notes.name(own, site, NameKind::Lane, role);
    }

    fn note_effect(&mut self, at: At, id: DefId, effect: &ast::Effect) {
        for clause in &effect.clauses {
            match clause {
                EffectClause::Requires(names) => self.note_capabilities(at, names),
                EffectClause::RequiresFor(param, capability) => {
                    self.note_param(at, param, id);
                    self.note_capabilities(at, std::slice::from_ref(capability));
                }
                EffectClause::Needs(names) => {
                    for name in names {
                        self.note_event_key(at, name);
                    }
                }
                EffectClause::Delivery(line) => self.note_delivery(at, line),
                EffectClause::Engine => {}
            }
        }
    }

    fn note_capabilities(&mut self, at: At, names: &[Name]) {
        for name in names {
            if let Some(site) = self.capability_site(&name.text) {
                let own = at.span(name.range);
                let role = if site == own { Role::Declaration } else { Role::Use };
                self.notes.name(own, site, NameKind::Capability, role);
            }
        }
    }

    fn note_delivery(&mut self, at: At, line: &DeliveryLine) {
        let Some(effect) = &line.effect else { return };
        let named = |def: &&crate::collect::Def<'a>| def.kind == DefKind::Effect && def.name == effect.text;
        if let Some(found) = self.defs.iter().find(named) {
            self.notes.name(at.span(effect.range), found.span(), NameKind::Effect, Role::Use);
        }
    }

    fn note_kind_line(&mut self, at: At, line: &ChannelKindLine) {
        match line {
            ChannelKindLine::Can(names) | ChannelKindLine::Cannot(names) => self.note_capabilities(at, names),
            ChannelKindLine::Delivery(lines) => {
                for line in lines {
                    self.note_delivery(at, line);
                }
            }
            ChannelKindLine::Max(..) | ChannelKindLine::Limit { .. } | ChannelKindLine::Redelivers(_) => {}
        }
    }

    fn note_trigger_decl(&mut self, at: At, trigger: &ast::TriggerDecl) {
        for param in &trigger.params {
            self.note_own(at, param.name.range, NameKind::Param);
        }
        for field in &trigger.fields {
            self.note_own(at, field.name.range, NameKind::EventField);
        }
        self.note_capabilities(at, &trigger.requires);
    }
}
