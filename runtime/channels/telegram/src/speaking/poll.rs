//! Polls.

use super::place::Place;
use super::speaker::{Speaker, sent};
use crate::memory;
use crate::part::Part;
use carapace_channel_api::{Outcome, Poll};
use serde_json::Value;
use teloxide::payloads::SendPoll;
use teloxide::types::InputPollOption;

impl Speaker {
    pub(super) async fn poll(&self, place: Place, poll: &Poll) -> Result<Outcome, Outcome> {
        let options: Vec<InputPollOption> = poll.options.iter().map(InputPollOption::new).collect();
        let mut send = SendPoll::new(self.now(&place.chat).await, poll.question.clone(), options);
        send.message_thread_id = place.thread;
        // Of an anonymous poll nobody hears who voted for what.
        send.is_anonymous = Some(false);
        send.allows_multiple_answers = Some(poll.multiple);
        let answer = match self.wire.call(&send).await {
            Ok(answer) => answer,
            Err(failure) => return Err(self.failed(&place.chat, &failure).await),
        };
        if let Some(asked) = asked(&answer, &place)
            && let Err(error) = self.memory.asked(asked).await
        {
            tracing::warn!(account = %self.account, %error, "where a poll stands could not be kept, so its votes are not heard");
        }
        Ok(sent(&[answer]))
    }
}

fn asked(answer: &Value, place: &Place) -> Option<memory::Poll> {
    let message = Part::of(answer);
    Some(memory::Poll {
        id: message.at("poll").at("id").text()?.to_owned(),
        chat: message.at("chat").at("id").number()?,
        message: message.at("message_id").number()?,
        thread: place.thread.map(|thread| thread.0.0.into()),
    })
}
