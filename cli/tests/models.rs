//! The built binary with agents whose models are scripted: what is asked is answered, and what cannot be is told.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests use all of it")]
mod talk;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use talk::{Talk, package};

const SHOP: &str = r#"channel chat: any

type Order { number: Text, urgent: Bool }

agent desk {
  model: "smart"
  instructions: "Be brief."
}

flow front on chat.message {
  let team = desk.choose(message.text, among: ["sales", "support"]) else { "nobody" }
  let order = desk.extract<Order>(message.text) else e { fail("no order: {e.kind}") }
  let said = desk.ask(message.text) else e { "sorry: {e.message}" }
  reply("{team}, {order.number}, {order.urgent}: {said}")
}
"#;

const ANSWERS: &str = r#"// what is answered
{ "instructions": "Choose the one", "text": "order", "json": { "choice": "support" } }
{ "instructions": "Read the text", "text": "4711", "json": { "number": "4711", "urgent": true } }
{ "instructions": "Read the text", "text": "`urgent` is missing", "json": { "number": "12", "urgent": false } }
{ "instructions": "Read the text", "text": "order", "json": { "number": "12" } }
{ "text": "4711", "say": "It is on its way." }
{ "text": "order", "fail": "unavailable", "say": "the script is at its end" }
"#;

/// An agent with a tool to which somebody agrees first.
const DESK: &str = r#"channel chat: any

group managers

agent desk {
  model: "demo/m"
  tools: [refund]
  approve: { refund: managers }
}

/// Gives money back.
tool refund(order: Text) -> Text {
  return "paid {order}"
}

flow front on chat.message {
  reply(desk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(shop: &str, answers: &str) -> World {
        let world = World { folder: tempfile::tempdir().unwrap() };
        package(world.folder.path(), shop);
        fs::write(world.folder.path().join("answers.jsonl"), answers).unwrap();
        let config = "{ version: 1, packages: ['shop'], models: {
            providers: { away: { kind: 'openai', url: 'http://127.0.0.1:1/v1' }, demo: { kind: 'scripted', script: 'answers.jsonl' } },
            aliases: { smart: ['away/m', 'demo/m'] },
        } }";
        fs::write(world.config(), config).unwrap();
        world
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("carapace.json5")
    }

    fn start(&self, more: &[&str]) -> Talk {
        let config = self.config();
        let arguments =
            [&["--config", config.to_str().unwrap(), "--no-watch", "--no-loop-check"], more].concat();
        Talk::launch(None, &self.folder.path().join("data"), "127.0.0.1:0", &arguments)
    }
}

#[test]
fn an_agent_is_asked_and_the_next_model_where_the_first_is_away() {
    let world = World::new(SHOP, ANSWERS);
    let mut talk = world.start(&[]);
    talk.say("where is order 4711");
    assert_eq!(talk.hear(), "support, 4711, true: It is on its way.");
    talk.say("another order");
    let said = talk.hear();
    assert!(said.starts_with("support, 12, false: sorry: "), "{said}");
    assert!(said.contains("`away/m`") && said.contains("the script is at its end"), "{said}");
}

/// What is answered.
const STEPS: &str = r#"{ "result": "paid 4711", "say": "The money is on its way." }
{ "text": "refund", "calls": [{ "tool": "refund", "arguments": { "order": "4711" } }] }
{ "text": "thanks", "say": "Any time." }
"#;

#[test]
fn a_tool_waits_for_who_has_to_agree_and_the_turn_goes_on_after_the_power_was_cut() {
    let world = World::new(DESK, STEPS);
    let bound = ["--bind", "managers=terminal:mia"];
    let mut talk = world.start(&bound);
    talk.say("refund please");
    let asked = talk.hear();
    assert!(asked.contains("refund"), "{asked}");
    talk.kill();
    let mut talk = world.start(&bound);
    talk.say("@mia: 1");
    let said = loop {
        let line = talk.hear();
        if line.contains("money") {
            break line;
        }
    };
    assert!(said.contains("The money is on its way."), "{said}");
    talk.say("thanks");
    assert!(talk.hear().contains("Any time."));
}

#[test]
fn a_script_that_cannot_be_read_is_told_at_the_start() {
    let world = World::new(SHOP, "{ \"sya\": \"hello\" }\n");
    let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .arg("run")
        .arg("--config")
        .arg(world.config())
        .arg("--data")
        .arg(world.folder.path().join("data"))
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("E1071") && told.contains("line 1") && told.contains("`sya`"), "{told}");
}

/// Agents of which two cannot answer.
const ALONE: &str = r#"channel chat: any

agent away { model: "openai/gpt-5" }
agent bare { model: "gpt-4o" }
agent well { model: "demo/m" }

flow front on chat.message {
  let first = away.ask("a") else "away"
  let second = bare.ask("b") else "bare"
  reply("{first}, {second}, {well.ask("c")}")
}
"#;

#[test]
fn an_agent_that_cannot_answer_is_told_at_the_start_and_by_the_doctor() {
    let world = World::new(ALONE, "{ \"say\": \"well\" }\n");
    let folder = world.folder.path();
    let doctor = || {
        let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
            .args(["doctor", "--config"])
            .arg(world.config())
            .arg("--data")
            .arg(folder.join("data"))
            .current_dir(folder)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut talk = world.start(&[]);
    for told in ["`shop/main.away` cannot answer: it asks `openai/gpt-5`", "`shop/main.bare` cannot answer"] {
        let line = talk.told(told);
        assert!(line.starts_with("note: ") && !line.contains("main.well"), "{line}");
    }
    talk.say("hello");
    assert_eq!(talk.hear(), "away, bare, well");
    let said = doctor();
    for wanted in [
        "wrong  agents",
        "`shop/main.away` cannot answer: it asks `openai/gpt-5`, and `models.providers` has no `openai`",
        "`shop/main.bare` cannot answer: `gpt-4o` is no model of a provider",
        "help: name it: `models: { providers: { openai: { kind: \"openai\", … } } }`",
        "help: write `away/gpt-4o`",
    ] {
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    assert!(!said.contains("main.well"), "{said}");
    fs::write(
        world.config(),
        fs::read_to_string(world.config())
            .unwrap()
            .replace("smart: ", "'gpt-4o': ['demo/m'], smart: ")
            .replace("providers: {", "providers: { openai: { kind: 'scripted', script: 'answers.jsonl' },"),
    )
    .unwrap();
    let said = doctor();
    assert!(said.contains("ok     agents"), "{said}");
}
