//! Whatever an editor sends, it gets an answer or an error of the protocol, and the server goes on.

use crate::client::{Client, at, document, uri};
use carapace_driver::MemoryFiles;
use serde_json::{Value, json};

const MAIN: &str = "channel chat: any\n";

async fn still_there(client: &mut Client) {
    let answer = client.ask("textDocument/documentSymbol", document("main.flow")).await;
    assert_eq!(answer["result"][0]["name"], "chat", "{answer}");
}

fn refused(code: i64) -> impl Fn(&Value) -> bool {
    move |m: &Value| m["error"]["code"] == json!(code) && m["id"].is_null()
}

#[tokio::test]
async fn what_is_no_message_costs_one_message() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let bad: [(&[u8], i64); 8] = [
        (b"Content-Length: 5\r\n\r\n{\"a\":", -32700),
        (b"Content-Length: 4\r\n\r\n\xff\xfe{}", -32700),
        (b"Content-Length: 0\r\n\r\n", -32700),
        (b"Content-Length: many\r\n\r\n", -32700),
        (b"Content-Length: -1\r\n\r\n", -32700),
        (b"Content-Type: text/plain\r\n\r\n", -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 12\r\n\r\n{\"method\":1}", -32600),
    ];
    for (bytes, code) in bad {
        client.bytes(bytes).await;
        client.unasked(refused(code)).await;
        still_there(&mut client).await;
    }
    client.end().await;
}

#[tokio::test]
async fn what_is_too_long_is_passed_over() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let length = 64 * 1024 * 1024 + 1;
    client.bytes(format!("Content-Length: {length}\r\n\r\n").as_bytes()).await;
    let chunk = vec![b' '; 1 << 16];
    let mut left = length;
    while left > 0 {
        let take = left.min(chunk.len());
        client.bytes(&chunk[..take]).await;
        left -= take;
    }
    client.unasked(refused(-32600)).await;
    still_there(&mut client).await;
    client.end().await;
}

#[tokio::test]
async fn unknown_methods_documents_and_positions_are_answered() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let answer = client.ask("textDocument/danceWith", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601);
    let answer = client.ask("textDocument/documentSymbol", json!({ "textDocument": {} })).await;
    assert_eq!(answer["error"]["code"], -32602);
    let answer = client.ask("textDocument/documentSymbol", document("gone.flow")).await;
    assert_eq!(answer["error"]["code"], -32602);
    assert!(answer["error"]["message"].as_str().unwrap().contains("gone.flow"));
    let answer = client.ask("carapace/graph", at("main.flow", 99_999, 99_999)).await;
    assert_eq!(answer["result"], Value::Null);
    let answer = client.ask("workspace/executeCommand", json!({ "command": "rm", "arguments": [] })).await;
    assert_eq!(answer["error"]["code"], -32602);
    client.edit("never-opened.flow", [0, 0, 0, 0], "x").await;
    client.tell("textDocument/didClose", document("never-opened.flow")).await;
    client.tell("textDocument/didOpen", json!({ "nonsense": true })).await;
    client.open("main.flow", MAIN).await;
    client.edit("main.flow", [7, 7, 3, 3], "\n").await;
    still_there(&mut client).await;
    client.end().await;
}

#[tokio::test]
async fn nothing_is_answered_before_the_start_and_one_start_is_enough() {
    let mut client = Client::raw(&[("main.flow", MAIN)]);
    let early = client.ask("textDocument/documentSymbol", document("main.flow")).await;
    assert_eq!(early["error"]["code"], -32002);
    let first = client.ask("initialize", json!({ "capabilities": {} })).await;
    assert!(first["result"].is_object());
    let second = client.ask("initialize", json!({ "capabilities": {} })).await;
    assert_eq!(second["error"]["code"], -32600);
    client.end().await;
}

#[tokio::test]
async fn a_request_that_is_taken_back_is_said_to_be() {
    let text = format!("{MAIN}test \"it takes its time\" {{ when chat.message(\"a\") }}\n");
    let mut client = Client::start(&[("main.flow", &text)], json!({})).await;
    let arguments = json!([{ "uri": uri("main.flow"), "title": "it takes its time" }]);
    let params = json!({ "command": "carapace.runTest", "arguments": arguments });
    let id = client.begin("workspace/executeCommand", params).await;
    // It is under way, and others are answered meanwhile.
    still_there(&mut client).await;
    client.tell("$/cancelRequest", json!({ "id": id })).await;
    assert_eq!(client.answer(id).await["error"]["code"], -32800);
    client.tell("$/cancelRequest", json!({ "id": 4711 })).await;
    still_there(&mut client).await;
    client.release();
    client.end().await;
}

