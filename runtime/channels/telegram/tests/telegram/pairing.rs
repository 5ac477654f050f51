//! Strangers: a code, an approval, and nothing before it.

use crate::bot::{Bot, options};
use crate::simulator::{Simulator, World};
use carapace_channel_api::Channel as _;
use carapace_channel_api::access::Direct;
use serde_json::json;

const ANA: i64 = 1001;
const BO: i64 = 1002;

#[tokio::test]
async fn a_stranger_gets_a_code_once_and_is_heard_when_it_is_approved() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut pairing = options(&simulator, &folder);
    pairing.access.direct = Direct::Pairing;
    pairing.access.people = vec![ANA.to_string()];
    let bot = Bot::listen(pairing).await;
    simulator.say(BO, "let me in");
    simulator.say(BO, "hello?");
    simulator.say(ANA, "I am known");
    assert_eq!(bot.message().await.1.text, "I am known");
    simulator.until(|world| world.said().count() == 1).await;
    let gate = bot.channel.access().unwrap();
    let asking = gate.list().await.asking;
    assert_eq!(
        (asking.len(), asking[0].person.as_str(), asking[0].name.as_str()),
        (1, "1002", "Person 1002")
    );
    let told = simulator.world().said().next().unwrap().seen[0].clone();
    assert!(told.contains(&asking[0].code), "{told}");
    gate.approve(&asking[0].code).await.unwrap();
    simulator.say(BO, "thank you");
    assert_eq!(bot.message().await.1.text, "thank you");
    gate.revoke("1002").await.unwrap();
    simulator.say(BO, "again");
    simulator.say(ANA, "still known");
    assert_eq!(bot.message().await.1.text, "still known");
}

#[tokio::test]
async fn who_is_not_listed_is_not_heard_in_any_way() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut list = options(&simulator, &folder);
    list.access.direct = Direct::List;
    list.access.people = vec!["@person1001".to_owned()];
    let bot = Bot::listen(list).await;
    simulator.say(BO, "hello?");
    simulator.push(json!({ "message_reaction": {
        "chat": World::chat(BO), "message_id": 1, "user": World::person(BO), "date": 1,
        "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": "👍" }],
    } }));
    simulator.say(ANA, "hi");
    assert_eq!(bot.message().await.1.text, "hi");
    assert_eq!(simulator.world().said().count(), 0);
}

#[tokio::test]
async fn who_is_forgotten_is_a_stranger_again() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut pairing = options(&simulator, &folder);
    pairing.access.direct = Direct::Pairing;
    pairing.access.people = vec![ANA.to_string()];
    // An album that is never whole.
    pairing.album = std::time::Duration::from_secs(3_600);
    let bot = Bot::listen(pairing).await;
    simulator.say(BO, "let me in");
    simulator.until(|world| world.said().count() == 1).await;
    let gate = bot.channel.access().unwrap();
    gate.approve(&gate.list().await.asking[0].code).await.unwrap();
    simulator.push(json!({ "message": {
        "chat": World::chat(BO), "message_id": 7, "from": World::person(BO), "date": 1, "media_group_id": "g",
        "caption": "zebra", "photo": [{ "file_id": "a", "file_unique_id": "a", "width": 1, "height": 1 }],
    } }));
    simulator.say(ANA, "hello");
    assert_eq!(bot.message().await.1.text, "hello");
    let kept = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    assert!(kept("albums.json").contains("zebra") && kept("access.json").contains("1002"));
    for dry_run in [true, false] {
        let forgotten = bot.channel.forget(&"1002".into(), dry_run).await.unwrap().unwrap();
        let counts: Vec<u64> = forgotten.erased.iter().map(|counted| counted.count).collect();
        assert_eq!((counts, forgotten.left.len()), (vec![1, 1], 0), "{forgotten:?}");
    }
    for name in ["albums.json", "access.json"] {
        assert!(!kept(name).contains("1002") && !kept(name).contains("zebra"), "{}", kept(name));
    }
    assert!(bot.channel.forget(&"1002".into(), false).await.unwrap().unwrap().is_nothing());
    let known = bot.channel.forget(&ANA.to_string().as_str().into(), false).await.unwrap().unwrap();
    assert!(
        known.is_nothing() && known.left.len() == 1,
        "the configuration is not ours to change: {known:?}"
    );
    simulator.say(BO, "it is me");
    simulator.until(|world| world.said().count() == 2).await;
}
