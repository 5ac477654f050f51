//! Who runs a group, and what they are to flows.

use crate::bot::{Bot, options};
use crate::simulator::{Fault, Simulator, World};
use carapace_channel_api::{Event, Role};
use serde_json::json;

const ANA: i64 = 1001;
const BO: i64 = 1002;
const CLUB: i64 = -1_001_000;

struct Club {
    simulator: Simulator,
    bot: Bot,
    _folder: tempfile::TempDir,
}

impl Club {
    async fn new() -> Club {
        let folder = tempfile::tempdir().unwrap();
        let (simulator, _) = Simulator::start().await;
        simulator.world().administrators = vec![(CLUB, ANA, "creator"), (CLUB, BO, "administrator")];
        let bot = Bot::listen(options(&simulator, &folder)).await;
        Club { simulator, bot, _folder: folder }
    }

    /// What somebody is who says something there.
    async fn role(&self, chat: i64, person: i64) -> Role {
        let message = self.simulator.world().message(chat, person, &json!({ "text": "/who" }));
        self.simulator.push(json!({ "message": message }));
        self.bot.message().await.0.sender.role
    }

    fn asked(&self) -> usize {
        self.simulator.world().called("getChatAdministrators").len()
    }
}

#[tokio::test]
async fn owners_and_administrators_are_known_and_asked_for_once() {
    let club = Club::new().await;
    for (person, role) in [(ANA, Role::Owner), (BO, Role::Admin), (1003, Role::Member), (ANA, Role::Owner)] {
        assert_eq!(club.role(CLUB, person).await, role, "{person}");
    }
    assert_eq!(club.asked(), 1);
    // Nobody runs a talk of two, and another group is another.
    assert_eq!(club.role(ANA, ANA).await, Role::Member);
    assert_eq!(club.asked(), 1);
    assert_eq!(club.role(-5, ANA).await, Role::Member);
    assert_eq!(club.asked(), 2);
    // Buttons and reactions are by somebody, too.
    let reaction = json!({
        "chat": World::chat(CLUB), "message_id": 1, "date": 1_790_000_000, "user": World::person(BO),
        "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": "👍" }],
    });
    club.simulator.push(json!({ "message_reaction": reaction }));
    let inbound = club.bot.hear().await;
    assert!(matches!(inbound.event, Event::Reaction { .. }));
    assert_eq!((inbound.sender.role, club.asked()), (Role::Admin, 2));
}

#[tokio::test]
async fn who_is_none_any_more_is_none_when_telegram_says_so() {
    let club = Club::new().await;
    assert_eq!(club.role(CLUB, BO).await, Role::Admin);
    club.simulator.world().administrators.clear();
    assert_eq!(club.role(CLUB, BO).await, Role::Admin, "nobody has said otherwise");
    let changed = json!({ "chat": World::chat(CLUB), "from": World::person(ANA), "date": 1_790_000_000,
        "old_chat_member": { "status": "administrator", "user": World::person(BO) },
        "new_chat_member": { "status": "member", "user": World::person(BO) } });
    club.simulator.push(json!({ "chat_member": changed }));
    assert_eq!(club.role(CLUB, BO).await, Role::Member);
}

#[tokio::test]
async fn where_telegram_says_nothing_nobody_is_more_than_a_member_and_everybody_is_heard() {
    let club = Club::new().await;
    club.simulator.world().plan("getChatAdministrators", Fault::Refuse(400, "Bad Request: no".to_owned()));
    assert_eq!(club.role(CLUB, ANA).await, Role::Member);
    // It is not asked again at once.
    assert_eq!(club.role(CLUB, ANA).await, Role::Member);
    assert_eq!(club.asked(), 0, "the one that was refused does not count");
}

#[tokio::test]
async fn who_writes_as_the_group_itself_is_an_administrator_and_a_channel_elsewhere_is_not() {
    let club = Club::new().await;
    for (from, role) in [(CLUB, Role::Admin), (-1_001_999, Role::Member)] {
        let fields = json!({ "text": "/who", "sender_chat": { "id": from, "title": "x", "type": "supergroup" },
            "from": { "id": 136_817_688, "is_bot": true, "first_name": "Channel" } });
        let message = club.simulator.world().message(CLUB, ANA, &fields);
        club.simulator.push(json!({ "message": message }));
        assert_eq!(club.bot.message().await.0.sender.role, role, "{from}");
    }
}
