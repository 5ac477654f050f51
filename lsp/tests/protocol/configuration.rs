//! `carapace.json5` in an editor: told, asked, completed, explained; and no question about it fails.

use crate::client::{Client, at, document, uri};
use serde_json::{Value, json};

const NAME: &str = "carapace.json5";

fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect()
}

async fn told(client: &mut Client) -> Value {
    let news = client
        .unasked(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri(NAME))
        .await;
    news["params"]["diagnostics"].clone()
}

#[tokio::test]
async fn mistakes_are_told_while_it_is_edited() {
    let mut client = Client::start(&[], json!({})).await;
    client.open(NAME, "{\n  version: 1,\n  lisen: 'x',\n}\n").await;
    let first = told(&mut client).await;
    assert_eq!(codes(&first), ["W0601"]);
    assert_eq!(first[0]["range"]["start"], json!({ "line": 2, "character": 2 }));
    assert!(first[0]["message"].as_str().unwrap().contains("did you mean `listen`?"), "{first}");
    client.edit(NAME, [2, 2, 2, 7], "data").await;
    assert_eq!(told(&mut client).await, json!([]), "mended");
    client.edit(NAME, [2, 6, 2, 7], "").await;
    assert_eq!(codes(&told(&mut client).await), ["E0977"]);
    client.tell("textDocument/didClose", document(NAME)).await;
    assert_eq!(told(&mut client).await, json!([]), "what is closed has no mistakes any more");
    client.end().await;
}

#[tokio::test]
async fn it_is_completed_and_explained_and_no_question_fails() {
    let pulls = json!({ "textDocument": { "diagnostic": {} } });
    let mut client = Client::start(&[("main.flow", "const a = 1\n")], pulls).await;
    client.open(NAME, "{\n  accounts: { web: { kind: 'w' } },\n  his: 1\n}\n").await;
    let answer = client.ask("textDocument/diagnostic", document(NAME)).await;
    assert_eq!(codes(&answer["result"]["items"]), ["E0979", "W0601", "W0602"]);
    let kinds = client.ask("textDocument/completion", at(NAME, 1, 29)).await;
    let items = kinds["result"]["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|i| i["label"].as_str().unwrap()).collect::<Vec<_>>(),
        ["terminal", "webchat", "telegram"]
    );
    assert_eq!(items[1]["textEdit"]["newText"], "\"webchat\"");
    let keys = client.ask("textDocument/completion", at(NAME, 2, 5)).await;
    let keys = keys["result"]["items"].as_array().unwrap();
    assert!(
        keys.iter().any(|i| i["label"] == "history" && i["textEdit"]["newText"] == "history"),
        "{keys:?}"
    );
    let hover = client.ask("textDocument/hover", at(NAME, 1, 4)).await;
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().starts_with("**accounts**"), "{hover}");
    for method in [
        "textDocument/documentSymbol",
        "textDocument/foldingRange",
        "textDocument/codeLens",
        "textDocument/documentLink",
        "textDocument/semanticTokens/full",
    ] {
        let answer = client.ask(method, document(NAME)).await;
        assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
    }
    let flow = client.ask("textDocument/diagnostic", document("main.flow")).await;
    assert!(flow["result"]["items"].is_array(), "flows are answered as before: {flow}");
    client.end().await;
}
