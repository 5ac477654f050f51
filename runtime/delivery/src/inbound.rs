//! What happened on a network, in the engine's words.

use crate::attachment;
use carapace_channel_api::{
    AccountId, Conversation, ConversationKind, Event as Happened, Inbound, Message, MessageId, Role, User,
};
use carapace_effect::{Event, EventKind, Origin};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// An event of a channel as the engine takes it in: the trigger's fields as `stdlib/prelude/chat.flow` declares them.
pub fn event_of(inbound: &Inbound) -> Event {
    let account = &inbound.account;
    let at = Place { account, conversation: &inbound.conversation };
    let mut fields = Map::new();
    let message = specifics(&at, &inbound.event, &mut fields);
    fields.insert("sender".to_owned(), user(account, &inbound.sender));
    fields.insert("conversation".to_owned(), conversation(account, &inbound.conversation));
    let kind = EventKind::Channel {
        account: account.as_str().into(),
        id: inbound.id.as_str().into(),
        trigger: inbound.event.trigger().into(),
    };
    Event { kind, origin: Some(origin(inbound, message)), at: inbound.at.map(|at| at.0), fields }
}

fn origin(inbound: &Inbound, message: Option<&MessageId>) -> Origin {
    Origin {
        account: inbound.account.as_str().into(),
        conversation: inbound.conversation.id.as_str().into(),
        direct: inbound.conversation.kind == ConversationKind::Direct,
        thread: inbound.conversation.thread.as_ref().map(|thread| Arc::from(thread.as_str())),
        sender: Some(inbound.sender.id.as_str().into()),
        message: message.map(|id| Arc::from(id.as_str())),
        route: inbound.route.0.clone(),
    }
}

struct Place<'a> {
    account: &'a AccountId,
    conversation: &'a Conversation,
}

impl Place<'_> {
    fn reference(&self, id: &MessageId) -> Json {
        json!({ "channel": self.account, "conversation": self.conversation.id, "id": id })
    }
}

/// The fields that only this trigger has; gives the message it is about.
fn specifics<'e>(
    at: &Place<'_>,
    event: &'e Happened,
    fields: &mut Map<String, Json>,
) -> Option<&'e MessageId> {
    let mut set = |name: &str, value: Json| {
        fields.insert(name.to_owned(), value);
    };
    match event {
        Happened::Message { message: said } | Happened::Edited { message: said } => {
            set("message", message(at, said));
            return Some(&said.id);
        }
        Happened::Joined { member } | Happened::Left { member } => set("member", user(at.account, member)),
        Happened::Reaction { message, emoji, removed } => {
            set("message", at.reference(message));
            set("emoji", json!(emoji));
            set("removed", json!(removed));
            return Some(message);
        }
        Happened::Button { message, button, label } => {
            set("message", at.reference(message));
            set("value", json!(button));
            set("label", json!(label));
            return Some(message);
        }
        Happened::Deleted { message } => {
            set("message", at.reference(message));
            return Some(message);
        }
        Happened::PollVote { poll, options } => {
            set("poll", at.reference(poll));
            set("options", json!(options));
            return Some(poll);
        }
        Happened::Call { call, state } => {
            set("call", json!(call));
            set("state", json!(state));
        }
    }
    None
}

fn message(at: &Place<'_>, message: &Message) -> Json {
    let attachments = message.attachments.iter().map(|file| attachment::to_json(at.account, file));
    json!({
        "id": message.id,
        "text": message.text,
        "attachments": attachments.collect::<Vec<_>>(),
        "reply_to": message.reply_to.as_ref().map(|quoted| at.reference(&quoted.id)),
        "mentions": message.mentions.iter().map(|mention| &mention.user).collect::<Vec<_>>(),
        "mentioned": message.mentions.iter().any(|mention| mention.me),
    })
}

fn user(account: &AccountId, user: &User) -> Json {
    let role = match user.role {
        Role::Guest => "guest",
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    };
    json!({ "id": user.id, "name": user.name, "bot": user.bot, "role": role, "channel": account })
}

fn conversation(account: &AccountId, conversation: &Conversation) -> Json {
    let kind = match conversation.kind {
        ConversationKind::Direct => "direct",
        ConversationKind::Group => "group",
        ConversationKind::Channel => "room",
    };
    json!({ "id": conversation.id, "channel": account, "kind": kind, "title": conversation.title })
}
