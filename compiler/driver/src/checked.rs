//! The third stage: what the program means.

use crate::files::Files;
use crate::library::LibraryModule;
use crate::package::{LARGEST_FILE, SourceFile, Sources};
use crate::parsed::Parsed;
use carapace_check::{Origin, Outline, Scope, Source, tree};
use carapace_diagnostic::{Code, Diagnostic, FileId, render};
use carapace_module::Module;
use carapace_syntax::ast::File;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is right and still does not fit into a module.
const NOT_EMITTED: Code = Code("E0701");

/// The package as the checker understands it.
pub struct Checked {
    /// The files.
    pub sources: Sources,
    /// Their trees.
    pub trees: Vec<Arc<File>>,
    /// What the program means; only without errors can it be compiled.
    pub program: tree::Program,
    /// Everything there is to say, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Beside each of them: what it was found in.
    pub scopes: Vec<Scope>,
    /// What names, expressions and calls are, where it was wanted.
    pub facts: carapace_check::Facts,
    /// What is declared in the package and in the library, where facts were wanted.
    pub outline: Outline,
}

/// The last stage: the package as a module.
pub struct Compiled {
    /// The files.
    pub sources: Sources,
    /// The module.
    pub module: Module,
    /// The warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// A module as the compiler read it.
#[derive(Debug, Clone, Copy)]
pub struct ModuleFile<'a> {
    /// `shop/orders`.
    pub module: &'a Arc<str>,
    /// Its file: relative to the source root, or to the library's.
    pub name: &'a Arc<str>,
    /// Its text.
    pub text: &'a Arc<str>,
    /// Its tree.
    pub tree: &'a Arc<File>,
    /// Whether the library's; where the library is what is looked at, too.
    pub library: bool,
}

impl Parsed {
    /// Checks the package. `files` answers `file("…")`; `facts`: whether an editor will ask about names.
    pub fn check(self, files: &dyn Files, facts: bool) -> Checked {
        let checked = self.asked(files, facts, None, carapace_check::check);
        self.with(checked, facts)
    }

    /// The same, for a package that may change meanwhile: none where `stop` said so before it was done.
    pub fn check_unless(self, files: &dyn Files, facts: bool, stop: &dyn Fn() -> bool) -> Option<Checked> {
        let checked =
            self.asked(files, facts, None, |sources| carapace_check::check_unless(sources, stop))?;
        Some(self.with(checked, facts))
    }

    /// Asks the checker about the package; about these files of it, by number, where there is a list.
    pub(crate) fn asked<R>(
        &self,
        files: &dyn Files,
        facts: bool,
        only: Option<&BTreeSet<usize>>,
        ask: impl FnOnce(&carapace_check::Sources<'_>) -> R,
    ) -> R {
        let mut modules: Vec<Source> = self.sources.library.modules.iter().map(of_library).collect();
        let own = self.sources.files.iter().zip(&self.trees).enumerate();
        let own = own.filter(|(index, _)| only.is_none_or(|only| only.contains(index)));
        modules.extend(own.map(|(_, (file, tree))| of_package(file, tree)));
        ask(&carapace_check::Sources {
            package: self.sources.package.clone(),
            root: self.sources.root.clone(),
            modules: &modules,
            files: &|path: &str| text_file(files, path),
            whole: self.sources.library.own,
            intact: self.diagnostics.is_empty(),
            facts,
        })
    }

    pub(crate) fn with(self, checked: carapace_check::Checked, facts: bool) -> Checked {
        let library = &self.sources.library;
        let outline = if facts {
            let types = checked.program.types.clone();
            Outline { library: library.outline(), package: checked.outline, types }
        } else {
            Outline::default()
        };
        let told = library.diagnostics.iter().cloned();
        let parsed = self.diagnostics.into_iter().chain(told).map(|told| (told, Scope::Item));
        let mut told: Vec<(Diagnostic, Scope)> =
            parsed.chain(checked.diagnostics.into_iter().zip(checked.scopes)).collect();
        sort(&mut told);
        let (diagnostics, scopes) = told.into_iter().unzip();
        Checked {
            sources: self.sources,
            trees: self.trees,
            program: checked.program,
            diagnostics,
            scopes,
            facts: checked.facts,
            outline,
        }
    }
}

/// Into the order in which a reader meets them, each once.
pub(crate) fn sort(told: &mut Vec<(Diagnostic, Scope)>) {
    told.sort_by_key(|(told, _)| render::order(told));
    told.dedup_by(|(a, _), (b, _)| a == b);
}

impl Checked {
    /// Reads, parses and checks the package whose root module is the file `root`.
    pub fn of(files: &dyn Files, root: &str) -> Checked {
        Sources::load(files, root).parse().check(files, false)
    }

