//! What a visitor may do.

use crate::frames::{Asked, Code, Event as Occurred, Refusal, Told, Who, tell};
use crate::hub::{Hub, Room, State};
use crate::record::{Author, Body, Record, Shared};
use crate::token::fresh;
use carapace_channel_api::{
    Attachment, ButtonId, Conversation, ConversationId, ConversationKind, DeliveryState, Event, MediaSource,
    MediaType, Message, MessageId, Quoted, Receipt, UserId,
};
use std::time::Duration;

/// How many messages a page gets at once.
const PAGE: usize = 50;

impl Hub {
    /// Does what a visitor's page asks for; the answer is a frame for that page alone.
    pub(crate) async fn obey(&self, user: &UserId, asked: &Asked) -> Result<Option<String>, Refusal> {
        if let Some(id) = asked.id() {
            check_id(id)?;
        }
        match asked {
            Asked::Hello { .. } => Err(Refusal::new(Code::BadFrame, "`hello` was said already")),
            Asked::Ping => Ok(Some(tell(&Told::Pong))),
            Asked::Read { conversation, message } => {
                self.seen(user, conversation, message)?;
                Ok(None)
            }
            Asked::Open { id } => self.open_direct(user, id).await.map(Some),
            Asked::Name { id, name } => self.rename(user, id, name).await.map(Some),
            Asked::Page { id, conversation, before } => {
                self.page(user, id.as_deref(), conversation, *before).await.map(Some)
            }
            Asked::Message { id, conversation, text, files, reply_to } => {
                self.say(user, id, conversation, text, files, reply_to.as_ref()).await.map(Some)
            }
            Asked::Press { id, conversation, message, button } => {
                let act = |state: &State, by: Author| press(state, by, message, button);
                self.act(user, id, conversation, act).await.map(Some)
            }
            Asked::React { id, conversation, message, emoji, remove } => {
                let act = |state: &State, by: Author| react(state, by, message, emoji, *remove);
                self.act(user, id, conversation, act).await.map(Some)
            }
            Asked::Edit { id, conversation, message, text } => {
                self.check_text(text)?;
                let act = |state: &State, by: Author| edit(state, &by, message, text);
                self.act(user, id, conversation, act).await.map(Some)
            }
            Asked::Delete { id, conversation, message } => {
                let act = |state: &State, by: Author| delete(state, &by, message);
                self.act(user, id, conversation, act).await.map(Some)
            }
        }
    }

    /// Somebody has seen what was sent to them. In a room that says nothing of the others.
    fn seen(&self, user: &UserId, id: &ConversationId, message: &MessageId) -> Result<(), Refusal> {
        let conversation = self.check_member(user, id)?;
        if conversation.kind == ConversationKind::Direct {
            let (account, conversation) = (self.options.account.clone(), id.clone());
            let receipt =
                Receipt { account, conversation, message: message.clone(), state: DeliveryState::Read };
            // Nobody listens any more only when everything ends.
            let _ = self.receipts.send(receipt);
        }
        Ok(())
    }

    async fn open_direct(&self, user: &UserId, id: &str) -> Result<String, Refusal> {
        let conversation = match self.index.opened_as(user, id) {
            Some(opened) => opened,
            None => {
                let limit = self.options.limits.conversations;
                if self.index.own_count(user) >= limit {
                    let message = format!("you have {limit} conversations already");
                    return Err(Refusal::new(Code::TooLarge, message));
                }
                self.index.keep(user).await?;
                self.open_for(user, Some(id.to_owned())).await?
            }
        };
        if let Some(member) = self.index.user(user) {
            let event = Event::Joined { member };
            if let Some(inbound) = self.inbound(conversation.clone(), user, &format!("{user}/{id}"), event) {
                self.push(inbound).await?;
            }
        }
        Ok(tell(&Told::Ack { id, conversation: Some(&conversation.id) }))
    }

