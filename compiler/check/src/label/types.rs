//! What a type alone says: values that carry no text of anybody's are clean wherever they came from.

use super::path::Trail;
use super::shape::{Bits, Shape};
use crate::collect::World;
use carapace_module::{Type, TypeId, TypeKind, TypeTable};
use rustc_hash::FxHashMap;

/// How deep declared types are looked into for people and places.
const DEPTH: u8 = 4;

/// Questions about types, with the answers so far.
pub(super) struct Types<'p> {
    table: &'p TypeTable,
    world: &'p World,
    message_ref: Option<TypeId>,
    message: Option<TypeId>,
    clean: FxHashMap<TypeId, bool>,
    secret: FxHashMap<TypeId, bool>,
}

impl<'p> Types<'p> {
    pub(super) fn new(table: &'p TypeTable, world: &'p World) -> Types<'p> {
        let find = |name: &str| {
            let at = table.types.iter().position(|def| *def.name == *name)?;
            u32::try_from(at).ok().map(TypeId)
        };
        Types {
            table,
            world,
            message_ref: find("std/world.MessageRef"),
            message: find("std/world.Message"),
            clean: FxHashMap::default(),
            secret: FxHashMap::default(),
        }
    }

    /// Whether no value of the type can carry what somebody wrote: numbers, times, truth values, tags.
    pub(super) fn is_clean(&mut self, ty: &Type) -> bool {
        match ty {
            Type::Error
            | Type::Never
            | Type::Nothing
            | Type::Bool
            | Type::Int
            | Type::Number
            | Type::Time
            | Type::Date
            | Type::Duration
            | Type::Money
            | Type::Regex => true,
            Type::List(item) | Type::Optional(item) => self.is_clean(item),
            Type::Map(key, value) => self.is_clean(key) && self.is_clean(value),
            Type::Declared(id, args) if args.is_empty() => self.declared_clean(*id),
            Type::Declared(..)
            | Type::Text
            | Type::Bytes
            | Type::Json
            | Type::Template(_)
            | Type::Secret
            | Type::Param(_)
            | Type::Fn(..) => false,
        }
    }

    fn declared_clean(&mut self, id: TypeId) -> bool {
        if let Some(known) = self.clean.get(&id) {
            return *known;
        }
        let clean = !self.reaches(id, &mut Vec::new(), &mut |ty| {
            matches!(
                ty,
                Type::Text | Type::Bytes | Type::Json | Type::Template(_) | Type::Secret | Type::Param(_)
            )
        });
        self.clean.insert(id, clean);
        clean
    }

    /// Whether something that passes the test is in the declared type, however deep.
    fn reaches(&self, id: TypeId, seen: &mut Vec<TypeId>, test: &mut impl FnMut(&Type) -> bool) -> bool {
        if seen.contains(&id) {
            return false;
        }
        seen.push(id);
        fields(self.table, id).iter().any(|ty| self.reaches_in(ty, seen, test))
    }

    fn reaches_in(&self, ty: &Type, seen: &mut Vec<TypeId>, test: &mut impl FnMut(&Type) -> bool) -> bool {
        match ty {
            Type::List(item) | Type::Optional(item) => self.reaches_in(item, seen, test),
            Type::Map(key, value) => self.reaches_in(key, seen, test) || self.reaches_in(value, seen, test),
            Type::Declared(id, args) => {
                args.iter().any(|arg| self.reaches_in(arg, seen, test)) || self.reaches(*id, seen, test)
            }
            other => test(other),
        }
    }

    /// Whether a value of the type may be or hold a secret's handle.
    pub(super) fn may_hold_secret(&mut self, ty: &Type) -> bool {
        self.holds_secret(ty, true)
    }

    /// Whether the type has a secret in it, as declared.
    pub(super) fn has_secret(&mut self, ty: &Type) -> bool {
        self.holds_secret(ty, false)
    }

    /// `open`: what a parameter of a type stands for may be one.
    fn holds_secret(&mut self, ty: &Type, open: bool) -> bool {
        match ty {
            Type::Secret => true,
            Type::Param(_) | Type::Fn(..) => open,
            Type::List(item) | Type::Optional(item) => self.holds_secret(item, open),
            Type::Map(key, value) => self.holds_secret(key, open) || self.holds_secret(value, open),
            Type::Declared(id, args) => {
                args.iter().any(|arg| self.holds_secret(arg, open)) || self.declared_secret(*id)
            }
            _ => false,
        }
    }

    fn declared_secret(&mut self, id: TypeId) -> bool {
        if let Some(known) = self.secret.get(&id) {
            return *known;
        }
        let secret = self.reaches(id, &mut Vec::new(), &mut |ty| matches!(ty, Type::Secret));
        self.secret.insert(id, secret);
        secret
    }

    /// The shape of a value of that type.
    pub(super) fn filtered(&mut self, ty: &Type, shape: Shape<'p>) -> Shape<'p> {
        if shape.is_clean() {
            return shape;
        }
        if self.is_clean(ty) {
            return Shape::CLEAN;
        }
        if shape.found(Bits::SECRET).is_some() && !self.may_hold_secret(ty) {
            return shape.without(Bits::SECRET);
        }
        shape
    }

    /// A value that came from anybody.
    pub(super) fn foreign(&mut self, ty: &Type, trail: &Option<Trail>) -> Shape<'p> {
        self.filtered(ty, Shape::flat(Bits::UNTRUSTED, trail.clone()))
    }

    /// A value that a channel tells: it vouches for the people, conversations and messages in it, not for what they say.
    /// `T` is what a parameter of the declared type stands for.
    pub(super) fn vouched(&mut self, ty: &Type, trail: &Option<Trail>, given: &Shape<'p>) -> Shape<'p> {
        self.vouched_in(ty, trail, given, DEPTH)
    }

    fn vouched_in(&mut self, ty: &Type, trail: &Option<Trail>, given: &Shape<'p>, depth: u8) -> Shape<'p> {
        match ty {
            Type::Param(_) => given.clone(),
            Type::List(item) | Type::Optional(item) => self.vouched_in(item, trail, given, depth),
            // The channel itself is the deployment's.
            Type::Declared(..) if World::is(ty, self.world.channel) => Shape::CLEAN,
            Type::Declared(id, _) if self.is_place(*id) => {
                self.filtered(ty, Shape::flat(Bits::FOREIGN, trail.clone()))
            }
            Type::Declared(id, _) if depth > 0 => match self.table.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Record(fields)) => {
                    let message = Some(*id) == self.message;
                    let fields = fields.iter().map(|field| match &*field.name {
                        // Which message it is, the channel says, not who wrote it.
                        "id" if message => Shape::flat(Bits::FOREIGN, trail.clone()),
                        _ => self.vouched_in(&field.ty, trail, given, depth - 1),
                    });
                    Shape::parts(fields.collect())
                }
                _ => self.foreign(ty, trail),
            },
            _ => self.foreign(ty, trail),
        }
    }

    /// Whether a value of the type is a person or a conversation.
    pub(super) fn is_somebody(&self, ty: &Type) -> bool {
        World::is(ty, self.world.user) || World::is(ty, self.world.conversation)
    }

    fn is_place(&self, id: TypeId) -> bool {
        Some(id) == self.world.user || Some(id) == self.world.conversation || Some(id) == self.message_ref
    }

    /// Whether a value of the type says where something goes or whom it is about: there it counts who vouches for it.
    pub(super) fn is_destination(&self, ty: &Type) -> bool {
        let world = self.world;
        match ty {
            Type::List(item) | Type::Optional(item) => self.is_destination(item),
            Type::Template(_) => true,
            Type::Declared(id, _) => {
                self.is_place(*id)
                    || [world.room, world.group, world.channel, world.target].contains(&Some(*id))
            }
            _ => false,
        }
    }

    /// How many slots a record has.
    pub(super) fn width(&self, ty: &Type) -> Option<usize> {
        match ty {
            Type::Optional(inner) => self.width(inner),
            Type::Declared(id, _) => match &self.table.get(*id)?.kind {
                TypeKind::Record(fields) => Some(fields.len()),
                TypeKind::Union(_) => None,
            },
            _ => None,
        }
    }

    /// How many tags a union has.
    pub(super) fn tags(&self, ty: &Type) -> Option<usize> {
        match ty {
            Type::Optional(inner) => self.tags(inner),
            Type::Declared(id, _) => match &self.table.get(*id)?.kind {
                TypeKind::Union(tags) => Some(tags.len()),
                TypeKind::Record(_) => None,
            },
            _ => None,
        }
    }
}

/// The types of everything in a declared type.
fn fields(table: &TypeTable, id: TypeId) -> Vec<Type> {
    match table.get(id).map(|def| &def.kind) {
        Some(TypeKind::Record(fields)) => fields.iter().map(|field| field.ty.clone()).collect(),
        Some(TypeKind::Union(tags)) => {
            tags.iter().flat_map(|tag| tag.fields.iter().map(|field| field.ty.clone())).collect()
        }
        None => Vec::new(),
    }
}
