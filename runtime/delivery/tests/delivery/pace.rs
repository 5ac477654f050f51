//! How fast things go out: as the kind declares, and as the network asks. Time is simulated.

use crate::network::{Does, House, Network, reply};
use carapace_channel_api::{Outcome, RefusalKind};
use carapace_effect::{Act, Destination, Reported};
use std::time::Duration;
use tokio::time::Instant;

/// To the n-th of some conversations.
fn to(n: u32, conversation: &str) -> Act {
    let mut act = reply(n, "hi");
    act.to = Some(Destination::Conversation { account: "main".into(), conversation: conversation.into() });
    act
}

#[tokio::test(start_paused = true)]
async fn no_chat_gets_more_than_its_kind_allows_and_none_waits_for_another() {
    let network = Network::new("telegram", "main", []);
    let mut house = House::of(&[&network]);
    let begun = Instant::now();
    for n in 0..40 {
        house.delivery.perform(to(n, ["a", "b", "c", "d"][n as usize % 4]).into());
    }
    for _ in 0..40 {
        assert!(matches!(house.report().await.outcome, Reported::Sent(..)));
    }
    // One a second and chat, ten for each of four side by side.
    let took = begun.elapsed().as_secs();
    assert_eq!(took, 9);
}

#[tokio::test(start_paused = true)]
async fn the_account_has_a_limit_of_its_own() {
    let network = Network::new("telegram", "main", []);
    let mut house = House::of(&[&network]);
    let begun = Instant::now();
    for n in 0..300 {
        house.delivery.perform(to(n, &n.to_string()).into());
    }
    for _ in 0..300 {
        house.report().await;
    }
    assert_eq!(begun.elapsed().as_secs(), 9, "thirty a second");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_network_asks_for_is_kept_by_those_it_is_about() {
    let slower = || Outcome::later(RefusalKind::RateLimited, "slower", Some(Duration::from_secs(20)));
    for (refusal, other) in [(slower(), 0), (slower().for_account(), 20)] {
        let network = Network::new("webchat", "main", [Does::Answers(refusal)]);
        let mut house = House::of(&[&network]);
        let begun = Instant::now();
        house.delivery.perform(to(1, "a").into());
        while network.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        house.delivery.perform(to(2, "b").into());
        let mut took = [0, 0];
        for _ in 0..2 {
            let report = house.report().await;
            assert!(matches!(report.outcome, Reported::Sent(..)));
            took[report.act.op.ordinal as usize - 1] = begun.elapsed().as_secs();
        }
        assert_eq!(took, [20, other]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_would_wait_long_goes_back() {
    let later = Outcome::later(RefusalKind::RateLimited, "enough", Some(Duration::from_secs(3_600)));
    let network = Network::new("webchat", "main", [Does::Answers(later.for_account())]);
    let mut house = House::of(&[&network]);
    // That one is for its flow to decide about; others need not find out for themselves.
    assert!(matches!(house.perform(to(1, "a")).await, Reported::Failed(_)));
    let came = house.perform(to(2, "b")).await;
    let Reported::Held { after: Some(after), whole: true, .. } = came else { panic!("{came:?}") };
    assert!((3_590_000..=3_600_000).contains(&after), "{after}");
    assert_eq!(network.seen().len(), 1, "it was not asked again");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_never_answers_holds_up_nobody_for_ever() {
    let (_never, waits) = tokio::sync::oneshot::channel();
    let network = Network::new("webchat", "main", [Does::Waits(waits)]);
    let mut house = House::of(&[&network]);
    house.delivery.perform(to(1, "a").into());
    house.delivery.perform(to(2, "a").into());
    assert!(matches!(house.report().await.outcome, Reported::Unknown(_)));
    assert!(matches!(house.report().await.outcome, Reported::Sent(..)));
}
