//! The queries name nodes that there are, and every editor that has its own copy has the same one.

use crate::reading::{grammar, language};
use crate::trial;
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use tree_sitter::Query;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for folder in ["tree-sitter/queries", "helix/queries/flow"] {
        let files = scheme(&editors().join(folder));
        assert!(files.len() > 2, "{folder} has queries");
        for file in files {
            let name = format!("queries: {folder}/{}", file.file_name().unwrap().to_string_lossy());
            trials.push(trial(name, move || {
                let text = std::fs::read_to_string(&file).unwrap();
                Query::new(&language(), &text).map(drop).map_err(|e| format!("{}: {e}", file.display()))
            }));
        }
    }
    trials.push(trial("queries: a node that is none is noticed", || {
        match Query::new(&language(), "(flow_that_is_none) @x") {
            Ok(_) => Err("it is taken".to_owned()),
            Err(_) => Ok(()),
        }
    }));
    trials.push(trial("queries: Neovim has the same", || {
        let copies = editors().join("neovim/queries/flow");
        for file in scheme(&grammar().join("queries")) {
            let copy = copies.join(file.file_name().unwrap());
            if std::env::var_os("BLESS").is_some() {
                std::fs::create_dir_all(&copies).unwrap();
                std::fs::copy(&file, &copy).unwrap();
            } else if std::fs::read(&file).ok() != std::fs::read(&copy).ok() {
                return Err(format!("{} differs: BLESS=1 copies it", copy.display()));
            }
        }
        Ok(())
    }));
    trials
}

fn editors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn scheme(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> =
        entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "scm")).collect();
    files.sort();
    files
}
