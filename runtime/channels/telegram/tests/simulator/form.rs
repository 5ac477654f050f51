//! The body of a request: JSON, or a form with files.

use carapace_channel_api::axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A file's name and bytes, by field.
pub(super) type Files = BTreeMap<String, (String, Vec<u8>)>;

pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> (Value, Files) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return (serde_json::from_slice(body).unwrap_or_default(), Files::new());
    };
    let (mut fields, mut files) = (Map::new(), Files::new());
    let mark = format!("--{boundary}");
    let mut rest = body;
    while let Some(start) = find(rest, mark.as_bytes()) {
        rest = &rest[start + mark.len()..];
        let Some(end) = find(rest, mark.as_bytes()) else { break };
        part(&rest[..end], &mut fields, &mut files);
    }
    (Value::Object(fields), files)
}

fn part(part: &[u8], fields: &mut Map<String, Value>, files: &mut Files) {
    let Some(middle) = find(part, b"\r\n\r\n") else { return };
    let head = String::from_utf8_lossy(&part[..middle]).into_owned();
    let content = &part[middle + 4..part.len() - 2];
    let quoted = |name: &str| {
        let (_, rest) = head.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let Some(name) = quoted("; name") else { return };
    match quoted("filename") {
        Some(file) => {
            files.insert(name, (file, content.to_vec()));
        }
        None => {
            let text = String::from_utf8(content.to_vec()).unwrap();
            // Numbers, objects and lists are JSON in a form; everything else is text.
            let json = serde_json::from_str(&text).ok().filter(|value: &Value| !value.is_string());
            let is_text = ["caption", "text"].contains(&name.as_str());
            fields.insert(name, json.filter(|_| !is_text).unwrap_or(Value::String(text)));
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
