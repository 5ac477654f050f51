//! What means the same: a model is asked in the name of the agent whose tool wants to know, and it counts as that agent's.

use crate::bench::{Bench, MINUTE, SECOND};
use crate::sessions::{calls, said, says};
use carapace_effect::{FailureKind, Usage};
use carapace_engine::inspect::{UsageBy, usage};
use carapace_engine::{Input, Reported};
use serde_json::{Value as Json, json};

const CLERK: &str = r#"
agent clerk {
  model: "test/model"
  embeddings: "test/vectors"
  tools: [memory.remember, memory.recall, compare]
  budget: 1_000 tokens per 1h by sender
}
use std/memory
use std/exchange
tool compare(text: Text, times: Int) -> Text {
  let near = exchange.nearness("fig", (1..times).map(number => "{text}{number}")) else e { return e.message }
  if near is some { return "{near.count()} are compared" }
  return "nobody knows"
}
flow talk on chat.message where message.text starts with "say " {
  reply(clerk.chat(message.text) else e { "sorry: {e.message}" })
}
flow alone on chat.message where message.text starts with "alone " {
  let near = exchange.nearness(message.text, ["fig"]) else { [] }
  reply(if near is some { "somebody was asked" } else { "nobody was asked" })
}
"#;

fn used(model: &str, tokens: u64) -> Vec<Usage> {
    vec![Usage {
        model: model.into(),
        input: tokens,
        cached: 0,
        output: 0,
        cost: Some(tokens),
        estimated: false,
    }]
}

fn spent(outcome: Reported, model: &str, tokens: u64) -> Reported {
    Reported::Spent(Box::new(outcome), used(model, tokens))
}

/// The model calls a tool of `std/memory`.
fn memory(id: &str, tool: &str, arguments: Json) -> Reported {
    calls(&[(id, &format!("std/memory.{tool}"), arguments)])
}

/// An engine whose clerk knows two facts of ana and looks for pets.
fn looking(source: &str) -> Bench {
    let mut t = Bench::new(source);
    t.message("ana", "say one");
    for (id, fact) in [("a", "Her dog is called Rex."), ("b", "She drinks tea.")] {
        t.report("think", memory(id, "remember", json!({ "fact": fact })));
    }
    t.report("think", memory("c", "recall", json!({ "query": "any pets, tea?" })));
    t
}

/// The facts that the call `c` gave, in order.
fn found(t: &Bench) -> Vec<String> {
    let turns = said(t);
    let result =
        turns.iter().find_map(|turn| turn.strip_prefix("c = ")).unwrap_or_else(|| panic!("{turns:?}"));
    let facts: Vec<Json> = serde_json::from_str(result).unwrap();
    facts.iter().map(|fact| fact["text"].as_str().unwrap().to_owned()).collect()
}

fn nearness_asked(t: &Bench) -> usize {
    t.acts.iter().filter(|act| *act.request.effect == *"exchange.nearness").count()
}

#[test]
fn the_agent_whose_tool_it_is_is_asked_and_pays_and_a_crash_costs_one_request_at_most() {
    let mut t = looking(CLERK);
    let act = t.act("nearness");
    assert_eq!(act.agent.as_ref().map(|agent| &*agent.name), Some("main.clerk"));
    assert_eq!(act.arguments["query"], "any pets, tea?");
    assert_eq!(act.arguments["texts"], json!(["Her dog is called Rex.", "She drinks tea."]));
    t.crash();
    let again = t.act("nearness");
    assert_eq!((again.attempt, again.agent.is_some()), (2, true), "nobody knows whether it was answered");
    t.report("nearness", spent(Reported::Done(json!([0.61, 0.1])), "test/vectors", 40));
    t.crash();
    assert_eq!(nearness_asked(&t), 0, "what came of it is known");
    let both = ["She drinks tea.", "Her dog is called Rex."];
    assert_eq!(found(&t), both, "by its words, and by what it means; of equals the latest first");
    t.report("think", spent(says("Yes."), "test/model", 10));
    let listed = usage(&t.core.state().ledger, 0, &[UsageBy::Agent, UsageBy::Model, UsageBy::Sender]);
    let lines: Vec<(&str, &str, u64)> = listed
        .lines
        .iter()
        .map(|line| (line.agent.as_deref().unwrap(), line.model.as_deref().unwrap(), line.sum.input))
        .collect();
    assert_eq!(lines, [("main.clerk", "test/vectors", 40), ("main.clerk", "test/model", 10)]);
    assert!(listed.lines.iter().all(|line| line.sender.as_deref() == Some("net:ana")), "{listed:?}");
}

