//! Something that happened, before anybody was asked whether it is heard.

use crate::part::Part;
use carapace_channel_api::Inbound;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happening {
    pub(crate) inbound: Inbound,
    /// The chat's public name, without the `@`.
    pub(crate) chat_name: Option<String>,
    /// The sender's public name, without the `@`.
    pub(crate) sender_name: Option<String>,
    /// Whether it is meant for us, where others are there too.
    pub(crate) addressed: bool,
    /// The album that it is a part of.
    pub(crate) album: Option<String>,
    /// The id under which Telegram wants to hear that a button was seen.
    pub(crate) callback: Option<String>,
}

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Me {
    pub(crate) id: i64,
    /// Without the `@`.
    pub(crate) name: String,
}

impl Me {
    /// Of `getMe`'s answer.
    pub(crate) fn of(answer: Part<'_>) -> Option<Me> {
        let name = answer.at("username").text().unwrap_or_default().to_owned();
        Some(Me { id: answer.at("id").number()?, name })
    }

    /// Whether `name`, without the `@`, is ours.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        !self.name.is_empty() && self.name.eq_ignore_ascii_case(name)
    }
}
