//! What a flow may do here.

use crate::files::{Rejected, Stored};
use crate::frames::Told;
use crate::hub::{Hub, Room, State};
use crate::index::FileEntry;
use crate::record::{Body, Mark, Record, Shared};
use crate::token::fresh;
use crate::visitor::is_emoji;
use carapace_channel_api::{
    Attachment, Content, ConversationId, Held, MediaSource, MessageId, Operation, Outbound, Outcome,
    RefusalKind, Target,
};
use std::sync::Arc;

impl Hub {
    /// Does one thing for a flow.
    pub(crate) async fn perform(&self, request: &Outbound) -> Outcome {
        let key = format!("!{}", request.key);
        let outcome = match &request.operation {
            Operation::Send { to, content, reply_to } => self.send(key, to, content, reply_to.as_ref()).await,
            Operation::Edit { conversation, message, content } => {
                self.edit(key, conversation, message, content).await
            }
            Operation::Delete { conversation, message } => self.delete(key, conversation, message).await,
            Operation::React { conversation, message, emoji, remove } => {
                self.react(key, conversation, message, emoji, *remove).await
            }
            Operation::Typing { conversation, on } => self.typing(conversation, *on),
            Operation::Preview { conversation, preview, text } => self.preview(conversation, preview, text),
            Operation::Forward { from, message, to } => self.forward(key, from, message, to).await,
            Operation::Poll { .. } => Err(request.operation.unsupported("webchat")),
        };
        // The answer stands there, or never will.
        if let (Some(preview), Operation::Send { to: Target::Conversation(conversation), .. }) =
            (&request.preview, &request.operation)
        {
            self.broadcast(conversation, &Told::Preview { conversation, preview, text: "" });
        }
        outcome.unwrap_or_else(|refused| refused)
    }

    async fn send(
        &self,
        key: String,
        to: &Target,
        content: &Content,
        reply_to: Option<&MessageId>,
    ) -> Result<Outcome, Outcome> {
        self.check_length(content)?;
        let room = self.target(to).await?;
        if let Some(done) = room.state.lock().await.view.done(&key) {
            return Ok(Outcome::sent(done.clone()).in_conversation(&room.id));
        }
        // Files take a while, and others write here meanwhile.
        let body = self.body(&room.id, content).await?;
        if body.is_empty() {
            return Err(Outcome::refused(RefusalKind::Invalid, "there is nothing to send"));
        }
        let mut state = room.state.lock().await;
        if let Some(done) = state.view.done(&key) {
            return Ok(Outcome::sent(done.clone()).in_conversation(&room.id));
        }
        let reply_to = reply_to.filter(|quoted| state.view.any(quoted).is_some()).cloned();
        self.post(&room, &mut state, key, body, reply_to, None).await
    }

    async fn post(
        &self,
        room: &Room,
        state: &mut State,
        key: String,
        body: Body,
        reply_to: Option<MessageId>,
        mark: Option<Mark>,
    ) -> Result<Outcome, Outcome> {
        let id = MessageId(fresh("b").map_err(|error| unavailable(&error))?);
        let record = Record::Message { id: id.clone(), from: self.myself(), body, reply_to, mark };
        self.write(room, state, key, record).await?;
        Ok(Outcome::sent(id).in_conversation(&room.id))
    }

    /// A line that cannot be written is cut off before the next one, so it did not happen.
    async fn write(
        &self,
        room: &Room,
        state: &mut State,
        key: String,
        record: Record,
    ) -> Result<(), Outcome> {
        self.commit(room, state, Some(key), record).await.map_err(|error| {
            tracing::error!(%error, conversation = %room.id, "webchat cannot write to its data directory");
            Outcome::later(RefusalKind::Unavailable, "it cannot be stored at the moment", None)
        })
    }

    async fn edit(
        &self,
        key: String,
        conversation: &ConversationId,
        message: &MessageId,
        content: &Content,
    ) -> Result<Outcome, Outcome> {
        self.check_length(content)?;
        let room = self.existing(conversation).await?;
        {
            let state = room.state.lock().await;
            if state.view.done(&key).is_some() {
                return Ok(Outcome::sent(message.clone()));
            }
            check_ours(&state, message)?;
        }
        let body = self.body(&room.id, content).await?;
        let mut state = room.state.lock().await;
        if state.view.done(&key).is_none() {
            check_ours(&state, message)?;
            let record = Record::Edited { id: message.clone(), body };
            self.write(&room, &mut state, key, record).await?;
        }
        Ok(Outcome::sent(message.clone()))
    }