#[tokio::test]
async fn an_editor_that_just_goes_away_is_told_of_in_the_exit() {
    let client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let Client { server, .. } = { client };
    let ended = server.await.unwrap();
    assert!(ended.is_err(), "it went without `shutdown`");
}

#[tokio::test]
async fn a_document_that_is_on_no_disk_is_one_too() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let document = json!({ "uri": "untitled:Untitled-1", "languageId": "flow", "version": 1, "text": "channel a: any\n" });
    client.tell("textDocument/didOpen", json!({ "textDocument": document })).await;
    let answer = client
        .ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": "untitled:Untitled-1" } }))
        .await;
    assert_eq!(answer["result"][0]["name"], "a", "{answer}");
    still_there(&mut client).await;
    client.end().await;
}

#[tokio::test]
async fn a_file_that_is_no_text_is_told_and_the_others_are_answered() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let mut files = MemoryFiles::new([("main.flow", MAIN)]);
    files.insert("latin.flow", b"// Gr\xfc\xdfe\n");
    client.disk.put(files);
    let change = json!({ "changes": [{ "uri": uri("latin.flow"), "type": 1 }] });
    client.tell("workspace/didChangeWatchedFiles", change).await;
    let of_it = |m: &Value| m["params"]["uri"] == uri("latin.flow");
    let told = client.unasked(of_it).await;
    assert_eq!(told["params"]["diagnostics"][0]["code"], "E0902");
    still_there(&mut client).await;
    client.end().await;
}

#[tokio::test]
async fn a_folder_that_is_deleted_leaves_what_is_open() {
    let mut client = Client::start(&[("main.flow", MAIN), ("orders.flow", "const a = 1\n")], json!({})).await;
    client.open("main.flow", MAIN).await;
    client.disk.put(MemoryFiles::default());
    let gone = json!({ "changes": [{ "uri": "file:///shop", "type": 3 }] });
    client.tell("workspace/didChangeWatchedFiles", gone).await;
    still_there(&mut client).await;
    let answer = client.ask("textDocument/documentSymbol", document("orders.flow")).await;
    assert_eq!(answer["error"]["code"], -32602, "it is neither open nor there: {answer}");
    client.disk.put(MemoryFiles::new([("main.flow", MAIN), ("orders.flow", "const b = 1\n")]));
    let back = json!({ "changes": [{ "uri": "file:///shop", "type": 1 }] });
    client.tell("workspace/didChangeWatchedFiles", back).await;
    let answer = client.ask("textDocument/documentSymbol", document("orders.flow")).await;
    assert_eq!(answer["result"][0]["name"], "b");
    client.end().await;
}

#[tokio::test]
async fn an_enormous_file_is_looked_at_all_the_same() {
    let mut client = Client::start(&[("main.flow", MAIN)], json!({})).await;
    let text = format!("{MAIN}// {}\n{}", "x".repeat(1 << 20), "// words\n".repeat(400_000));
    client.open("main.flow", &text).await;
    still_there(&mut client).await;
    client.edit("main.flow", [400_001, 0, 400_001, 0], "channel b: any\n").await;
    let answer = client.ask("textDocument/documentSymbol", document("main.flow")).await;
    assert_eq!(answer["result"].as_array().unwrap().len(), 2);
    client.end().await;
}

#[tokio::test]
async fn two_editors_have_a_server_each() {
    let files = [("main.flow", MAIN)];
    let (mut one, mut other) =
        (Client::start(&files, json!({})).await, Client::start(&files, json!({})).await);
    one.open("main.flow", "channel other: any\n").await;
    still_there(&mut other).await;
    let answer = one.ask("textDocument/documentSymbol", document("main.flow")).await;
    assert_eq!(answer["result"][0]["name"], "other");
    one.end().await;
    still_there(&mut other).await;
    other.end().await;
}
