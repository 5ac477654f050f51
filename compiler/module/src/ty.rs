//! Types, as the checker knows them and the module carries them.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An index into a [`TypeTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeId(pub u32);

/// A type. `T??` does not exist: it is `T?`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// What a mistake has; agrees with everything, so that one mistake gives one message. Never in a module.
    Error,
    /// The type of what does not come back: `return`, `fail(…)`.
    Never,
    /// No value: of statements and of effects without a result.
    Nothing,
    /// `Bool`.
    Bool,
    /// `Int`: 64 bits, signed.
    Int,
    /// `Number`: decimal.
    Number,
    /// `Text`.
    Text,
    /// `Bytes`.
    Bytes,
    /// `Time`: an instant, in milliseconds since 1970 UTC.
    Time,
    /// `Date`: a civil date, in days since 1970-01-01.
    Date,
    /// `Duration`, in milliseconds.
    Duration,
    /// `Money`: a decimal with a currency.
    Money,
    /// `Json`: any JSON value.
    Json,
    /// A checked regular expression: the type of `re"…"`.
    Regex,
    /// A checked template of the named tag: `url"…"` has `Template("url")`. At run time a text.
    Template(Arc<str>),
    /// A secret's handle. Never the value itself.
    Secret,
    /// `List<T>`; also what a range is.
    List(Arc<Type>),
    /// `Map<K, V>`.
    Map(Arc<Type>, Arc<Type>),
    /// `T?`.
    Optional(Arc<Type>),
    /// A declared record or union, the world's (`User`, `Message`, …) included, with its type arguments.
    Declared(TypeId, Arc<[Type]>),
    /// A type parameter of a library function, by position.
    Param(u32),
    /// A function handed to a library function.
    Fn(Arc<[Type]>, Arc<Type>),
}

/// All declared types of a package, its library's included, and the unnamed ones (`parallel`, `race`, captures).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TypeTable {
    /// Indexed by [`TypeId`].
    pub types: Vec<TypeDef>,
}

/// A declared type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypeDef {
    /// `shop/orders.Order`, `std/world.User`; empty for an unnamed one.
    pub name: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// How many type parameters it has.
    pub params: u32,
    /// What it is.
    pub kind: TypeKind,
}

/// Record or union.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TypeKind {
    /// Fields, in the order of declaration, which is the order of slots.
    Record(Vec<Field>),
    /// Tags, in the order of declaration, which is the order of tag numbers.
    Union(Vec<Variant>),
}

/// A field of a record or tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the language.
    pub name: Arc<str>,
    /// Its key in JSON, where it is another.
    pub json_key: Option<Arc<str>>,
    /// Its doc comment: part of the schema that models see.
    pub docs: Option<Arc<str>>,
    /// Its type.
    pub ty: Type,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Type {
    /// `T?`, without ever stacking two.
    #[must_use]
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Error | Type::Never => self,
            other => Type::Optional(Arc::new(other)),
        }
    }

    /// `List<T>`.
    #[must_use]
    pub fn list(item: Type) -> Type {
        Type::List(Arc::new(item))
    }

    /// A declared type without arguments.
    pub fn declared(id: TypeId) -> Type {
        Type::Declared(id, Arc::from([]))
    }
}

impl TypeTable {
    /// The definition, if the id is of this table.
    pub fn get(&self, id: TypeId) -> Option<&TypeDef> {
        self.types.get(id.0 as usize)
    }
}
