//! Against a server of models that nobody here wrote, `@copilotkit/aimock` from npm, over each wire that there is.

use crate::bed::{Bed, agent, ask, extract, think, tool};
use crate::server::{options, short};
use carapace_agent::{Kind, Options, Provider};
use carapace_effect::{Agent, FailureKind};
use serde_json::{Value as Json, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = r"
const { LLMock } = require('@copilotkit/aimock');
const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 8 });
mock.loadFixtureFile(process.argv[1]);
mock.start().then((url) => console.log(url ?? mock.url));
";

/// What it answers.
const FIXTURES: &str = include_str!("fixtures.json");

struct Peer {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server; none where it is not installed, which is said.
fn peer(test: &str) -> Option<Peer> {
    let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    let packages = named.unwrap_or(root);
    let there = packages.join("node_modules/@copilotkit/aimock").is_dir();
    let folder = tempfile::tempdir().unwrap();
    let fixtures = folder.path().join("fixtures.json");
    std::fs::write(&fixtures, FIXTURES).unwrap();
    let started = there.then(|| {
        let mut node = Command::new("node");
        node.args(["-e", SCRIPT]).arg(&fixtures).current_dir(&packages);
        node.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()
    });
    let Some(mut child) = started.flatten() else {
        // Not captured: whoever runs the tests shall see it, on a line of its own.
        let _ = writeln!(std::io::stderr(), "\nskipped: {test} (@copilotkit/aimock is missing)");
        return None;
    };
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().to_owned();
    assert!(url.starts_with("http"), "{url}");
    Some(Peer { child, url, _folder: folder })
}

/// Each wire, and where it is at the server.
fn wires(url: &str) -> Vec<(&'static str, Kind, String)> {
    vec![
        ("openai", Kind::Openai, format!("{url}/v1")),
        ("responses", Kind::OpenaiResponses, format!("{url}/v1")),
        ("anthropic", Kind::Anthropic, format!("{url}/v1")),
        ("gemini", Kind::Gemini, format!("{url}/v1beta")),
        ("ollama", Kind::Ollama, url.to_owned()),
    ]
}

fn bed(kind: &Kind, url: &str) -> Bed {
    Bed::new(options(kind.clone(), url))
}

#[tokio::test]
async fn a_question_is_answered_over_each_wire() {
    let Some(peer) = peer("wires: questions") else { return };
    for (name, kind, url) in wires(&peer.url) {
        let mut bed = bed(&kind, &url);
        let mut progress = bed.progress();
        let (said, usage) =
            bed.done(ask(agent("work/m", &[("instructions", json!("Be brief."))]), "hello")).await;
        assert_eq!(said, "Hello, this is a longer answer.", "{name}");
        // Of Ollama's wire that server knows no counts.
        let counts = name != "ollama";
        assert_eq!((usage.len(), usage[0].estimated), (1, !counts), "{name}: {usage:?}");
        assert!(usage[0].input > 0 && usage[0].output > 0, "{name}: {usage:?}");
        let mut pieces = 0;
        while progress.try_recv().is_ok() {
            pieces += 1;
        }
        assert!(pieces > 2, "{name}: it comes in pieces");
    }
}

#[tokio::test]
async fn tools_are_called_and_gone_on_with_over_each_wire() {
    let Some(peer) = peer("wires: tools") else { return };
    for (name, kind, url) in wires(&peer.url) {
        let mut bed = bed(&kind, &url);
        let desk = Agent { tools: vec![tool("main.refund"), tool("main.cancel")], ..agent("work/m", &[]) };
        let question = json!({ "turn": "user", "text": "refund both", "by": "ana" });
        let step = bed.step(think(desk.clone(), std::slice::from_ref(&question), Json::Null)).await;
        let calls: Vec<(&str, &Json)> =
            step.calls.iter().map(|call| (&*call.tool, &call.arguments)).collect();
        let wanted = (json!({ "order": "1" }), json!({ "order": "2" }));
        assert_eq!(calls, [("main.refund", &wanted.0), ("main.cancel", &wanted.1)], "{name}");
        assert_ne!(step.calls[0].id, step.calls[1].id, "{name}");
        let mut turns = vec![question];
        for call in &step.calls {
            turns.push(
                json!({ "turn": "call", "id": call.id, "name": call.tool, "arguments": call.arguments }),
            );
        }
        for call in &step.calls {
            turns.push(json!({ "turn": "result", "id": call.id, "outcome": { "done": "ok" } }));
        }
        let step = bed.step(think(desk, &turns, Json::Null)).await;
        assert_eq!((&*step.text, step.calls.len()), ("Both are done.", 0), "{name}");
    }
}

#[tokio::test]
async fn a_shape_is_answered_over_each_wire() {
    let Some(peer) = peer("wires: shapes") else { return };
    let schema = json!({
        "type": "object",
        "properties": { "number": { "type": "string" }, "urgent": { "type": "boolean" } },
        "required": ["number", "urgent"],
        "additionalProperties": false,
    });
    for (name, kind, url) in wires(&peer.url) {
        let mut bed = bed(&kind, &url);
        let (json, _) = bed.done(extract(agent("work/m", &[]), "order 4711 at once", schema.clone())).await;
        assert_eq!(json, json!({ "number": "4711", "urgent": true }), "{name}");
        let (json, usage) =
            bed.done(extract(agent("work/m", &[]), "order 12 without haste", schema.clone())).await;
        assert_eq!(
            (json, usage.len()),
            (json!({ "number": "12", "urgent": false }), 2),
            "{name}: it was mended"
        );
    }
}

#[tokio::test]
async fn what_fails_fails_in_the_same_way_over_each_wire() {
    let Some(peer) = peer("wires: failures") else { return };
    for (name, kind, url) in wires(&peer.url) {
        for (prompt, wanted) in [
            ("too many", FailureKind::Limited),
            ("break", FailureKind::Transient),
            ("not allowed", FailureKind::Unavailable),
            ("wrong request", FailureKind::Refused),
            ("cut this", FailureKind::Transient),
            ("garbage", FailureKind::Transient),
            ("hang up", FailureKind::Transient),
        ] {
            let (failure, _) = bed(&kind, &url).failed(ask(agent("work/m", &[]), prompt)).await;
            assert_eq!(failure.kind, wanted, "{name}, {prompt}: {}", failure.message);
            assert!(failure.message.contains("`work/m`"), "{name}, {prompt}: {}", failure.message);
        }
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_and_given_up_in_time() {
    let Some(peer) = peer("wires: slow") else { return };
    for (name, kind, url) in wires(&peer.url) {
        let (said, _) = bed(&kind, &url).done(ask(agent("work/m", &[]), "slowly")).await;
        assert_eq!(said, "It takes its time.", "{name}");
        let mut hasty = options(kind, &url);
        hasty.timeouts.first = std::time::Duration::from_millis(50);
        let (failure, _) = Bed::new(hasty).failed(ask(agent("work/m", &[]), "slowly")).await;
        assert_eq!(failure.kind, FailureKind::Transient, "{name}");
    }
}

#[tokio::test]
async fn texts_become_vectors() {
    let Some(peer) = peer("wires: embeddings") else { return };
    let provider = |kind: Kind, url: String| Provider {
        url: Some(url),
        key: Some("key".to_owned()),
        ..Provider::new(kind)
    };
    let providers = [
        ("openai".to_owned(), provider(Kind::Openai, format!("{}/v1", peer.url))),
        ("anthropic".to_owned(), provider(Kind::Anthropic, format!("{}/v1", peer.url))),
    ];
    let bed = Bed::new(Options { providers: providers.into(), timeouts: short(), ..Options::default() });
    let texts = ["figs".to_owned(), "dates".to_owned()];
    let (embedded, usage) = bed.handle().embed("openai/text-embedding-3-small", &texts).await;
    let embedded = embedded.unwrap();
    assert_eq!((embedded.vectors.len(), usage.len(), usage[0].cost), (2, 1, None));
    assert!(
        embedded.vectors.iter().all(|vector| vector.len() > 2) && embedded.tokens > 0,
        "{}",
        embedded.tokens
    );
    assert_eq!((usage[0].input, &*usage[0].model), (embedded.tokens, "openai/text-embedding-3-small"));
    assert_ne!(embedded.vectors[0], embedded.vectors[1]);
    for (model, why) in [("anthropic/m-x", "it has none"), ("nobody/x", "there is nobody")] {
        let (embedded, usage) = bed.handle().embed(model, &texts).await;
        assert!(embedded.is_err() && usage.is_empty(), "{model}: {why}");
    }
}
