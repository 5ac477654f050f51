//! Files are opened, edited and closed, and the editor is told what is wrong with them.

use crate::client::{Client, document, uri};
use serde_json::{Value, json};

const MAIN: &str = "channel chat: any\n\nflow a on chat.message {\n  repl(\"x\")\n}\n";

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|d| d["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn mistakes_are_told_while_the_file_is_edited() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let told = client.diagnostics().await;
    assert_eq!(codes(&told), ["E0101"], "what is on disk is checked at the start");
    assert_eq!(told[0]["codeDescription"]["href"], "file:///reference/codes/E0101.md");
    assert!(told[0]["message"].as_str().unwrap().contains("help: "), "{}", told[0]["message"]);
    client.open("main.flow", MAIN).await;
    assert_eq!(codes(&client.diagnostics().await), ["E0101"]);
    client.edit("main.flow", [3, 2, 3, 6], "reply").await;
    assert_eq!(client.diagnostics().await, [] as [Value; 0], "mended");
    client.edit("main.flow", [4, 0, 4, 1], "").await;
    assert!(!client.diagnostics().await.is_empty(), "broken, and told");
    client.tell("textDocument/didClose", document("main.flow")).await;
    assert_eq!(codes(&client.diagnostics().await), ["E0101"], "what is on disk counts again");
    client.end().await;
}

#[tokio::test]
async fn a_mistake_in_another_file_is_told_there() {
    let main = "use orders\nchannel chat: any\nflow a on chat.message { reply(orders.words()) }\n";
    let orders = "fn words() -> Text = \"x\"\n";
    let mut client = Client::start(&[("main.flow", main), ("orders.flow", orders)], json!({})).await;
    client.open("orders.flow", orders).await;
    client.edit("orders.flow", [0, 3, 0, 8], "word").await;
    let told = client
        .unasked(|m| m["params"]["uri"] == uri("main.flow") && m["params"]["diagnostics"] != json!([]))
        .await;
    assert_eq!(told["params"]["diagnostics"].as_array().unwrap().len(), 1);
    client.end().await;
}

#[tokio::test]
async fn an_editor_that_asks_for_diagnostics_gets_them_when_it_asks() {
    let pulls = json!({ "textDocument": { "diagnostic": {} } });
    let mut client = Client::start(&[("main.flow", MAIN)], pulls).await;
    let answer = client.ask("textDocument/diagnostic", document("main.flow")).await;
    assert_eq!(answer["result"]["kind"], "full");
    assert_eq!(codes(answer["result"]["items"].as_array().unwrap()), ["E0101"]);
    let all = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] })).await;
    assert_eq!(all["result"]["items"][0]["uri"], uri("main.flow"));
    client.end().await;
}

#[tokio::test]
async fn columns_are_counted_as_agreed() {
    let text = "channel chat: any\nflow a on chat.message { reply(\"\u{1f422}\" + repl) }\n";
    for (encodings, column) in [(json!(["utf-8"]), 40), (json!(["utf-16"]), 38), (json!(["utf-32"]), 37)] {
        let capabilities = json!({ "general": { "positionEncodings": encodings } });
        let mut client = Client::start(&[("main.flow", text)], capabilities).await;
        let told = client.diagnostics().await;
        assert_eq!(told[0]["range"]["start"], json!({ "line": 1, "character": column }), "{encodings}");
        client.end().await;
    }
}

#[tokio::test]
async fn a_document_is_formatted_by_edits() {
    let crooked = "channel chat: any\nflow a on chat.message {\nreply(\"x\")\n}\n";
    let mut client = Client::start(&[("main.flow", crooked)], json!({})).await;
    client.open("main.flow", crooked).await;
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let mut params = document("main.flow");
    params["options"] = options;
    let answer = client.ask("textDocument/formatting", params).await;
    let edits = answer["result"].as_array().unwrap();
    assert!(edits.iter().any(|e| e["newText"].as_str().unwrap().contains("  reply(\"x\")\n")), "{answer}");
    client.end().await;
}

#[tokio::test]
async fn a_repair_is_offered_and_says_what_it_mends() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    client.open("main.flow", MAIN).await;
    let told = client.diagnostics().await;
    let mut params = document("main.flow");
    params["range"] = told[0]["range"].clone();
    params["context"] = json!({ "diagnostics": told });
    let answer = client.ask("textDocument/codeAction", params).await;
    let action = &answer["result"][0];
    assert_eq!(action["kind"], "quickfix");
    assert_eq!(action["diagnostics"][0]["code"], "E0101");
    assert_eq!(action["edit"]["changes"][uri("main.flow")][0]["newText"], "reply");
    client.end().await;
}

#[tokio::test]
async fn a_test_is_run_from_its_lens_and_fails_beside_its_expectation() {
    let text =
        "channel chat: any\ntest \"it fails\" {\n  when chat.message(\"a\")\n  expect nothing else\n}\n";
    let mut client = Client::start(&[("main.flow", text)], json!({})).await;
    client.open("main.flow", text).await;
    let lenses = client.ask("textDocument/codeLens", document("main.flow")).await;
    let command = &lenses["result"][0]["command"];
    assert_eq!(command["command"], "carapace.runTest");
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    let answer = client.ask("workspace/executeCommand", params).await;
    assert_eq!(answer["result"][0]["passed"], false, "{answer}");
    let told = loop {
        let told = client.diagnostics().await;
        if told.iter().any(|d| d["source"] == "carapace test") {
            break told;
        }
    };
    let failure = told.iter().find(|d| d["source"] == "carapace test").unwrap();
    assert_eq!(failure["range"]["start"], json!({ "line": 3, "character": 2 }));
    client.edit("main.flow", [3, 2, 3, 21], "").await;
    assert!(
        client.diagnostics().await.iter().all(|d| d["source"] != "carapace test"),
        "an edit takes it back"
    );
    client.end().await;
}

#[tokio::test]
async fn an_editor_that_asks_is_told_to_ask_again_after_a_test_was_run() {
    let text =
        "channel chat: any\ntest \"it fails\" {\n  when chat.message(\"a\")\n  expect nothing else\n}\n";
    let asks = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let mut client = Client::start(&[("main.flow", text)], asks).await;
    let params = json!({
        "command": "carapace.runTest",
        "arguments": [{ "uri": uri("main.flow"), "title": "it fails" }],
    });
    let id = client.begin("workspace/executeCommand", params).await;
    assert_eq!(client.answer(id).await["result"][0]["passed"], false);
    client.unasked(|m| m["method"] == "workspace/diagnostic/refresh").await;
    let again = client.ask("textDocument/diagnostic", document("main.flow")).await;
    let items = again["result"]["items"].as_array().unwrap();
    assert!(items.iter().any(|d| d["source"] == "carapace test"), "{again}");
    client.end().await;
}