    /// Reads, parses and checks the standard library in a folder, as a package of its own.
    pub fn library(files: &dyn Files) -> Checked {
        Sources::library(files).parse().check(files, false)
    }

    /// The same package with another text in one file, parsed: what an editor tries out. What is wrong with its form is not
    /// told. None for a file that is not the package's own.
    pub fn with_text(&self, file: FileId, text: &str) -> Option<Parsed> {
        let (mut sources, mut trees) = (self.sources.clone(), self.trees.clone());
        match sources.files.iter().position(|known| known.id == file) {
            Some(at) => {
                sources.files.get_mut(at)?.text = Arc::from(text);
                *trees.get_mut(at)? = Arc::new(carapace_syntax::parse(file, text).file);
            }
            None if sources.library.own => sources.library = Arc::new(sources.library.with_text(file, text)?),
            None => return None,
        }
        Some(Parsed { sources, trees, diagnostics: Vec::new() })
    }

    /// Whether anything keeps it from being compiled.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The module, unless there are errors; then the stage as it was.
    ///
    /// # Errors
    /// `self`, whose diagnostics say what is wrong.
    pub fn compile(self) -> Result<Compiled, Box<Checked>> {
        if self.has_errors() {
            return Err(Box::new(self));
        }
        match carapace_emit::emit(&self.program) {
            Ok(module) => Ok(Compiled { sources: self.sources, module, diagnostics: self.diagnostics }),
            Err(error) => {
                let mut checked = self;
                checked.diagnostics.push(checked.not_emitted(&error));
                checked.scopes.push(Scope::Package);
                Err(Box::new(checked))
            }
        }
    }

    /// A function that does not fit into a module, at its place.
    fn not_emitted(&self, error: &carapace_emit::Error) -> Diagnostic {
        let (carapace_emit::Error::TooLarge(name) | carapace_emit::Error::Mistaken(name)) = error;
        let functions = self.program.functions.iter().map(|f| (&f.name, f.span));
        let flows = self.program.flows.iter().map(|f| (&f.name, f.span));
        let place = functions.chain(flows).find(|(known, _)| ***known == **name).map(|(_, span)| span);
        let start = self.sources.files.first().map_or(FileId(0), |root| root.id);
        let place = place.unwrap_or_else(|| Diagnostic::at(start, 0, 0));
        Diagnostic::new(NOT_EMITTED, place, error.to_string())
    }

    /// A module's file and tree, the library's included.
    pub fn module(&self, id: FileId) -> Option<ModuleFile<'_>> {
        let library = &self.sources.library.modules;
        // The library has the first numbers.
        if let Some(m) = library.get(id.0 as usize) {
            return Some(ModuleFile {
                module: &m.path,
                name: &m.name,
                text: &m.text,
                tree: &m.tree,
                library: true,
            });
        }
        let at = (id.0 as usize).checked_sub(library.len())?;
        let (file, tree) = (self.sources.files.get(at)?, self.trees.get(at)?);
        Some(ModuleFile { module: &file.module, name: &file.path, text: &file.text, tree, library: false })
    }

    /// The modules of the library, by number.
    pub fn library_files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.sources.library.modules.iter().map(|m| m.file)
    }

    /// The tree of a file of the package.
    pub(crate) fn tree(&self, id: FileId) -> Option<&Arc<File>> {
        let first = self.sources.files.first()?.id;
        self.trees.get(id.0.checked_sub(first.0)? as usize)
    }

    /// A file's name and text, for messages.
    pub fn text(&self, id: FileId) -> Option<(&str, &str)> {
        self.sources.text(id)
    }
}

pub(crate) fn of_library(module: &LibraryModule) -> Source {
    Source {
        path: module.path.clone(),
        name: module.name.clone(),
        file: module.file,
        text: module.text.clone(),
        tree: module.tree.clone(),
        origin: if module.prelude { Origin::Prelude } else { Origin::Library },
    }
}

pub(crate) fn of_package(file: &SourceFile, tree: &Arc<File>) -> Source {
    Source {
        path: file.module.clone(),
        name: file.path.clone(),
        file: file.id,
        text: file.text.clone(),
        tree: tree.clone(),
        origin: Origin::Package,
    }
}

/// A text file that a flow names: inside the source root, not too large, UTF-8.
pub(crate) fn text_file(files: &dyn Files, path: &str) -> Option<Arc<str>> {
    let inside =
        !path.starts_with('/') && path.split('/').all(|name| !name.is_empty() && name != "." && name != "..");
    if !inside {
        return None;
    }
    let bytes = files.read(path, LARGEST_FILE).ok().filter(|b| b.len() <= LARGEST_FILE)?;
    String::from_utf8(bytes).ok().map(Arc::from)
}
