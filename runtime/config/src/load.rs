//! A file with those that it includes, put together.

use crate::check::{View, check, check_version, check_whole};
use crate::document::{Document, Member, Node, Value};
use crate::environment::{Environment, substitute};
use crate::secret::{SECRET, forget, hidden};
use carapace_diagnostic::{Code, Diagnostic, FileId, SourceMap, Span};
use std::path::{Component, Path, PathBuf};

/// Where files are read.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read, in a few words.
    fn read(&self, path: &Path) -> Result<String, String>;
}

/// A file with those that it includes.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All keys of all files, each with its place.
    pub root: Node,
    /// The files; a span's file is an index into it.
    pub sources: SourceMap,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    paths: Vec<PathBuf>,
}

impl Loaded {
    /// Reads a file and those that it includes, and puts the environment in.
    ///
    /// # Errors
    /// Why the file itself cannot be read. What is wrong with what stands in it is told in `diagnostics`.
    pub fn read(path: &Path, files: &dyn Files, environment: Environment<'_>) -> Result<Loaded, String> {
        let text = files.read(path)?;
        let mut loader = Loader {
            files,
            environment,
            sources: SourceMap::new(),
            paths: Vec::new(),
            done: Vec::new(),
            found: Vec::new(),
        };
        let root = loader.file(path, text, &mut vec![normal(path)]);
        let Loader { sources, paths, mut found, .. } = loader;
        check_version(&root, &mut found);
        check_whole(&root, &mut found);
        Ok(Loaded { root, sources, diagnostics: found, paths })
    }

    /// Whether it cannot be started with.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// All files, the one that was asked for first.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The folder of the file in which something stands.
    pub fn folder(&self, span: Span) -> &Path {
        let path = usize::try_from(span.file.0).ok().and_then(|at| self.paths.get(at));
        path.and_then(|path| path.parent()).unwrap_or(Path::new(""))
    }

    /// Where something stands, for people: `carapace.json5:12`.
    pub fn place(&self, span: Span) -> String {
        match self.sources.get(span.file) {
            Some(file) => format!("{}:{}", file.name(), file.position(span.range.start).line),
            None => String::new(),
        }
    }
}

struct Loader<'l> {
    files: &'l dyn Files,
    environment: Environment<'l>,
    sources: SourceMap,
    paths: Vec<PathBuf>,
    /// Files that were read, with what they include.
    done: Vec<(PathBuf, Node)>,
    found: Vec<Diagnostic>,
}

impl Loader<'_> {
    /// One file, with what it includes. `open` are the files that are being read, this one last.
    fn file(&mut self, path: &Path, text: String, open: &mut Vec<PathBuf>) -> Node {
        let file = FileId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.paths.push(path.to_owned());
        let before = self.found.len();
        let document = Document::parse(&text, file);
        self.found.extend(document.diagnostics);
        let mut root = document.root;
        substitute(&mut root, &text, self.environment, &mut self.found);
        check(&root, View::Part, &mut self.found);
        let told = self.found.get(before..).unwrap_or_default();
        // Messages show the lines they are about, and `config show` shows values.
        let secrets: Vec<Span> = told.iter().filter(|d| d.code.0 == SECRET).map(|d| d.primary.span).collect();
        secrets.iter().for_each(|span| forget(&mut root, *span));
        self.sources.add(path.display().to_string(), hidden(&text, &secrets));
        let mut whole = Node { span: root.span, value: Value::Object(Vec::new()) };
        let included: Vec<(String, Span)> = root
            .get("include")
            .map(Node::elements)
            .unwrap_or_default()
            .iter()
            .filter_map(|element| Some((element.text()?.to_owned(), element.span)))
            .collect();
        for (name, span) in included {
            if let Some(node) = self.included(path, &name, span, open) {
                merge(&mut whole, node);
            }
        }
        if matches!(root.value, Value::Object(_)) {
            merge(&mut whole, root);
            whole
        } else {
            root
        }
    }

    fn included(&mut self, from: &Path, name: &str, span: Span, open: &mut Vec<PathBuf>) -> Option<Node> {
        let path = from.parent().unwrap_or(Path::new("")).join(name);
        let known = normal(&path);
        if open.contains(&known) {
            let message = format!("`{name}` includes this file again");
            self.found.push(Diagnostic::new(Code("E0980"), span, message).help("take one of the two out"));
            return None;
        }
        if let Some((_, node)) = self.done.iter().find(|(done, _)| *done == known) {
            return Some(node.clone());
        }
        let text = match self.files.read(&path) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", path.display());
                let help = "a path is relative to the folder of the file in which it stands";
                self.found.push(Diagnostic::new(Code("E0980"), span, message).help(help));
                return None;
            }
        };
        open.push(known.clone());
        let mut node = self.file(&path, text, open);
        open.pop();
        if let Value::Object(members) = &mut node.value {
            members.retain(|member| member.name.text != "include" && member.name.text != "version");
        }
        self.done.push((known, node.clone()));
        Some(node)
    }
}

