//! Documents for programs: JSON that says whether the runtime runs, and at which line of the source something stands.

use super::runs::place::Spot;
use serde_json::{Value as Json, json};

/// The document as it is printed.
pub(super) fn finish(mut document: Json, live: bool) -> String {
    if let Some(object) = document.as_object_mut() {
        object.insert("runtime".to_owned(), json!(if live { "running" } else { "stopped" }));
    }
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}

/// Says of something where it stands; what is not known of that is null.
pub(super) fn place(json: &mut Json, spot: Option<Spot>) {
    let (Some(spot), Some(object)) = (spot, json.as_object_mut()) else { return };
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
