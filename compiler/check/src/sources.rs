//! What is checked: the parsed modules of one package and of the library.

use carapace_diagnostic::FileId;
use carapace_syntax::ast::File;
use std::sync::Arc;

/// Whose a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The author's. All of it is checked, its tests are kept.
    Package,
    /// The library's, in scope everywhere without `use`. Bodies are checked when something reaches them.
    Prelude,
    /// The library's, in scope by `use`.
    Library,
}

/// A parsed module.
#[derive(Debug, Clone)]
pub struct Source {
    /// `main`, `shop/orders`, `std/chat`.
    pub path: Arc<str>,
    /// The file's name as the debug tables show it.
    pub name: Arc<str>,
    /// Its number among the compilation's files.
    pub file: FileId,
    /// Its text, which expectations of tests are quoted from.
    pub text: Arc<str>,
    /// Its tree.
    pub tree: Arc<File>,
    /// Whose it is.
    pub origin: Origin,
}

/// Answers `file("…")`: contents of a text file under the source root, or none.
pub type TextFiles<'a> = &'a (dyn Fn(&str) -> Option<Arc<str>> + 'a);

/// Everything one check needs. All of the library belongs into `modules`: methods are found through the types they
/// are of, without a `use`.
#[derive(Clone)]
pub struct Sources<'a> {
    /// The package's name: stands before the names of its items, as the runtime knows them. May be empty.
    pub package: Arc<str>,
    /// The root module's path.
    pub root: Arc<str>,
    /// All modules.
    pub modules: &'a [Source],
    /// Answers `file("…")`.
    pub files: TextFiles<'a>,
    /// Whether the library is looked at as an author's: all of it, with its tests.
    pub whole: bool,
    /// Whether all of the package could be read and parsed: of one with holes nobody can say what it does not use.
    pub intact: bool,
    /// Whether facts about names, expressions and calls are wanted (by an editor).
    pub facts: bool,
}
