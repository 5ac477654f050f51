//! What Helix is told of the language is what the grammar and the other editors say.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::Value;
use std::path::{Path, PathBuf};

fn editors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(editors().join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn languages() -> Value {
    toml::from_str(&read("helix/languages.toml")).unwrap()
}

/// The table of this name in a list of them.
fn named<'t>(list: &'t Value, name: &str) -> &'t Value {
    list.as_array().unwrap().iter().find(|table| table["name"] == name).unwrap()
}

#[test]
fn it_starts_the_server_that_vs_code_starts() {
    let (helix, code) = (languages(), json("vscode/package.json"));
    let settings = &code["contributes"]["configuration"]["properties"];
    let server = &helix["language-server"]["carapace"];
    assert_eq!(server["command"], settings["carapace.path"]["default"]);
    assert_eq!(server["args"], settings["carapace.arguments"]["default"]);
    assert_eq!((&server["command"], &server["args"][0]), (&"carapace".into(), &"lsp".into()));
    let known = helix["language-server"].as_object().unwrap();
    for language in helix["language"].as_array().unwrap() {
        for server in language["language-servers"].as_array().unwrap() {
            assert!(known.contains_key(server.as_str().unwrap()), "{language}");
        }
    }
}

#[test]
fn it_has_the_language_that_the_grammar_reads() {
    let (helix, grammar) = (languages(), json("tree-sitter/tree-sitter.json"));
    let grammar = &grammar["grammars"][0];
    let flow = named(&helix["language"], "flow");
    assert_eq!(flow["name"], grammar["name"]);
    assert_eq!(flow["scope"], grammar["scope"]);
    assert_eq!(flow["file-types"], grammar["file-types"]);
    let injected = grammar["injection-regex"].as_str().unwrap();
    assert_eq!(injected.trim_matches(['^', '$']), flow["injection-regex"]);
    // Without a name of its own the grammar has the language's, and so has the folder of the queries.
    assert!(flow.get("grammar").is_none());
    assert!(editors().join("helix/queries/flow/highlights.scm").is_file());
    let source = named(&helix["grammar"], "flow")["source"]["path"].as_str().unwrap();
    let folder = source.strip_prefix("CARAPACE/").unwrap();
    assert!(editors().join("../..").join(folder).join("src/parser.c").is_file(), "{folder}");
}

#[test]
fn it_comments_and_closes_as_vs_code_does() {
    let (helix, code) = (languages(), json("vscode/language-configuration.json"));
    let flow = named(&helix["language"], "flow");
    assert_eq!(flow["comment-token"], code["comments"]["lineComment"]);
    let closing = code["autoClosingPairs"].as_array().unwrap();
    for (open, close) in flow["auto-pairs"].as_object().unwrap() {
        let pair = closing.iter().find(|pair| pair["open"] == **open);
        assert_eq!(pair.map(|pair| &pair["close"]), Some(close), "{open}");
    }
}

#[test]
fn it_knows_a_configuration_by_its_name() {
    let helix = languages();
    let configuration = named(&helix["language"], "carapace-configuration");
    assert_eq!(configuration["file-types"][0]["glob"], "carapace.json5");
    assert_eq!(configuration["language-servers"][0], "carapace");
}
