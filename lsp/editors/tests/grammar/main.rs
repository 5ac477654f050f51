//! The tree-sitter grammar reads what the compiler reads, its parser is made of it, its queries know its nodes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod corpus;
mod generated;
mod keywords;
mod mistakes;
mod queries;
mod sources;

use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tree_sitter::{Language, Node, Parser, Tree};
use tree_sitter_loader::{CompileConfig, Loader};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = corpus::trials();
    trials.extend(generated::trials());
    trials.extend(keywords::trials());
    trials.extend(mistakes::trials());
    trials.extend(queries::trials());
    trials.extend(sources::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

/// The folder of the grammar.
fn grammar() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tree-sitter")
}

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The parser, compiled once and kept until its source changes.
fn language() -> Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(load).clone()
}

fn load() -> Language {
    let loader = Loader::with_parser_lib_path(PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let sources = grammar().join("src");
    loader.load_language_at_path(CompileConfig::new(&sources, None, None)).unwrap()
}

fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    parser.parse(text, None).unwrap()
}

/// Every node, parents before children.
fn walk<'t>(node: Node<'t>, see: &mut impl FnMut(Node<'t>)) {
    see(node);
    for index in 0..node.child_count() {
        walk(node.child(index).unwrap(), see);
    }
}

/// Where a tree says that something is wrong: line, and what stands there.
fn mistakes(tree: &Tree, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(tree.root_node(), &mut |node| {
        if node.is_error() || node.is_missing() {
            let line = node.start_position().row;
            let kind = if node.is_error() { "ERROR" } else { "MISSING" };
            found.push(format!(
                "{kind} in line {}: {}",
                line + 1,
                text.lines().nth(line).unwrap_or_default()
            ));
        }
    });
    found
}

fn trial(name: impl Into<String>, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Into::into))
}
