//! Names of the old file, which were any text, as names of the language, which are unique in a module.

use std::collections::{BTreeMap, BTreeSet};

/// Words that are never names (docs/language/words.md), and what a flow sees anyway: to have another one of that name would be legal and
/// confusing.
const TAKEN: &[&str] = &[
    "and",
    "await",
    "break",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "if",
    "in",
    "is",
    "let",
    "listen",
    "match",
    "none",
    "not",
    "or",
    "parallel",
    "race",
    "return",
    "start",
    "true",
    "var",
    "while",
    "message",
    "sender",
    "conversation",
    "member",
    "channel",
    "trigger",
    "body",
    "headers",
    "query",
    "path",
    "method",
    "payload",
    "input",
    "received_at",
    "reply",
    "send",
    "forward",
    "react",
    "log",
    "wait",
    "ask",
    "approve",
    "broadcast",
    "respond",
    "emit",
    "fail",
    "cancel",
    "http",
    "now",
    "random",
    "run",
    "text",
    "error",
];

/// Names of one module.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A name like this text that nothing else has.
    pub(super) fn fresh(&mut self, text: &str, without: &str) -> String {
        let name = like(text, without);
        let mut unique = name.clone();
        let mut number = 2_u32;
        while TAKEN.contains(&unique.as_str()) || !self.taken.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number = number.saturating_add(1);
        }
        unique
    }
}

/// Small letters, digits and `_`, beginning with a letter; `without` where nothing of the text is left.
fn like(text: &str, without: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("{without}_{name}"),
        Some(_) => name.to_owned(),
        None => without.to_owned(),
    }
}

/// Old names with the new ones, each once.
#[derive(Default)]
pub(super) struct Known {
    names: BTreeMap<String, String>,
}

impl Known {
    /// The new name of an old one.
    pub(super) fn of(&mut self, names: &mut Names, old: &str, like: &str, without: &str) -> String {
        if let Some(name) = self.names.get(old) {
            return name.clone();
        }
        let name = names.fresh(like, without);
        self.names.insert(old.to_owned(), name.clone());
        name
    }

    /// All of them: old and new.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(old, new)| (old.as_str(), new.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name_and_no_two_the_same() {
        let mut names = Names::default();
        let of = ["Order status", "order-status", "42", "für alle", "!!", "reply", "if"];
        let made: Vec<String> = of.iter().map(|text| names.fresh(text, "flow")).collect();
        assert_eq!(
            made,
            ["order_status", "order_status_2", "flow_42", "f_r_alle", "flow", "reply_2", "if_2"]
        );
    }
}
