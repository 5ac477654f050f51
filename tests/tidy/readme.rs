//! The README's promises: its commands exist, and the gate runs them.

use crate::tree;
use regex::Regex;

#[test]
fn the_readme_starts_with_the_two_commands() {
    let readme = tree::read("README.md").expect("there is a README.md");
    let commands = commands(&readme);
    assert!(
        commands.first().is_some_and(|c| c.starts_with("cargo run")),
        "first: see it run; found {commands:?}"
    );
    assert!(
        commands.get(1).is_some_and(|c| c.starts_with("cargo test")),
        "second: run all tests; found {commands:?}"
    );
    let gate = tree::read(".ci/run").expect("there is a .ci/run");
    assert!(gate.contains("README.md"), ".ci/run takes the test command from the README");
}

#[test]
fn subcommands_that_documents_name_exist() {
    let known = known();
    let call = Regex::new(r"(?m)^(?:\$ )?carapace ([a-z]+)").unwrap();
    let mut breaches = Vec::new();
    for file in tree::files().iter().filter(|f| f.path.ends_with(".md")) {
        for block in fenced(&file.text) {
            for found in call.captures_iter(&block) {
                if !known.iter().any(|k| *k == found[1]) {
                    breaches.push(format!("{}: `carapace {}`", file.path, &found[1]));
                }
            }
        }
    }
    tree::none("a document shows a command that the binary does not have", &breaches);
}

/// The subcommands: a variant each of `Command`.
fn known() -> Vec<String> {
    let args = std::fs::read_to_string(tree::root().join("cli/src/args.rs")).unwrap();
    let commands = args.split("enum Command {").nth(1).unwrap().split("\n}").next().unwrap();
    let variant = Regex::new(r"(?m)^    ([A-Z][A-Za-z]*)\(").unwrap();
    let names = variant.captures_iter(commands).map(|c| c[1].to_lowercase());
    names.chain(["help".to_owned()]).collect()
}

/// The lines of the shell blocks, without comments.
fn commands(markdown: &str) -> Vec<String> {
    let lines =
        fenced(markdown).into_iter().flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    let lines = lines.map(|l| l.split(" #").next().unwrap_or("").trim().to_owned());
    lines.filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
}

fn fenced(markdown: &str) -> Vec<String> {
    let block = Regex::new(r"(?s)```(?:sh|bash|console)\n(.*?)```").unwrap();
    block.captures_iter(markdown).map(|c| c[1].to_owned()).collect()
}
