//! What the deployment binds or gives: channels, rooms, groups, connections, settings.

use crate::code;
use crate::collect::{At, Checker, DefId, DefKind};
use crate::infer::{Body, Mode};
use crate::tree::{Setting, SettingId};
use carapace_diagnostic::{Diagnostic, suggest};
use carapace_module::Type;
use carapace_module::signature::{Slot, SlotKind};
use carapace_syntax::ast::{ItemKind, Name};
use std::sync::Arc;

impl<'a> Checker<'a> {
    /// A slot's full name; it is entered into the program when first asked for.
    pub(crate) fn slot(&mut self, id: DefId) -> Arc<str> {
        if let Some(known) = self.slots.get(&id) {
            return known.clone();
        }
        let def = self.def(id);
        let name = self.full_name(id);
        self.slots.insert(id, name.clone());
        let (kind, of) = match &def.item.kind {
            ItemKind::Channel(c) => (SlotKind::Channel, Some(&c.kind)),
            ItemKind::Room(r) => (SlotKind::Room, Some(&r.kind)),
            ItemKind::Group(_) => (SlotKind::Group, None),
            ItemKind::Connection(c) => (SlotKind::Connection, Some(&c.kind)),
            // Agents are named in the same way, but nothing binds them.
            _ => return name,
        };
        match (kind, of) {
            (SlotKind::Channel | SlotKind::Room, Some(of)) => self.check_kind_name(def.at, of),
            (SlotKind::Connection, Some(of)) => self.check_connection_kind(def.at, of),
            _ => {}
        }
        let of = Arc::from(of.map_or("", |n| n.text.as_str()));
        self.program.slots.push(Slot { name: name.clone(), kind, of });
        name
    }

    fn check_kind_name(&mut self, at: At, kind: &Name) {
        if kind.text.is_empty() || self.kind_by_name.contains_key(kind.text.as_str()) {
            return;
        }
        let mut names: Vec<&str> = self.kinds.iter().map(|k| k.name).collect();
        names.sort_unstable();
        let near = suggest(&kind.text, names.iter().copied());
        let span = at.span(kind.range);
        let told = Diagnostic::new(
            code::UNKNOWN_CHANNEL_KIND,
            span,
            format!("there is no channel kind `{}`", kind.text),
        );
        self.report(match near {
            Some(near) => {
                told.help(format!("did you mean `{near}`?")).fix(format!("replace with `{near}`"), span, near)
            }
            None => told.help(format!("there are {}", names.join(", "))),
        });
    }

    /// The kinds of connections that the library has, by the effects on them.
    pub(crate) fn connection_kinds(&self) -> Vec<&'a str> {
        let on = |id: &DefId| match &self.def(*id).item.kind {
            ItemKind::Effect(effect) => match effect.on.as_ref()?.names.as_slice() {
                [word, kind] if word.text == "connection" => Some(kind.text.as_str()),
                _ => None,
            },
            _ => None,
        };
        let mut kinds: Vec<&str> = self.effects_on.values().filter_map(on).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn check_connection_kind(&mut self, at: At, kind: &Name) {
        let known = self.connection_kinds();
        if kind.text.is_empty() || known.is_empty() || known.contains(&kind.text.as_str()) {
            return;
        }
        let near = suggest(&kind.text, known.iter().copied());
        let span = at.span(kind.range);
        let message = format!("there is no kind of connection `{}`", kind.text);
        let told = Diagnostic::new(code::UNKNOWN_CHANNEL_KIND, span, message);
        self.report(match near {
            Some(near) => {
                told.help(format!("did you mean `{near}`?")).fix(format!("replace with `{near}`"), span, near)
            }
            None => told.help(format!("there is {}", known.join(", "))),
        });
    }

    /// The one channel of the package, or nothing: where tests name people without one.
    pub(crate) fn only_channel(&self) -> String {
        let mut channels = self.program.slots.iter().filter(|s| s.kind == SlotKind::Channel);
        match (channels.next(), channels.next()) {
            (Some(only), None) => only.name.to_string(),
            _ => String::new(),
        }
    }

    /// A setting's number and type; entered when first asked for.
    pub(crate) fn setting(&mut self, id: DefId) -> Option<(SettingId, Type)> {
        if let Some(known) = self.settings.get(&id) {
            let ty = self.program.settings.get(known.0 as usize).map_or(Type::Error, |s| s.ty.clone());
            return Some((*known, ty));
        }
        let def = self.def(id);
        let ItemKind::Setting(decl) = &def.item.kind else { return None };
        let made = SettingId(u32::try_from(self.program.settings.len()).unwrap_or(u32::MAX));
        self.settings.insert(id, made);
        let ty = self.resolve_type(def.at, &decl.ty, &[]);
        self.refuse_function_type(def.at, &ty, decl.ty.range);
        let name = self.full_name(id);
        self.program.settings.push(Setting { name, ty: ty.clone(), default: None, span: def.span() });
        if let Some(default) = &decl.default {
            let mut body = Body::new(self, def.at, Mode::Pure("the default of a setting"));
            let value = body.check(default, &ty);
            body.finish(None);
            if let Some(entry) = self.program.settings.get_mut(made.0 as usize) {
                entry.default = Some(value);
            }
        }
        Some((made, ty))
    }

    /// Enters everything of the author's, used or not: the deployment binds it all.
    pub(crate) fn enter_package(&mut self) {
        let ids = (0..self.defs.len()).map(|index| DefId(u32::try_from(index).unwrap_or(u32::MAX)));
        let own: Vec<DefId> = ids.filter(|id| self.is_package(self.def(*id).at.module)).collect();
        own.iter().for_each(|id| self.enter(*id));
        // What the library does for them comes behind what is the author's.
        for id in own {
            if self.def(id).kind == DefKind::Agent {
                self.served(id);
            }
        }
    }

    /// Enters an item.
    pub(crate) fn enter(&mut self, id: DefId) {
        match self.def(id).kind {
            DefKind::Channel | DefKind::Room | DefKind::Group | DefKind::Connection => {
                self.slot(id);
            }
            DefKind::Setting => {
                self.setting(id);
            }
            DefKind::State => {
                self.state(id);
            }
            DefKind::Agent => self.agent_used(id),
            DefKind::Fn | DefKind::Const => {
                self.function(id);
            }
            DefKind::Tool | DefKind::Flow => {
                self.flow(id);
            }
            DefKind::Effect | DefKind::ExternFn => {
                self.callable(id);
            }
            _ => {}
        }
    }
}
