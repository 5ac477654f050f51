//! What an editor asks while something is written: proposals, their documentation, calls, and what is under the cursor.

use crate::client::{Client, at};
use serde_json::json;

const MAIN: &str = "channel chat: telegram\n\nflow a on chat.message {\n  send(\"x\", )\n  message.\n}\n";

fn snippets() -> serde_json::Value {
    json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } })
}

fn item<'a>(answer: &'a serde_json::Value, label: &str) -> &'a serde_json::Value {
    let items = answer["result"]["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["label"] == label);
    assert!(found.is_some(), "no {label} in {items:?}");
    found.unwrap()
}

#[tokio::test]
async fn proposals_come_with_edits_and_their_documentation_when_it_is_asked_for() {
    let mut client = Client::start(&[("main.flow", MAIN)], snippets()).await;
    client.open("main.flow", MAIN).await;
    let answer = client.ask("textDocument/completion", at("main.flow", 4, 10)).await;
    let text = item(&answer, "text").clone();
    assert_eq!((&text["kind"], &text["detail"]), (&json!(5), &json!("Text")));
    assert_eq!(text["textEdit"]["range"]["start"], json!({ "line": 4, "character": 10 }));
    assert!(text.get("documentation").is_none(), "only where it is looked at");
    let resolved = client.ask("completionItem/resolve", text).await;
    assert!(resolved["result"]["documentation"]["value"].is_string(), "{resolved}");
    client.end().await;
}

#[tokio::test]
async fn files_of_the_package_are_proposed_where_one_is_named() {
    let text = "agent desk {\n  model: \"a/b\"\n  instructions: file(\"pr\")\n}\n";
    let files = [("main.flow", text), ("prompts/desk.md", "Be kind."), ("other.flow", "")];
    let mut client = Client::start(&files, snippets()).await;
    client.open("main.flow", text).await;
    let answer = client.ask("textDocument/completion", at("main.flow", 2, 24)).await;
    assert_eq!(answer["result"]["items"].as_array().unwrap().len(), 1, "no flows: {answer}");
    let edit = &item(&answer, "prompts/desk.md")["textEdit"];
    assert_eq!(edit["range"]["start"], json!({ "line": 2, "character": 22 }));
    client.end().await;
}

#[tokio::test]
async fn where_nothing_is_written_no_more_is_sent_than_somebody_reads() {
    let text = "channel chat: telegram\nflow a on chat.message {\n  let x = \n  le\n}\n";
    let mut client = Client::start(&[("main.flow", text)], snippets()).await;
    client.open("main.flow", text).await;
    let answer = client.ask("textDocument/completion", at("main.flow", 2, 10)).await;
    assert_eq!(answer["result"]["isIncomplete"], true);
    let items = answer["result"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 100);
    let bytes = answer.to_string().len();
    assert!(bytes < 40_000, "{bytes} bytes");
    for wanted in ["message", "sender", "chat", "ask"] {
        item(&answer, wanted);
    }
    for (at, item) in items.iter().enumerate() {
        assert_eq!(item["sortText"], format!("{at:02}"), "the editor keeps the order");
        assert!(item.get("documentation").is_none(), "{item}");
    }
    let words = client.ask("textDocument/completion", at("main.flow", 3, 4)).await;
    let word = client.ask("completionItem/resolve", item(&words, "let").clone()).await;
    assert!(word["result"]["documentation"]["value"].is_string(), "{word}");
    client.end().await;
}

#[tokio::test]
async fn what_a_proposal_changes_elsewhere_is_sent_when_the_editor_asks_for_it() {
    let text = "channel chat: telegram\n\nconst a: Text = bull\n";
    let later = json!({ "textDocument": { "completion": { "completionItem": {
        "snippetSupport": true, "resolveSupport": { "properties": ["documentation", "additionalTextEdits"] } } } } });
    let line = "use std/table\n\n";
    for (capabilities, late) in [(snippets(), false), (later, true)] {
        let mut client = Client::start(&[("main.flow", text)], capabilities).await;
        client.open("main.flow", text).await;
        let answer = client.ask("textDocument/completion", at("main.flow", 2, 20)).await;
        let found = item(&answer, "bullets").clone();
        assert_eq!(found.get("additionalTextEdits").is_none(), late, "{found}");
        let resolved = client.ask("completionItem/resolve", found).await;
        assert_eq!(resolved["result"]["additionalTextEdits"][0]["newText"], line, "{resolved}");
        assert!(resolved["result"]["documentation"]["value"].is_string(), "{resolved}");
        client.end().await;
    }
}

#[tokio::test]
async fn places_to_fill_in_are_for_editors_that_know_them() {
    for (capabilities, wanted) in [(snippets(), "log(${1:message})"), (json!({}), "log")] {
        let text = "channel chat: any\nflow a on chat.message {\n  lo\n}\n";
        let mut client = Client::start(&[("main.flow", text)], capabilities).await;
        client.open("main.flow", text).await;
        let answer = client.ask("textDocument/completion", at("main.flow", 2, 4)).await;
        assert_eq!(item(&answer, "log")["textEdit"]["newText"], wanted);
        client.end().await;
    }
}

#[tokio::test]
async fn the_call_and_the_name_under_the_cursor_are_explained() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    client.open("main.flow", MAIN).await;
    let answer = client.ask("textDocument/signatureHelp", at("main.flow", 3, 12)).await;
    assert_eq!(answer["result"]["activeParameter"], 1);
    let signature = &answer["result"]["signatures"][0];
    assert_eq!(signature["parameters"][1]["label"], "to: trusted Target");
    let answer = client.ask("textDocument/hover", at("main.flow", 3, 4)).await;
    let said = answer["result"]["contents"]["value"].as_str().unwrap();
    assert!(said.starts_with("```flow\neffect send("), "{said}");
    assert_eq!(answer["result"]["range"]["end"], json!({ "line": 3, "character": 6 }));
    let answer = client.ask("textDocument/hover", at("main.flow", 1, 0)).await;
    assert_eq!(answer["result"], serde_json::Value::Null);
    client.end().await;
}
