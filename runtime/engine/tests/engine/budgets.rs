//! Budgets of agents: looked at before a model is asked, and kept over a restart.

use crate::bench::{Bench, DAY, HOUR, MINUTE};
use carapace_effect::{Failure, FailureKind, Usage};
use carapace_engine::state::Sum;
use carapace_engine::{Input, Reported};
use serde_json::json;

fn source(budget: &str) -> String {
    format!(
        "agent clerk {{
  model: \"test/model\"
  budget: {budget}
}}
flow talk on chat.message where message.text starts with \"say \" {{
  reply(clerk.ask(message.text) else e {{ \"sorry ({{e.kind}}): {{e.message}}\" }})
}}
"
    )
}

fn used(tokens: u64, cost: Option<u64>) -> Vec<Usage> {
    vec![Usage { model: "test/model".into(), input: tokens, cached: 0, output: 0, cost, estimated: false }]
}

/// Somebody asks, and it is answered; what that costs.
fn ask(t: &mut Bench, who: &str, text: &str, usage: Vec<Usage>) {
    t.message(who, text);
    t.report(text, Reported::Spent(Box::new(Reported::Done(json!("yes"))), usage));
}

/// Somebody asks; whether they are told that the budget is used up.
fn is_refused(t: &mut Bench, who: &str, text: &str) -> Option<String> {
    let followed = t.message(who, text);
    let refused = followed.iter().find_map(|line| line.split_once("sorry (budget): "));
    let words = refused.map(|(_, words)| words.split(" → ").next().unwrap_or_default().to_owned());
    if words.is_none() {
        t.report(text, Reported::Failed(Failure::new(FailureKind::Refused, "no")));
    }
    words
}

#[test]
fn tokens_are_counted_for_each_person_and_there_are_more_when_the_window_has_gone_on() {
    let mut t = Bench::new(&source("1_000 tokens per 1h by sender"));
    ask(&mut t, "ana", "say one", used(600, None));
    ask(&mut t, "ana", "say two", used(600, None));
    let why = is_refused(&mut t, "ana", "say three").unwrap();
    assert!(
        why.starts_with("the budget of 1000 tokens per 1h by sender is used up; there is more in 1h"),
        "{why}"
    );
    assert_eq!(is_refused(&mut t, "bo", "say four"), None, "others have their own");
    t.crash();
    assert!(is_refused(&mut t, "ana", "say five").is_some(), "a restart forgets nothing");
    t.pass(HOUR + MINUTE);
    assert_eq!(is_refused(&mut t, "ana", "say six"), None);
}

#[test]
fn programs_have_a_budget_each_by_the_name_of_their_token() {
    let called = "flow serve(text: Text) -> Text { return clerk.ask(text) else e { \"no: {e.kind}\" } }\n";
    let mut t = Bench::new(&(source("1_000 tokens per 1h by sender") + called));
    let call = |t: &mut Bench, by: &str, text: &str| {
        let arguments = json!({ "text": text }).as_object().cloned().unwrap();
        t.submit(Input::Invoke {
            by: by.into(),
            package: "main".into(),
            flow: "main.serve".into(),
            arguments,
        });
        let asked = t.acts.iter().any(|act| act.arguments.get("prompt") == Some(&json!(text)));
        if asked {
            t.report(text, Reported::Spent(Box::new(Reported::Done(json!("yes"))), used(600, None)));
        }
        asked
    };
    assert!(call(&mut t, "one", "a") && call(&mut t, "one", "b"));
    assert!(!call(&mut t, "one", "c"), "it is used up");
    assert!(call(&mut t, "two", "d"), "nobody else is shut out");
    t.crash();
    assert!(!call(&mut t, "one", "e"), "a restart forgets nothing");
    let payers: Vec<_> = t.core.state().ledger.since(0).map(|(line, _)| line.payer.clone()).collect();
    assert!(payers.iter().all(|payer| payer.account.as_deref() == Some("gateway")), "{payers:?}");
}

#[test]
fn money_is_counted_over_all_who_ask_and_failures_cost_too() {
    let mut t = Bench::new(&source("0.50 USD per 1d"));
    ask(&mut t, "ana", "say one", used(10, Some(300_000)));
    t.message("bo", "say two");
    let failed = Reported::Failed(Failure::new(FailureKind::Invalid, "no such shape"));
    t.report("say two", Reported::Spent(Box::new(failed), used(10, Some(200_000))));
    assert!(
        is_refused(&mut t, "cy", "say three")
            .unwrap()
            .starts_with("the budget of 0.50 USD per 1d is used up")
    );
    t.pass(DAY + MINUTE);
    assert_eq!(is_refused(&mut t, "cy", "say four"), None);
}

#[test]
fn who_runs_this_is_told_when_most_of_it_is_used_up_and_when_all_is() {
    let mut t = Bench::new(&source("1_000 tokens per 1h by sender"));
    let mut told = |who: &str, text: &str, tokens: u64| -> Vec<String> {
        t.message(who, text);
        let spent = Reported::Spent(Box::new(Reported::Done(json!("yes"))), used(tokens, None));
        let followed = t.report(text, spent);
        followed.into_iter().filter(|line| line.starts_with("log ")).collect()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(told("ana", "say one", 700), none);
    let most = "log 80 % of `main.clerk`'s budget of 1000 tokens per 1h by sender are used up";
    assert_eq!(told("ana", "say two", 150), [most]);
    assert_eq!(told("ana", "say three", 50), none, "once");
    assert_eq!(told("bo", "say four", 700), none, "others have their own");
    let all = "log 100 % of `main.clerk`'s budget of 1000 tokens per 1h by sender are used up";
    assert_eq!(told("ana", "say five", 500), [all]);
    assert_eq!(told("cy", "say six", 5_000), [all], "both at once are one");
}

#[test]
fn what_has_no_price_makes_a_budget_of_money_one_that_cannot_be_kept() {
    let mut t = Bench::new(&source("5 USD per 1d"));
    ask(&mut t, "ana", "say one", used(10, None));
    let why = is_refused(&mut t, "ana", "say two").unwrap();
    assert!(why.contains("is not known") && why.contains("models.prices"), "{why}");
}

#[test]
fn what_was_used_up_is_known_by_day_and_goes_after_a_year() {
    let mut t = Bench::new(&source("1_000_000 tokens per 1h"));
    ask(&mut t, "ana", "say one", used(600, Some(7)));
    ask(&mut t, "bo", "say two", used(400, None));
    let sums = |t: &Bench| -> Vec<(Option<String>, Sum)> {
        let lines = t.core.state().ledger.since(0);
        lines.map(|(line, sum)| (line.payer.sender.as_deref().map(str::to_owned), *sum)).collect()
    };
    let known = sums(&t);
    assert_eq!(known.len(), 2);
    assert_eq!(known.iter().map(|(_, sum)| sum.tokens()).sum::<u64>(), 1000);
    assert_eq!(
        known.iter().map(|(_, sum)| (sum.cost, sum.unpriced)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (7, 1)
    );
    t.pass(500 * DAY);
    ask(&mut t, "ana", "say three", used(1, None));
    assert_eq!(sums(&t).len(), 1, "what is older than {} days goes", carapace_engine::state::LEDGER_DAYS);
}
