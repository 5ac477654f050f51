//! Chats and people.

use crate::part::Part;
use carapace_channel_api::{Conversation, ConversationId, ConversationKind, Role, Route, User};
use serde_json::json;

/// The account through which anonymous administrators of a group write.
const ANONYMOUS: i64 = 1_087_968_824;

/// The chat that a message stands in, with its topic.
pub(super) fn conversation(chat: Part<'_>, thread: Option<i64>) -> Option<Conversation> {
    let id = chat.at("id").number()?;
    let kind = match chat.at("type").text() {
        Some("private") => ConversationKind::Direct,
        Some("channel") => ConversationKind::Channel,
        Some(_) => ConversationKind::Group,
        // Groups and channels have negative ids.
        None if id > 0 => ConversationKind::Direct,
        None => ConversationKind::Group,
    };
    Some(Conversation {
        id: ConversationId(id.to_string()),
        kind,
        title: chat.at("title").text().map(str::to_owned),
        thread: thread.map(|thread| ConversationId(format!("{id}/{thread}"))),
    })
}

/// The topic of a message. Without `is_topic_message` the number only says which messages answer each other.
pub(super) fn thread(message: Part<'_>) -> Option<i64> {
    message.at("message_thread_id").number().filter(|_| message.at("is_topic_message").is_true())
}

/// The way back to a chat and its topic.
pub(crate) fn route(chat: i64, thread: Option<i64>) -> Route {
    match thread {
        Some(thread) => Route(json!({ "chat": chat, "thread": thread })),
        None => Route::default(),
    }
}

/// A person or bot.
pub(super) fn user(user: Part<'_>) -> Option<User> {
    let id = user.at("id").number()?;
    let name = [user.at("first_name").text(), user.at("last_name").text()];
    let name: Vec<&str> = name.into_iter().flatten().collect();
    let name = match (name.is_empty(), user.at("username").text()) {
        (false, _) => name.join(" "),
        (true, Some(username)) => format!("@{username}"),
        (true, None) => id.to_string(),
    };
    let bot = user.at("is_bot").is_true();
    Some(User { id: id.to_string().into(), name, bot, role: Role::Member })
}

/// Who wrote a message, and their public name: a person, or a chat in whose name somebody writes.
pub(super) fn sender(message: Part<'_>) -> Option<(User, Option<String>)> {
    let chat = message.at("sender_chat").there();
    let from = message.at("from");
    let name = |part: Part<'_>| part.at("username").text().map(str::to_owned);
    if let Some(chat) = chat.or_else(|| message.at("chat").there().filter(|_| !from.is_there())) {
        let id = chat.at("id").number()?;
        let title = chat.at("title").text().or(chat.at("first_name").text());
        // Only administrators write as the group or the channel itself.
        let itself =
            from.at("id").number() == Some(ANONYMOUS) || message.at("chat").at("id").number() == Some(id);
        let role = if itself { Role::Admin } else { Role::Member };
        let shown = title.map_or_else(|| id.to_string(), str::to_owned);
        return Some((User { id: id.to_string().into(), name: shown, bot: false, role }, name(chat)));
    }
    Some((user(from)?, name(from)))
}
