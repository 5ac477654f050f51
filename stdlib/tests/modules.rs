//! The list of embedded modules and the folders say the same.

use carapace_stdlib::MODULES;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_list_is_what_stands_in_the_folders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeSet::new();
    for folder in ["prelude", "kinds", "std"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(name.ends_with(".flow"), "`{folder}/{name}` is no flow file");
            files.insert(format!("{folder}/{name}"));
        }
    }
    let listed: BTreeSet<String> = MODULES.iter().map(|module| module.file.to_owned()).collect();
    assert_eq!(listed, files);
    assert_eq!(listed.len(), MODULES.len(), "a file is listed twice");
}

#[test]
fn no_two_modules_have_one_path() {
    let paths: BTreeSet<&str> = MODULES.iter().map(|module| module.path).collect();
    assert_eq!(paths.len(), MODULES.len());
}

#[test]
fn every_declaration_has_a_doc_comment() {
    let words =
        ["effect ", "trigger ", "channel kind ", "tag ", "extern ", "fn ", "type ", "const ", "flow "];
    for module in MODULES {
        let mut before = "";
        for (number, line) in module.text.lines().enumerate() {
            if words.iter().any(|word| line.starts_with(word)) {
                assert!(
                    before.starts_with("///"),
                    "{}:{}: `{line}` says nothing about itself",
                    module.file,
                    number + 1
                );
            }
            before = line;
        }
    }
}

#[test]
fn natives_and_effects_are_named_once() {
    let mut names = BTreeSet::new();
    for module in MODULES {
        for line in module.text.lines() {
            let declared = line.strip_prefix("extern fn ").or_else(|| line.strip_prefix("effect "));
            if let Some(name) = declared.and_then(|rest| rest.split(['<', '(']).next()) {
                assert!(name.contains('@'), "{}: `{name}` has no version", module.file);
                assert!(
                    names.insert(format!("{}.{name}", module.path)),
                    "`{name}` is declared twice in {}",
                    module.path
                );
            }
        }
    }
    assert!(names.len() > 50, "only {} names found: does this test read the files?", names.len());
}
