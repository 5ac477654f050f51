//! The files of a package: found, read, and known to be text.

use crate::files::{Files, ReadProblem};
use crate::library::{Library, library};
use carapace_diagnostic::{Code, Diagnostic, FileId, SourceMap, Span, TextRange};
use std::sync::Arc;

/// A source file may have this many bytes. Far beyond what a person writes, and small enough that nothing gets slow.
pub const LARGEST_FILE: usize = 4 * 1024 * 1024;

const UNREADABLE: Code = Code("E0901");
const NOT_TEXT: Code = Code("E0902");
const TOO_LARGE: Code = Code("E0903");

/// A file of the package.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Relative to the source root: `shop/orders.flow`.
    pub path: Arc<str>,
    /// The module's path: `shop/orders`.
    pub module: Arc<str>,
    /// Its number.
    pub id: FileId,
    /// Its text; empty where it could not be read.
    pub text: Arc<str>,
}

/// A package's files as they are on disk: the first stage.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The package's name; may be empty.
    pub package: Arc<str>,
    /// The root module's path.
    pub root: Arc<str>,
    /// The root's file first.
    pub files: Vec<SourceFile>,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// The standard library.
    pub(crate) library: Arc<Library>,
}

impl Sources {
    /// The standard library in a folder, to be looked at as a package of its own: all of it, with its tests. `files` are
    /// those of the folder that holds `prelude`, `kinds` and `std`.
    pub fn library(files: &dyn Files) -> Sources {
        Sources { library: Arc::new(Library::of(files)), ..Sources::new(files, "") }
    }

    /// Reads the package whose root module is the file `root` (`main.flow`): that file and every other `.flow` file below
    /// the source root. Whatever cannot be read is told in `diagnostics`.
    pub fn load(files: &dyn Files, root: &str) -> Sources {
        let mut sources = Sources::new(files, module_path(root));
        let mut paths = vec![root.to_owned()];
        match files.list() {
            Ok(found) => paths.extend(found.into_iter().filter(|p| p != root)),
            Err(problem) => sources.add(root, Err(problem)),
        }
        for path in paths {
            if sources.files.iter().any(|f| *f.path == *path) {
                continue;
            }
            sources.add(&path, files.read(&path, LARGEST_FILE));
        }
        sources
    }

    fn new(files: &dyn Files, root: &str) -> Sources {
        Sources {
            package: Arc::from(files.package()),
            root: Arc::from(root),
            files: Vec::new(),
            diagnostics: Vec::new(),
            library: Arc::clone(library()),
        }
    }

    /// The text of a file, the library's included.
    pub fn text(&self, id: FileId) -> Option<(&str, &str)> {
        if let Some(module) = self.library.modules.iter().find(|m| m.file == id) {
            return Some((&module.name, &module.text));
        }
        self.files.iter().find(|f| f.id == id).map(|f| (&*f.path, &*f.text))
    }

    /// All files as the renderers want them, the package's under `prefix` (the way from where the user stands to the
    /// source root: empty, or with a `/` at its end).
    pub fn map(&self, prefix: &str) -> SourceMap {
        let mut map = SourceMap::new();
        let library = &self.library;
        for module in &library.modules {
            map.add(format!("{}{}", if library.own { prefix } else { "" }, module.name), &*module.text);
        }
        for file in &self.files {
            map.add(format!("{prefix}{}", file.path), &*file.text);
        }
        map
    }

    fn add(&mut self, path: &str, read: Result<Vec<u8>, ReadProblem>) {
        let number = self.library.modules.len().saturating_add(self.files.len());
        let id = FileId(u32::try_from(number).unwrap_or(u32::MAX));
        let text = text_of(read, id).unwrap_or_else(|told| {
            self.diagnostics.push(*told);
            String::new()
        });
        let module = Arc::from(module_path(path));
        self.files.push(SourceFile { path: Arc::from(path), module, id, text: Arc::from(text) });
    }
}

/// What was read as text, or why it is none.
pub(crate) fn text_of(read: Result<Vec<u8>, ReadProblem>, id: FileId) -> Result<String, Box<Diagnostic>> {
    let bytes = read.map_err(|problem| Box::new(unreadable(id, &problem)))?;
    if bytes.len() > LARGEST_FILE {
        let message = format!("the file has more than {} MiB", LARGEST_FILE / 1024 / 1024);
        let help = "split it into modules, and `use` them; data belongs into files that the flow reads";
        return Err(Box::new(Diagnostic::new(TOO_LARGE, nowhere(id), message).help(help)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to().saturating_add(1);
            let message = format!("the file is not UTF-8: byte {at} belongs to no character");
            Err(Box::new(Diagnostic::new(NOT_TEXT, nowhere(id), message).help("save it as UTF-8")))
        }
    }
}

fn nowhere(id: FileId) -> Span {
    Span::new(id, TextRange::new(0, 0))
}

pub(crate) fn unreadable(id: FileId, problem: &ReadProblem) -> Diagnostic {
    match problem {
        ReadProblem::Missing => Diagnostic::new(UNREADABLE, nowhere(id), "there is no such file").help(
            "the path is relative to the folder you are in; `carapace new NAME` makes a flow to start from",
        ),
        ReadProblem::NotAFile => Diagnostic::new(UNREADABLE, nowhere(id), "it is not a file")
            .help("name a `.flow` file, or a folder with a `main.flow` in it"),
        ReadProblem::Other(reason) => {
            Diagnostic::new(UNREADABLE, nowhere(id), format!("it cannot be read: {reason}"))
        }
    }
}

/// `shop/orders` of `shop/orders.flow`.
pub(crate) fn module_path(path: &str) -> &str {
    path.strip_suffix(".flow").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryFiles;

    #[test]
    fn the_root_comes_first_and_every_file_is_a_module() {
        let files = MemoryFiles::new([
            ("a.flow", "const a = 1"),
            ("main.flow", ""),
            ("shop/orders.flow", ""),
            ("x.md", ""),
        ]);
        let sources = Sources::load(&files, "main.flow");
        let modules: Vec<&str> = sources.files.iter().map(|f| &*f.module).collect();
        assert_eq!(modules, ["main", "a", "shop/orders"]);
        assert_eq!((&*sources.root, sources.diagnostics.len()), ("main", 0));
        assert_eq!(sources.text(sources.files[1].id), Some(("a.flow", "const a = 1")));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_file() {
        let mut files = MemoryFiles::new([("main.flow", "\u{feff}const a = 1")]);
        files.insert("latin.flow", b"// Gr\xfc\xdfe");
        files.insert("large.flow", &vec![b' '; LARGEST_FILE + 1]);
        let sources = Sources::load(&files, "gone.flow");
        let told: Vec<(&str, &str)> = sources
            .diagnostics
            .iter()
            .map(|d| (sources.text(d.primary.span.file).unwrap().0, d.code.0))
            .collect();
        assert_eq!(told, [("gone.flow", "E0901"), ("large.flow", "E0903"), ("latin.flow", "E0902")]);
        assert!(
            sources.files.iter().any(|f| &*f.text == "const a = 1"),
            "a mark of the byte order is no text"
        );
    }

    #[test]
    fn the_library_parses() {
        let told: Vec<_> =
            library().diagnostics.iter().map(|d| (d.code, &d.message, d.primary.span)).collect();
        assert_eq!(told, []);
    }
}
