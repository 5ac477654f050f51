//! Changing what stands there. Doing such a thing twice is doing it once, so a lost answer is asked for again.

use super::keyboard::keyboard;
use super::markup::html;
use super::place::{Place, number};
use super::speaker::{Speaker, sent};
use crate::wire::Failure;
use carapace_channel_api::{Content, ConversationId, Markup, MessageId, Outcome, RefusalKind};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use teloxide::payloads::{DeleteMessage, EditMessageCaption, EditMessageText, SetMessageReaction};
use teloxide::requests::Payload;
use teloxide::types::{CustomEmojiId, ParseMode, ReactionType};

/// How often a lost answer is asked for, and the pause before it.
const TRIES: (u32, Duration) = (3, Duration::from_millis(500));

impl Speaker {
    pub(super) async fn edit(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
        content: &Content,
    ) -> Result<Outcome, Outcome> {
        let place = Place::named(conversation)?;
        let number = number(message)?;
        if !content.attachments.is_empty() {
            let message = "a message of Telegram keeps its file when it is changed: send a new one";
            return Err(Outcome::refused(RefusalKind::Unsupported, message));
        }
        let chat = self.now(&place.chat).await;
        let keys = keyboard(&content.buttons, &self.memory).await?;
        let mut marked = content.markup == Markup::Markdown;
        let mut caption = false;
        loop {
            let text = if marked { html(&content.text) } else { content.text.clone() };
            let mode = marked.then_some(ParseMode::Html);
            let answer = if caption {
                let mut edit = EditMessageCaption::new(chat.clone(), number);
                (edit.caption, edit.parse_mode, edit.reply_markup) = (Some(text), mode, keys.clone());
                self.surely(&edit).await
            } else {
                let mut edit = EditMessageText::new(chat.clone(), number, text);
                (edit.parse_mode, edit.reply_markup) = (mode, keys.clone());
                self.surely(&edit).await
            };
            let failure = match answer {
                Ok(answer) => return Ok(sent(&[answer])),
                Err(failure) => failure,
            };
            let says = |words| failure.refusal().is_some_and(|refusal| refusal.says(words));
            if says("message is not modified") {
                return Ok(Outcome::sent(message.clone()));
            } else if marked && says("can't parse entities") {
                marked = false;
            } else if !caption && says("there is no text in the message to edit") {
                caption = true;
            } else {
                return Err(self.failed(&place.chat, &failure).await);
            }
        }
    }

    pub(super) async fn delete(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Outcome, Outcome> {
        let place = Place::named(conversation)?;
        let delete = DeleteMessage::new(self.now(&place.chat).await, number(message)?);
        // Asked again, Telegram would say that it is not there: so it is not asked again.
        match self.wire.call(&delete).await {
            Ok(_) => Ok(Outcome::done()),
            Err(failure) => Err(self.failed(&place.chat, &failure).await),
        }
    }

    pub(super) async fn react(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        remove: bool,
    ) -> Result<Outcome, Outcome> {
        let place = Place::named(conversation)?;
        let mut react = SetMessageReaction::new(self.now(&place.chat).await, number(message)?);
        // A bot has one reaction on a message: without any, it is taken away.
        react.reaction = Some(if remove { Vec::new() } else { vec![reaction(emoji)] });
        match self.surely(&react).await {
            Ok(_) => Ok(Outcome::done()),
            Err(failure) => Err(self.failed(&place.chat, &failure).await),
        }
    }

    /// Asks, and asks again where no answer came.
    async fn surely<P: Payload + Serialize + Sync>(&self, payload: &P) -> Result<Value, Failure> {
        let mut tries = 1;
        loop {
            match self.wire.call(payload).await {
                Err(Failure::Lost(_)) if tries < TRIES.0 => {
                    tries += 1;
                    tokio::time::sleep(TRIES.1).await;
                }
                answer => return answer,
            }
        }
    }
}

/// Telegram's reactions have no variation selectors: `❤`, where people type `❤️`.
fn reaction(emoji: &str) -> ReactionType {
    match emoji.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
        Some(id) if id.chars().all(|c| c.is_ascii_digit()) && !id.is_empty() => {
            ReactionType::CustomEmoji { custom_emoji_id: CustomEmojiId(id.to_owned()) }
        }
        _ => ReactionType::Emoji { emoji: emoji.replace('\u{fe0f}', "") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_are_written_as_telegram_has_them() {
        assert_eq!(reaction("❤️"), ReactionType::Emoji { emoji: "❤".to_owned() });
        let custom = ReactionType::CustomEmoji { custom_emoji_id: CustomEmojiId("5312".to_owned()) };
        assert_eq!(reaction(":5312:"), custom);
    }
}
