//! What may stand behind a dot.

use super::{ItemOutline, Outline, PartOutline};
use crate::facts::{DefinitionSite, NameKind};
use crate::infer::snake;
use crate::ty::{Fit, bind, fit, substitute};
use carapace_module::{Type, TypeId, TypeKind};
use std::sync::Arc;

/// Something that a value, a type or a channel has.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: Arc<str>,
    /// What it is: a field, a tag, a function, an effect, a trigger.
    pub kind: NameKind,
    /// Where it is declared; fields of what nobody declared have no place.
    pub site: Option<DefinitionSite>,
    /// Its type, or what its call gives.
    pub ty: Type,
    /// As a person would write it.
    pub signature: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
}

impl Outline {
    /// What a value of the type has: fields, then functions. A `T?` has the functions of optionals only.
    pub fn members(&self, ty: &Type) -> Vec<Member> {
        let mut found = self.fields(ty);
        for item in self.methods(ty) {
            if !found.iter().any(|known| known.name == item.name) {
                found.push(member(item, ty));
            }
        }
        found
    }

    /// The fields of a record.
    pub fn fields(&self, ty: &Type) -> Vec<Member> {
        let Type::Declared(id, args) = ty else { return Vec::new() };
        let Some(TypeKind::Record(fields)) = self.types.get(*id).map(|def| &def.kind) else {
            return Vec::new();
        };
        let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
        let made = |field: &carapace_module::Field| {
            let ty = substitute(&field.ty, &bound);
            let part = self.part_of(*id, &field.name, NameKind::Field);
            Member {
                name: field.name.clone(),
                kind: NameKind::Field,
                site: part.map(|(site, _)| site),
                signature: Arc::from(format!("{}: {}", field.name, self.show(&ty))),
                docs: field.docs.clone(),
                ty,
            }
        };
        fields.iter().map(made).collect()
    }

    /// The tags of a union, behind a `?` too.
    pub fn tags(&self, ty: &Type) -> Vec<Member> {
        let (id, args) = match ty {
            Type::Declared(id, args) => (*id, args),
            Type::Optional(inner) => return self.tags(inner),
            _ => return Vec::new(),
        };
        let Some(TypeKind::Union(tags)) = self.types.get(id).map(|def| &def.kind) else { return Vec::new() };
        let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
        let made = |tag: &carapace_module::Variant| {
            let fields: Vec<String> = tag
                .fields
                .iter()
                .map(|field| format!("{}: {}", field.name, self.show(&substitute(&field.ty, &bound))))
                .collect();
            let list = if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
            Member {
                name: tag.name.clone(),
                kind: NameKind::Tag,
                site: self.part_of(id, &tag.name, NameKind::Tag).map(|(site, _)| site),
                signature: Arc::from(format!("{}{list}", tag.name)),
                docs: tag.docs.clone(),
                ty: Type::Declared(id, args.clone()),
            }
        };
        tags.iter().map(made).collect()
    }

    /// What a channel, room, group, agent or connection can be asked for, by what its kind can do.
    pub fn effects_of(&self, slot: &ItemOutline) -> Vec<&ItemOutline> {
        let word = match slot.kind {
            NameKind::Channel => "channel",
            NameKind::Room => "room",
            NameKind::Group => "group",
            NameKind::Agent => "agent",
            NameKind::Connection => "connection",
            _ => return Vec::new(),
        };
        let on = |item: &ItemOutline| {
            let on = item.effect.as_ref().and_then(|effect| effect.on.as_deref());
            on == Some(word) || slot.kind == NameKind::Connection && on == slot.of.as_deref() && on.is_some()
        };
        let effects = self.of_kind(NameKind::Effect);
        effects.filter(|item| on(item) && self.kind_can(slot.of.as_deref(), item)).collect()
    }

    /// The events of a channel, by what its kind can do.
    pub fn triggers_of(&self, slot: &ItemOutline) -> Vec<&ItemOutline> {
        if !matches!(slot.kind, NameKind::Channel | NameKind::Room) {
            return Vec::new();
        }
        let triggers = self.of_kind(NameKind::Trigger);
        triggers.filter(|item| item.on.is_some() && self.kind_can(slot.of.as_deref(), item)).collect()
    }

    /// The triggers that belong to no channel: `cron`, `webhook`, …
    pub fn free_triggers(&self) -> Vec<&ItemOutline> {
        self.of_kind(NameKind::Trigger).filter(|item| item.on.is_none()).collect()
    }

    /// Whether a kind of channel has what the effect or trigger needs. A kind that is not known may have everything.
    pub fn kind_can(&self, kind: Option<&str>, item: &ItemOutline) -> bool {
        let Some(kind) = kind.and_then(|name| self.kind(name)) else { return true };
        item.requires.iter().all(|needed| kind.can.contains(needed))
    }

