//! An editor beside a runtime: above each flow stands how many runs of it live.

use crate::server::Server;
use crate::talk::{Talk, package};
use serde_json::json;
use std::time::{Duration, Instant};

const SOURCE: &str = "channel chat: any

flow hello on chat.message where message.text == \"hello\" {
  let mood = ask(\"How are you?\") within 1d else { return }
  reply(mood)
}
";

#[test]
fn an_editor_shows_how_many_runs_of_a_flow_live() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), SOURCE), folder.path().join("data"));
    let mut runtime = Talk::begin(&shop, &data, &["--no-watch"]);
    runtime.say("@ana: hello");
    assert!(runtime.hear().contains("How are you?"));
    let mut server = Server::start(folder.path(), &data);
    let uri = format!("file://{}", shop.join("main.flow").display());
    server.ask("initialize", &json!({ "capabilities": {} }));
    server.tell("initialized", &json!({}));
    let params = json!({ "textDocument": { "uri": uri } });
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let lenses = server.ask("textDocument/codeLens", &params);
        let titles: Vec<&str> =
            lenses.as_array().unwrap().iter().filter_map(|l| l["command"]["title"].as_str()).collect();
        if titles.contains(&"1 live run on this version") {
            break;
        }
        assert!(Instant::now() < deadline, "{titles:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    runtime.kill();
}
