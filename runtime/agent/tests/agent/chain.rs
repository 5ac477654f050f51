//! One model after the other.

use crate::bed::{Bed, agent, ask, script};
use carapace_agent::{Delta, NoTools, Options, Price};
use carapace_effect::FailureKind;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn bed(first: &[Json], second: &[Json]) -> Bed {
    let ((one, a), (two, b)) = (script(first), script(second));
    let price = Price { input: 1_000_000, cached: 0, written: 0, output: 2_000_000 };
    let options = Options {
        providers: [("one".to_owned(), one), ("two".to_owned(), two)].into(),
        aliases: [("smart".to_owned(), vec!["one/a".to_owned(), "two/b".to_owned()])].into(),
        prices: [("two/*".to_owned(), price)].into(),
        ..Options::default()
    };
    Bed::with(options, Arc::new(NoTools), vec![a, b])
}

#[tokio::test]
async fn the_next_is_asked_where_one_cannot_be_had_and_not_where_it_refuses() {
    for (kind, goes_on) in [
        ("unavailable", true),
        ("limited", true),
        ("transient", true),
        ("refused", false),
        ("invalid", false),
    ] {
        let second = [json!({ "say": "from two", "tokens": { "input": 10, "output": 5 } })];
        let mut bed = bed(&[json!({ "fail": kind })], &second);
        let (outcome, usage) = bed.perform(ask(agent("smart", &[]), "x")).await;
        let answered = matches!(&outcome, carapace_effect::Reported::Done(said) if said == "from two");
        assert_eq!(answered, goes_on, "{kind}: {outcome:?}");
        if goes_on {
            assert_eq!(
                (&*usage[0].model, usage[0].cost),
                ("two/b", Some(20)),
                "what did not answer costs nothing"
            );
        }
    }
}

#[tokio::test]
async fn where_none_can_be_had_it_is_told_of_all_and_whether_to_try_again() {
    let mut bed = bed(
        &[json!({ "fail": "unavailable", "say": "no credit" })],
        &[json!({ "fail": "limited", "retry_after": 7000 })],
    );
    let (failure, usage) = bed.failed(ask(agent("smart", &[]), "x")).await;
    assert_eq!((failure.kind, failure.retry_after, usage.len()), (FailureKind::Limited, Some(7000), 0));
    assert!(
        failure.message.contains("`one/a`") && failure.message.contains("`two/b`"),
        "{}",
        failure.message
    );
    let (failure, _) = bed.failed(ask(agent("two/b", &[]), "x")).await;
    assert_eq!(failure.kind, FailureKind::Limited);
    assert!(
        failure.message.contains("is not asked for"),
        "what the provider said is kept to: {}",
        failure.message
    );
}

#[tokio::test]
async fn who_fails_again_and_again_is_passed_over() {
    let mut bed = bed(
        &[json!({ "fail": "transient", "times": 5 }), json!({ "say": "from one" })],
        &[json!({ "say": "from two" })],
    );
    for _ in 0..7 {
        let (said, _) = bed.done(ask(agent("smart", &[]), "x")).await;
        assert_eq!(said, "from two", "one would answer by now, and is left alone");
    }
}

#[tokio::test]
async fn what_a_cut_answer_has_cost_is_counted_and_its_text_taken_back() {
    let mut bed = bed(&[json!({ "say": "half of it is lost", "cut": true })], &[json!({ "say": "whole" })]);
    let mut progress = bed.progress();
    let (said, usage) = bed.done(ask(agent("smart", &[]), "x")).await;
    assert_eq!(said, "whole");
    let models: Vec<(&str, bool)> = usage.iter().map(|usage| (&*usage.model, usage.estimated)).collect();
    assert_eq!(models, [("one/a", true), ("two/b", true)]);
    let mut deltas = Vec::new();
    while let Ok(progress) = progress.try_recv() {
        deltas.push(progress.delta);
    }
    let again = deltas.iter().position(|delta| *delta == Delta::Again).unwrap();
    assert!(deltas[..again].iter().all(|delta| matches!(delta, Delta::Text(_))) && again > 0, "{deltas:?}");
    assert_eq!(deltas[again + 1..], [Delta::Text("whole".into()), Delta::Over]);
}

#[tokio::test]
async fn an_act_that_nobody_waits_for_is_broken_off() {
    let mut bed = bed(&[json!({ "slow": 600_000, "say": "late" })], &[]);
    let slow = ask(agent("one/a", &[]), "x");
    bed.handle().perform(Arc::new(slow.clone()));
    bed.handle().abandon(slow.id.clone());
    let (outcome, usage) = bed.report().await;
    assert!(matches!(outcome, carapace_effect::Reported::NotPerformed(_)), "{outcome:?}");
    assert_eq!(usage.len(), 0);
}
