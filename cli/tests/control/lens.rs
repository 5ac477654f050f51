//! An editor beside a runtime: above each flow stands how many runs of it live.

use crate::talk::{Talk, package};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SOURCE: &str = "channel chat: any

flow hello on chat.message where message.text == \"hello\" {
  let mood = ask(\"How are you?\") within 1d else { return }
  reply(mood)
}
";

struct Server {
    child: Child,
    next: u64,
}

impl Server {
    fn start(folder: &Path, data: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg("lsp").arg("--data").arg(data).env("XDG_CACHE_HOME", folder.join("cache"));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Server { child, next: 0 }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.child.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        input.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let output = self.child.stdout.as_mut().unwrap();
        let mut output = BufReader::with_capacity(1, output);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                output.read_line(&mut line).unwrap();
                if let Some(n) = line.strip_prefix("Content-Length: ") {
                    length = n.trim().parse().unwrap();
                } else if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            output.read_exact(&mut body).unwrap();
            let message: Value = serde_json::from_slice(&body).unwrap();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message["result"].clone();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
