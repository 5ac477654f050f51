//! What was said lately, so that choices can be answered by number and edits shown with what they change.

use carapace_channel_api::{Button, ConversationId, MessageId, UserId};
use std::collections::{HashMap, HashSet, VecDeque};

/// How many messages are remembered. Older ones can no longer be edited or quoted, and the flow is told so.
const REMEMBERED: usize = 2_000;

/// A message that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) conversation: ConversationId,
    pub(crate) text: String,
    /// Whether we said it.
    pub(crate) ours: bool,
}

/// Choices that are open in a conversation.
#[derive(Debug, Clone)]
struct Offer {
    message: MessageId,
    buttons: Vec<Button>,
    /// Who chose already; what they type next is a message again.
    chosen: HashSet<UserId>,
}

/// What was said lately.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    messages: HashMap<MessageId, Entry>,
    order: VecDeque<MessageId>,
    offers: HashMap<ConversationId, Offer>,
    last: HashMap<ConversationId, MessageId>,
    last_ours: HashMap<ConversationId, MessageId>,
}

impl Ledger {
    /// Remembers a message.
    pub(crate) fn said(&mut self, id: MessageId, entry: Entry) {
        self.last.insert(entry.conversation.clone(), id.clone());
        if entry.ours {
            self.last_ours.insert(entry.conversation.clone(), id.clone());
        }
        self.messages.insert(id.clone(), entry);
        self.order.push_back(id);
        while self.order.len() > REMEMBERED {
            if let Some(old) = self.order.pop_front() {
                self.forget(&old);
            }
        }
    }

    /// Opens choices; the newest of a conversation are the ones that numbers mean.
    pub(crate) fn offered(
        &mut self,
        conversation: &ConversationId,
        message: &MessageId,
        buttons: Vec<Button>,
    ) {
        let offer = Offer { message: message.clone(), buttons, chosen: HashSet::new() };
        self.offers.insert(conversation.clone(), offer);
    }

    /// Closes the choices of a message, if they are the open ones.
    pub(crate) fn withdrawn(&mut self, message: &MessageId) {
        self.offers.retain(|_, offer| offer.message != *message);
    }

    /// The choice that `text` means for `person`, by number or by name. Each person chooses once.
    pub(crate) fn choose(
        &mut self,
        conversation: &ConversationId,
        person: &UserId,
        text: &str,
    ) -> Option<(MessageId, Button)> {
        let offer = self.offers.get_mut(conversation)?;
        if offer.chosen.contains(person) {
            return None;
        }
        let text = text.trim();
        let by_name = offer.buttons.iter().find(|b| b.label.to_lowercase() == text.to_lowercase());
        let by_number = || text.parse::<usize>().ok().and_then(|n| offer.buttons.get(n.checked_sub(1)?));
        let button = by_name.or_else(by_number)?.clone();
        offer.chosen.insert(person.clone());
        Some((offer.message.clone(), button))
    }

    /// A message of this conversation.
    pub(crate) fn find(&self, conversation: &ConversationId, message: &MessageId) -> Option<&Entry> {
        self.messages.get(message).filter(|entry| entry.conversation == *conversation)
    }

    /// Changes the text of a message.
    pub(crate) fn edited(&mut self, message: &MessageId, text: &str) {
        if let Some(entry) = self.messages.get_mut(message) {
            text.clone_into(&mut entry.text);
        }
    }

    /// Forgets a message.
    pub(crate) fn forget(&mut self, message: &MessageId) {
        self.withdrawn(message);
        self.messages.remove(message);
    }

    /// The last message of a conversation.
    pub(crate) fn last(&self, conversation: &ConversationId) -> Option<&MessageId> {
        self.last.get(conversation)
    }

    /// The last one of ours.
    pub(crate) fn last_ours(&self, conversation: &ConversationId) -> Option<&MessageId> {
        self.last_ours.get(conversation).filter(|id| self.messages.contains_key(*id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_choice_once_for_each_person() {
        let mut ledger = Ledger::default();
        let room = ConversationId::from("#ops");
        ledger.offered(&room, &"m1".into(), vec![Button::new("a", "Mine"), Button::new("b", "2")]);
        let ana = UserId::from("ana");
        assert_eq!(ledger.choose(&room, &ana, "3"), None);
        assert_eq!(ledger.choose(&room, &ana, "0"), None);
        assert_eq!(ledger.choose(&"#other".into(), &ana, "1"), None);
        assert_eq!(ledger.choose(&room, &ana, " mine ").unwrap().1.id, "a".into());
        assert_eq!(ledger.choose(&room, &ana, "1"), None);
        assert_eq!(ledger.choose(&room, &"bo".into(), "2").unwrap(), ("m1".into(), Button::new("b", "2")));
        ledger.withdrawn(&"m1".into());
        assert_eq!(ledger.choose(&room, &"cy".into(), "1"), None);
    }

    #[test]
    fn old_messages_are_forgotten() {
        let mut ledger = Ledger::default();
        let room = ConversationId::from("#ops");
        for n in 0..REMEMBERED + 1 {
            let entry = Entry { conversation: room.clone(), text: n.to_string(), ours: true };
            ledger.said(format!("m{n}").into(), entry);
        }
        assert!(ledger.find(&room, &"m0".into()).is_none());
        assert_eq!(ledger.find(&room, &"m1".into()).unwrap().text, "1");
        assert!(ledger.find(&"#other".into(), &"m1".into()).is_none());
    }
}
