//! Runs for programs: one JSON document.

use super::place::Lines;
use crate::commands::document::{finish, place};
use carapace_engine::inspect::{Ended, Listed, Shown, Waiting};
use serde_json::{Value as Json, json};

pub(super) fn list(listed: &Listed, lines: &Lines<'_>, live: bool) -> String {
    let mut document = json!(listed);
    let runs = document.get_mut("runs").and_then(Json::as_array_mut);
    for (json, run) in runs.into_iter().flatten().zip(&listed.runs) {
        places(json, &run.waits, &run.module, lines);
    }
    finish(document, live)
}

pub(super) fn finished(ended: &Ended, live: bool) -> String {
    finish(json!(ended), live)
}

pub(super) fn show(shown: &Shown, lines: &Lines<'_>, live: bool) -> String {
    let mut document = json!(shown);
    if let (Some(json), Some(detail)) = (document.get_mut("live"), &shown.live) {
        places(json, &detail.brief.waits, &detail.brief.module, lines);
    }
    finish(document, live)
}

/// Says of everything a run waits for at which line that is.
fn places(run: &mut Json, waits: &[Waiting], module: &str, lines: &Lines<'_>) {
    let written = run.get_mut("waits").and_then(Json::as_array_mut).into_iter().flatten();
    for (json, waiting) in written.zip(waits) {
        place(json, lines.spot(module, &waiting.places));
    }
}
