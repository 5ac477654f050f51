//! Everything declared that an editor may name: the items of the package and of the library, the members of types, the
//! effects of channels. Owned, so that it outlives the check; the library's part is the same for all.

mod build;
mod members;
mod model;
mod queries;
mod words;

pub use build::library_outline;
pub use members::Member;
pub use model::{
    Callable, EffectOutline, ItemOutline, KindOutline, ModuleOutline, Outline, OutlinePart, Parameter,
    PartOutline,
};
