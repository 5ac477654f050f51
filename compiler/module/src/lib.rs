//! What a compiled package is made of: types, values, signatures, code, tables.
//!
//! Pure data, shared by the compiler that writes it and the machine that runs it. Deliberately not here: how source
//! becomes code (`emit`), what code does (`vm`), and the bodies of library functions (`natives`).

pub mod blocks;
pub mod code;
pub mod codec;
pub mod container;
pub mod json;
mod reach;
pub mod schema;
mod shape;
pub mod signature;
pub mod testing;
pub mod ty;
pub mod value;
pub mod wire;

pub use code::Module;
pub use container::{ReadError, VerifyError, print};
pub use reach::Reach;
pub use shape::{shape, structure};
pub use ty::{Field, Type, TypeDef, TypeId, TypeKind, TypeTable, Variant};
pub use value::{Decimal, List, Map, MoneyValue, Text, Value};
