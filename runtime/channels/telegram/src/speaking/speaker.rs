//! One request, one outcome.

use super::place::{Place, number};
use super::refusal::outcome;
use crate::hearing;
use crate::memory::Memory;
use crate::part::Part;
use crate::wire::{Failure, Wire};
use carapace_channel_api::{
    AccountId, ConversationId, DeliveryState, FetchError, Filling, MediaSource, MessageId, Operation,
    Outbound, Outcome, Target,
};
use serde_json::Value;
use std::sync::Arc;
use teloxide::payloads::{ForwardMessage, ForwardMessageSetters as _, GetFile, SendChatAction};
use teloxide::types::{ChatAction, ChatId, FileId, Recipient};

/// Files that a bot may fetch are no larger (Bot API, `getFile`).
const LARGEST: u64 = 20 * 1024 * 1024;

/// Performs requests.
pub(crate) struct Speaker {
    pub(super) account: AccountId,
    pub(super) wire: Arc<Wire>,
    pub(super) memory: Arc<Memory>,
}

impl Speaker {
    pub(crate) fn new(account: AccountId, wire: Arc<Wire>, memory: Arc<Memory>) -> Speaker {
        Speaker { account, wire, memory }
    }

    /// Does one thing.
    pub(crate) async fn perform(&self, request: &Outbound) -> Outcome {
        let route = request.route.as_ref();
        let came = match &request.operation {
            Operation::Send { to, content, reply_to } => match Place::of(to, route) {
                Ok(place) => self.say(place, content, reply_to.as_ref(), request.again).await,
                Err(refused) => Err(refused),
            },
            Operation::Edit { conversation, message, content } => {
                self.edit(conversation, message, content).await
            }
            Operation::Delete { conversation, message } => self.delete(conversation, message).await,
            Operation::React { conversation, message, emoji, remove } => {
                self.react(conversation, message, emoji, *remove).await
            }
            Operation::Typing { conversation, on } => {
                let target = Target::Conversation(conversation.clone());
                match Place::of(&target, route) {
                    Ok(place) if *on => self.typing(place).await,
                    // It ends by itself after five seconds, and with the next message.
                    Ok(_) => Ok(Outcome::done()),
                    Err(refused) => Err(refused),
                }
            }
            Operation::Preview { conversation, preview, text } => {
                let target = Target::Conversation(conversation.clone());
                self.preview(&target, route, preview, text).await
            }
            Operation::Forward { from, message, to } => match Place::of(to, route) {
                Ok(place) => self.forward(from, message, place).await,
                Err(refused) => Err(refused),
            },
            Operation::Poll { to, poll } => match Place::of(to, route) {
                Ok(place) => self.poll(place, poll).await,
                Err(refused) => Err(refused),
            },
        };
        came.unwrap_or_else(|ended| ended)
    }

    /// The bytes of a file that came.
    pub(crate) async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        let MediaSource::Platform { reference } = source else { return Err(FetchError::Unsupported) };
        let id = Part::of(reference).at("file").text().ok_or(FetchError::NotFound)?;
        let answer = self.wire.call(&GetFile::new(FileId(id.to_owned()))).await.map_err(|f| unfetched(&f))?;
        let file = Part::of(&answer);
        let size = file.at("file_size").number().and_then(|size| u64::try_from(size).ok());
        size.map_or(Ok(()), |size| into.expect(size))?;
        let gone =
            || FetchError::Unavailable { message: "telegram does not say where the file is".to_owned() };
        self.wire.file(file.at("file_path").text().ok_or_else(gone)?, into).await
    }

    async fn typing(&self, place: Place) -> Result<Outcome, Outcome> {
        let mut action = SendChatAction::new(self.now(&place.chat).await, ChatAction::Typing);
        action.message_thread_id = place.thread;
        match self.wire.call(&action).await {
            Ok(_) => Ok(Outcome::done()),
            // It would have been shown for five seconds: nobody needs to find out whether it was.
            Err(Failure::Lost(message)) => Err(Outcome::NotPerformed { message }),
            Err(failure) => Err(self.failed(&place.chat, &failure).await),
        }
    }

    async fn forward(
        &self,
        from: &ConversationId,
        message: &MessageId,
        place: Place,
    ) -> Result<Outcome, Outcome> {
        let from = self.now(&Place::named(from)?.chat).await;
        let mut forward = ForwardMessage::new(self.now(&place.chat).await, from, number(message)?);
        if let Some(thread) = place.thread {
            forward = forward.message_thread_id(thread);
        }
        match self.wire.call(&forward).await {
            Ok(answer) => Ok(sent(&[answer])),
            Err(failure) => Err(self.failed(&place.chat, &failure).await),
        }
    }

    /// What a chat is now: a group may have become another.
    pub(super) async fn now(&self, chat: &Recipient) -> Recipient {
        match chat {
            Recipient::Id(ChatId(id)) => Recipient::Id(ChatId(self.memory.now(*id).await)),
            Recipient::ChannelUsername(_) => chat.clone(),
        }
    }

    /// What a failure means. A group that became another is followed by the next attempt.
    pub(super) async fn failed(&self, chat: &Recipient, failure: &Failure) -> Outcome {
        let moved = failure.refusal().and_then(|refusal| refusal.migrated_to);
        if let (Some(to), Recipient::Id(ChatId(from))) = (moved, chat)
            && let Err(error) = hearing::tell_moved(&self.memory, &self.account, *from, to).await
        {
            return Outcome::NotPerformed {
                message: format!("what the group became cannot be kept: {error}"),
            };
        }
        outcome(failure)
    }
}

/// The messages that answers tell of, and where they stand.
pub(super) fn sent(answers: &[Value]) -> Outcome {
    let messages = answers.iter().flat_map(|answer| match answer.as_array() {
        Some(album) => album.iter().map(Part::of).collect::<Vec<_>>(),
        None => vec![Part::of(answer)],
    });
    let (mut ids, mut conversation) = (Vec::new(), None);
    for message in messages {
        ids.extend(message.at("message_id").number().map(|id| MessageId(id.to_string())));
        let chat = message.at("chat").at("id").number();
        conversation = conversation.or_else(|| chat.map(|id| ConversationId(id.to_string())));
    }
    Outcome::Done { messages: ids, conversation, state: DeliveryState::Sent }
}

fn unfetched(failure: &Failure) -> FetchError {
    match failure.refusal() {
        Some(refusal) if refusal.says("too big") => FetchError::TooLarge { limit: LARGEST },
        Some(refusal) if refusal.code == 400 => FetchError::NotFound,
        _ => FetchError::Unavailable { message: failure.words() },
    }
}
