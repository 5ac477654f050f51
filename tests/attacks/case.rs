//! Cases, as they stand in the Markdown files.

use carapace_driver::MemoryFiles;
use std::path::{Path, PathBuf};

/// A case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The file, without its ending.
    pub(crate) topic: String,
    /// The heading.
    pub(crate) title: String,
    /// Where it stands.
    pub(crate) place: String,
    /// The file, and the line of its `says`: what is written between these lines.
    pub(crate) file: PathBuf,
    /// The modules: path and text.
    modules: Vec<(String, String)>,
    /// What the checker says.
    pub(crate) says: String,
}

impl Case {
    /// A case that stands in no file.
    pub(crate) fn made(source: &str, says: &str) -> Case {
        Case {
            topic: "made".to_owned(),
            title: "made".to_owned(),
            place: "here".to_owned(),
            file: PathBuf::new(),
            modules: vec![("main.flow".to_owned(), source.to_owned())],
            says: says.to_owned(),
        }
    }

    /// The package, with what is declared for all of them.
    pub(crate) fn files(&self, world: &str) -> MemoryFiles {
        let text = |path: &str, text: &str| {
            if path == "main.flow" { format!("{text}{world}") } else { text.to_owned() }
        };
        let files: Vec<(&str, String)> =
            self.modules.iter().map(|(path, source)| (path.as_str(), text(path, source))).collect();
        MemoryFiles::new(files.iter().map(|(path, text)| (*path, text.as_str())))
    }

    /// All of its source.
    pub(crate) fn source(&self) -> String {
        self.modules.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// All cases of a folder, in order.
pub(crate) fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks").join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Case> {
    let topic = path.file_stem().unwrap().to_str().unwrap();
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for (line, number) in std::fs::read_to_string(path).unwrap().lines().zip(1..) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(fence)) => open = Some((fence.trim().to_owned(), String::new())),
            (Some(_), Some("")) => {
                let Some((fence, text)) = open.take() else { continue };
                let case =
                    cases.last_mut().unwrap_or_else(|| panic!("{topic}:{number}: a block without a heading"));
                match fence.split_once(' ') {
                    None if fence == "says" => case.says = text,
                    Some(("flow", module)) => case.modules.push((module.to_owned(), text)),
                    _ => case.modules.push(("main.flow".to_owned(), text)),
                }
            }
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    cases.push(Case {
                        topic: topic.to_owned(),
                        title: title.to_owned(),
                        place: format!("{topic}.md:{number}"),
                        file: path.to_owned(),
                        modules: Vec::new(),
                        says: String::new(),
                    });
                }
            }
        }
    }
    cases
}
