//! What a snippet of VS Code puts into a file is flow as soon as its gaps have what they suggest.

use carapace_diagnostic::FileId;
use serde_json::Value;
use std::path::Path;

/// Snippets that go into a body or behind one, and what is around them then.
const INSIDE: [(&str, &str, &str); 3] = [
    ("ask", "flow f() {\n", "\n}\n"),
    ("match", "fn f() {\n", "\n}\n"),
    ("onfailure", "flow f() {\n} ", "\n"),
];

#[test]
fn every_snippet_is_flow() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vscode/snippets/flow.json");
    let snippets: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut seen = 0;
    for (title, snippet) in snippets.as_object().unwrap() {
        let lines = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        let body = filled(&lines.collect::<Vec<_>>().join("\n"));
        let around = INSIDE.iter().find(|(prefix, ..)| snippet["prefix"] == *prefix);
        let text = around.map_or(body.clone(), |(_, before, behind)| format!("{before}{body}{behind}"));
        let told = carapace_syntax::parse(FileId(0), &text).diagnostics;
        assert!(told.is_empty(), "{title}: {told:?}\n{text}");
        seen += 1;
    }
    assert!(seen > 10, "the snippets are found");
}

#[test]
fn gaps_are_filled() {
    let text = filled("${1:a} $1 ${2|b,c|} ${3} {x} ${4:say \"${1:a}\"}|$0|");
    assert_eq!(text, "a a b gap {x} say \"a\"|gap|");
}

/// A snippet whose gaps have what they suggest, or a word.
fn filled(snippet: &str) -> String {
    let mut known = Vec::new();
    fill(&mut snippet.chars().peekable(), false, &mut known)
}

fn fill(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    inside: bool,
    known: &mut Vec<(u32, String)>,
) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '}' if inside => break,
            '$' => {
                let braced = chars.next_if_eq(&'{').is_some();
                let mut number = 0;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    number = number * 10 + digit;
                    chars.next();
                }
                let suggested = match braced.then(|| chars.next()).flatten() {
                    Some(':') => Some(fill(chars, true, known)),
                    Some('|') => {
                        let choices: String = chars.by_ref().take_while(|c| *c != '}').collect();
                        choices.trim_end_matches('|').split(',').next().map(str::to_owned)
                    }
                    _ => None,
                };
                let before = known.iter().find(|(n, _)| *n == number).map(|(_, text)| text.clone());
                let text = suggested.or(before).unwrap_or_else(|| "gap".to_owned());
                known.push((number, text.clone()));
                out.push_str(&text);
            }
            _ => out.push(c),
        }
    }
    out
}
