//! Every flow that there is in the repository, and the tree that the grammar makes of a text.

use carapace_diagnostic::FileId;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tree_sitter::{Language, Node, Parser, Tree};
use tree_sitter_loader::{CompileConfig, Loader};
use walkdir::WalkDir;

/// The folder of the grammar.
pub(crate) fn grammar() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tree-sitter")
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The parser, compiled once and kept until its source changes.
pub(crate) fn language() -> Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(load).clone()
}

fn load() -> Language {
    let loader = Loader::with_parser_lib_path(PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let sources = grammar().join("src");
    loader.load_language_at_path(CompileConfig::new(&sources, None, None)).unwrap()
}

pub(crate) fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    parser.parse(text, None).unwrap()
}

/// Every node, parents before children.
pub(crate) fn walk<'t>(node: Node<'t>, see: &mut impl FnMut(Node<'t>)) {
    see(node);
    for index in 0..node.child_count() {
        walk(node.child(index).unwrap(), see);
    }
}

/// Every flow of the repository with its name, those in documents and tests included.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = root();
    let mut texts = Vec::new();
    for folder in ["README.md", "compiler", "docs", "flows", "stdlib", "tests"] {
        for entry in WalkDir::new(root.join(folder)) {
            let entry = entry.unwrap();
            let Some(extension) = entry.path().extension().and_then(|e| e.to_str()) else { continue };
            if !matches!(extension, "flow" | "md") {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let name = entry.path().strip_prefix(&root).unwrap().display().to_string();
            match extension {
                "flow" => texts.push((name, text)),
                _ => texts
                    .extend(blocks(&text).into_iter().map(|(line, block)| (format!("{name}:{line}"), block))),
            }
        }
    }
    texts
}

/// Whether the compiler's own parser finds nothing wrong.
pub(crate) fn compiles(text: &str) -> bool {
    carapace_syntax::parse(FileId(0), text).diagnostics.is_empty()
}

/// The `flow` blocks of a document, each with its line.
fn blocks(markdown: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in markdown.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line.starts_with("```flow") => open = Some((number + 1, String::new())),
            None => {}
        }
    }
    blocks
}
