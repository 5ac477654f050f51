//! Texts and values of strangers, made safe to show and to keep.

use super::environment::Values;
use serde_json::Value as Json;

/// A line of a stranger: without what moves a cursor, and not longer than that many letters.
pub(super) fn line(text: &str, most: usize) -> String {
    let mut letters = text.trim().chars();
    let line: String = letters
        .by_ref()
        .take(most)
        .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
        .collect();
    let more = if letters.next().is_some() { "…" } else { "" };
    format!("{}{more}", line.trim())
}

/// A text of a stranger of at most so many bytes. Line breaks stay; what nobody sees and a model reads does not.
pub(super) fn text(text: &str, most: usize) -> String {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = text.get(..end).unwrap_or_default();
    kept.chars().filter(|c| (!c.is_control() || matches!(c, '\n' | '\t')) && !is_invisible(*c)).collect()
}

/// Letters that nobody sees: tags (U+E0000), joiners and marks of direction, in which instructions are hidden.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a value is nested more deeply than that.
pub(super) fn is_deeper(value: &Json, most: usize) -> bool {
    match value {
        Json::Array(items) => most == 0 || items.iter().any(|item| is_deeper(item, most - 1)),
        Json::Object(members) => most == 0 || members.values().any(|item| is_deeper(item, most - 1)),
        _ => false,
    }
}

/// The value without the secrets that its server was given.
pub(super) fn clean(value: Json, values: &Values) -> Json {
    match value {
        Json::String(text) => Json::String(values.clean(&text)),
        Json::Array(items) => items.into_iter().map(|item| clean(item, values)).collect(),
        Json::Object(members) => {
            members.into_iter().map(|(name, item)| (values.clean(&name), clean(item, values))).collect()
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_sees_is_not_shown() {
        assert_eq!(line(" a\u{1b}[2Jb\nc\u{e0041} ", 20), "a [2Jb c");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(text("a\nb\u{200b}\u{e0061}\u{1b}c", 100), "a\nbc");
        assert_eq!(text("aä", 2), "a");
    }

    #[test]
    fn depth_is_counted() {
        assert!(!is_deeper(&json!([[1]]), 2) && is_deeper(&json!([[1]]), 1));
        assert!(!is_deeper(&json!(1), 0) && is_deeper(&json!({}), 0));
    }
}
