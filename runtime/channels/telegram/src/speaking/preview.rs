//! An answer that is being written, as private chats show one.

use super::place::Place;
use super::speaker::Speaker;
use crate::wire::Failure;
use carapace_channel_api::{Outcome, RefusalKind, Route, Target};
use serde_json::json;
use teloxide::types::{ChatId, Recipient};

/// What shows a part of a message for half a minute, without there being one (Bot API, `sendMessageDraft`, open to every bot since
/// 9.5). The message itself ends it.
const METHOD: &str = "SendMessageDraft";

impl Speaker {
    pub(super) async fn preview(
        &self,
        to: &Target,
        route: Option<&Route>,
        name: &str,
        text: &str,
    ) -> Result<Outcome, Outcome> {
        let place = Place::of(to, route)?;
        let Recipient::Id(ChatId(chat @ 1..)) = place.chat else {
            return Err(Outcome::refused(RefusalKind::Unsupported, "only private chats have previews"));
        };
        if text.is_empty() {
            // There is no way to take it away; without a text it would say that somebody thinks.
            return Ok(Outcome::done());
        }
        let mut body = json!({ "chat_id": chat, "draft_id": number(name), "text": text });
        if let (Some(thread), Some(fields)) = (&place.thread, body.as_object_mut()) {
            fields.insert("message_thread_id".to_owned(), json!(thread));
        }
        match self.wire.upload(METHOD, &body, Vec::new()).await {
            Ok(_) => Ok(Outcome::done()),
            // It would have been shown for half a minute: nobody needs to find out whether it was.
            Err(Failure::Lost(message)) => Err(Outcome::NotPerformed { message }),
            Err(failure) => match self.failed(&place.chat, &failure).await {
                // A server that is older than the method, or a chat that has none.
                Outcome::Refused { transient: false, message, .. } => {
                    Err(Outcome::refused(RefusalKind::Unsupported, message))
                }
                outcome => Err(outcome),
            },
        }
    }
}

/// What Telegram calls it: a number, and not 0. FNV-1a, of which 31 bits are taken.
fn number(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_has_a_number_of_its_own() {
        let (one, other) = (number("r1/:1"), number("r1/:7"));
        assert!(one != other && one > 0 && i32::try_from(one).is_ok() && i32::try_from(other).is_ok());
        assert_eq!(one, number("r1/:1"));
    }
}
