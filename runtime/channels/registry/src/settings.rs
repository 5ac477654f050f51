//! What a configuration says about an account.

use carapace_channel_api::access::{Direct, Groups};
use carapace_channel_api::{Media, Scratch, Secrets};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// What a configuration says about an account, by kind: `{ "kind": "webchat", "title": "Shop" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Settings {
    /// The terminal the runtime was started in.
    Terminal(TerminalSettings),
    /// A page of our own.
    Webchat(WebchatSettings),
    /// A Telegram bot.
    Telegram(TelegramSettings),
}

/// A terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TerminalSettings {
    /// Who speaks where nobody else is named; `you` when not said.
    pub person: Option<String>,
}

/// A page of our own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebchatSettings {
    /// Where it is served; `/webchat` when not said.
    pub path: Option<String>,
    /// What the page is called, and who answers there.
    pub title: Option<String>,
    /// What stands where nothing was said yet.
    pub greeting: Option<String>,
    /// Origins whose pages may connect besides its own.
    pub origins: Vec<String>,
    /// Sites that may show it in a frame.
    pub frames: Vec<String>,
    /// Conversations that every visitor is in.
    pub rooms: Vec<RoomSettings>,
}

/// A conversation that every visitor is in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomSettings {
    /// The conversation's id is `#` and this.
    pub name: String,
    /// What it is called; its name when not said.
    #[serde(default)]
    pub title: Option<String>,
}

/// A Telegram bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramSettings {
    /// The name of the secret that is its token.
    pub token: String,
    /// The Bot API server; Telegram's own when not said.
    pub server: Option<String>,
    /// The public address to which Telegram brings updates; we ask for them when not said.
    pub webhook: Option<String>,
    /// Who may write to it directly; everybody when not said.
    pub direct: Option<Direct>,
    /// What it hears in groups; what is addressed to it when not said.
    pub groups: Option<Groups>,
    /// People who may always write directly.
    pub people: Vec<String>,
    /// The groups that it hears; all of them when none is said.
    pub chats: Vec<String>,
}

/// What the process finds around it, told by whoever started it: nothing here looks at the environment.
#[derive(Clone)]
pub struct Surroundings {
    /// The runtime's data directory; an account gets a folder in it.
    pub data: PathBuf,
    /// Who is at standard input and output.
    pub attended: Attended,
    /// Where credentials come from.
    pub secrets: Arc<dyn Secrets>,
    /// Who looks at files.
    pub media: Arc<dyn Media>,
    /// Where files lie while they are on their way.
    pub scratch: Scratch,
    /// Bytes of the largest file that is taken.
    pub file_bytes: u64,
    /// How to say something above the prompt; set by the terminal that opens one.
    pub announcer: Arc<OnceLock<Announcer>>,
}

/// Prints lines above a prompt.
pub type Announcer = Box<dyn Fn(String) + Send + Sync>;

/// Who is at standard input and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attended {
    /// A person types at both.
    Person {
        /// Whether in colour.
        colour: bool,
    },
    /// The input is a pipe or a file; a person may look at the output.
    Input {
        /// Whether the output is a terminal.
        screen: bool,
        /// Whether in colour.
        colour: bool,
    },
}
