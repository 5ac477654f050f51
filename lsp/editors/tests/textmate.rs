//! VS Code colours flows by a TextMate grammar of regular expressions: each keyword looks like one, each name does not, and nothing
//! is without a colour; in every flow of the repository, by what the tree-sitter grammar knows of it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "grammar/reading.rs"]
mod reading;

use reading::{compiles, parse, texts, walk};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Words of a channel kind's line are free: `media by url`.
const FREE: [&str; 2] = ["capability", "delivery_rule"];

#[test]
fn keywords_and_nothing_else_look_like_keywords() {
    let Some(said) = tokens(texts().iter().filter(|(_, text)| compiles(text))) else { return };
    let (seen, wrong) = said.split_last().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let seen: usize = seen.strip_prefix("seen: ").unwrap().parse().unwrap();
    assert!(seen > 10_000, "only {seen} words were seen");
}

#[test]
fn a_word_of_the_wrong_colour_is_noticed() {
    let Some(said) =
        run(&[json!({ "name": "planted", "text": "const a = 1\n", "words": [[0, 0, 5, "name"]] })])
    else {
        return;
    };
    assert_eq!(said.len(), 2, "{said:?}");
}

/// What the script says of these texts; none where Node or its packages are missing.
fn tokens<'a>(texts: impl Iterator<Item = &'a (String, String)>) -> Option<Vec<String>> {
    let lines: Vec<_> =
        texts.map(|(name, text)| json!({ "name": name, "text": text, "words": words(text) })).collect();
    run(&lines)
}

fn run(lines: &[serde_json::Value]) -> Option<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vscode");
    let node = Command::new("node").arg("--version").output().is_ok();
    if !node || !folder.join("node_modules/vscode-textmate").is_dir() {
        // Not captured: whoever runs the tests shall see it, on a line of its own.
        let missing = "node, or `npm ci` in lsp/editors/vscode, is missing";
        let _ = writeln!(std::io::stdout(), "\nskipped: the TextMate grammar ({missing})");
        return None;
    }
    let mut child = Command::new("node")
        .arg(folder.join("test/tokens.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let said = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(said.status.success());
    Some(String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// Each word with line, column and length in UTF-16, and what it is.
fn words(text: &str) -> Vec<serde_json::Value> {
    let mut words = Vec::new();
    walk(parse(text).root_node(), &mut |node| {
        let word = text.get(node.byte_range()).unwrap_or_default();
        let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let free = node.parent().is_some_and(|p| FREE.contains(&p.kind()));
        let told = matches!(node.kind(), "identifier" | "type_identifier" | "tag_name") || !node.is_named();
        if node.child_count() > 0 || !is_word || free || !told {
            return;
        }
        let place = node.start_position();
        let line = text.lines().nth(place.row).unwrap_or_default();
        let column = line.get(..place.column).unwrap_or_default().encode_utf16().count();
        let kind = if node.is_named() { "name" } else { "keyword" };
        words.push(json!([place.row, column, word.len(), kind]));
    });
    words
}