    /// A new direct conversation of `user`, known to all their pages.
    pub(crate) async fn open_for(&self, user: &UserId, key: Option<String>) -> Result<Conversation, Refusal> {
        let conversation = Conversation::direct(ConversationId(fresh("w")?));
        self.index.open_conversation(conversation.id.clone(), user.clone(), key).await?;
        let summary = self.summary(conversation.clone()).await?;
        self.tell_user(user, &Told::Opened { conversation: summary });
        Ok(conversation)
    }

    async fn rename(&self, user: &UserId, id: &str, name: &str) -> Result<String, Refusal> {
        let name = name.trim();
        let fits = !name.is_empty() && name.chars().count() <= 60 && !name.chars().any(char::is_control);
        if !fits {
            return Err(Refusal::new(Code::Invalid, "a name has 1 to 60 visible characters"));
        }
        self.index.keep(user).await?;
        self.index.rename(user, name.to_owned()).await?;
        self.tell_user(user, &Told::Named { user: Who { id: user.clone(), name: name.to_owned() } });
        Ok(tell(&Told::Ack { id, conversation: None }))
    }

    async fn page(
        &self,
        user: &UserId,
        id: Option<&str>,
        conversation: &ConversationId,
        before: Option<u64>,
    ) -> Result<String, Refusal> {
        self.check_member(user, conversation)?;
        let room = self.room(conversation).await?;
        let state = room.state.lock().await;
        Ok(page_frame(id, &room, &state, before))
    }

    /// What a page that saw everything up to `seen` missed: the events, or the newest page where they are too many.
    pub(crate) async fn missed(
        &self,
        conversation: &ConversationId,
        seen: u64,
    ) -> Result<Vec<String>, Refusal> {
        let room = self.room(conversation).await?;
        let state = room.state.lock().await;
        Ok(match state.view.after(seen) {
            Some(lines) => {
                let event = |line| Told::Event { conversation, event: Occurred::new(line, &state.view) };
                lines.map(|line| tell(&event(line))).collect()
            }
            None => vec![page_frame(None, &room, &state, None)],
        })
    }

    async fn say(
        &self,
        user: &UserId,
        id: &MessageId,
        conversation: &ConversationId,
        text: &str,
        files: &[String],
        reply_to: Option<&MessageId>,
    ) -> Result<String, Refusal> {
        let known = self.check_member(user, conversation)?;
        self.check_text(text)?;
        let shared = self.check_files(user, conversation, files)?;
        let body = Body { text: text.to_owned(), files: shared, ..Body::default() };
        if body.text.trim().is_empty() && body.files.is_empty() {
            return Err(Refusal::new(Code::Invalid, "there is nothing in it"));
        }
        self.index.keep(user).await?;
        let room = self.room(conversation).await?;
        let mut state = room.state.lock().await;
        // Not before: whoever is forgotten meanwhile says nothing any more.
        let from = self.author(user)?;
        self.check_waiting(conversation).await?;
        let message = inbound_message(&state, id, &body, reply_to);
        match state.view.any(id) {
            Some(other) if other.from.id != *user => {
                return Err(Refusal::new(Code::Invalid, "that id is taken"));
            }
            // Said before, and the acknowledgement was lost; the engine may or may not have it.
            Some(_) => {}
            None => {
                let reply_to = reply_to.filter(|quoted| state.view.any(quoted).is_some()).cloned();
                let record = Record::Message { id: id.clone(), from, body, reply_to, mark: None };
                self.commit(&room, &mut state, None, record).await?;
            }
        }
        if let Some(inbound) = self.inbound(known, user, id.as_str(), Event::Message { message }) {
            self.push(inbound).await?;
        }
        Ok(tell(&Told::Ack { id: id.as_str(), conversation: Some(conversation) }))
    }

