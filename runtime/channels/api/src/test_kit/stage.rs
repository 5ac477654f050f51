//! What an adapter's test brings.

use crate::{Button, Channel, MessageId};
use async_trait::async_trait;
use std::sync::Arc;

/// A channel on a made-up platform with one person, who is in one conversation with it.
#[async_trait]
pub trait Stage: Send {
    /// The channel. The suite runs it.
    fn channel(&self) -> Arc<dyn Channel>;

    /// What its kind declares.
    fn abilities(&self) -> Abilities;

    /// Called once, when the channel runs: connects the person.
    async fn enter(&mut self) {}

    /// The person says something.
    async fn say(&mut self, text: &str);

    /// The person presses a button below one of the channel's messages.
    async fn press(&mut self, message: &MessageId, button: &Button);

    /// Returns when the person has been shown `text` so many times, counted from the beginning. The suite limits
    /// the wait.
    async fn shown(&mut self, text: &str, times: usize);

    /// How many times the person has been shown `text` by now.
    async fn count(&mut self, text: &str) -> usize;

    /// Returns when the person has been sent a file of this name, with what is in it. Only asked where files can be sent. The
    /// suite limits the wait.
    async fn received(&mut self, name: &str) -> Vec<u8> {
        let _ = name;
        Vec::new()
    }

    /// The person sends a file; false where people cannot.
    async fn give(&mut self, name: &str, bytes: &[u8]) -> bool {
        let _ = (name, bytes);
        false
    }
}

/// What a kind declares in `stdlib/kinds`, as far as the suite asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Buttons below messages.
    pub buttons: bool,
    /// Changing its own messages.
    pub edit: bool,
    /// Taking its own messages away.
    pub delete: bool,
    /// Reacting to messages.
    pub react: bool,
    /// Showing that an answer is on its way.
    pub typing: bool,
    /// Showing an answer while it is written, at least in some of its conversations.
    pub preview: bool,
    /// Does the same request under the same key only once.
    pub keyed: bool,
    /// Whether a message of a person may have several lines.
    pub lines: bool,
    /// Files with messages. A channel that has none refuses them.
    pub media: bool,
    /// Whether it can be run again after it ended: all channels but those whose input is used up then, as a pipe's.
    pub again: bool,
    /// The longest text of a message, in characters.
    pub max_text: usize,
}
