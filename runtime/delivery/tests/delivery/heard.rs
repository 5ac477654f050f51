//! What comes in: the fields that `stdlib/prelude/chat.flow` declares, for every trigger.

use carapace_channel_api::{
    Attachment, CallState, Conversation, Event, Inbound, MediaSource, MediaType, Mention, Message, Quoted,
    Route, UnixMillis, User,
};
use carapace_delivery::event_of;
use serde_json::{Value as Json, json};

fn inbound(event: Event) -> Inbound {
    Inbound {
        account: "main".into(),
        id: "e1".into(),
        conversation: Conversation::direct("c"),
        sender: User::person("ana", "Ana"),
        at: Some(UnixMillis(5)),
        route: Route(json!("r")),
        event,
    }
}

#[test]
fn a_message_is_told_whole() {
    let message = Message {
        id: "m1".into(),
        text: "hi".into(),
        attachments: vec![Attachment {
            name: "a.pdf".into(),
            media_type: MediaType("application/pdf".into()),
            size: Some(9),
            source: MediaSource::Platform { reference: json!(1) },
        }],
        reply_to: Some(Quoted { id: "m0".into(), text: None, sender: None }),
        mentions: vec![Mention { user: "bot".into(), name: None, me: true }],
    };
    let event = event_of(&inbound(Event::Message { message }));
    assert_eq!((event.at, event.text(), event.trigger()), (Some(5), Some("hi"), "message"));
    let origin = event.origin.unwrap();
    assert!(origin.direct);
    assert_eq!(
        (&*origin.conversation, origin.sender.as_deref(), origin.message.as_deref()),
        ("c", Some("ana"), Some("m1"))
    );
    assert_eq!(origin.route, json!("r"));
    let fields = event.fields;
    assert_eq!(
        fields["sender"],
        json!({ "id": "ana", "name": "Ana", "bot": false, "role": "member", "channel": "main" })
    );
    assert_eq!(
        fields["conversation"],
        json!({ "id": "c", "channel": "main", "kind": "direct", "title": null })
    );
    let message = &fields["message"];
    assert_eq!(message["reply_to"], json!({ "channel": "main", "conversation": "c", "id": "m0" }));
    assert_eq!((&message["mentions"], &message["mentioned"]), (&json!(["bot"]), &json!(true)));
    assert_eq!(message["attachments"][0]["kind"], "document");
    assert!(message["attachments"][0]["url"].as_str().unwrap().starts_with("attachment:main/"));
}

#[test]
fn every_trigger_has_its_fields() {
    let message = json!({ "channel": "main", "conversation": "c", "id": "m" });
    let member = json!({ "id": "bo", "name": "Bo", "bot": false, "role": "member", "channel": "main" });
    let bo = || User::person("bo", "Bo");
    let cases: Vec<(Event, &str, Json)> = vec![
        (Event::Joined { member: bo() }, "joined", json!({ "member": member })),
        (Event::Left { member: bo() }, "left", json!({ "member": member })),
        (
            Event::Reaction { message: "m".into(), emoji: "👍".into(), removed: true },
            "reaction",
            json!({ "message": message, "emoji": "👍", "removed": true }),
        ),
        (
            Event::Button { message: "m".into(), button: "b".into(), label: Some("Yes".into()) },
            "button",
            json!({ "message": message, "value": "b", "label": "Yes" }),
        ),
        (Event::Deleted { message: "m".into() }, "deleted", json!({ "message": message })),
        (
            Event::PollVote { poll: "m".into(), options: vec![0, 2] },
            "poll_vote",
            json!({ "poll": message, "options": [0, 2] }),
        ),
        (
            Event::Call { call: "k".into(), state: CallState::Ringing },
            "call",
            json!({ "call": "k", "state": "ringing" }),
        ),
    ];
    for (happened, trigger, expected) in cases {
        let event = event_of(&inbound(happened));
        assert_eq!(event.trigger(), trigger);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(event.fields.get(name), Some(value), "{trigger}");
        }
        assert!(event.fields.contains_key("sender") && event.fields.contains_key("conversation"));
    }
}
