//! The standard library, parsed once a process; or as it stands in a folder, for those who change it.

use crate::checked::of_library;
use crate::files::Files;
use crate::package::{LARGEST_FILE, text_of};
use carapace_check::{OutlinePart, Source, library_outline};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::ast::File;
use std::sync::{Arc, LazyLock, OnceLock};

/// A module of the library.
#[derive(Debug, Clone)]
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

/// The library's modules and what there is to say about them (of the embedded ones nothing, a test sees to that).
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) modules: Vec<LibraryModule>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether it is what is worked on: it comes from a folder, and is looked at as an author's.
    pub(crate) own: bool,
    /// What is declared in it, made when an editor first asks.
    outline: OnceLock<Arc<OutlinePart>>,
}

static EMBEDDED: LazyLock<Arc<Library>> = LazyLock::new(|| Arc::new(Library::new(None)));

/// The library of this binary.
pub(crate) fn library() -> &'static Arc<Library> {
    &EMBEDDED
}

impl Library {
    /// The library in a folder: the modules that this binary knows of, in their files.
    pub(crate) fn of(files: &dyn Files) -> Library {
        Library::new(Some(files))
    }

    /// The library takes the first file numbers, so that they are the same in every compilation of this binary.
    fn new(files: Option<&dyn Files>) -> Library {
        let mut library = Library {
            modules: Vec::new(),
            diagnostics: Vec::new(),
            own: files.is_some(),
            outline: OnceLock::new(),
        };
        for (module, number) in carapace_stdlib::MODULES.iter().zip(0u32..) {
            let file = FileId(number);
            let (name, text) = match files {
                None => (format!("{}.flow", module.path), module.text.to_owned()),
                Some(files) => {
                    let text = text_of(files.read(module.file, LARGEST_FILE), file);
                    (module.file.to_owned(), text.unwrap_or_else(|told| library.tell(*told)))
                }
            };
            let parse = carapace_syntax::parse(file, &text);
            library.diagnostics.extend(parse.diagnostics);
            library.modules.push(LibraryModule {
                path: Arc::from(module.path),
                name: Arc::from(name),
                file,
                text: Arc::from(text),
                tree: Arc::new(parse.file),
                prelude: module.prelude,
            });
        }
        library
    }

    /// What is declared in it.
    pub(crate) fn outline(&self) -> Arc<OutlinePart> {
        let made = || {
            let modules: Vec<Source> = self.modules.iter().map(of_library).collect();
            Arc::new(library_outline(&modules))
        };
        Arc::clone(self.outline.get_or_init(made))
    }

    /// The same with another text in one of its modules.
    pub(crate) fn with_text(&self, file: FileId, text: &str) -> Option<Library> {
        let mut modules = self.modules.clone();
        let module = modules.iter_mut().find(|module| module.file == file)?;
        module.text = Arc::from(text);
        module.tree = Arc::new(carapace_syntax::parse(file, text).file);
        Some(Library { modules, diagnostics: Vec::new(), own: self.own, outline: OnceLock::new() })
    }

    fn tell(&mut self, diagnostic: Diagnostic) -> String {
        self.diagnostics.push(diagnostic);
        String::new()
    }
}
