//! A run answers the request that it is about.

use super::draft::Draft;
use super::event;
use super::request::{Made, too_deep};
use crate::EventKind;
use crate::record::{Record, Responded};
use crate::stored::Run;
use serde_json::Value as Json;

/// Headers that belong to the connection and to how a body is written on it (RFC 9110, sections 6.6.1, 7.6.1 and 7.8; RFC 9112,
/// section 6): the server says them.
const OF_THE_SERVER: [&str; 10] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
];

/// What a flow answers.
pub(super) struct Answer {
    pub(super) status: i64,
    pub(super) body: Json,
    /// An object of texts.
    pub(super) headers: Json,
}

pub(super) fn respond(draft: &mut Draft<'_>, run: &Run, answer: Answer) -> Made {
    let taken = run.event.and_then(|event| Some((event, draft.state.events.get(event)?)));
    let Some((event, taken)) =
        taken.filter(|(_, taken)| matches!(taken.event.kind, EventKind::Webhook { .. }))
    else {
        return Made::unavailable("this run answers no request");
    };
    if let Some(why) = fault(&answer) {
        return Made::refused(why);
    }
    if taken.is_answered() || std::mem::replace(&mut draft.answered, true) {
        return Made::refused("the request was answered already");
    }
    let Answer { status, body, headers } = answer;
    if event::is_deeper(&body, event::DEEPEST) {
        return too_deep();
    }
    draft.push(Record::Responded(Responded { event, status, body, headers }));
    Made::done()
}

/// Why no server could give this answer.
fn fault(answer: &Answer) -> Option<String> {
    if !(200..=599).contains(&answer.status) {
        return Some(format!("`{}` is no status of an answer: from 200 to 599 they are", answer.status));
    }
    answer.headers.as_object()?.iter().find_map(|(name, value)| header_fault(name, value.as_str()?))
}

fn header_fault(name: &str, value: &str) -> Option<String> {
    // RFC 9110, sections 5.1 and 5.5.
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(letter) {
        return Some(format!("`{name}` is no header's name"));
    }
    if OF_THE_SERVER.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Some(format!("the header `{name}` is the server's own to say"));
    }
    let shown = |b: u8| matches!(b, b'\t' | b' '..=b'~');
    (!value.bytes().all(shown)).then(|| format!("the header `{name}` has a letter that no header may have"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault_of(status: i64, headers: Json) -> Option<String> {
        fault(&Answer { status, body: Json::Null, headers })
    }

    #[test]
    fn what_no_server_could_say_is_refused() {
        assert_eq!(fault_of(200, json!({ "X-From": "carapace", "etag": "\"1\"" })), None);
        assert_eq!(fault_of(599, json!({})), None);
        for status in [-1, 0, 100, 199, 600, i64::MAX] {
            assert!(fault_of(status, json!({})).is_some(), "{status}");
        }
        for (name, value) in [
            ("", "x"),
            ("a b", "x"),
            ("ä", "x"),
            ("x-a", "1\r\nset-cookie: a=b"),
            ("x-a", "ä"),
            ("Content-Length", "3"),
            ("transfer-encoding", "chunked"),
        ] {
            assert!(fault_of(200, json!({ name: value })).is_some(), "{name}: {value}");
        }
    }
}
