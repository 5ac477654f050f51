//! When a value of one type may stand where another is wanted, and what two branches have in common.

use carapace_module::{Type, TypeId, TypeKind, TypeTable};
use std::sync::Arc;

/// How a value gets from its type to the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// As it is (also `T` as `T?`: the value is the same).
    Same,
    /// Int to Number.
    Widen,
    /// Int? to Number?.
    WidenOptional,
    /// Not at all.
    No,
}

/// How `from` becomes `to`, apart from the conversions of the world's types (see `infer::convert`).
pub(crate) fn fit(from: &Type, to: &Type) -> Fit {
    if same(from, to) {
        return Fit::Same;
    }
    match (from, to) {
        (Type::Int, Type::Number) => Fit::Widen,
        (Type::Optional(a), Type::Optional(b)) => match fit(a, b) {
            Fit::Widen => Fit::WidenOptional,
            other => other,
        },
        (_, Type::Optional(inner)) => fit(from, inner),
        _ => Fit::No,
    }
}

/// Whether both are the same type, mistakes and what never comes agreeing with everything.
fn same(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Error | Type::Never, _) | (_, Type::Error) => true,
        (Type::List(a), Type::List(b)) => same(a, b),
        (Type::Optional(a), Type::Optional(b)) => same(a, b),
        (Type::Map(a, b), Type::Map(c, d)) => same(a, c) && same(b, d),
        (Type::Declared(a, x), Type::Declared(b, y)) => {
            a == b && x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| same(x, y))
        }
        (Type::Fn(a, r), Type::Fn(b, s)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(b, a)) && same(r, s)
        }
        _ => from == to,
    }
}

/// The type of a value that is one or the other.
pub(crate) fn join(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Never, other) | (other, Type::Never) => return Some(other.clone()),
        (Type::Error, _) | (_, Type::Error) => return Some(Type::Error),
        (Type::Optional(x), Type::Optional(y)) => return join(x, y).map(optional),
        (Type::Optional(x), Type::Nothing) | (Type::Nothing, Type::Optional(x)) if **x != Type::Nothing => {
            return None;
        }
        (Type::Optional(x), y) | (y, Type::Optional(x)) => return join(x, y).map(optional),
        _ => {}
    }
    if fit(a, b) != Fit::No {
        return Some(b.clone());
    }
    (fit(b, a) != Fit::No).then(|| a.clone())
}

/// `T?` also of what never comes: the type of `none` alone.
pub(crate) fn optional(ty: Type) -> Type {
    match ty {
        Type::Never => Type::Optional(Arc::new(Type::Never)),
        other => other.optional(),
    }
}

/// Whether `==` has a meaning between the two: one of them fits the other, optionals with what they hold.
pub(crate) fn comparable(a: &Type, b: &Type) -> bool {
    join(a, b).is_some_and(|both| !matches!(both, Type::Fn(..) | Type::Secret | Type::Nothing))
}

/// Whether `<` has a meaning.
pub(crate) fn is_comparable_order(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Error
            | Type::Never
            | Type::Int
            | Type::Number
            | Type::Text
            | Type::Time
            | Type::Date
            | Type::Duration
            | Type::Money
    )
}

/// Whether a value can be the key of a map, a state, a limit or a lane.
pub(crate) fn is_keyable(table: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Error
        | Type::Never
        | Type::Bool
        | Type::Int
        | Type::Number
        | Type::Text
        | Type::Time
        | Type::Date
        | Type::Duration
        | Type::Money
        | Type::Template(_)
        | Type::Param(_) => true,
        Type::Optional(inner) => is_keyable(table, inner),
        Type::Declared(id, _) => plain_union(table, *id),
        _ => false,
    }
}

/// Whether a value can stand in a text: everything with one obvious way to write it.
pub(crate) fn is_showable(table: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Error
        | Type::Never
        | Type::Bool
        | Type::Int
        | Type::Number
        | Type::Text
        | Type::Time
        | Type::Date
        | Type::Duration
        | Type::Money
        | Type::Json
        | Type::Template(_)
        | Type::Param(_) => true,
        Type::List(item) => is_showable(table, item),
        Type::Declared(id, _) => plain_union(table, *id),
        _ => false,
    }
}

fn plain_union(table: &TypeTable, id: TypeId) -> bool {
    matches!(table.get(id).map(|d| &d.kind), Some(TypeKind::Union(tags)) if tags.iter().all(|t| t.fields.is_empty()))
}
