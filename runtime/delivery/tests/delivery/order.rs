//! One conversation in order, different ones side by side.

use crate::network::{Does, House, Network, reply};
use carapace_channel_api::{Operation, Outcome};
use carapace_effect::{Destination, Reported};
use tokio::sync::oneshot;

#[tokio::test]
async fn a_conversation_keeps_its_order_and_holds_up_nobody_else() {
    let (let_go, waits) = oneshot::channel();
    let network = Network::new("telegram", "main", [Does::Waits(waits)]);
    let mut house = House::of(&[&network]);
    for n in 1..=3 {
        house.delivery.perform(reply(n, &format!("here {n}")).into());
    }
    let mut elsewhere = reply(9, "there");
    elsewhere.to = Some(Destination::Conversation { account: "main".into(), conversation: "d".into() });
    house.delivery.perform(elsewhere.into());
    let report = house.report().await;
    assert_eq!(report.act.op.ordinal, 9, "another conversation does not wait");
    let_go.send(Outcome::sent("m")).unwrap();
    for n in 1..=3 {
        assert_eq!(house.report().await.act.op.ordinal, n);
    }
    let texts: Vec<String> = network
        .seen()
        .into_iter()
        .map(|request| match request.operation {
            Operation::Send { content, .. } => content.text,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["here 1", "there", "here 2", "here 3"]);
}

#[tokio::test]
async fn an_adapter_that_breaks_down_costs_one_act() {
    let network = Network::new("telegram", "main", [Does::Panics]);
    let mut house = House::of(&[&network]);
    house.delivery.perform(reply(1, "a").into());
    house.delivery.perform(reply(2, "b").into());
    assert!(matches!(house.report().await.outcome, Reported::Unknown(_)));
    assert!(matches!(house.report().await.outcome, Reported::Sent(..)));
}
