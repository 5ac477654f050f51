//! Each act, of a script.

use crate::bed::{Bed, act, agent, ask, choose, extract};
use carapace_effect::FailureKind;
use serde_json::{Value as Json, json};

fn order() -> Json {
    json!({
        "type": "object",
        "properties": { "number": { "type": "string" }, "urgent": { "type": "boolean" } },
        "required": ["number", "urgent"],
        "additionalProperties": false,
    })
}

#[tokio::test]
async fn a_question_is_answered_and_counted() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "hello", "instructions": "Be brief", "say": "Hi, you said: {text}", "tokens": { "input": 10, "output": 4 } }),
        json!({ "say": "what?" }),
    ]);
    let desk = agent("demo/small", &[("instructions", json!("Be brief."))]);
    let (said, usage) = bed.done(ask(desk.clone(), "hello there")).await;
    assert_eq!(said, "Hi, you said: hello there");
    assert_eq!((&*usage[0].model, usage[0].input, usage[0].output), ("demo/small", 10, 4));
    assert_eq!((usage.len(), usage[0].cost, usage[0].estimated), (1, None, false), "nobody knows its price");
    let (_, usage) = bed.done(ask(desk, "abcdefgh")).await;
    // Nine and eight bytes are given, five come back.
    assert_eq!((usage[0].input, usage[0].output, usage[0].estimated), (5, 2, true));
}

#[tokio::test]
async fn what_is_extracted_has_the_shape_that_was_asked_for() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "4711", "json": { "number": "4711", "urgent": true } }),
        json!({ "text": "some numbers", "json": { "value": [1, 2] } }),
    ]);
    let (json, usage) = bed.done(extract(agent("demo/m", &[]), "order 4711, at once!", order())).await;
    assert_eq!((json, usage.len()), (json!({ "number": "4711", "urgent": true }), 1));
    let list = json!({ "type": "array", "items": { "type": "integer" } });
    let (json, _) = bed.done(extract(agent("demo/m", &[]), "some numbers", list)).await;
    assert_eq!(json, json!([1, 2]));
}

#[tokio::test]
async fn a_wrong_shape_is_given_back_once_and_each_request_counts() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "`urgent` is missing", "say": "```json\n{\"number\": \"1\", \"urgent\": false}\n```" }),
        json!({ "text": "just one", "json": { "number": "1" } }),
        json!({ "say": "I am sorry" }),
    ]);
    let (json, usage) = bed.done(extract(agent("demo/m", &[]), "just one", order())).await;
    assert_eq!((json, usage.len()), (json!({ "number": "1", "urgent": false }), 2));
    let (failure, usage) = bed.failed(extract(agent("demo/m", &[]), "never", order())).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Invalid, 2), "one repair, and no more");
    assert!(
        failure.message.contains("`demo/m`") && failure.message.contains("no JSON"),
        "{}",
        failure.message
    );
}

#[tokio::test]
async fn one_of_several_is_chosen_as_it_stands() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "Which team", "json": { "choice": "billing" } }),
        json!({ "text": "Which order", "json": { "choice": 2 } }),
        json!({ "text": "none of", "json": { "choice": "sales" } }),
        json!({ "json": { "choice": "billing" } }),
    ]);
    let desk = || agent("demo/m", &[]);
    let (chosen, _) = bed.done(choose(desk(), "Which team?", json!(["support", "billing"]))).await;
    assert_eq!(chosen, "billing");
    let orders = json!([{ "id": 1, "item": "figs" }, { "id": 2, "item": "dates" }]);
    let (chosen, _) = bed.done(choose(desk(), "Which order?", orders)).await;
    assert_eq!(chosen, json!({ "id": 2, "item": "dates" }));
    let (chosen, usage) = bed.done(choose(desk(), "What now?", json!(["wait"]))).await;
    assert_eq!((chosen, usage.len()), (json!("wait"), 0), "nobody is asked where there is one");
    let (failure, usage) = bed.failed(choose(desk(), "What now?", json!([]))).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Invalid, 0));
    let (failure, usage) = bed.failed(choose(desk(), "What now?", json!(["a", "b"]))).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Invalid, 2));
    assert!(failure.message.contains("none of"), "{}", failure.message);
}

#[tokio::test]
async fn what_cannot_be_asked_says_how_it_could() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "empty", "say": "" }),
        json!({ "text": "no", "stop": "filtered", "say": "" }),
    ]);
    for (desk, text, kind, words) in [
        (agent("demo/m", &[]), "empty", FailureKind::Invalid, "said nothing"),
        (agent("demo/m", &[]), "no", FailureKind::Refused, "declined"),
        (agent("demo/m", &[]), "what", FailureKind::Unavailable, "no line of the script"),
        (agent("gone/m", &[]), "x", FailureKind::Unavailable, "`models.providers`"),
        (agent("m", &[]), "x", FailureKind::Unavailable, "`provider/model`"),
        (agent("m", &[("provider", json!("demo"))]), "empty", FailureKind::Invalid, "`demo/m`"),
        (agent("demo/m", &[("effort", json!("huge"))]), "x", FailureKind::Unavailable, "`low`"),
    ] {
        let (failure, _) = bed.failed(ask(desk, text)).await;
        assert_eq!(failure.kind, kind, "{}", failure.message);
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    let (failure, _) = bed.failed(act("agent.sing", agent("demo/m", &[]), json!({}))).await;
    assert!(failure.message.contains("`agent.sing@1`"), "{}", failure.message);
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_none() {
    let mut bed = Bed::scripted(&[json!({ "say": "and so on and so", "stop": "length" })]);
    let (failure, usage) = bed.failed(ask(agent("demo/m", &[]), "tell")).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Invalid, 1));
    assert!(failure.message.contains("`max_tokens`"), "{}", failure.message);
    let limited = agent("demo/m", &[("max_tokens", json!(4))]);
    let (said, _) = bed.done(ask(limited, "tell")).await;
    assert_eq!(said, "and so on and so", "its author wanted no more");
}