    /// Everything but saying: `act` judges it and gives the line for the log and the event for the engine.
    async fn act(
        &self,
        user: &UserId,
        id: &str,
        conversation: &ConversationId,
        act: impl FnOnce(&State, Author) -> Result<(Record, Event), Refusal>,
    ) -> Result<String, Refusal> {
        let known = self.check_member(user, conversation)?;
        self.index.keep(user).await?;
        let room = self.room(conversation).await?;
        let mut state = room.state.lock().await;
        let by = self.author(user)?;
        let key = format!("{user}/{id}");
        if state.view.done(&key).is_none() {
            self.check_waiting(conversation).await?;
            let (record, event) = act(&state, by)?;
            if let Some(inbound) = self.inbound(known, user, &key, event) {
                // The engine first: what is in the log under this key is not looked at again.
                self.push(inbound).await?;
            }
            self.commit(&room, &mut state, Some(key), record).await?;
        }
        Ok(tell(&Told::Ack { id, conversation: Some(conversation) }))
    }

    /// The conversation, if the visitor is in it. Whether one of that name exists is nobody else's business.
    pub(crate) fn check_member(&self, user: &UserId, id: &ConversationId) -> Result<Conversation, Refusal> {
        let mine = self.index.is_member(id, user);
        self.index
            .conversation(id)
            .filter(|_| mine)
            .ok_or_else(|| Refusal::new(Code::Forbidden, "that conversation is not yours"))
    }

    fn check_text(&self, text: &str) -> Result<(), Refusal> {
        let limit = self.options.limits.text;
        if text.chars().count() > limit {
            return Err(Refusal::new(Code::TooLarge, format!("a message has at most {limit} characters")));
        }
        Ok(())
    }

    fn check_files(
        &self,
        user: &UserId,
        conversation: &ConversationId,
        files: &[String],
    ) -> Result<Vec<Shared>, Refusal> {
        let limit = self.options.limits.files;
        if files.len() > limit {
            return Err(Refusal::new(Code::TooLarge, format!("a message carries at most {limit} files")));
        }
        files
            .iter()
            .map(|id| {
                let file = self.index.file(id);
                let file = file.filter(|f| f.conversation == *conversation && f.owner.as_ref() == Some(user));
                let file = file.ok_or_else(|| Refusal::new(Code::NotFound, "a file of it is not there"))?;
                Ok(file.shared())
            })
            .collect()
    }

    async fn check_waiting(&self, conversation: &ConversationId) -> Result<(), Refusal> {
        if self.inbox.lock().await.count(conversation) >= self.options.limits.waiting {
            let words = "more waits here than can be taken in";
            return Err(Refusal::later(Code::Busy, words, Duration::from_secs(2)));
        }
        Ok(())
    }

    fn author(&self, user: &UserId) -> Result<Author, Refusal> {
        let person = self.index.user(user).ok_or_else(|| Refusal::new(Code::Forbidden, "who are you?"))?;
        Ok(Author { id: person.id, name: person.name, bot: false })
    }
}

fn page_frame(id: Option<&str>, room: &Room, state: &State, before: Option<u64>) -> String {
    let (messages, more) = state.view.page(before, PAGE);
    let (seq, quotes, newest) = (state.view.seq(), state.view.quotes(messages), before.is_none());
    tell(&Told::Page { id, conversation: &room.id, messages, quotes, seq, more, newest })
}

/// A page's name of something: unguessable, so that nobody takes another's, and plain.
fn check_id(id: &str) -> Result<(), Refusal> {
    let rest = id.strip_prefix("c-").unwrap_or_default();
    let plain = rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain && (16..=64).contains(&rest.len()) {
        return Ok(());
    }
    Err(Refusal::new(Code::Invalid, "an id is `c-` and 16 to 64 letters, digits, `-` or `_`"))
}

fn inbound_message(state: &State, id: &MessageId, body: &Body, reply_to: Option<&MessageId>) -> Message {
    let quoted = reply_to.and_then(|id| state.view.find(id)).map(|quoted| Quoted {
        id: quoted.id.clone(),
        text: Some(quoted.body.text.clone()),
        sender: Some(quoted.from.id.clone()),
    });
    Message {
        id: id.clone(),
        text: body.text.clone(),
        attachments: body.files.iter().map(attachment).collect(),
        reply_to: quoted,
        mentions: Vec::new(),
    }
}

