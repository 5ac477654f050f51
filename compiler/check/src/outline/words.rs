//! Declarations as a person would write them, on one line.

use crate::collect::{Checker, Def, declared};
use carapace_diagnostic::TextRange;
use carapace_syntax::ast::{self, ItemKind, TypeBody};
use std::sync::Arc;

/// Longer lists of fields and tags are cut.
const LONGEST: usize = 100;

impl<'a> Checker<'a> {
    /// The source between two places of an item, with single blanks between its words.
    pub(super) fn written(&self, def: &Def<'a>, range: TextRange) -> String {
        let text = self.module(def.at.module).text;
        let range = range.shift(def.at.offset);
        let slice = text.get(range.start as usize..range.end as usize).unwrap_or_default();
        slice.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `to: trusted Target? = none`.
    pub(super) fn written_param(&self, def: &Def<'a>, param: &ast::Param) -> String {
        let end = param.default.as_ref().map_or(param.ty.range.end, |default| default.range.end);
        self.written(def, TextRange::new(param.name.range.start, end))
    }

    /// `order_id: Text?`.
    pub(super) fn written_field(&self, def: &Def<'a>, field: &ast::Field) -> String {
        self.written(def, field.name.range.cover(field.ty.range))
    }

    /// `paid(amount: Money)`.
    pub(super) fn written_tag(&self, def: &Def<'a>, tag: &ast::Variant) -> String {
        if tag.fields.is_empty() {
            return tag.name.text.clone();
        }
        let fields: Vec<String> = tag.fields.iter().map(|field| self.written_field(def, field)).collect();
        format!("{}({})", tag.name.text, fields.join(", "))
    }

    /// How an item's declaration begins.
    pub(super) fn signature(&self, def: &Def<'a>) -> Arc<str> {
        let name = def.name;
        Arc::from(match &def.item.kind {
            ItemKind::Fn(_) | ItemKind::ExternFn(_) => self.call_form(def, "fn", name),
            ItemKind::Tool(_) => self.call_form(def, "tool", name),
            ItemKind::Effect(effect) => match effect.on.as_ref().and_then(|on| on.names.first()) {
                Some(on) => self.call_form(def, "effect", &format!("{}.{name}", on.text)),
                None => self.call_form(def, "effect", name),
            },
            ItemKind::Flow(flow) => match (flow.header.triggers.first(), flow.header.triggers.last()) {
                (Some(first), Some(last)) => {
                    format!("flow {name} on {}", self.written(def, first.range.cover(last.range)))
                }
                _ => self.call_form(def, "flow", name),
            },
            ItemKind::Type(decl) => self.type_form(def, decl),
            ItemKind::Trigger(trigger) => self.trigger_form(def, trigger),
            ItemKind::Tag(tag) => format!("tag {name}\"…\" -> {}", self.written(def, tag.result.range)),
            ItemKind::ChannelKind(_) => format!("channel kind {name}"),
            ItemKind::Agent(_) => format!("agent {name}"),
            ItemKind::Group(_) => format!("group {name}"),
            ItemKind::Channel(channel) => format!("channel {name}: {}", channel.kind.text),
            ItemKind::Room(room) => format!("room {name}: {}", room.kind.text),
            ItemKind::Connection(connection) => format!("connection {name}: {}", connection.kind.text),
            ItemKind::Setting(_) | ItemKind::State(_) | ItemKind::Const(_) => self.value_form(def),
            ItemKind::Use(_) | ItemKind::Test(_) | ItemKind::Error => name.to_owned(),
        })
    }

    fn call_form(&self, def: &Def<'a>, word: &str, name: &str) -> String {
        let Some(parts) = declared(def.item) else { return format!("{word} {name}") };
        let types: Vec<&str> = parts.type_params.iter().map(|param| param.text.as_str()).collect();
        let types = if types.is_empty() { String::new() } else { format!("<{}>", types.join(", ")) };
        let params: Vec<String> = parts.params.iter().map(|param| self.written_param(def, param)).collect();
        let result =
            parts.result.map_or_else(String::new, |ty| format!(" -> {}", self.written(def, ty.range)));
        format!("{word} {name}{types}({}){result}", params.join(", "))
    }

    fn type_form(&self, def: &Def<'a>, decl: &ast::TypeDecl) -> String {
        let params: Vec<&str> = decl.params.iter().map(|param| param.text.as_str()).collect();
        let params = if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) };
        let head = format!("type {}{params}", def.name);
        match &decl.body {
            TypeBody::Record(fields) if fields.is_empty() => head,
            TypeBody::Record(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| self.written_field(def, field)).collect();
                format!("{head} {{ {} }}", cut(&fields, ", "))
            }
            TypeBody::Union(tags) => {
                let tags: Vec<String> = tags.iter().map(|tag| self.written_tag(def, tag)).collect();
                format!("{head} = {}", cut(&tags, " | "))
            }
        }
    }

    fn trigger_form(&self, def: &Def<'a>, trigger: &ast::TriggerDecl) -> String {
        let params: Vec<String> = trigger.params.iter().map(|param| self.written_param(def, param)).collect();
        let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
        match &trigger.on {
            Some(on) => format!("trigger {}.{}{params}", on.text, def.name),
            None => format!("trigger {}{params}", def.name),
        }
    }

    /// `setting limit: Money = 50 EUR`; a long value is left out.
    fn value_form(&self, def: &Def<'a>) -> String {
        let (word, ty, end) = match &def.item.kind {
            ItemKind::Setting(s) => ("setting", Some(&s.ty), s.default.as_ref().map(|d| d.range.end)),
            ItemKind::State(s) => ("state", Some(&s.ty), Some(def.item.range.end)),
            ItemKind::Const(c) => ("const", c.ty.as_ref(), Some(c.value.range.end)),
            _ => return def.name.to_owned(),
        };
        let start = def.name_range.start;
        let whole = end.map(|end| self.written(def, TextRange::new(start, end)));
        match (whole.filter(|whole| whole.chars().count() <= LONGEST), ty) {
            (Some(whole), _) => format!("{word} {whole}"),
            (None, Some(ty)) => format!("{word} {}", self.written(def, TextRange::new(start, ty.range.end))),
            (None, None) => format!("{word} {}", def.name),
        }
    }
}

/// As many as fit, and a sign that there are more.
fn cut(parts: &[String], between: &str) -> String {
    let mut out = String::new();
    for part in parts {
        if !out.is_empty() {
            out.push_str(between);
            if out.chars().count().saturating_add(part.chars().count()) > LONGEST {
                out.push('…');
                return out;
            }
        }
        out.push_str(part);
    }
    out
}