    /// The functions that a value of the type has: those of the module that defines the type and take it first.
    pub fn methods(&self, ty: &Type) -> Vec<&ItemOutline> {
        let mut found: Vec<&ItemOutline> = Vec::new();
        for of in [Some(ty), (*ty == Type::Int).then_some(&Type::Number)].into_iter().flatten() {
            let items = self.module_of(of).into_iter().flat_map(|module| &module.items);
            for item in items.filter(|item| takes_first(item, of)) {
                if !found.iter().any(|known| known.name == item.name) {
                    found.push(item);
                }
            }
        }
        for item in self.world_effects(ty) {
            if !found.iter().any(|known| known.name == item.name) {
                found.push(item);
            }
        }
        found
    }

    /// Effects on a value of the world (`message.react(…)`), and what takes such a value first.
    fn world_effects(&self, ty: &Type) -> Vec<&ItemOutline> {
        let Type::Declared(id, _) = ty else { return Vec::new() };
        let Some((module, short)) = self.types.get(*id).and_then(|def| def.name.rsplit_once('.')) else {
            return Vec::new();
        };
        if !module.starts_with("std/") {
            return Vec::new();
        }
        let on = snake(short);
        let effects = self.of_kind(NameKind::Effect);
        let on_it = |item: &&ItemOutline| {
            item.effect.as_ref().is_some_and(|effect| effect.on.as_deref() == Some(on.as_str()))
        };
        let prelude = self.library.prelude.iter().filter_map(|(_, site)| self.item(*site));
        let taking = |item: &&ItemOutline| {
            let first = item.callable.as_ref().and_then(|callable| callable.params.first());
            first.is_some_and(|param| param.ty == *ty)
        };
        effects.filter(on_it).chain(prelude.filter(taking)).collect()
    }

    /// The module whose functions a value of the type has.
    fn module_of(&self, ty: &Type) -> Option<&super::ModuleOutline> {
        let path = match ty {
            Type::Declared(id, _) => self.types.get(*id)?.name.rsplit_once('.')?.0,
            Type::Template(tag) => {
                let holds = |item: &ItemOutline| item.kind == NameKind::TextTag && item.name == *tag;
                return self.modules().find(|module| module.items.iter().any(holds));
            }
            Type::Bool => "std/bool",
            Type::Int => "std/int",
            Type::Number => "std/number",
            Type::Text => "std/text",
            Type::Bytes => "std/bytes",
            Type::Time => "std/time",
            Type::Date => "std/date",
            Type::Duration => "std/duration",
            Type::Money => "std/money",
            Type::Json => "std/json",
            Type::Regex => "std/regex",
            Type::List(_) => "std/list",
            Type::Map(..) => "std/map",
            Type::Optional(_) => "std/optional",
            _ => return None,
        };
        self.module(path)
    }

    /// A field or tag of a declared type.
    fn part_of(&self, id: TypeId, name: &str, kind: NameKind) -> Option<(DefinitionSite, &PartOutline)> {
        let def = self.types.get(id)?;
        let (module, short) = def.name.rsplit_once('.')?;
        let of_it = |item: &&ItemOutline| item.kind == NameKind::Type && &*item.name == short;
        let owner = self.module(module)?.items.iter().find(of_it)?.site;
        let parts = self.package.parts.iter().chain(&self.library.parts);
        let mut found =
            parts.filter(|(_, part)| part.owner == owner && part.kind == kind && &*part.name == name);
        // Tags may have fields of one name: the record's own stands first.
        found.next().map(|(site, part)| (*site, part))
    }
}

/// Whether it can be called behind a value of the type.
fn takes_first(item: &ItemOutline, ty: &Type) -> bool {
    let callable = matches!(
        item.kind,
        NameKind::Fn | NameKind::Native | NameKind::Effect | NameKind::Flow | NameKind::Tool
    );
    let Some(first) = item.callable.as_ref().filter(|_| callable).and_then(|c| c.params.first()) else {
        return false;
    };
    let bound = &mut vec![None; 8];
    bind(&first.ty, ty, bound);
    fit(ty, &substitute(&first.ty, bound)) != Fit::No
}

fn member(item: &ItemOutline, receiver: &Type) -> Member {
    let mut bound = vec![None; 8];
    let callable = item.callable.as_ref();
    if let Some(first) = callable.and_then(|callable| callable.params.first()) {
        bind(&first.ty, receiver, &mut bound);
    }
    Member {
        name: item.name.clone(),
        kind: item.kind,
        site: Some(item.site),
        ty: callable.map_or(Type::Nothing, |callable| substitute(&callable.result, &bound)),
        signature: item.signature.clone(),
        docs: item.docs.clone(),
    }
}
