//! A package while somebody edits it: what is known stays known, and a keystroke costs about one item.
//!
//! There are three kinds of answers. [`Project::quick`] is right after a keystroke what there is to say about a file: the
//! items that changed are checked, and so are all of the file where something changed that others can see of an item; what
//! only the whole package shows ([`Scope::Package`](crate::Scope)) is as the last whole check said, as far as its items are
//! still there. [`Project::checked`] is the exact answer. [`Project::known`] and [`Project::probe`] are the facts about one
//! file, and about one item of a text that is only tried.
//!
//! A file is checked with the library and the modules that it can reach by `use`, so that what a keystroke costs does not
//! grow with the package.

mod answer;
mod carried;
mod entry;
mod focus;
mod memo;
mod package;
mod reach;
mod whole;

pub use answer::{Known, Quick};
pub use package::Project;
pub use whole::{Snapshot, Whole};
