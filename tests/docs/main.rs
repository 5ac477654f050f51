//! What the documents show is true: every `flow` block of the READMEs and of `docs/` checks, and the tests in it pass; or it fails
//! as its fence says. Links lead somewhere, paths exist, tables say what the code says.
//!
//! | fence | |
//! |---|---|
//! | ```` ```flow ```` | a whole file |
//! | ```` ```flow more ```` | goes on where the block before ended |
//! | ```` ```flow shop/orders.flow ```` | another file of the package of the next block |
//! | ```` ```flow error E0101 ```` | has exactly these mistakes |
//! | ```` ```flow warning W0302 ```` | has exactly these warnings, and its tests pass all the same |
//! | ```` ```flow part ```` | is only a part of a file, and has to parse |
//! | ```` ```capabilities ```` | what `carapace check --capabilities` lists for the block before |
//! | ```` ```disassembly ```` | what `carapace disasm` shows of its module |

// The blocks below `docs/` also stand in the one style.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod architecture;
mod blocks;
mod judge;
mod library;
mod links;
mod module_format;
mod tables;

use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut trials = Vec::new();
    for path in documents(root) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let of_the_reference = name.starts_with("docs/");
        for block in blocks::blocks(&text) {
            let title = format!("{name}:{}", block.line);
            let path = path.clone();
            trials.push(Trial::test(title, move || block.judge(&path, of_the_reference)));
        }
        let document = path.clone();
        trials.push(Trial::test(format!("{name}: links"), move || links::follow(&document)));
        let base = root.to_owned();
        trials.push(Trial::test(format!("{name}: paths"), move || links::paths(&path, &base)));
    }
    assert!(!trials.is_empty(), "the README shows a flow");
    trials.extend(tables::trials(root));
    trials.extend(module_format::trials(root));
    let base = root.to_owned();
    trials.push(Trial::test("docs/ARCHITECTURE.md: the map", move || architecture::agree(&base)));
    let reference = root.join("docs/language/stdlib");
    trials.push(Trial::test("the library's pages", move || library::agree(&reference)));
    trials.push(Trial::test("a page that lies is noticed", judge::notices));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.join("README.md")];
    let mut folders = ["docs", "flows", "stdlib", "cli/src/commands/new"].map(|f| root.join(f)).to_vec();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
