//! Runs for programs: one JSON document.

use super::place::Lines;
use carapace_engine::inspect::{Listed, Shown, Waiting};
use serde_json::{Value as Json, json};

pub(super) fn list(listed: &Listed, lines: &Lines, live: bool) -> String {
    let mut document = json!(listed);
    let runs = document.get_mut("runs").and_then(Json::as_array_mut);
    for (json, run) in runs.into_iter().flatten().zip(&listed.runs) {
        place(json, &run.waits, &run.module, lines);
    }
    finish(document, live)
}

pub(super) fn show(shown: &Shown, lines: &Lines, live: bool) -> String {
    let mut document = json!(shown);
    if let (Some(json), Some(detail)) = (document.get_mut("live"), &shown.live) {
        place(json, &detail.brief.waits, &detail.brief.module, lines);
    }
    finish(document, live)
}

/// Says of everything a run waits for at which line that is.
fn place(run: &mut Json, waits: &[Waiting], module: &str, lines: &Lines) {
    let written = run.get_mut("waits").and_then(Json::as_array_mut).into_iter().flatten();
    for (json, waiting) in written.zip(waits) {
        let Some(spot) = lines.spot(module, &waiting.places) else { continue };
        let Some(object) = json.as_object_mut() else { continue };
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
}

fn finish(mut document: Json, live: bool) -> String {
    if let Some(object) = document.as_object_mut() {
        object.insert("runtime".to_owned(), json!(if live { "running" } else { "stopped" }));
    }
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
