//! Everything that happened in a test, in order, with the simulated time.

use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Milliseconds since the test's beginning.
    pub after: i64,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// Something came in.
    Event {
        /// In words: `ana to support: "help"`.
        text: String,
    },
    /// A flow put something out.
    Output(Output),
    /// A flow called something outside of the machine.
    Call {
        /// In words: `desk.extract("help") = …`.
        text: String,
    },
    /// A run came to be, ended, or did not come to be.
    Run {
        /// In words: `front_desk started`.
        text: String,
    },
    /// The world changed: a crash, a channel that went down.
    World {
        /// In words.
        text: String,
    },
}

/// Something said, asked, reacted with, …
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Output {
    /// `said`, `asked`, `reacted`, `edited`, `deleted`, …
    pub verb: Arc<str>,
    /// The account.
    pub account: Arc<str>,
    /// The conversation on it; a person's own has their id.
    pub conversation: Arc<str>,
    /// The slot by which the test knows the place: `main.oncall`.
    pub slot: Arc<str>,
    /// The text, or the emoji.
    pub text: String,
    /// Labels of its buttons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<String>,
    /// The id the simulated platform gave it.
    pub id: String,
    /// Whether an expectation has taken it.
    pub expected: bool,
}

/// A duration as the language writes it: `1h30m`, `0`.
pub(crate) fn duration(ms: i64) -> String {
    if ms == 0 {
        return "0".to_owned();
    }
    let mut out = String::new();
    let mut rest = ms.unsigned_abs();
    if ms < 0 {
        out.push('-');
    }
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= size {
            // Writing to a String does not fail.
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    out
}

/// The last part of a full name: `oncall` of `main.oncall`.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl Entry {
    /// One line, without the time.
    pub fn text(&self) -> String {
        match &self.what {
            Happening::Output(output) => output.words(),
            Happening::Event { text }
            | Happening::Call { text }
            | Happening::Run { text }
            | Happening::World { text } => text.clone(),
        }
    }
}

impl Output {
    /// `oncall said "…"`; where it went to one person of many, to whom.
    pub fn words(&self) -> String {
        let place = short(&self.slot);
        let to = if *self.conversation == *self.slot || self.conversation.is_empty() {
            String::new()
        } else {
            format!(" to {}", self.conversation)
        };
        let buttons =
            if self.buttons.is_empty() { String::new() } else { format!(" [{}]", self.buttons.join("] [")) };
        let text = crate::notation::quoted(&self.text);
        format!("{place} {} {text}{to}{buttons}", self.verb)
    }
}
