//! What the flows of a module share: slots, agents, helpers, notes.

use super::names::{Known, Names};
use crate::Note;
use std::collections::{BTreeMap, BTreeSet};

/// The module as it grows.
pub(super) struct Module<'k> {
    /// The kinds of channels that the library has.
    kinds: &'k [&'k str],
    pub(super) names: Names,
    channels: Known,
    rooms: Known,
    agents: Known,
    /// Channels of which something is wanted that not every kind can do.
    special: BTreeSet<String>,
    /// Sub-flows by the old flow's id.
    pub(super) called: BTreeMap<String, String>,
    pub(super) helpers: BTreeSet<Helper>,
    pub(super) uses_http: bool,
    pub(super) notes: Vec<Note>,
}

/// A function that imported flows need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Helper {
    GreaterThan,
    LessThan,
    GreaterEqual,
    LessEqual,
    Member,
}

/// The channel on which commands are heard: all of them, as the old engine had it.
const EVERYWHERE: &str = "*";

impl<'k> Module<'k> {
    pub(super) fn new(kinds: &'k [&'k str]) -> Module<'k> {
        Module {
            kinds,
            names: Names::default(),
            channels: Known::default(),
            rooms: Known::default(),
            agents: Known::default(),
            special: BTreeSet::new(),
            called: BTreeMap::new(),
            helpers: BTreeSet::new(),
            uses_http: false,
            notes: Vec::new(),
        }
    }

    /// The channel of an old name.
    pub(super) fn channel(&mut self, old: &str) -> String {
        self.channels.of(&mut self.names, old, if old == EVERYWHERE { "chat" } else { old }, "chat")
    }

    /// The channel on which commands are heard.
    pub(super) fn everywhere(&mut self) -> String {
        self.channel(EVERYWHERE)
    }

    /// The same, of which something is wanted that not every kind can do: whether its kind is not known.
    pub(super) fn special_channel(&mut self, old: &str) -> bool {
        self.special.insert(old.to_owned());
        !self.kinds.contains(&old)
    }

    /// The place that messages to an old channel go to.
    pub(super) fn room(&mut self, old: &str) -> String {
        self.rooms.of(&mut self.names, old, &format!("{old} room"), "room")
    }

    pub(super) fn agent(&mut self, old: &str) -> String {
        self.agents.of(&mut self.names, old, old, "agent")
    }

    pub(super) fn note(&mut self, flow: &str, text: impl Into<String>) -> String {
        // It stands in a comment, which ends with its line.
        let text = one_line(&text.into());
        self.notes.push(Note { flow: flow.to_owned(), text: text.clone() });
        text
    }

    /// What stands above the flows.
    pub(super) fn head(&self) -> String {
        let mut out = String::new();
        if self.uses_http {
            out.push_str("use std/http\n\n");
        }
        let kind = |old: &str| {
            if let Some(known) = self.kinds.iter().find(|kind| **kind == old) {
                known
            } else if self.special.contains(old) {
                // Somebody has to say; this one can do what is wanted.
                self.kinds.iter().find(|kind| **kind == "telegram").copied().unwrap_or("any")
            } else {
                "any"
            }
        };
        for (old, new) in self.channels.iter() {
            out.push_str(&format!("channel {new}: {}\n", kind(old)));
        }
        for (old, new) in self.rooms.iter() {
            let known = self.kinds.contains(&old);
            out.push_str(&format!("room {new}: {}\n", if known { old } else { "any" }));
        }
        out.push('\n');
        for (old, new) in self.agents.iter() {
            out.push_str(&format!(
                "/// The agent `{}` of the old flows, which did not say what it is.\nagent {new} {{\n  model: \
                 \"anthropic/claude-sonnet-4-5\"\n  instructions: \"Answer briefly.\"\n}}\n\n",
                one_line(old)
            ));
        }
        for helper in &self.helpers {
            out.push_str(helper.source());
            out.push('\n');
        }
        out
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl Helper {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Helper::GreaterThan => "greater_than",
            Helper::LessThan => "less_than",
            Helper::GreaterEqual => "greater_equal",
            Helper::LessEqual => "less_equal",
            Helper::Member => "member_text",
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Helper::GreaterThan => {
                "/// Whether it names a whole number above the limit.\nfn greater_than(value: Text, limit: Int) -> Bool {\n  let number = \
                 value.to_int() else { return false }\n  return number > limit\n}\n"
            }
            Helper::LessThan => {
                "/// Whether it names a whole number below the limit.\nfn less_than(value: Text, limit: Int) -> Bool {\n  let number = \
                 value.to_int() else { return false }\n  return number < limit\n}\n"
            }
            Helper::GreaterEqual => {
                "/// Whether it names the limit or a whole number above it.\nfn greater_equal(value: Text, limit: Int) -> Bool {\n  let \
                 number = value.to_int() else { return false }\n  return number >= limit\n}\n"
            }
            Helper::LessEqual => {
                "/// Whether it names the limit or a whole number below it.\nfn less_equal(value: Text, limit: Int) -> Bool {\n  let \
                 number = value.to_int() else { return false }\n  return number <= limit\n}\n"
            }
            Helper::Member => {
                "/// A member of a request's body: a text as it stands, everything else as JSON.\nfn member_text(value: Json, name: \
                 Text) -> Text? {\n  let found = value[name] else { return none }\n  return found.text() ?? found.encode()\n}\n"
            }
        }
    }
}