    async fn delete(
        &self,
        key: String,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Outcome, Outcome> {
        let room = self.existing(conversation).await?;
        let mut state = room.state.lock().await;
        if state.view.done(&key).is_none() {
            state.view.find(message).ok_or_else(|| no_message(message))?;
            self.write(&room, &mut state, key, Record::Deleted { id: message.clone() }).await?;
        }
        Ok(Outcome::done())
    }

    async fn react(
        &self,
        key: String,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        remove: bool,
    ) -> Result<Outcome, Outcome> {
        if !is_emoji(emoji) {
            return Err(Outcome::refused(RefusalKind::Invalid, format!("`{emoji}` is no emoji")));
        }
        let room = self.existing(conversation).await?;
        let mut state = room.state.lock().await;
        if state.view.done(&key).is_none() {
            state.view.find(message).ok_or_else(|| no_message(message))?;
            let by = self.myself();
            let record =
                Record::Reaction { id: message.clone(), by, emoji: emoji.to_owned(), removed: remove };
            self.write(&room, &mut state, key, record).await?;
        }
        Ok(Outcome::done())
    }

    fn typing(&self, conversation: &ConversationId, on: bool) -> Result<Outcome, Outcome> {
        self.index.conversation(conversation).ok_or_else(|| no_conversation(conversation))?;
        self.broadcast(conversation, &Told::Typing { conversation, on });
        Ok(Outcome::done())
    }

    /// Told whoever is there now, and kept nowhere: whoever comes later hears of the next change.
    fn preview(&self, conversation: &ConversationId, preview: &str, text: &str) -> Result<Outcome, Outcome> {
        self.index.conversation(conversation).ok_or_else(|| no_conversation(conversation))?;
        self.check_length(&Content::text(text))?;
        self.broadcast(conversation, &Told::Preview { conversation, preview, text });
        Ok(Outcome::done())
    }

    async fn forward(
        &self,
        key: String,
        from: &ConversationId,
        message: &MessageId,
        to: &Target,
    ) -> Result<Outcome, Outcome> {
        let mut body = {
            let room = self.existing(from).await?;
            let state = room.state.lock().await;
            state.view.find(message).ok_or_else(|| no_message(message))?.body.clone()
        };
        body.buttons.clear();
        let room = self.target(to).await?;
        for shared in &mut body.files {
            if let Some(id) = &shared.file {
                let file = self.index.file(id).ok_or_else(|| no_such("that file is not there".to_owned()))?;
                *shared = self.share_again(&room.id, shared.name.clone(), &file).await?;
            }
        }
        let mut state = room.state.lock().await;
        if let Some(done) = state.view.done(&key) {
            return Ok(Outcome::sent(done.clone()).in_conversation(&room.id));
        }
        self.post(&room, &mut state, key, body, None, Some(Mark::Forwarded)).await
    }

    async fn target(&self, to: &Target) -> Result<Arc<Room>, Outcome> {
        match to {
            Target::Conversation(id) => self.existing(id).await,
            Target::User(user) => {
                let person = self.index.user(user);
                person.ok_or_else(|| no_such(format!("there is no visitor `{user}`")))?;
                let own =
                    self.index.conversations(user).into_iter().rfind(|id| !id.as_str().starts_with('#'));
                let id = match own {
                    Some(id) => id,
                    None => {
                        self.open_for(user, None).await.map_err(|refusal| unavailable(&refusal.message))?.id
                    }
                };
                self.existing(&id).await
            }
        }
    }

    async fn existing(&self, id: &ConversationId) -> Result<Arc<Room>, Outcome> {
        self.index.conversation(id).ok_or_else(|| no_conversation(id))?;
        self.room(id).await.map_err(|error| unavailable(&error))
    }

    fn check_length(&self, content: &Content) -> Result<(), Outcome> {
        let limit = self.options.limits.text;
        if content.text.chars().count() > limit {
            let message = format!("a message has at most {limit} characters");
            return Err(Outcome::refused(RefusalKind::TooLarge, message));
        }
        Ok(())
    }

    async fn body(&self, conversation: &ConversationId, content: &Content) -> Result<Body, Outcome> {
        let mut files = Vec::new();
        for attachment in &content.attachments {
            files.push(self.attach(conversation, attachment).await?);
        }
        Ok(Body {
            text: content.text.clone(),
            markup: content.markup,
            files,
            buttons: content.buttons.clone(),
        })
    }

    async fn attach(
        &self,
        conversation: &ConversationId,
        attachment: &Attachment,
    ) -> Result<Shared, Outcome> {
        let (name, media_type) = (attachment.name.clone(), attachment.media_type.0.clone());
        match &attachment.source {
            MediaSource::Url { url } => {
                let (size, url) = (attachment.size, Some(url.clone()));
                Ok(Shared { name, media_type, size, file: None, url, preview: None })
            }
            MediaSource::Held { file } => self.share(conversation, name, &media_type, file).await,
            MediaSource::Inline { bytes } => {
                self.check_size(bytes.len() as u64)?;
                let held = self.files.hold(bytes).await.map_err(rejected)?;
                self.share(conversation, name, &media_type, &held).await
            }
            MediaSource::Platform { reference } => {
                let id = reference.get("file").and_then(|id| id.as_str()).unwrap_or_default();
                let file = self.index.file(id).ok_or_else(|| no_such("that file is not there".to_owned()))?;
                self.share_again(conversation, name, &file).await
            }
        }
    }

    fn check_size(&self, size: u64) -> Result<(), Outcome> {
        let limit = self.options.limits.file;
        if size > limit {
            let message = format!("a file has at most {limit} bytes");
            return Err(Outcome::refused(RefusalKind::TooLarge, message));
        }
        Ok(())
    }

    /// Puts a file where the people of a conversation can fetch it.
    async fn share(
        &self,
        conversation: &ConversationId,
        name: String,
        media_type: &str,
        held: &Held,
    ) -> Result<Shared, Outcome> {
        self.check_size(held.size())?;
        let id = fresh("f").map_err(|error| unavailable(&error))?;
        let stored = self.files.store(&id, held, media_type).await.map_err(rejected)?;
        let Stored { media_type, size, preview } = stored;
        let conversation = conversation.clone();
        self.note(FileEntry { id, conversation, owner: None, name, media_type, size, preview }).await
    }

    /// The same with a file that is here already.
    async fn share_again(
        &self,
        conversation: &ConversationId,
        name: String,
        file: &FileEntry,
    ) -> Result<Shared, Outcome> {
        let id = fresh("f").map_err(|error| unavailable(&error))?;
        self.files.copy(&file.id, &id).await.map_err(|error| unavailable(&error))?;
        let conversation = conversation.clone();
        self.note(FileEntry { id, conversation, owner: None, name, ..file.clone() }).await
    }

    async fn note(&self, entry: FileEntry) -> Result<Shared, Outcome> {
        self.index.add_file(entry.clone()).await.map_err(|error| unavailable(&error))?;
        Ok(entry.shared())
    }
}

/// Why a file was not put there.
fn rejected(rejected: Rejected) -> Outcome {
    match rejected {
        Rejected::TooLarge => Outcome::refused(RefusalKind::TooLarge, "the file is too large"),
        Rejected::Refused(why) => {
            Outcome::refused(RefusalKind::Invalid, format!("the file is not taken: {why}"))
        }
        Rejected::Broken => unavailable(&"the file broke off"),
        Rejected::Disk(why) => unavailable(&why),
    }
}

fn check_ours(state: &State, message: &MessageId) -> Result<(), Outcome> {
    let standing = state.view.find(message).ok_or_else(|| no_message(message))?;
    if !standing.from.bot {
        return Err(Outcome::refused(
            RefusalKind::Forbidden,
            format!("message `{message}` is somebody else's"),
        ));
    }
    Ok(())
}

fn no_such(message: String) -> Outcome {
    Outcome::refused(RefusalKind::NotFound, message)
}

fn no_message(message: &MessageId) -> Outcome {
    no_such(format!("there is no message `{message}`"))
}

fn no_conversation(id: &ConversationId) -> Outcome {
    no_such(format!("there is no conversation `{id}`"))
}

fn unavailable(why: &dyn std::fmt::Display) -> Outcome {
    Outcome::later(RefusalKind::Unavailable, why.to_string(), None)
}
