//! Messages for programs: one JSON document.

use crate::commands::runs::place::Lines;
use carapace_engine::inspect::{Message, OutboxListed, OutboxShown};
use serde_json::{Value as Json, json};

pub(super) fn list(listed: &OutboxListed, lines: &Lines, live: bool) -> String {
    let mut document = json!(listed);
    let messages = document.get_mut("messages").and_then(Json::as_array_mut);
    for (json, message) in messages.into_iter().flatten().zip(&listed.messages) {
        place(json, message, lines);
    }
    finish(document, live)
}

pub(super) fn show(shown: &OutboxShown, lines: &Lines, live: bool) -> String {
    let mut document = json!(shown);
    if let Some(json) = document.get_mut("message") {
        place(json, &shown.message, lines);
    }
    finish(document, live)
}

/// Says at which line it was asked for.
fn place(json: &mut Json, message: &Message, lines: &Lines) {
    let Some(spot) = lines.spot(&message.module, &message.places) else { return };
    let Some(object) = json.as_object_mut() else { return };
    let line = spot.line.as_ref();
    object.insert(
        "at".to_owned(),
        json!({
            "file": spot.file,
            "line": line.map(|line| line.line),
            "column": line.map(|line| line.column),
            "text": line.map(|line| &line.text),
        }),
    );
}

fn finish(mut document: Json, live: bool) -> String {
    if let Some(object) = document.as_object_mut() {
        object.insert("runtime".to_owned(), json!(if live { "running" } else { "stopped" }));
    }
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