#[test]
fn where_no_model_answers_the_words_do() {
    let mut t = looking(CLERK);
    t.failed("nearness", FailureKind::Transient);
    assert_eq!(found(&t), ["She drinks tea."]);
    // One that never answers is not waited for.
    let mut t = looking(CLERK);
    t.pass(21 * SECOND);
    assert_eq!(found(&t), ["She drinks tea."]);
    // What came for other facts than there are says nothing.
    let mut t = looking(CLERK);
    t.report("nearness", Reported::Done(json!("near")));
    assert_eq!(found(&t), ["She drinks tea."]);
}

#[test]
fn where_the_budget_is_used_up_nothing_leaves_and_the_words_answer() {
    let mut t = Bench::new(CLERK);
    t.message("ana", "say one");
    t.report("think", memory("a", "remember", json!({ "fact": "She drinks tea." })));
    let recall = memory("c", "recall", json!({ "query": "tea" }));
    let followed = t.report("think", spent(recall, "test/model", 1_000));
    assert_eq!((nearness_asked(&t), found(&t)), (0, vec!["She drinks tea.".to_owned()]));
    assert!(followed.iter().any(|line| line.contains("sorry: the budget of")), "{followed:?}");
    // What was used up so counts for what is asked then.
    let mut t = looking(CLERK);
    let followed = t.report("nearness", spent(Reported::Done(json!([0.9, 0.1])), "test/vectors", 1_000));
    assert!(followed.iter().any(|line| line.contains("sorry: the budget of")), "{followed:?}");
    t.message("bo", "say two");
    assert_eq!(t.acts.len(), 1, "others have their own");
}

#[test]
fn where_no_model_is_named_nobody_is_asked() {
    let t = looking(&CLERK.replace("  embeddings: \"test/vectors\"\n", ""));
    assert_eq!((nearness_asked(&t), found(&t)), (0, vec!["She drinks tea.".to_owned()]));
    let mut t = Bench::new(CLERK);
    let followed = t.message("ana", "alone fig");
    assert!(followed.iter().any(|line| line.contains("nobody was asked")), "no agent's tool: {followed:?}");
}

#[test]
fn what_is_too_much_to_compare_says_so() {
    let compared = |text: &str, times: u64| {
        let mut t = Bench::new(CLERK);
        t.message("ana", "say one");
        t.report("think", calls(&[("c", "main.compare", json!({ "text": text, "times": times }))]));
        (nearness_asked(&t), said(&t).into_iter().find(|turn| turn.starts_with("c = ")))
    };
    assert_eq!(compared("fig", 1_000), (1, None));
    let (asked, told) = compared("fig", 1_001);
    assert!(asked == 0 && told.as_ref().unwrap().contains("at most 1000 texts"), "{told:?}");
    let (asked, told) = compared(&"fig".repeat(35_000), 21);
    assert!(asked == 0 && told.as_ref().unwrap().contains("at most 2 MiB"), "{told:?}");
}

#[test]
fn what_programs_ask_models_is_counted_to_them_over_a_restart() {
    let mut t = Bench::new(CLERK);
    for _ in 0..2 {
        t.submit(Input::Used { by: "app".into(), usage: used("test/vectors", 700) });
    }
    let before = t.lines.len();
    t.submit(Input::Used { by: "app".into(), usage: Vec::new() });
    assert_eq!(t.lines.len(), before, "nothing is nothing");
    t.crash();
    let listed = usage(&t.core.state().ledger, 0, &[UsageBy::Sender, UsageBy::Agent, UsageBy::Flow]);
    let [line] = listed.lines.as_slice() else { panic!("{listed:?}") };
    assert_eq!((line.sender.as_deref(), &line.agent, &line.flow), (Some("gateway:app"), &None, &None));
    assert_eq!((line.sum.requests, line.sum.input, line.sum.cost), (2, 1_400, 1_400));
    t.pass(MINUTE);
    t.message("ana", "say one");
    assert_eq!(t.acts.len(), 1, "no agent's budget is less by it");
}
