//! Every dependency is here for a reason, and every crate plays by the same rules.

use crate::tree;

#[test]
fn every_external_crate_has_its_reason() {
    let text = tree::read("Cargo.toml").unwrap();
    let section = text.split("[workspace.dependencies]\n").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let mut breaches = Vec::new();
    let mut explained = false;
    let mut count = 0;
    for line in section.lines() {
        if line.trim_start().starts_with('#') {
            explained = true;
        } else if line.trim().is_empty() {
            explained = false;
        } else if line.starts_with(|c: char| c.is_ascii_lowercase()) && !line.contains("path = ") {
            count += 1;
            if !explained {
                breaches.push(format!("no reason above `{line}`"));
            }
        }
    }
    assert!(count > 10, "the dependencies are found");
    tree::none("a dependency has a line above it that says what it is for", &breaches);
}

#[test]
fn crates_take_versions_and_lints_from_the_workspace() {
    let mut breaches = Vec::new();
    // What is fuzzed is built by itself, with another compiler's flags.
    let member = |file: &&tree::TextFile| !file.path.starts_with("tests/fuzz/");
    for file in tree::files().iter().filter(|f| f.path.ends_with("/Cargo.toml")).filter(member) {
        let manifest: toml::Table = toml::from_str(&file.text).unwrap();
        let lints = manifest.get("lints").and_then(|l| l.get("workspace")).and_then(toml::Value::as_bool);
        if lints != Some(true) {
            breaches.push(format!("{}: `[lints] workspace = true` is missing", file.path));
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(section).and_then(|s| s.as_table()) else { continue };
            for (name, value) in table {
                // A crate that tests itself with its own features depends on itself by path.
                let inherited = value.get("workspace").is_some() || value.get("path").is_some();
                if !inherited {
                    breaches.push(format!("{}: `{name}` has a version of its own", file.path));
                }
            }
        }
    }
    tree::none("versions stand in the workspace's Cargo.toml", &breaches);
}

#[test]
fn every_member_is_a_folder_with_a_header() {
    let mut breaches = Vec::new();
    for file in tree::rust() {
        let is_root = file.path.ends_with("/src/lib.rs") || file.path.ends_with("/src/main.rs");
        if is_root && !file.text.starts_with("//!") {
            breaches.push(format!("{} does not say what the crate is", file.path));
        }
    }
    tree::none("a crate begins with what it is, why, and what it deliberately is not", &breaches);
}
