//! Where something goes.

use crate::part::Part;
use carapace_channel_api::{ConversationId, MessageId, Outcome, RefusalKind, Route, Target};
use teloxide::types::{self, ChatId, Recipient, ThreadId};

/// The topic that every group with topics has, which must not be named (Bot API, `sendMessage`).
const GENERAL: i32 = 1;

/// A chat, and a topic in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) chat: Recipient,
    pub(super) thread: Option<ThreadId>,
}

impl Place {
    /// Where a target is; the route says the topic that is answered in.
    pub(super) fn of(target: &Target, route: Option<&Route>) -> Result<Place, Outcome> {
        let mut place = match target {
            Target::Conversation(conversation) => Place::named(conversation)?,
            Target::User(user) => match user.as_str().parse() {
                Ok(id) if id > 0 => Place { chat: Recipient::Id(ChatId(id)), thread: None },
                _ => return Err(nowhere(user.as_str())),
            },
        };
        if let (None, Some(Route(route)), Recipient::Id(chat)) = (place.thread, route, &place.chat) {
            let route = Part::of(route);
            if route.at("chat").number() == Some(chat.0) {
                place.thread =
                    route.at("thread").number().and_then(|n| i32::try_from(n).ok()).and_then(topic);
            }
        }
        Ok(place)
    }

    /// The place of this name: `-1001234`, `@channel`, and with a topic `-1001234/56`.
    pub(super) fn named(conversation: &ConversationId) -> Result<Place, Outcome> {
        let name = conversation.as_str();
        let (chat, thread) = name.split_once('/').map_or((name, None), |(chat, thread)| (chat, Some(thread)));
        let chat = match (chat.parse(), chat.strip_prefix('@')) {
            (Ok(id), _) if id != 0 => Recipient::Id(ChatId(id)),
            (_, Some(public)) if is_public(public) => Recipient::ChannelUsername(chat.to_owned()),
            _ => return Err(nowhere(name)),
        };
        let thread = match thread.map(str::parse::<i32>) {
            None => None,
            Some(Ok(thread)) if thread > 0 => topic(thread),
            Some(_) => return Err(nowhere(name)),
        };
        Ok(Place { chat, thread })
    }
}

fn topic(thread: i32) -> Option<ThreadId> {
    (thread != GENERAL).then_some(ThreadId(types::MessageId(thread)))
}

fn is_public(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn nowhere(name: &str) -> Outcome {
    let message =
        format!("`{name}` is no chat of Telegram: those are numbers such as `-1001234`, or `@name`");
    Outcome::refused(RefusalKind::NotFound, message)
}

/// A message of Telegram's, which numbers them.
pub(super) fn number(message: &MessageId) -> Result<types::MessageId, Outcome> {
    let number = message.as_str().parse().ok().filter(|number| *number > 0);
    number.map(types::MessageId).ok_or_else(|| {
        Outcome::refused(RefusalKind::NotFound, format!("`{message}` is no message of Telegram"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(name: &str) -> Option<(String, Option<i32>)> {
        let place = Place::named(&name.into()).ok()?;
        Some((place.chat.to_string(), place.thread.map(|thread| thread.0.0)))
    }

    #[test]
    fn chats_have_numbers_or_public_names() {
        assert_eq!(named("42"), Some(("42".to_owned(), None)));
        assert_eq!(named("-1001/7"), Some(("-1001".to_owned(), Some(7))));
        assert_eq!(named("@shop_news"), Some(("@shop_news".to_owned(), None)));
        assert_eq!(named("-1001/1"), Some(("-1001".to_owned(), None)), "the general topic has no number");
        for name in ["", "0", "no such conversation", "@", "@a/b", "1/x", "1/-2", "1/", "../x", "1?x"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn an_answer_stays_in_its_topic_and_goes_into_no_other() {
        let route = Route(json!({ "chat": -1001, "thread": 7 }));
        let thread = |target: &str| {
            let place = Place::of(&Target::Conversation(target.into()), Some(&route)).unwrap();
            place.thread.map(|thread| thread.0.0)
        };
        assert_eq!((thread("-1001"), thread("-1002"), thread("-1001/9")), (Some(7), None, Some(9)));
        let junk = Route(json!({ "chat": -1001, "thread": "7" }));
        assert_eq!(Place::of(&Target::Conversation("-1001".into()), Some(&junk)).unwrap().thread, None);
    }
}
