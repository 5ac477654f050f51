//! An update.

use super::happening::{Happening, Me};
use super::message::{addressed, commanded, message};
use super::people::{conversation, route, sender, thread, user};
use crate::memory::Memory;
use crate::part::Part;
use carapace_channel_api::{
    AccountId, Conversation, ConversationId, ConversationKind, Event, EventId, Inbound, MessageId, Role,
    UnixMillis, User,
};

/// What an update says happened, in order; nothing where it is of a kind that this version does not know, or does not concern
/// anybody. `id` is the update's own.
pub(crate) async fn read(
    update: Part<'_>,
    id: i64,
    account: &AccountId,
    me: &Me,
    memory: &Memory,
) -> Vec<Happening> {
    let reader = Reader { account, me, id };
    for (field, edited) in
        [("message", false), ("edited_message", true), ("channel_post", false), ("edited_channel_post", true)]
    {
        if let Some(part) = update.at(field).there() {
            return reader.message(part, edited);
        }
    }
    if let Some(part) = update.at("callback_query").there() {
        reader.button(part, memory).await.into_iter().collect()
    } else if let Some(part) = update.at("message_reaction").there() {
        reader.reactions(part)
    } else if let Some(part) = update.at("poll_answer").there() {
        reader.vote(part, memory).await.into_iter().collect()
    } else {
        Vec::new()
    }
}

struct Reader<'a> {
    account: &'a AccountId,
    me: &'a Me,
    id: i64,
}

/// Where and by whom.
struct Scene {
    conversation: Conversation,
    thread: Option<i64>,
    chat_name: Option<String>,
    sender: User,
    sender_name: Option<String>,
    at: Option<UnixMillis>,
}

