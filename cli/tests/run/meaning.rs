//! An agent that finds what it remembers by what it means, and what that used up, over a power cut.

use crate::talk::{Talk, package};
use serde_json::{Value as Json, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHOP: &str = r#"use std/memory

channel chat: any

agent desk {
  model: "demo/m"
  embeddings: "demo/vectors"
  tools: [memory.remember, memory.recall]
}

flow front on chat.message {
  reply(desk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;

const ANSWERS: &str = r#"{ "text": "pets", "vector": [1, 0], "tokens": { "input": 3 } }
{ "text": "dog", "vector": [0.8, 0.6], "tokens": { "input": 5 } }
{ "vector": [0, 1], "tokens": { "input": 7 } }
{ "result": "remembered", "say": "I will remember." }
{ "result": "Rex", "say": "You have Rex." }
{ "result": "[]", "say": "I know of none." }
{ "text": "my dog", "calls": [{ "tool": "remember", "arguments": { "fact": "Her dog is called Rex." } }] }
{ "text": "my tea", "calls": [{ "tool": "remember", "arguments": { "fact": "She drinks tea without sugar." } }] }
{ "text": "pets", "calls": [{ "tool": "recall", "arguments": { "query": "pets" } }] }
"#;

struct World {
    shop: PathBuf,
    data: PathBuf,
    config: PathBuf,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(source: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let shop = package(folder.path(), source);
        std::fs::write(folder.path().join("answers.jsonl"), ANSWERS).unwrap();
        let config = folder.path().join("carapace.json5");
        let said = "{ version: 1, models: {
            providers: { demo: { kind: 'scripted', script: 'answers.jsonl' } },
            prices: { 'demo/vectors': { input: 1, output: 0 } },
        } }";
        std::fs::write(&config, said).unwrap();
        World { shop, data: folder.path().join("data"), config, _folder: folder }
    }

    fn begin(&self) -> Talk {
        let config = self.config.to_str().unwrap();
        Talk::begin(&self.shop, &self.data, &["--no-watch", "--no-loop-check", "--config", config])
    }

    /// What was used up, by agent, model and who asked.
    fn used(&self) -> Vec<Json> {
        let mut usage = Command::new(env!("CARGO_BIN_EXE_carapace"));
        usage.args(["usage", "--since", "all", "--by", "agent,model,sender", "--format", "json", "--data"]);
        let output = usage.arg(&self.data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let listed: Json = serde_json::from_slice(&output.stdout).unwrap();
        listed["lines"].as_array().unwrap().clone()
    }

    /// What texts that become vectors used up: who, requests, tokens, millionths.
    fn vectors(&self) -> Vec<(Json, Json, u64, u64, u64)> {
        let lines = self.used();
        let vectors = lines.iter().filter(|line| line["model"] == "demo/vectors");
        let sum = |line: &Json, name: &str| line["sum"][name].as_u64().unwrap();
        vectors
            .map(|line| {
                let (agent, sender) = (line["agent"].clone(), line["sender"].clone());
                (agent, sender, sum(line, "requests"), sum(line, "input"), sum(line, "cost"))
            })
            .collect()
    }
}

fn remember(talk: &mut Talk) {
    for what in ["this is my dog", "this is my tea"] {
        talk.say(what);
        assert_eq!(talk.hear(), "I will remember.");
    }
}

#[test]
fn a_fact_is_found_without_a_common_word_and_is_paid_for_once() {
    let world = World::new(SHOP);
    let mut talk = world.begin();
    remember(&mut talk);
    for _ in 0..2 {
        talk.say("have I pets?");
        assert_eq!(talk.hear(), "You have Rex.");
    }
    let [(agent, _, requests, tokens, cost)] = world.vectors().try_into().unwrap();
    assert_eq!(
        (agent, requests, tokens, cost),
        (json!("shop/main.desk"), 1, 15, 15),
        "the second time all is known"
    );
    talk.kill();
    assert_eq!(world.vectors()[0].3, 15, "and the journal knows it");
    let mut talk = world.begin();
    talk.say("have I pets?");
    assert_eq!(talk.hear(), "You have Rex.", "what was kept is asked anew");
    assert!(talk.end().1.success());
    assert_eq!((world.vectors()[0].2, world.vectors()[0].3), (2, 30));
}

#[test]
fn where_nobody_says_what_means_the_same_words_alone_are_looked_for() {
    let away = SHOP.replace("\"demo/vectors\"", "\"nobody/vectors\"");
    for source in [SHOP.replace("  embeddings: \"demo/vectors\"\n", ""), away] {
        let world = World::new(&source);
        let mut talk = world.begin();
        if source.contains("nobody/vectors") {
            talk.told("asks `nobody/vectors`");
        }
        remember(&mut talk);
        talk.say("have I pets?");
        assert_eq!(talk.hear(), "I know of none.");
        assert!(talk.end().1.success());
    }
}

#[test]
fn what_a_program_has_made_to_numbers_counts_as_its_own() {
    let world = World::new(SHOP);
    let talk = world.begin();
    let line = talk.told("http://");
    let address = line.split("http://").nth(1).unwrap().split(['/', ' ']).next().unwrap().to_owned();
    let ask = |model: &str| {
        let body = json!({ "model": model, "input": ["pets", "a dog"] }).to_string();
        post(&address, "/v1/embeddings", &body)
    };
    let answer = ask("demo/vectors");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"prompt_tokens\":8"), "{answer}");
    assert!(ask("nobody/vectors").starts_with("HTTP/1.1 404"), "what was not asked costs nothing");
    let counted = (Json::Null, json!("gateway:local"), 1, 8, 8);
    assert_eq!(world.vectors(), std::slice::from_ref(&counted));
    talk.kill();
    assert_eq!(world.vectors(), [counted]);
    journal_says(&world.data, "`local` used up 8 tokens of demo/vectors");
}

fn journal_says(data: &Path, wanted: &str) {
    let mut show = Command::new(env!("CARGO_BIN_EXE_carapace"));
    let output = show.args(["journal", "tail", "--data"]).arg(data).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains(wanted), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
