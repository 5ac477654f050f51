//! Events as a channel would push them.

use carapace_effect::{Event, EventKind, Origin};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Somebody writes a text, directly. The same number is the same event.
pub fn message(account: &str, number: u64, who: &str, text: &str) -> Event {
    let fields = [
        (
            "message",
            json!({
                "id": format!("m{number}"), "text": text, "attachments": [], "reply_to": null, "mentions": [],
                "mentioned": false,
            }),
        ),
        ("sender", json!({ "id": who, "name": who, "bot": false, "role": null, "channel": account })),
        ("conversation", json!({ "id": who, "channel": account, "kind": "direct", "title": null })),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let account: Arc<str> = account.into();
    let origin = Origin {
        account: account.clone(),
        conversation: who.into(),
        direct: true,
        thread: None,
        sender: Some(who.into()),
        message: Some(format!("m{number}").into()),
        route: Json::Null,
    };
    let kind = EventKind::Channel { account, id: format!("e{number}").into(), trigger: "message".into() };
    Event { kind, origin: Some(origin), at: Some(1_767_603_600_000), fields }
}
