//! Modules whose manifest says less than their code does: what is not listed never leaves the house.

use carapace_driver::{Checked, MemoryFiles};
use carapace_module::Module;
use carapace_rehearsal::{Loaded, Options};

/// Does everything that a manifest lists. Its tests say that nothing at all comes of it.
const SOURCE: &str = r#"
use std/http

channel chat: any
room office: any
group managers
state total: Int = 0
setting page: Url = url"https://set.example.com/"

agent desk { model: "x/y", instructions: "Be kind." }

flow replies on chat.command("replies") { reply("a") }
flow sends on chat.command("sends") { send("a", to: office) }
flow tells on chat.command("tells") { send("a", to: managers) }
flow answers on chat.command("answers") { send("a", to: sender) }
flow asks on chat.command("asks") timeout 1h { log(ask("a?")) }
flow gets on chat.command("gets") { http.get(url"https://example.com/{sender.id}") }
flow gets_set on chat.command("gets_set") { http.get(page) }
flow hides on chat.command("hides") { http.get(url"https://example.com/", token: secret("key")) }
flow writes on chat.command("writes") { set total = 1 }
flow reads on chat.command("reads") { log("{total}") }
flow waits on chat.command("waits") timeout 1h {
  let event = await chat.message
  log(event.message.text)
}
flow chats on chat.command("chats") { log(desk.chat("a")) }
flow takes_back on chat.command("takes_back") {
  reply("a") undo { log("undone") }
  http.get(url"https://example.com/") undo { log("never asked") }
}
"#;

/// Flows, and the lines of their manifests without which they may not go on.
const NEEDED: [(&str, &[&str]); 12] = [
    ("replies", &["conversation: reply"]),
    ("sends", &["room main.office: send"]),
    ("tells", &["group main.managers: send"]),
    ("answers", &["anyone: send"]),
    ("asks", &["conversation: ask"]),
    ("gets", &["effect http.get", "host example.com"]),
    ("gets_set", &["effect http.get", "host *"]),
    ("hides", &["secret key"]),
    ("writes", &["state main.total: write"]),
    ("reads", &["state main.total: read"]),
    ("waits", &["channel main.chat: await message"]),
    ("chats", &["agent main.desk: chat"]),
];

/// With the whole manifest each flow does what it does; the answers of the world are as each test gives them.
fn module(flow: &str, expectation: &str) -> Module {
    let answer = "http.Response { status: 200, headers: [:], body: \"\" }";
    let test = format!(
        "test \"{flow}\" {{\n  given managers = [\"mia\"]\n  given http.get(_) = {answer}\n  \
         given http.get(_, token: _) = {answer}\n  given desk.chat(_) = \"b\"\n  \
         when chat.command(\"{flow}\", from: \"ana\")\n  {expectation}\n}}\n"
    );
    let source = format!("{SOURCE}\n{test}");
    let files = MemoryFiles::new([("main.flow", source.as_str())]);
    let compiled = Checked::of(&files, "main.flow").compile();
    compiled.map_err(|checked| format!("{:#?}", checked.diagnostics)).unwrap().module
}

fn passes(module: &Module) -> Result<(), String> {
    let loaded = Loaded::new(module.to_bytes(), carapace_engine::machine::vm::load).unwrap();
    let report = carapace_rehearsal::run(&loaded, &Options::default());
    match report.tests.iter().find_map(|test| test.failure.as_ref()) {
        Some(failure) => Err(failure.message.to_string()),
        None => Ok(()),
    }
}

fn without(module: &Module, flow: &str, line: &str) -> Module {
    let mut stripped = module.clone();
    let full = format!("main.{flow}");
    let of = stripped.capabilities.iter_mut().find(|of| *of.flow == *full).unwrap();
    let before = of.touches.len();
    of.touches.retain(|known| **known != *line);
    assert_eq!(of.touches.len() + 1, before, "`{line}` is in the manifest of {flow}: {:?}", of.touches);
    stripped
}

#[test]
fn what_a_manifest_does_not_list_never_leaves() {
    for (flow, lines) in NEEDED {
        let goes_on = if matches!(flow, "asks" | "waits") { "waiting" } else { "succeeded" };
        passes(&module(flow, &format!("expect {flow}.{goes_on}")))
            .unwrap_or_else(|why| panic!("{flow} with its whole manifest: {why}"));
        for line in lines {
            let refused = module(flow, &format!("expect {flow}.failed\n  expect nothing else"));
            passes(&without(&refused, flow, line))
                .unwrap_or_else(|why| panic!("{flow} without `{line}`: {why}"));
            let says = module(flow, &format!("expect {flow}.succeeded"));
            let why = passes(&without(&says, flow, line)).unwrap_err();
            assert!(why.contains("E0521"), "the fault has its code: {why}");
        }
    }
}

#[test]
fn without_any_manifest_nothing_happens() {
    let mut bare = module("replies", "expect replies.failed\n  expect nothing else");
    bare.capabilities.clear();
    passes(&bare).unwrap();
}

#[test]
fn steps_that_happened_are_taken_back_and_one_that_was_refused_is_not() {
    let expectation =
        "expect takes_back.failed\n  expect chat.said(\"a\")\n  expect http.get(_).called 0 times";
    passes(&without(&module("takes_back", expectation), "takes_back", "effect http.get")).unwrap();
}

#[test]
fn a_host_of_an_older_compiler_is_not_held_against_it() {
    let mut older = without(&module("gets_set", "expect gets_set.succeeded"), "gets_set", "host *");
    older.capabilities.iter_mut().for_each(|of| of.hosts = false);
    passes(&older).unwrap();
}