fn attachment(shared: &Shared) -> Attachment {
    let source = match &shared.url {
        Some(url) => MediaSource::Url { url: url.clone() },
        None => MediaSource::Platform { reference: serde_json::json!({ "file": shared.file }) },
    };
    Attachment {
        name: shared.name.clone(),
        media_type: MediaType(shared.media_type.clone()),
        size: shared.size,
        source,
    }
}

fn gone() -> Refusal {
    Refusal::new(Code::NotFound, "that message is not there any more")
}

fn press(state: &State, by: Author, message: &MessageId, button: &str) -> Result<(Record, Event), Refusal> {
    let standing = state.view.find(message).ok_or_else(gone)?;
    let known = standing.body.buttons.iter().find(|b| b.id.as_str() == button);
    let known = known.ok_or_else(|| Refusal::new(Code::NotFound, "that choice is not there any more"))?;
    let event = Event::Button {
        message: message.clone(),
        button: ButtonId::from(button),
        label: Some(known.label.clone()),
    };
    Ok((Record::Pressed { id: message.clone(), button: button.to_owned(), by }, event))
}

fn react(
    state: &State,
    by: Author,
    message: &MessageId,
    emoji: &str,
    remove: bool,
) -> Result<(Record, Event), Refusal> {
    if !is_emoji(emoji) {
        return Err(Refusal::new(Code::Invalid, "that is no emoji"));
    }
    state.view.find(message).ok_or_else(gone)?;
    if state.view.reacted(message, &by.id, emoji) != remove {
        return Err(Refusal::new(Code::Invalid, "it is so already"));
    }
    let event = Event::Reaction { message: message.clone(), emoji: emoji.to_owned(), removed: remove };
    Ok((Record::Reaction { id: message.clone(), by, emoji: emoji.to_owned(), removed: remove }, event))
}

/// Something short without letters, digits, spaces or controls: what counts as an emoji changes every year.
pub(crate) fn is_emoji(text: &str) -> bool {
    let plain =
        |c: char| c.is_alphabetic() || c.is_control() || c.is_whitespace() || c.is_ascii_punctuation();
    (1..=64).contains(&text.len()) && !text.is_ascii() && !text.chars().any(plain)
}

fn own<'a>(state: &'a State, by: &Author, message: &MessageId) -> Result<&'a crate::view::Standing, Refusal> {
    let standing = state.view.find(message).ok_or_else(gone)?;
    if standing.from.bot || standing.from.id != by.id {
        return Err(Refusal::new(Code::Forbidden, "that message is not yours"));
    }
    Ok(standing)
}

fn edit(state: &State, by: &Author, message: &MessageId, text: &str) -> Result<(Record, Event), Refusal> {
    let standing = own(state, by, message)?;
    let body = Body { text: text.to_owned(), ..standing.body.clone() };
    if body.text.trim().is_empty() && body.files.is_empty() {
        return Err(Refusal::new(Code::Invalid, "there is nothing in it"));
    }
    let event = Event::Edited { message: inbound_message(state, message, &body, standing.reply_to.as_ref()) };
    Ok((Record::Edited { id: message.clone(), body }, event))
}

fn delete(state: &State, by: &Author, message: &MessageId) -> Result<(Record, Event), Refusal> {
    own(state, by, message)?;
    Ok((Record::Deleted { id: message.clone() }, Event::Deleted { message: message.clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_and_ids() {
        for emoji in ["👍", "❤️", "👩‍👩‍👧‍👦", "🇩🇪", "☑"] {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for other in ["", "a", "ok", "👍a", "<b>", "é", "👍 👍", "\u{1}", &"👍".repeat(20)] {
            assert!(!is_emoji(other), "{other}");
        }
        assert!(check_id("c-0123456789abcdef").is_ok());
        for bad in [
            "",
            "c-",
            "c-short",
            "x-0123456789abcdef",
            "c-0123456789abcde/",
            &format!("c-{}", "a".repeat(65)),
        ] {
            assert!(check_id(bad).is_err(), "{bad}");
        }
    }
}
