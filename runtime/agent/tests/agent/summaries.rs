//! Older turns in short: what a model is given to sum up, and what an agent is given of it then.

use crate::bed::{Bed, agent, think};
use carapace_effect::{Act, FailureKind};
use serde_json::{Value as Json, json};

/// An act that sums these turns up.
fn sum_up(properties: &[(&str, Json)], turns: &[Json]) -> Act {
    let Act { session, agent, id, request, .. } = think(agent("demo/m", properties), turns, Json::Null);
    let mut act = crate::bed::ask(crate::bed::agent("demo/m", properties), "");
    act.request = request;
    act.request.effect = "exchange.sum_up".into();
    Act { session, agent, id, arguments: serde_json::Map::new(), ..act }
}

fn turns() -> Vec<Json> {
    vec![
        json!({ "turn": "user", "text": "my order is 4711", "by": "ana" }),
        json!({ "turn": "call", "id": "c", "name": "main.refund", "arguments": { "order": "4711" }, "says": "One moment." }),
        json!({ "turn": "result", "id": "c", "outcome": { "done": "20 EUR went back" } }),
        json!({ "turn": "assistant", "text": "Done." }),
    ]
}

#[tokio::test]
async fn the_conversation_is_material_in_one_message_with_what_the_author_adds() {
    let mut bed = Bed::scripted(&[json!({
        "instructions": "Keep order numbers.",
        "turn": 1,
        "say": "{text}",
    })]);
    let (done, usage) = bed.done(sum_up(&[("summary", json!("Keep order numbers."))], &turns())).await;
    let shown = done.as_str().unwrap();
    for part in [
        "ana: my order is 4711\n",
        "agent: One moment.\n(the agent calls main.refund with {\"order\":\"4711\"})\n",
        "(main.refund returned \"20 EUR went back\")\n",
        "agent: Done.\n",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(usage.len(), 1, "it costs what it costs");
}

#[tokio::test]
async fn the_former_summary_is_summed_up_again_and_what_is_long_is_cut() {
    let mut all = vec![json!({
        "turn": "compacted", "through": 9, "archives": ["b"], "of": null,
        "summary": { "through": 9, "text": "Ana lives in Oslo." },
    })];
    all.push(json!({ "turn": "user", "text": "é".repeat(9_000), "by": "ana" }));
    let mut bed = Bed::scripted(&[json!({ "say": "{text}" })]);
    let (done, _) = bed.done(sum_up(&[], &all)).await;
    let shown = done.as_str().unwrap();
    assert!(shown.contains("<summary>\nAna lives in Oslo.\n</summary>"), "{shown}");
    assert!(shown.contains(" (and more)\n") && shown.len() < 5_000, "{}", shown.len());
}

#[tokio::test]
async fn where_nothing_is_left_to_sum_up_there_is_no_summary() {
    let mut bed = Bed::scripted(&[json!({ "say": "x" })]);
    let (failure, usage) = bed.failed(sum_up(&[], &[])).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Unavailable, 0));
}

#[tokio::test]
async fn an_agent_is_given_what_is_put_away_in_short_before_everything_else() {
    let mut bed = Bed::scripted(&[
        json!({ "instructions": "no longer here", "say": "no summary" }),
        json!({ "turn": 1, "say": "{text}" }),
    ]);
    let note = |summary: Json| json!({ "turn": "compacted", "through": 9, "archives": ["b"], "of": null, "summary": summary });
    let user = json!({ "turn": "user", "text": "hi", "by": "ana" });
    let desk = || agent("demo/m", &[]);
    let step = bed.step(think(desk(), &[note(Json::Null), user.clone()], Json::Null)).await;
    assert_eq!(&*step.text, "no summary");
    let summed = note(json!({ "through": 9, "text": "Ana lives in Oslo." }));
    let step = bed.step(think(desk(), &[summed, user], Json::Null)).await;
    assert_eq!(&*step.text, "hi", "the question is what is answered");
}
