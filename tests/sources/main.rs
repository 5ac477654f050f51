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

/// Words that no example can use: `connection` binds a resource of a plug-in, and none is declared yet.
const UNUSED: &[&str] = &["connection"];

#[test]
fn the_examples_together_use_every_word_of_the_language() {
    let words = std::fs::read_to_string(root().join("docs/language/words.md")).unwrap();
    let keywords = words.split("## Operators").next().unwrap();
    // What only declarations of the library may say, nobody else can.
    let rows = keywords.lines().filter(|row| row.starts_with('|') && !row.contains("library's"));
    let named = regex::Regex::new("`([a-z_]+)`").unwrap();
    let keywords: Vec<String> = rows
        .flat_map(|row| named.captures_iter(row).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .collect();
    let conditions = words.split("## Conditions").nth(1).unwrap().split("## ").next().unwrap().to_owned();
    let operand = regex::Regex::new("`a ([^`]+)`").unwrap();
    let conditions: Vec<String> =
        operand.captures_iter(&conditions).map(|found| condition(&found[1])).collect();
    assert!(keywords.len() > 90 && conditions.len() == 18, "{keywords:?} {conditions:?}");
    let used = |pattern: &str| regex::Regex::new(pattern).unwrap().is_match(&examples());
    let mut missing: Vec<String> = keywords
        .into_iter()
        .filter(|word| !used(&format!(r"\b{word}\b")) && !UNUSED.contains(&word.as_str()))
        .collect();
    missing.extend(conditions.into_iter().filter(|condition| !used(condition)));
    assert!(missing.is_empty(), "no example uses {missing:?}");
}

#[test]
fn the_examples_together_use_every_trigger_and_effect_of_chats_and_runs() {
    let declared = regex::Regex::new(r"(?m)^(trigger|effect) ([a-z_]+)").unwrap();
    let mut missing = Vec::new();
    for path in flow_files(&root().join("stdlib/prelude")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for found in declared.captures_iter(&text) {
            let (what, name) = (&found[1], &found[2]);
            let called = format!(r"(?:\b|\.){name}(?:\(|<|\b[^(]*\{{|\s)");
            if !regex::Regex::new(&called).unwrap().is_match(&examples()) {
                missing.push(format!("{what} {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "no example uses {missing:?}");
}

/// A condition's words as they may stand between two operands, as an expression of `regex`.
fn condition(words: &str) -> String {
    let word = |word: &str| match word {
        "b" | "c" => "[^\n]+".to_owned(),
        "re\"b\"" => "re\"".to_owned(),
        "high" => "[a-z_]+".to_owned(),
        other => regex::escape(other),
    };
    words.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// All examples, without comments.
fn examples() -> String {
    let files = flow_files(&root().join("flows"));
    let texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
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
