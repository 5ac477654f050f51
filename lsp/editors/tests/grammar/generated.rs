//! `src/parser.c` and what stands beside it are made of the grammar: `BLESS=1` makes them anew.

use crate::reading::grammar;
use crate::trial;
use libtest_mimic::Trial;
use std::io::Write as _;
use tree_sitter_generate::{ABI_VERSION_MAX, OptLevel, generate_parser_in_directory, load_grammar_file};

/// What is made. The headers belong to the generator.
const MADE: [&str; 5] =
    ["parser.c", "node-types.json", "tree_sitter/alloc.h", "tree_sitter/array.h", "tree_sitter/parser.h"];

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("generated: the parser is made of the grammar", || {
        if std::process::Command::new("node").arg("--version").output().is_ok() {
            // Both end without a line's end.
            let json = load_grammar_file(&grammar().join("grammar.js"), None).map_err(|e| e.to_string())?;
            agree("grammar.json", &json)?;
        } else {
            // Not captured: whoever runs the tests shall see it, on a line of its own.
            let _ = writeln!(
                std::io::stdout(),
                "\nskipped: grammar.json is what grammar.js says (node is missing)"
            );
        }
        parser_is_made()
    })]
}

fn parser_is_made() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("src");
    let mut told = Vec::new();
    generate_parser_in_directory(
        grammar(),
        Some(made.clone()),
        Some(grammar().join("src/grammar.json")),
        ABI_VERSION_MAX,
        None,
        None,
        true,
        OptLevel::default(),
        &mut told,
    )
    .map_err(|e| e.to_string())?;
    for name in MADE {
        agree(name, &std::fs::read_to_string(made.join(name)).unwrap())?;
    }
    Ok(())
}

/// A file below `src` says this, or is made to.
fn agree(name: &str, new: &str) -> Result<(), String> {
    let place = grammar().join("src").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, new).unwrap();
    }
    if std::fs::read_to_string(&place).unwrap_or_default() == new {
        return Ok(());
    }
    let again = "BLESS=1 cargo test -p carapace-editors --test grammar generated";
    Err(format!("src/{name} is not what the grammar makes: {again}"))
}
