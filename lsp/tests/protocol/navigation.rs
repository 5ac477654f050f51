//! From a name to what it means, and to everywhere it is meant.

use crate::client::{Client, at, document, uri};
use serde_json::{Value, json};

const MAIN: &str = "use orders
channel chat: any

/// Answers.
flow a on chat.message {
  let n = orders.step(1)
  help(n)
}

flow help(n: Int) {
  reply(\"{n}\")
}
";
const ORDERS: &str = "fn step(by: Int) -> Int = by + 1\n";

async fn client(capabilities: Value) -> Client {
    let mut client = Client::start(&[("main.flow", MAIN), ("orders.flow", ORDERS)], capabilities).await;
    client.open("main.flow", MAIN).await;
    client
}

#[tokio::test]
async fn a_name_leads_to_its_declaration_in_another_file_and_in_the_library() {
    let mut client = client(json!({})).await;
    let answer = client.ask("textDocument/definition", at("main.flow", 5, 18)).await;
    assert_eq!(answer["result"][0]["uri"], uri("orders.flow"));
    assert_eq!(answer["result"][0]["range"]["start"], json!({ "line": 0, "character": 3 }));
    let answer = client.ask("textDocument/definition", at("main.flow", 10, 4)).await;
    let place = answer["result"][0]["uri"].as_str().unwrap();
    assert!(place.starts_with("file:///reference/library/"), "{place}");
    client.end().await;
}

#[tokio::test]
async fn links_are_given_to_an_editor_that_takes_them() {
    let mut client = client(json!({ "textDocument": { "definition": { "linkSupport": true } } })).await;
    let answer = client.ask("textDocument/definition", at("main.flow", 6, 3)).await;
    let link = &answer["result"][0];
    assert_eq!(link["originSelectionRange"]["start"], json!({ "line": 6, "character": 2 }));
    assert_eq!(link["targetUri"], uri("main.flow"));
    client.end().await;
}

#[tokio::test]
async fn a_rename_reaches_every_file_and_refuses_what_it_must() {
    let mut client = client(json!({})).await;
    let mut params = at("main.flow", 5, 18);
    let prepared = client.ask("textDocument/prepareRename", params.clone()).await;
    assert_eq!(prepared["result"]["placeholder"], "step");
    params["newName"] = json!("stride");
    let answer = client.ask("textDocument/rename", params.clone()).await;
    let changes = &answer["result"]["changes"];
    assert_eq!(changes[uri("main.flow")][0]["newText"], "stride");
    assert_eq!(changes[uri("orders.flow")][0]["range"]["start"]["character"], 3);
    params["newName"] = json!("if");
    let refused = client.ask("textDocument/rename", params).await;
    assert_eq!(refused["error"]["code"], -32803);
    let refused = client.ask("textDocument/prepareRename", at("main.flow", 2, 0)).await;
    assert_eq!(refused["error"]["code"], -32803);
    client.end().await;
}

#[tokio::test]
async fn a_flow_is_renamed_after_a_look_where_a_runtime_knows_it_by_name() {
    let annotates = json!({ "workspace": { "workspaceEdit": { "changeAnnotationSupport": {} } } });
    let mut client = client(annotates).await;
    let mut params = at("main.flow", 4, 5);
    params["newName"] = json!("answer");
    let answer = client.ask("textDocument/rename", params).await;
    let annotations = answer["result"]["changeAnnotations"].as_object().unwrap();
    assert!(annotations.values().all(|a| a["needsConfirmation"] == true), "{answer}");
    client.end().await;
}

#[tokio::test]
async fn who_calls_whom() {
    let mut client = client(json!({})).await;
    let prepared = client.ask("textDocument/prepareCallHierarchy", at("main.flow", 9, 6)).await;
    let item = prepared["result"][0].clone();
    assert_eq!(item["name"], "help");
    let incoming = client.ask("callHierarchy/incomingCalls", json!({ "item": item })).await;
    assert_eq!(incoming["result"][0]["from"]["name"], "a");
    assert_eq!(incoming["result"][0]["fromRanges"][0]["start"], json!({ "line": 6, "character": 2 }));
    let outgoing = client.ask("callHierarchy/outgoingCalls", json!({ "item": item })).await;
    assert_eq!(outgoing["result"][0]["to"]["name"], "reply");
    let up = incoming["result"][0]["from"].clone();
    let further = client.ask("callHierarchy/outgoingCalls", json!({ "item": up })).await;
    let names: Vec<&str> =
        further["result"].as_array().unwrap().iter().map(|c| c["to"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["step", "help"]);
    client.end().await;
}

#[tokio::test]
async fn tokens_are_sent_whole_then_only_as_they_change() {
    let mut client = client(json!({})).await;
    let whole = client.ask("textDocument/semanticTokens/full", document("main.flow")).await;
    let mut tokens: Vec<u64> = serde_json::from_value(whole["result"]["data"].clone()).unwrap();
    assert_eq!(tokens.len() % 5, 0);
    client.edit("main.flow", [5, 6, 5, 7], "number").await;
    client.edit("main.flow", [6, 7, 6, 8], "number").await;
    let mut params = document("main.flow");
    params["previousResultId"] = whole["result"]["resultId"].clone();
    let delta = client.ask("textDocument/semanticTokens/full/delta", params).await;
    for edit in delta["result"]["edits"].as_array().unwrap() {
        let start = usize::try_from(edit["start"].as_u64().unwrap()).unwrap();
        let count = usize::try_from(edit["deleteCount"].as_u64().unwrap()).unwrap();
        let data: Vec<u64> = serde_json::from_value(edit["data"].clone()).unwrap();
        assert!(data.len() < tokens.len(), "less than everything");
        tokens.splice(start..start + count, data);
    }
    let again = client.ask("textDocument/semanticTokens/full", document("main.flow")).await;
    assert_eq!(json!(tokens), again["result"]["data"]);
    client.end().await;
}

#[tokio::test]
async fn the_small_questions_are_answered() {
    let mut client = client(json!({})).await;
    let mut params = document("main.flow");
    params["range"] =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let hints = client.ask("textDocument/inlayHint", params).await;
    assert_eq!(hints["result"][0]["label"], ": Int");
    let mut params = document("main.flow");
    params["positions"] = json!([{ "line": 5, "character": 7 }, { "line": 999, "character": 0 }]);
    let selections = client.ask("textDocument/selectionRange", params).await;
    assert_eq!(selections["result"].as_array().unwrap().len(), 2);
    assert!(selections["result"][0]["parent"]["parent"].is_object());
    let linked = client.ask("textDocument/linkedEditingRange", at("main.flow", 5, 6)).await;
    assert_eq!(linked["result"]["ranges"].as_array().unwrap().len(), 2);
    let highlights = client.ask("textDocument/documentHighlight", at("main.flow", 5, 6)).await;
    assert_eq!(highlights["result"].as_array().unwrap().len(), 2);
    let mut params = at("main.flow", 9, 6);
    params["context"] = json!({ "includeDeclaration": false });
    let references = client.ask("textDocument/references", params).await;
    assert_eq!(references["result"].as_array().unwrap().len(), 1);
    let types = client.ask("textDocument/typeDefinition", at("main.flow", 5, 6)).await;
    assert_eq!(types["result"], Value::Null, "`Int` is declared nowhere");
    client.end().await;
}
