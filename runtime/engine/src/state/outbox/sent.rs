//! Messages that were sent: how far each got, as far as its platform says.

use super::Outbox;
use crate::command::Receipt;
use crate::{ActId, Destination};
use carapace_effect::{Reach, Sent};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many are remembered, the latest. The journal has them all.
const REMEMBERED: usize = 500;

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The act that sent it.
    pub act: ActId,
    /// The flow that asked for it, by full name.
    pub flow: Arc<str>,
    /// `chat.send`.
    pub effect: Arc<str>,
    /// Where it went.
    pub to: Destination,
    /// What its platform says about it.
    pub sent: Sent,
}

impl Outbox {
    /// The last messages that were sent, oldest first.
    pub fn sent(&self) -> impl DoubleEndedIterator<Item = &SentMessage> {
        self.sent.iter()
    }

    pub(super) fn note_sent(&mut self, message: SentMessage) {
        if self.sent.len() >= REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(message);
    }

    pub(in crate::state) fn reach(&mut self, act: &ActId, reach: Reach) {
        if let Some(message) = self.sent.iter_mut().rev().find(|message| message.act == *act) {
            message.sent.reach = message.sent.reach.max(reach);
        }
    }

    /// The messages that a receipt says something new about: the one it names, and those before it in its conversation.
    pub(crate) fn reached_by(&self, receipt: &Receipt) -> Vec<ActId> {
        let there = |message: &&SentMessage| {
            *message.to.account() == receipt.account && message.sent.conversation == receipt.conversation
        };
        let names = |message: &&SentMessage| message.sent.messages.contains(&receipt.message);
        let mut all = self.sent.iter().rev().filter(there).skip_while(|message| !names(message)).peekable();
        let mut acts = Vec::new();
        while let Some(message) = all.next_if(|message| message.sent.reach < receipt.reach) {
            acts.push(message.act.clone());
        }
        acts.reverse();
        acts
    }
}
