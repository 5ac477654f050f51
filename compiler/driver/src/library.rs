//! The standard library, parsed once a process.

use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::ast::File;
use std::sync::{Arc, LazyLock};

/// A module of the library.
pub(crate) struct LibraryModule {
    /// `std/chat`.
    pub(crate) path: Arc<str>,
    /// Its file's name, as messages show it.
    pub(crate) name: Arc<str>,
    pub(crate) file: FileId,
    pub(crate) text: Arc<str>,
    pub(crate) tree: Arc<File>,
    /// Whether it is in scope everywhere without `use`.
    pub(crate) prelude: bool,
}

/// The library's modules and what there is to say about them (nothing, a test sees to that).
pub(crate) struct Library {
    pub(crate) modules: Vec<LibraryModule>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The library takes the first file numbers, so that they are the same in every compilation of this binary.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let mut library = Library { modules: Vec::new(), diagnostics: Vec::new() };
    for (module, number) in carapace_stdlib::MODULES.iter().zip(0u32..) {
        let file = FileId(number);
        let parse = carapace_syntax::parse(file, module.text);
        library.diagnostics.extend(parse.diagnostics);
        library.modules.push(LibraryModule {
            path: Arc::from(module.path),
            name: Arc::from(format!("{}.flow", module.path)),
            file,
            text: Arc::from(module.text),
            tree: Arc::new(parse.file),
            prelude: module.prelude,
        });
    }
    library
});

pub(crate) fn library() -> &'static Library {
    &LIBRARY
}