impl Reader<'_> {
    fn message(&self, part: Part<'_>, edited: bool) -> Vec<Happening> {
        let Some((sender, sender_name)) = sender(part) else { return Vec::new() };
        let date = if edited { part.at("edit_date").number() } else { part.at("date").number() };
        let Some(scene) = self.scene(part.at("chat"), thread(part), sender, sender_name, date) else {
            return Vec::new();
        };
        if let Some(left) = part.at("left_chat_member").there() {
            let left = user(left).filter(|member| !self.is_me(member));
            return left
                .map(|member| self.happening(&scene, 0, Event::Left { member }))
                .into_iter()
                .collect();
        }
        let joined = part.at("new_chat_members").list().filter_map(user);
        let joined: Vec<User> = joined.filter(|member| !self.is_me(member)).collect();
        if !joined.is_empty() {
            let joined = joined.into_iter().enumerate();
            return joined.map(|(n, member)| self.happening(&scene, n, Event::Joined { member })).collect();
        }
        let Some(message) = message(part, self.me) else { return Vec::new() };
        let ours = part.at("via_bot").at("id").number() == Some(self.me.id);
        if ours || commanded(&message.text, self.me) == Some(false) {
            return Vec::new();
        }
        let addressed = addressed(part, &message, self.me);
        let event = if edited { Event::Edited { message } } else { Event::Message { message } };
        let album = part.at("media_group_id").text().filter(|_| !edited).map(str::to_owned);
        vec![Happening { addressed, album, ..self.happening(&scene, 0, event) }]
    }

    async fn button(&self, part: Part<'_>, memory: &Memory) -> Option<Happening> {
        let below = part.at("message");
        let message = MessageId(below.at("message_id").number()?.to_string());
        let data = part.at("data").text()?;
        let button = memory.button(data).await?;
        let from = part.at("from");
        let name = from.at("username").text().map(str::to_owned);
        let scene = self.scene(below.at("chat"), thread(below), user(from)?, name, None)?;
        let mut keys = below.at("reply_markup").at("inline_keyboard").list().flat_map(Part::list);
        let label = keys.find(|key| key.at("callback_data").text() == Some(data));
        let label = label.and_then(|key| key.at("text").text()).map(str::to_owned);
        let callback = part.at("id").text().map(str::to_owned);
        let event = Event::Button { message, button, label };
        Some(Happening { callback, ..self.happening(&scene, 0, event) })
    }

    /// What was put on a message, and what was taken away, one by one.
    fn reactions(&self, part: Part<'_>) -> Vec<Happening> {
        let Some(message) = part.at("message_id").number() else { return Vec::new() };
        let message = MessageId(message.to_string());
        let who = match part.at("user").there() {
            Some(from) => user(from).map(|user| (user, from.at("username").text().map(str::to_owned))),
            // Somebody who is anonymous here: a chat reacts in their place.
            None => part.at("actor_chat").there().and_then(|chat| {
                let id = chat.at("id").number()?;
                let itself = part.at("chat").at("id").number() == Some(id);
                let role = if itself { Role::Admin } else { Role::Member };
                let id = id.to_string();
                let name = chat.at("title").text().map_or_else(|| id.clone(), str::to_owned);
                let user = User { id: id.into(), name, bot: false, role };
                Some((user, chat.at("username").text().map(str::to_owned)))
            }),
        };
        let Some((who, name)) = who else { return Vec::new() };
        let date = part.at("date").number();
        let Some(scene) = self.scene(part.at("chat"), None, who, name, date) else { return Vec::new() };
        let list = |name| part.at(name).list().filter_map(emoji).collect::<Vec<_>>();
        let (old, new) = (list("old_reaction"), list("new_reaction"));
        let removed = old.iter().filter(|emoji| !new.contains(emoji)).map(|emoji| (emoji, true));
        let added = new.iter().filter(|emoji| !old.contains(emoji)).map(|emoji| (emoji, false));
        let changes = removed.chain(added).enumerate();
        let event = |emoji: &String, removed| Event::Reaction {
            message: message.clone(),
            emoji: emoji.clone(),
            removed,
        };
        changes.map(|(n, (emoji, removed))| self.happening(&scene, n, event(emoji, removed))).collect()
    }

    /// A vote says which poll, and nothing of where it stands.
    async fn vote(&self, part: Part<'_>, memory: &Memory) -> Option<Happening> {
        let poll = memory.poll(part.at("poll_id").text()?).await?;
        let voter = part.at("user").there().or_else(|| part.at("voter_chat").there())?;
        let name = voter.at("username").text().map(str::to_owned);
        let kind = if poll.chat > 0 { ConversationKind::Direct } else { ConversationKind::Group };
        let id = ConversationId(poll.chat.to_string());
        let topic = poll.thread.map(|thread| ConversationId(format!("{}/{thread}", poll.chat)));
        let scene = Scene {
            conversation: Conversation { id, kind, title: None, thread: topic },
            thread: poll.thread,
            chat_name: None,
            sender: user(voter).filter(|voter| !self.is_me(voter))?,
            sender_name: name,
            at: None,
        };
        let options = part.at("option_ids").list().filter_map(|n| u32::try_from(n.number()?).ok()).collect();
        let event = Event::PollVote { poll: MessageId(poll.message.to_string()), options };
        Some(self.happening(&scene, 0, event))
    }

    /// None where it was ourselves, or nobody knows where.
    fn scene(
        &self,
        chat: Part<'_>,
        thread: Option<i64>,
        sender: User,
        sender_name: Option<String>,
        date: Option<i64>,
    ) -> Option<Scene> {
        if self.is_me(&sender) {
            return None;
        }
        Some(Scene {
            conversation: conversation(chat, thread)?,
            thread,
            chat_name: chat.at("username").text().map(str::to_owned),
            sender,
            sender_name,
            at: date.and_then(|seconds| seconds.checked_mul(1_000)).map(UnixMillis),
        })
    }

    fn is_me(&self, user: &User) -> bool {
        user.id.as_str() == self.me.id.to_string()
    }

    /// The `n`-th thing that the update says.
    fn happening(&self, scene: &Scene, n: usize, event: Event) -> Happening {
        // Two bots that one account had, one after the other, count their updates alike.
        let id = format!("{}:{}", self.me.id, self.id);
        let id = if n == 0 { id } else { format!("{id}.{n}") };
        let chat = scene.conversation.id.as_str().parse().unwrap_or_default();
        let inbound = Inbound {
            account: self.account.clone(),
            id: EventId(id),
            conversation: scene.conversation.clone(),
            sender: scene.sender.clone(),
            at: scene.at,
            route: route(chat, scene.thread),
            event,
        };
        Happening {
            inbound,
            chat_name: scene.chat_name.clone(),
            sender_name: scene.sender_name.clone(),
            addressed: true,
            album: None,
            callback: None,
        }
    }
}

/// The emoji itself, or `:id:` for one that somebody made.
fn emoji(reaction: Part<'_>) -> Option<String> {
    match reaction.at("type").text()? {
        "emoji" => reaction.at("emoji").text().map(str::to_owned),
        "custom_emoji" => reaction.at("custom_emoji_id").text().map(|id| format!(":{id}:")),
        "paid" => Some(":star:".to_owned()),
        _ => None,
    }
}
