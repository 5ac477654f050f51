//! A runtime whose agents do what the message says, and whoever asks.

use carapace_channel_api::{Shutdown, ShutdownHandle};
use carapace_driver::{Checked, MemoryFiles};
use carapace_effect::{Act, Failure, FailureKind, Usage};
use carapace_engine::service::{Clock, Handle, Opened, Options as EngineOptions, Service as Engine};
use carapace_engine::{Deploy, Input, Outgoing, Reply, Report, Reported};
use carapace_gateway::auth::Access;
use carapace_gateway::openai::{Delta, Embed, Embedded, Embedding, Heard, Models, OpenAi, Said, Spent};
use carapace_gateway::{Methods, Options, Routes, Service};
use carapace_store::MemoryStore;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// Stands for the flow of the library: what models say is the JSON that it returns.
const FLOWS: &str = r#"/// Sells.
agent desk {
  model: "test/one"
  instructions: "Be brief."
}

/// Looks after customers.
agent clerk {
  model: "test/two"
  instructions: "Be kind."
}

/// Answers.
flow serve(agent: Text, message: Text, request: Json) -> Json {
  let said = desk.ask("{agent}\n{message}\n{request}")
  return parse_json(said) else fail("no JSON: {said}")
}
"#;

/// Another package with an agent of the same name.
const OTHERS: &str = r#"/// Repairs.
agent desk {
  model: "test/three"
  instructions: "Be quick."
}

/// Answers.
flow serve(agent: Text, message: Text, request: Json) -> Json {
  return to_json(["text": "{agent} says {message}", "about": "{request}"])
}
"#;

/// A package that was compiled before agents could be asked so.
const OLD: &str = r#"/// Was here before.
agent porter {
  model: "test/four"
  instructions: "Be there."
}
"#;

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Handle,
    pub(crate) access: Access,
    /// What models were asked, in order.
    pub(crate) asked: Arc<Mutex<Vec<Arc<Act>>>>,
    data: tempfile::TempDir,
    _stop: ShutdownHandle,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The data of server-sent events, with their names.
    pub(crate) fn events(&self) -> Vec<(String, String)> {
        let text = unchunked(&self.body);
        let events = text.split("\n\n").filter(|event| !event.trim().is_empty() && !event.starts_with(':'));
        let field = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
        };
        events.map(|event| (field(event, "event:"), field(event, "data:"))).collect()
    }
}

/// A body that came in chunks, as it was.
fn unchunked(body: &str) -> String {
    let (mut rest, mut text) = (body.as_bytes(), Vec::new());
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else { break };
        text.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    String::from_utf8(text).unwrap()
}

fn module(package: &str, flows: &str) -> Vec<u8> {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", flows)]), "main.flow");
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let mut compiled = checked.compile().map_err(|_| "mistakes").unwrap().module;
    compiled.package = package.into();
    compiled.to_bytes()
}

impl World {
    pub(crate) async fn begin() -> World {
        World::with(true).await
    }

    /// With somebody who tells what models say, or not.
    pub(crate) async fn with(live: bool) -> World {
        let store = Arc::new(MemoryStore::new());
        let Opened { mut service, handle, outgoing } = Engine::open(store, EngineOptions::default()).unwrap();
        for (package, flows) in [("shop", FLOWS), ("works", OTHERS), ("old", OLD)] {
            let module = module(package, flows).into();
            let reply = service.prepare(Input::Deploy(Box::new(Deploy { module, ..Deploy::default() })));
            assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
        }
        let (stop, shutdown) = Shutdown::new();
        let ending = shutdown.clone();
        tokio::spawn(service.run(async move { ending.requested().await }));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (said, heard) = mpsc::unbounded_channel();
        tokio::spawn(perform(outgoing, handle.clone(), asked.clone(), said));
        let data = tempfile::tempdir().unwrap();
        let access = Access::open(data.path(), Clock::system()).unwrap();
        let methods = Methods::new(handle.clone(), Vec::new()).with_access(access.clone());
        let openai = OpenAi::new(&methods).served_by("main.serve").keeping(data.path());
        if live {
            openai.set_models(Arc::new(Scripted { said: Mutex::new(Some(heard)) }));
        }
        let listen = "127.0.0.1:0".parse().unwrap();
        let options = Options { listen, access: access.clone(), ..Options::default() };
        let routes = Routes::new(&methods, &[]).with_guarded(openai.routes());
        let gateway = Service::bind(options, Vec::new(), routes).await.unwrap();
        let address = gateway.handle().address();
        tokio::spawn(gateway.run(shutdown));
        World { address, engine: handle, access, asked, data, _stop: stop }
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, &[], b"").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Answer {
        ask(self.address, "POST", path, &[JSON], body.to_string().as_bytes()).await
    }

    /// Asks the desk of the shop.
    pub(crate) async fn chat(&self, message: &str, more: Json) -> Answer {
        self.post("/v1/chat/completions", &chat(message, more)).await
    }

    /// What the last of the models was asked.
    pub(crate) fn last_request(&self) -> Json {
        let asked = self.asked.lock().unwrap();
        let prompt = asked.last().unwrap().arguments["prompt"].as_str().unwrap().to_owned();
        serde_json::from_str(prompt.rsplit_once('\n').unwrap().1).unwrap()
    }

