//! On the chat page, in a real browser: a message, a button, and a conversation that goes on after the power went.

use crate::peers::Peers;
use crate::talk::{Talk, package};
use std::path::Path;

const ASKS: &str = r#"channel chat: any

state visits: Int = 0 by sender

flow greet on chat.message where message.text contains "hello" ignoring case {
  set visits = visits + 1
  let tea = ask("Tea or coffee?", choices: ["tea", "coffee"])
  let name = ask("For whom?")
  reply("{tea} for {name}, number {visits}.")
}
"#;

#[test]
fn a_conversation_in_a_browser_goes_on_after_a_power_cut() {
    let Some(peers) = Peers::find("carapace run in a browser") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let begin = |listen: &str| {
        let talk = Talk::serve(&shop, &data, listen);
        let line = talk.told("chat page: ");
        let url = line.split_once("chat page: ").unwrap().1.trim().to_owned();
        (Some(talk), url)
    };
    let (mut talk, url) = begin("127.0.0.1:0");
    let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run/whole.mjs");
    peers.drive(scenario.to_str().unwrap(), &url, |word| match word {
        "power cut" => {
            talk.take().unwrap().kill();
            talk = begin(&address).0;
        }
        other => panic!("the scenario wants `{other}`"),
    });
}
