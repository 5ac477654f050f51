//! An author who never stops: random edits of every example, with random questions in between. Every question is answered,
//! and in the end the server knows what one knows that was just started.

use crate::client::{Client, document, uri};
use serde_json::{Value, json};
use std::path::Path;

/// Edits of each example. `ROUNDS=100 SEED=7` looks longer, and elsewhere.
const EDITS: usize = 6;

/// Questions about a place.
const ABOUT_PLACES: [&str; 9] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/typeDefinition",
    "textDocument/documentHighlight",
    "textDocument/signatureHelp",
    "textDocument/prepareCallHierarchy",
    "textDocument/linkedEditingRange",
    "textDocument/references",
];

/// Questions about a file.
const ABOUT_FILES: [&str; 6] = [
    "textDocument/semanticTokens/full",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/codeLens",
    "textDocument/documentLink",
    "textDocument/diagnostic",
];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The files of every example.
fn examples() -> Vec<Vec<(String, String)>> {
    let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let mut folders: Vec<_> = std::fs::read_dir(flows).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("main.flow").is_file());
    folders.sort();
    assert!(folders.len() >= 10, "the examples are found");
    folders.iter().map(|folder| files(folder, folder)).collect()
}

fn files(root: &Path, folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(root, &path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), text));
        }
    }
    found.sort();
    found
}

/// The text with a line moved, taken out, cut short or doubled.
fn edited(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = dice.below(lines.len());
    let line = lines.remove(at);
    match dice.below(4) {
        0 => lines.insert(dice.below(lines.len() + 1), line),
        1 => {}
        2 => lines.insert(at, &line[..line.floor_char_boundary(dice.below(line.len()))]),
        _ => [line, line].into_iter().for_each(|line| lines.insert(at, line)),
    }
    lines.concat()
}

/// A question, and what it is asked with.
fn question(name: &str, text: &str, dice: &mut Dice) -> (&'static str, Value) {
    let which = dice.below(ABOUT_PLACES.len() + ABOUT_FILES.len());
    if let Some(method) = which.checked_sub(ABOUT_PLACES.len()) {
        return (ABOUT_FILES[method], document(name));
    }
    let line = dice.below(text.lines().count());
    let column = dice.below(text.lines().nth(line).unwrap_or_default().len() + 2);
    let mut asked = crate::client::at(name, u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
    if ABOUT_PLACES[which] == "textDocument/references" {
        asked["context"] = json!({ "includeDeclaration": true });
    }
    (ABOUT_PLACES[which], asked)
}

async fn answer(client: &mut Client, asked: &(&str, Value)) -> Value {
    let answer = client.ask(asked.0, asked.1.clone()).await;
    // What was just said comes with a number of its own.
    let mut result = answer["result"].clone();
    if let Some(result) = result.as_object_mut() {
        result.remove("resultId");
    }
    assert!(answer["error"].is_null(), "{asked:?}: {answer}");
    result
}

async fn change(client: &mut Client, name: &str, text: &str, version: usize) {
    let document = json!({ "uri": uri(name), "version": version });
    let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
    client.tell("textDocument/didChange", params).await;
}

#[tokio::test]
async fn a_server_that_saw_many_edits_knows_what_a_new_one_knows() {
    let seed = number("SEED", 0x0dd5_5eed_1234_abcd);
    println!("SEED={seed}");
    let mut dice = Dice(seed);
    for _ in 0..number("ROUNDS", 1) {
        for mut package in examples() {
            let at = package.iter().position(|(name, _)| name == "main.flow").unwrap();
            let borrowed: Vec<(&str, &str)> = package.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
            let mut client = Client::start(&borrowed, json!({})).await;
            let (name, whole) = package[at].clone();
            client.open(&name, &whole).await;
            let mut text = whole.clone();
            for version in 0..EDITS {
                text = edited(if dice.below(3) == 0 { &text } else { &whole }, &mut dice);
                change(&mut client, &name, &text, version + 2).await;
                for _ in 0..dice.below(3) {
                    let asked = question(&name, &text, &mut dice);
                    answer(&mut client, &asked).await;
                }
            }
            package[at].1 = text.clone();
            let borrowed: Vec<(&str, &str)> = package.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
            let mut started = Client::start(&borrowed, json!({})).await;
            started.open(&name, &text).await;
            for _ in 0..12 {
                let asked = question(&name, &text, &mut dice);
                let (old, new) = (answer(&mut client, &asked).await, answer(&mut started, &asked).await);
                assert_eq!(old, new, "{asked:?}\n{text}");
            }
            client.end().await;
            started.end().await;
        }
    }
}