    /// How the runs that ended did.
    pub(crate) async fn ends(&self) -> Vec<String> {
        let ends = self.engine.look(|state| {
            state.finished.iter().map(|summary| format!("{:?}", summary.end)).collect::<Vec<_>>()
        });
        ends.await.unwrap()
    }
}

/// Says that a body is JSON.
pub(crate) const JSON: &str = "content-type: application/json";

/// A request to the desk of the shop.
pub(crate) fn chat(message: &str, more: Json) -> Json {
    let mut body = json!({ "model": "shop/desk", "messages": [{ "role": "user", "content": message }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Does what the message says: `say`, `call`, `fail`, `spell`, `wait`.
async fn perform(
    mut outgoing: tokio::sync::mpsc::UnboundedReceiver<Outgoing>,
    engine: Handle,
    asked: Arc<Mutex<Vec<Arc<Act>>>>,
    said: mpsc::UnboundedSender<Heard>,
) {
    while let Some(next) = outgoing.recv().await {
        let act = match next {
            Outgoing::Perform(act) => act,
            Outgoing::Abandon(act) => {
                let outcome = Reported::NotPerformed("left alone".to_owned());
                let _ = engine.report(Report { act, attempt: 1, outcome }).await;
                continue;
            }
            _ => continue,
        };
        let prompt = act.arguments["prompt"].as_str().unwrap().to_owned();
        let mut lines = prompt.lines();
        let (agent, message) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        asked.lock().unwrap().push(act.clone());
        let (word, rest) = message.split_once(' ').unwrap_or((message, ""));
        let step = |text: &str, calls: Json| {
            Reported::Done(json!({ "text": text, "calls": calls }).to_string().into())
        };
        let outcome = match word {
            "wait" => continue,
            "call" => {
                let arguments = json!({ "city": rest });
                let call = json!({ "id": "call_1", "tool": "client.weather", "arguments": arguments });
                step("I look.", json!([call]))
            }
            "fail" => {
                let kind = FailureKind::ALL.into_iter().find(|kind| kind.name() == rest).unwrap();
                let retry_after = (kind == FailureKind::Limited).then_some(2_500);
                Reported::Failed(Failure { retry_after, ..Failure::new(kind, format!("{rest} it is")) })
            }
            "spell" => {
                for letter in rest.split_inclusive(|_| true) {
                    let (run, op) = (act.id.run, act.id.op.clone());
                    let piece = Said::Text(letter.into());
                    let delta = Delta { run, op, agent: agent.into(), said: piece };
                    let _ = said.send(Heard::Said(Arc::new(delta)));
                }
                step(rest, json!([]))
            }
            "odd" => Reported::Done("7".into()),
            _ => step(message, json!([])),
        };
        let usage =
            Usage { model: "test/one".into(), input: 11, cached: 3, output: 7, cost: None, estimated: false };
        let outcome = Reported::Spent(Box::new(outcome), vec![usage.clone(), usage]);
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if engine.report(report).await.is_err() {
            return;
        }
    }
}

/// Tells what is said, and turns texts into numbers.
#[derive(Debug)]
struct Scripted {
    said: Mutex<Option<mpsc::UnboundedReceiver<Heard>>>,
}

impl Models for Scripted {
    fn listen(&self) -> Option<mpsc::UnboundedReceiver<Heard>> {
        self.said.lock().unwrap().take()
    }

    fn embed(&self, request: Embed) -> Embedding<'_> {
        Box::pin(async move {
            let failed = |kind, why: &str| Err(Failure::new(kind, why));
            if request.model != "test/numbers" {
                let embedded = failed(FailureKind::Unavailable, "there is no provider of that name");
                return Spent { embedded, usage: Vec::new() };
            }
            let usage = vec![Usage {
                model: "test/numbers".into(),
                input: 5,
                cached: 0,
                output: 0,
                cost: Some(2),
                estimated: false,
            }];
            if request.texts.iter().any(|text| text == "fail") {
                return Spent { embedded: failed(FailureKind::Transient, "not now"), usage };
            }
            let vector = |text: &String| vec![text.len() as f32, text.len() as f32 + 0.25];
            let vectors = request.texts.iter().map(vector).collect();
            Spent { embedded: Ok(Embedded { vectors, tokens: 5 }), usage }
        })
    }
}

/// One request on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, verb: &str, path: &str, fields: &[&str], body: &[u8]) -> Answer {
    let mut stream = send(address, verb, path, fields, body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// A request, and the connection on which its answer comes.
pub(crate) async fn send(
    address: SocketAddr,
    verb: &str,
    path: &str,
    fields: &[&str],
    body: &[u8],
) -> TcpStream {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "{verb} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{fields}content-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that turns somebody away may do so before it has read everything.
    let _ = stream.write_all(body).await;
    stream
}

/// What comes from PyPI, where `.ci/run` puts it.
pub(crate) fn python() -> Option<std::path::PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    let peers = std::env::var_os("CARAPACE_PEERS").map_or(default, Into::into);
    let python = peers.join("python/bin/python");
    let has = std::process::Command::new(&python).args(["-c", "import openai"]).output();
    has.is_ok_and(|output| output.status.success()).then_some(python)
}
