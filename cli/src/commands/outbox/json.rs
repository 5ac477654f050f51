//! Messages for programs: one JSON document.

use crate::commands::document::{finish, place};
use crate::commands::runs::place::Lines;
use carapace_engine::inspect::{OutboxListed, OutboxShown};
use serde_json::{Value as Json, json};

pub(super) fn list(listed: &OutboxListed, lines: &Lines<'_>, live: bool) -> String {
    let mut document = json!(listed);
    let messages = document.get_mut("messages").and_then(Json::as_array_mut);
    for (json, message) in messages.into_iter().flatten().zip(&listed.messages) {
        place(json, lines.spot(&message.module, &message.places));
    }
    finish(document, live)
}

pub(super) fn show(shown: &OutboxShown, lines: &Lines<'_>, live: bool) -> String {
    let mut document = json!(shown);
    if let Some(json) = document.get_mut("message") {
        place(json, lines.spot(&shown.message.module, &shown.message.places));
    }
    finish(document, live)
}
