//! What stands about the configuration in `docs/` is what the schema says, and what stands there as an example is right.
//! `BLESS=1` writes what is made of the schema.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads the disk, and stops at the first surprise"
)]

use carapace_config::schema::{json_schema, tables};
use carapace_config::{Files, Loaded};
use carapace_diagnostic::{codes, explain};
use std::path::{Path, PathBuf};

/// One text as the configuration, and an empty `accounts.json5` beside it.
struct One<'t>(&'t str);

impl Files for One<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        match path.to_str() {
            Some("carapace.json5") => Ok(self.0.to_owned()),
            Some("accounts.json5") => Ok("{}".to_owned()),
            _ => Err("no such file".to_owned()),
        }
    }
}

fn codes_of(text: &str) -> Vec<&'static str> {
    let environment = |name: &str| (name == "HOME").then(|| "/home/ana".to_owned());
    let loaded = Loaded::read(Path::new("carapace.json5"), &One(text), Some(&environment)).unwrap();
    let mut codes: Vec<&str> = loaded.diagnostics.iter().map(|d| d.code.0).collect();
    codes.dedup();
    codes
}

/// The JSON5 blocks of a text.
fn blocks(markdown: &str) -> Vec<String> {
    let parts = markdown.split("```json5\n").skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Compares a file with what it should be, or writes that.
fn agree(path: &Path, wanted: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, wanted).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == wanted, "{} is not what the schema says: BLESS=1 writes it", path.display());
}

#[test]
fn the_table_of_all_keys_is_that_of_the_schema() {
    let path = docs().join("configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (words, _) = page.split_once("## Keys\n").unwrap();
    agree(&path, &format!("{words}## Keys\n\n{}\n", tables().trim_end()));
}

#[test]
fn the_json_schema_is_that_of_the_schema() {
    agree(&docs().join("carapace.schema.json"), &format!("{:#}\n", json_schema()));
}

#[test]
fn the_examples_of_the_pages_are_right() {
    for page in ["configuration.md", "mcp.md", "models.md"] {
        let page = std::fs::read_to_string(docs().join(page)).unwrap();
        let blocks = blocks(&page);
        assert!(blocks.len() > 1, "the page shows configurations");
        for block in blocks {
            assert_eq!(codes_of(&block), [""; 0], "{block}");
        }
    }
}

#[test]
fn the_page_of_a_code_shows_that_mistake_and_its_repair() {
    let mut seen = 0;
    for code in codes() {
        let page = explain(code).unwrap();
        let (wrong, right) = (page.wrong.blocks, page.right.blocks);
        let ([wrong], [right]) = (&wrong[..], &right[..]) else { continue };
        if wrong.language == "json5" {
            seen += 1;
            assert_eq!(codes_of(wrong.source), [code], "{}", wrong.source);
            assert_eq!(codes_of(right.source), [""; 0], "{}", right.source);
        }
    }
    assert_eq!(seen, 13, "every code about configurations has such a page");
}
