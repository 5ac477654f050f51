//! Every flow file of the repository is as it should be: the library and the examples parse, stand in the one style, and the
//! examples check without a single remark.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::FileId;
use carapace_diagnostic::render::{Human, human};
use carapace_driver::{Checked, MemoryFiles};
use std::path::{Path, PathBuf};

#[test]
fn library_and_examples_parse() {
    let wrong = judge(|name, text| {
        let parse = carapace_syntax::parse(FileId(0), text);
        let told = parse.diagnostics.iter().map(|diagnostic| {
            let before = &text[..diagnostic.primary.span.range.start as usize];
            format!(
                "{name}:{}: {} {}",
                before.matches('\n').count() + 1,
                diagnostic.code.0,
                diagnostic.message
            )
        });
        told.collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn library_and_examples_stand_in_the_one_style() {
    let wrong = judge(|name, text| match carapace_syntax::format(text) == text {
        true => Vec::new(),
        false => vec![name.to_owned()],
    });
    assert!(wrong.is_empty(), "`carapace fmt flows stdlib` mends\n{}", wrong.join("\n"));
}

#[test]
fn examples_check_without_a_remark() {
    let mut packages = 0;
    let mut wrong = String::new();
    for entry in std::fs::read_dir(root().join("flows")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("main.flow").is_file() {
            continue;
        }
        packages += 1;
        let checked = Checked::of(&package(&folder), "main.flow");
        if !checked.diagnostics.is_empty() {
            wrong.push_str(&format!("{}\n", folder.display()));
            wrong.push_str(&human(&checked.diagnostics, &checked.sources.map(""), Human::default()));
        }
    }
    assert!(packages >= 12, "only {packages} examples found");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_example_explains_itself() {
    for entry in std::fs::read_dir(root().join("flows")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            for file in ["main.flow", "README.md", "transcript"] {
                assert!(folder.join(file).is_file(), "{} has no {file}", folder.display());
            }
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What is wrong with each flow file of the repository, by its path and text.
fn judge(wrong_with: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut files = 0;
    for folder in ["stdlib", "flows"] {
        for path in flow_files(&root().join(folder)) {
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            wrong.extend(wrong_with(&path.strip_prefix(root()).unwrap().display().to_string(), &text));
        }
    }
    assert!(files > 50, "only {files} flow files found");
    wrong
}

fn flow_files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "flow")).collect()
}

/// All files of a package, the texts that it names included.
fn package(folder: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.insert(&name, &std::fs::read(entry.path()).unwrap());
        }
    }
    files
}
