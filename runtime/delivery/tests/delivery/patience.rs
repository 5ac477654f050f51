//! What is tried again, for how long, and what is never called better than it is. Time is simulated.

use crate::network::{Does, House, Network, act, reply};
use carapace_channel_api::{Health, Outcome, RefusalKind};
use carapace_effect::{FailureKind, Reported};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

fn later(after: Option<u64>) -> Does {
    Does::Answers(Outcome::later(RefusalKind::RateLimited, "slower", after.map(Duration::from_secs)))
}

fn away() -> Does {
    Does::Answers(Outcome::NotPerformed { message: "not connected".into() })
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_now_is_asked_again_when_the_network_says() {
    let network = Network::new("telegram", "main", [later(Some(7)), later(None)]);
    let begun = Instant::now();
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert!(matches!(came, Reported::Sent(..)));
    let took = begun.elapsed().as_millis();
    assert!(
        (7_500..=8_100).contains(&took),
        "seven seconds as asked for, and a second pause of our own: {took}"
    );
    let seen = network.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|request| request.key.as_str() == "key1"), "it is the same request");
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let network = Network::new("telegram", "main", (0..5).map(|_| later(None)));
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert!(matches!(&came, Reported::Failed(failure) if failure.kind == FailureKind::Limited), "{came:?}");
    assert_eq!(network.seen().len(), 5);
    // A wait of an hour is the flow's to decide about.
    let network = Network::new("telegram", "main", [later(Some(3_600))]);
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert!(matches!(&came, Reported::Failed(failure) if failure.retry_after == Some(3_600_000)), "{came:?}");
}

#[tokio::test(start_paused = true)]
async fn what_did_not_leave_waits_a_moment_for_the_channel_and_goes_back_then() {
    let network = Network::new("telegram", "main", (0..4).map(|_| away()));
    network.status.set(Health::Down { reason: "no network".into() });
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert!(matches!(came, Reported::Sent(..)), "a short outage is nobody's business: {came:?}");
    let network = Network::new("telegram", "main", (0..400).map(|_| away()));
    network.status.set(Health::Down { reason: "no network".into() });
    let begun = Instant::now();
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    let held = Reported::Held { message: "not connected".into(), after: None, whole: true };
    assert_eq!(came, held);
    let took = begun.elapsed().as_secs();
    assert!((30..70).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn that_somebody_was_typing_is_of_no_use_later() {
    let network = Network::new("telegram", "main", [away()]);
    network.status.set(Health::Down { reason: "no network".into() });
    let came = House::of(&[&network]).perform(act(1, "chat.typing", json!({}))).await;
    assert_eq!(came, Reported::NotPerformed("not connected".into()));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_back_is_used_at_once() {
    let network = Network::new("telegram", "main", (0..5).map(|_| away()));
    network.status.set(Health::Down { reason: "no network".into() });
    let mut house = House::of(&[&network]);
    house.delivery.perform(std::sync::Arc::new(reply(1, "hi")));
    // By now the pauses are long.
    while network.seen().len() < 5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let back = Instant::now();
    network.status.set(Health::CaughtUp);
    assert!(matches!(house.report().await.outcome, Reported::Sent(..)));
    assert!(back.elapsed() < Duration::from_secs(1), "{:?}", back.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_ended_for_good_is_not_waited_for() {
    let network = Network::new("terminal", "main", [away()]);
    network.status.set(Health::Stopped);
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert_eq!(came, Reported::NotPerformed("not connected".into()));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_was_abandoned() {
    let network = Network::new("telegram", "main", (0..1_000).map(|_| away()));
    let mut house = House::of(&[&network]);
    let (first, second) = (reply(1, "hi"), reply(2, "ho"));
    let (a, b) = (first.id.clone(), second.id.clone());
    house.delivery.perform(first.into());
    house.delivery.perform(second.into());
    while network.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.delivery.abandon(b.clone());
    let report = house.report().await;
    assert_eq!((report.act, matches!(report.outcome, Reported::NotPerformed(_))), (b, true));
    house.delivery.abandon(a.clone());
    let report = house.report().await;
    assert_eq!((report.act, matches!(report.outcome, Reported::NotPerformed(_))), (a, true));
    assert!(network.seen().iter().all(|request| request.key.as_str() == "key1"), "the second never left");
}

#[tokio::test(start_paused = true)]
async fn what_may_have_happened_is_unknown_and_not_tried_again() {
    let unknown = Outcome::Unknown { message: "the line went dead".into() };
    let network = Network::new("telegram", "main", [Does::Answers(unknown)]);
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert_eq!(came, Reported::Unknown("the line went dead".into()));
    assert_eq!(network.seen().len(), 1);
}
