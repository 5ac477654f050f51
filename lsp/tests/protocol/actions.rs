//! What an editor is offered where the cursor stands.

use crate::client::{Client, document, uri};
use serde_json::{Value, json};

const MAIN: &str = "use shop/words
channel chat: any

flow greet on chat.message {
  reply(\"Hello!\")
  rite(\"x\")
}
";

async fn offered(client: &mut Client, from: [u32; 2], to: [u32; 2], only: Option<&str>) -> Vec<Value> {
    let mut params = document("main.flow");
    params["range"] = json!({
        "start": { "line": from[0], "character": from[1] },
        "end": { "line": to[0], "character": to[1] },
    });
    params["context"] = json!({ "diagnostics": [] });
    if let Some(only) = only {
        params["context"]["only"] = json!([only]);
    }
    let answer = client.ask("textDocument/codeAction", params).await;
    answer["result"].as_array().unwrap().clone()
}

fn kinds(of: &[Value]) -> Vec<&str> {
    of.iter().map(|action| action["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_editor_gets_the_kinds_it_asks_for() {
    let files = [("main.flow", MAIN), ("shop/words.flow", "fn rite(x: Text) -> Text = x\n")];
    let mut client = Client::start(&files, json!({})).await;
    client.open("main.flow", MAIN).await;

    let all = offered(&mut client, [4, 3], [4, 3], None).await;
    assert!(kinds(&all).contains(&"refactor.rewrite"), "{all:?}");

    let selected = offered(&mut client, [4, 2], [4, 17], Some("refactor.extract")).await;
    assert!(!selected.is_empty());
    assert!(kinds(&selected).iter().all(|kind| *kind == "refactor.extract"), "{selected:?}");

    let refactor = offered(&mut client, [4, 3], [4, 3], Some("refactor")).await;
    assert!(!refactor.is_empty() && kinds(&refactor).iter().all(|kind| kind.starts_with("refactor.")));

    let mends = offered(&mut client, [5, 3], [5, 3], Some("quickfix")).await;
    let taken = mends.iter().find(|a| a["title"] == "Take `rite` of `shop/words`").unwrap();
    assert_eq!(taken["edit"]["changes"][uri("main.flow")][0]["newText"], "  words.rite(\"x\")\n");

    let none = offered(&mut client, [5, 3], [5, 3], Some("source.organizeImports")).await;
    assert_eq!(none, Vec::<Value>::new());
    client.end().await;
}
