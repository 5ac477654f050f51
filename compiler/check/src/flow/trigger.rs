//! Triggers: found, their arguments understood, their events' fields known.

use crate::code;
use crate::collect::{At, DefId, DefKind, KindId};
use crate::facts::NameKind;
use crate::infer::Body;
use crate::names::Found;
use carapace_diagnostic::{Span, TextRange, suggest};
use carapace_module::Type;
use carapace_module::signature::TriggerSpec;
use carapace_syntax::ast::{self, ItemKind, Name, TriggerDecl, TriggerRef, TypeExpr, TypeExprKind};
use std::sync::Arc;

/// A trigger as a flow or wait uses it.
#[derive(Debug, Clone)]
pub(crate) struct TriggerUse {
    pub(crate) spec: TriggerSpec,
    /// `message`, `cron`.
    pub(crate) name: Arc<str>,
    /// Names and types of the event's fields, in the declared order.
    pub(crate) fields: Vec<(Arc<str>, Type)>,
    /// Where each is declared, for editors.
    pub(crate) sites: Vec<(Arc<str>, Span)>,
    /// Of a channel's trigger: the channel's kind and full name.
    pub(crate) kind: Option<(Option<KindId>, Arc<str>)>,
}

impl<'a> Body<'_, 'a> {
    /// What a trigger means; none where a mistake was told.
    pub(crate) fn trigger(&mut self, used: &'a TriggerRef) -> Option<TriggerUse> {
        let (last, front) = used.path.names.split_last()?;
        if last.text.is_empty() || front.iter().any(|n| n.text.is_empty()) {
            return None;
        }
        if front.is_empty() {
            return self.free_trigger(used, last);
        }
        let slot = self.trigger_slot(used, front)?;
        let Some(decl_id) = self.cx.triggers_on_channel.get(last.text.as_str()).copied() else {
            self.unknown_trigger(last, true);
            return None;
        };
        let def = self.cx.def(decl_id);
        self.cx.note_item(self.at, last, decl_id);
        let ItemKind::Trigger(decl) = &def.item.kind else { return None };
        let kind = self.cx.kind_of_slot(slot);
        self.trigger_kind(last, decl, slot, kind);
        let channel = self.cx.slot(slot);
        let mut fields = self.trigger_fields(def.at, decl, &Type::Json);
        let mut sites = self.trigger_sites(decl_id);
        let spec = if last.text == "command" {
            let (name, args) = self.command_args(used)?;
            for (name, ty) in &args {
                fields.retain(|(n, _)| n != name);
                fields.push((name.clone(), ty.clone()));
            }
            self.note_command_args(used, &mut sites);
            TriggerSpec::Command { channel: channel.clone(), name, args }
        } else {
            if let Some(first) = used.args.as_ref().and_then(|a| a.first()) {
                self.no_trigger_argument(last, first);
            }
            TriggerSpec::Channel { channel: channel.clone(), event: Arc::from(last.text.as_str()) }
        };
        let name = Arc::from(last.text.as_str());
        Some(TriggerUse { spec, name, fields, sites, kind: Some((kind, channel)) })
    }

    fn trigger_slot(&mut self, used: &'a TriggerRef, front: &'a [Name]) -> Option<DefId> {
        let found = match front {
            [name] => match self.find_global(&name.text) {
                Found::Item(id) => {
                    self.cx.note_item(self.at, name, id);
                    id
                }
                _ => {
                    self.no_channel(name);
                    return None;
                }
            },
            [alias, name] => match self.find_global(&alias.text) {
                Found::Module(module) => {
                    self.cx.note_module(self.at, alias, module);
                    match self.cx.module(module).names.get(name.text.as_str()).copied() {
                        Some(id) => {
                            self.cx.seen.item(id);
                            self.cx.note_item(self.at, name, id);
                            id
                        }
                        None => {
                            self.no_channel(name);
                            return None;
                        }
                    }
                }
                _ => {
                    self.cx.unknown_alias(self.at, alias);
                    return None;
                }
            },
            _ => return None,
        };
        let def = self.cx.def(found);
        if matches!(def.kind, DefKind::Channel | DefKind::Room) {
            return Some(found);
        }
        if def.kind == DefKind::Broken {
            return None;
        }
        let told = self
            .told(
                code::WRONG_KIND,
                used.path.range(),
                format!("`{}` is {}, not a channel", def.name, def.kind.noun()),
            )
            .also(def.span(), "declared here")
            .help("events come from a `channel`");
        self.report(told);
        None
    }

    fn no_channel(&mut self, name: &Name) {
        let mut channels: Vec<&str> = self
            .cx
            .module(self.at.module)
            .names
            .iter()
            .filter(|(_, id)| matches!(self.cx.def(**id).kind, DefKind::Channel | DefKind::Room))
            .map(|(n, _)| *n)
            .collect();
        channels.sort_unstable();
        let near = suggest(&name.text, channels).map(str::to_owned);
        let message = format!("there is no channel `{}`", name.text);
        let mut told = self.suggesting(code::UNKNOWN_NAME, name.range, message, near.as_deref());
        if near.is_none() {
            told = told.help(format!("declare it: `channel {}: telegram`", name.text));
        }
        self.report(told);
    }

    fn unknown_trigger(&mut self, name: &Name, on_channel: bool) {
        let mut names: Vec<&str> = if on_channel {
            self.cx.triggers_on_channel.keys().copied().collect()
        } else {
            self.cx.effects_on.keys().filter(|(on, _)| *on == "trigger").map(|(_, n)| *n).collect()
        };
        names.sort_unstable();
        let near = suggest(&name.text, names.iter().copied()).map(str::to_owned);
        let message = if on_channel {
            format!("a channel has no event `{}`", name.text)
        } else {
            format!("there is no trigger `{}`", name.text)
        };
        let mut told = self.suggesting(code::UNKNOWN_TRIGGER, name.range, message, near.as_deref());
        if near.is_none() {
            told = if !on_channel && self.cx.triggers_on_channel.contains_key(name.text.as_str()) {
                told.help(format!("name the channel: `support.{}`", name.text))
            } else {
                told.help(format!("there are {}", names.join(", ")))
            };
        }
        self.report(told);
    }

    fn trigger_kind(&mut self, name: &Name, decl: &TriggerDecl, slot: DefId, kind: Option<KindId>) {
        let Some(kind) = kind else { return };
        for needed in &decl.requires {
            if self.cx.kind_can(kind, &needed.text) {
                continue;
            }
            let kind_name = self.cx.kinds.get(kind.0 as usize).map_or("", |k| k.name);
            let able = self.cx.kinds_that_can(&needed.text).join(", ");
            let message = if kind_name == "any" {
                format!("not every kind of channel tells of `{}`", name.text)
            } else {
                format!("{kind_name} does not tell of `{}`", name.text)
            };
            let slot = self.cx.def(slot);
            let told = self
                .told(code::KIND_WITHOUT_EVENT, name.range, message)
                .also(slot.span(), format!("`{}` is of kind {kind_name}", slot.name))
                .help(if able.is_empty() {
                    "no kind does".to_owned()
                } else {
                    format!("these kinds do: {able}")
                });
            self.report(told);
            return;
        }
    }

    fn free_trigger(&mut self, used: &'a TriggerRef, name: &'a Name) -> Option<TriggerUse> {
        let Some(id) = self.cx.effects_on.get(&("trigger", name.text.as_str())).copied() else {
            let is_slot = matches!(self.find_global(&name.text), Found::Item(id)
                if matches!(self.cx.def(id).kind, DefKind::Channel | DefKind::Room));
            if is_slot {
                let told = self
                    .told(
                        code::UNKNOWN_TRIGGER,
                        name.range,
                        format!("`{}` is a channel: which of its events?", name.text),
                    )
                    .help(format!("for messages write `{}.message`", name.text));
                self.report(told);
            } else {
                self.unknown_trigger(name, false);
            }
            return None;
        };
        let def = self.cx.def(id);
        self.cx.note_item(self.at, name, id);
        let ItemKind::Trigger(decl) = &def.item.kind else { return None };
        let args = self.trigger_args(used, decl)?;
        let payload = args.ty.clone().unwrap_or(Type::Json);
        let fields = self.trigger_fields(def.at, decl, &payload);
        let spec = self.spec(used, &name.text, &args, payload)?;
        if let TriggerSpec::Webhook { path, .. } = &spec {
            self.touch(format!("webhook {path}"));
        }
        let sites = self.trigger_sites(id);
        Some(TriggerUse { spec, name: Arc::from(name.text.as_str()), fields, sites, kind: None })
    }

    fn trigger_fields(&mut self, at: At, decl: &'a TriggerDecl, payload: &Type) -> Vec<(Arc<str>, Type)> {
        decl.fields
            .iter()
            .map(|field| {
                let ty = if is_payload(&field.ty) {
                    payload.clone()
                } else {
                    self.cx.resolve_type(at, &field.ty, &[])
                };
                (Arc::from(field.name.text.as_str()), ty)
            })
            .collect()
    }

    /// Where the fields of a trigger's event are declared; nothing where nobody asks.
    fn trigger_sites(&self, id: DefId) -> Vec<(Arc<str>, Span)> {
        let def = self.cx.def(id);
        match &def.item.kind {
            ItemKind::Trigger(decl) if self.cx.notes.any() => {
                let site = |field: &ast::Field| def.at.span(field.name.range);
                decl.fields.iter().map(|field| (Arc::from(field.name.text.as_str()), site(field))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `order` of `command("refund", order: Int)` is declared there.
    fn note_command_args(&mut self, used: &'a TriggerRef, sites: &mut Vec<(Arc<str>, Span)>) {
        if !self.cx.notes.any() {
            return;
        }
        for arg in used.args.iter().flatten() {
            if let (Some(name), ast::TriggerArgValue::Type(_)) = (&arg.name, &arg.value) {
                self.cx.note_own(self.at, name.range, NameKind::EventField);
                sites.retain(|(known, _)| **known != *name.text);
                sites.push((Arc::from(name.text.as_str()), self.span(name.range)));
            }
        }
    }

    fn no_trigger_argument(&mut self, name: &Name, arg: &'a ast::TriggerArg) {
        let range = match &arg.value {
            ast::TriggerArgValue::Expr(e) => e.range,
            ast::TriggerArgValue::Type(t) => t.range,
        };
        let told = self
            .told(code::TRIGGER_ARGUMENTS, range, format!("`{}` takes no arguments", name.text))
            .help("say which events are meant with `where`");
        self.report(told);
    }
}

/// Whether a type in a trigger's declaration is the one that a flow hands over.
pub(crate) fn is_payload(ty: &TypeExpr) -> bool {
    is_named(ty, "T")
}

/// Whether a type is written as that one name.
pub(crate) fn is_named(ty: &TypeExpr, wanted: &str) -> bool {
    match &ty.kind {
        TypeExprKind::Named { path, args } => {
            args.is_empty() && matches!(path.names.as_slice(), [only] if only.text == wanted)
        }
        _ => false,
    }
}

/// A range of the trigger's own, for what it lacks.
pub(crate) fn head(used: &TriggerRef) -> TextRange {
    used.range
}