/// Puts `over` on top: objects key by key, everything else whole.
fn merge(base: &mut Node, over: Node) {
    let Node { span, value } = over;
    match (&mut base.value, value) {
        (Value::Object(members), Value::Object(more)) => {
            base.span = span;
            for member in more {
                match members.iter_mut().find(|there| there.name.text == member.name.text) {
                    Some(there) => put(there, member),
                    None => members.push(member),
                }
            }
        }
        (value, more) => {
            *value = more;
            base.span = span;
        }
    }
}

fn put(there: &mut Member, member: Member) {
    let Member { name, colon, value, end } = member;
    merge(&mut there.value, value);
    (there.name, there.colon, there.end) = (name, colon, end);
}

/// The same path without `.` and `..`, so that one file is not taken for two.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some_and(|last| last != "..") => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// The file with which everything begins.
pub(crate) const FIRST: FileId = FileId(0);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    struct Memory(BTreeMap<&'static str, &'static str>);

    impl Files for Memory {
        fn read(&self, path: &Path) -> Result<String, String> {
            let text = normal(path).to_str().and_then(|path| self.0.get(path).copied());
            text.map(str::to_owned).ok_or_else(|| "no such file".to_owned())
        }
    }

    fn load(files: &[(&'static str, &'static str)]) -> Loaded {
        let environment = |name: &str| (name == "TITLE").then(|| "Shop".to_owned());
        Loaded::read(
            Path::new("carapace.json5"),
            &Memory(files.iter().copied().collect()),
            Some(&environment),
        )
        .unwrap()
    }

    fn told(loaded: &Loaded) -> Vec<String> {
        loaded
            .diagnostics
            .iter()
            .map(|d| format!("{} {} {}", loaded.place(d.primary.span), d.code, d.message))
            .collect()
    }

    #[test]
    fn files_are_put_together_and_the_later_one_wins() {
        let loaded = load(&[
            (
                "carapace.json5",
                "{ version: 1, include: ['./sub/a.json5', 'sub/b.json5'],\n settings: { x: 1 } }",
            ),
            ("sub/a.json5", "{ include: ['../shared.json5'], settings: { x: 2, y: 2 }, packages: ['p'] }"),
            ("sub/b.json5", "{ include: ['../shared.json5'], settings: { y: 3, z: 3 } }"),
            (
                "shared.json5",
                "{ accounts: { web: { kind: 'webchat',\n title: '${env:TITLE}' } }, settings: { s: [1] } }",
            ),
        ]);
        assert_eq!(told(&loaded), [""; 0]);
        let root = loaded.root.json(false).unwrap();
        assert_eq!(root["settings"], json!({ "s": [1], "x": 1, "y": 3, "z": 3 }));
        assert_eq!(root["accounts"]["web"]["title"], json!("Shop"));
        let shown = loaded.root.json(true).unwrap();
        assert_eq!(
            shown["accounts"]["web"]["title"],
            json!("${env:TITLE}"),
            "nothing of the environment is shown"
        );
        let packages = loaded.root.get("packages").unwrap().span;
        assert_eq!(
            (loaded.place(packages).as_str(), loaded.folder(packages)),
            ("./sub/a.json5:1", Path::new("./sub"))
        );
        assert_eq!(loaded.paths().len(), 4);
    }

    #[test]
    fn circles_and_missing_files_are_told_once() {
        let loaded = load(&[
            ("carapace.json5", "{ version: 1, include: ['a.json5', 'gone.json5'] }"),
            ("a.json5", "{\n include: ['./carapace.json5'] }"),
        ]);
        assert_eq!(
            told(&loaded),
            [
                "a.json5:2 E0980 `./carapace.json5` includes this file again",
                "carapace.json5:1 E0980 `gone.json5` cannot be read: no such file",
            ]
        );
    }

    #[test]
    fn nothing_of_a_secret_that_stands_there_goes_on() {
        let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
        let text = format!("{{ a: 'x', b: ['{token}'] }}");
        let mut root = Document::parse(&text, FIRST).root;
        let span = root.get("b").unwrap().elements()[0].span;
        forget(&mut root, span);
        assert!(!format!("{root:?}").contains("AAH"));
        let hidden = hidden(&text, &[span]);
        assert!(hidden.starts_with("{ a: 'x', b: ['*") && hidden.ends_with("*'] }"), "{hidden}");
        assert_eq!(hidden.len(), text.len());
    }

    #[test]
    fn a_mistake_stands_in_its_file() {
        let loaded = load(&[
            ("carapace.json5", "{ version: 1, include: ['a.json5'], listen: '${env:NO}' }"),
            ("a.json5", "{\n\n history: 1, accounts: { x: {} } }"),
        ]);
        let told = told(&loaded);
        assert!(told[0].starts_with("carapace.json5:1 E0981 the environment has no `NO`"), "{told:?}");
        assert!(told.iter().any(|line| line.starts_with("a.json5:3 E0979")), "{told:?}");
        assert!(told.iter().any(|line| line.starts_with("a.json5:3 E0982")), "{told:?}");
        assert!(loaded.is_broken());
    }
}
