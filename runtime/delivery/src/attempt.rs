//! One act, from its first request to its report.

use crate::Options;
use crate::outbound::{Plan, Unplannable, plan};
use carapace_channel_api::{
    Channel, Content, ConversationId, FetchError, Health, MediaSource, MessageId, Operation, Outbound,
    Outcome, RefusalKind,
};
use carapace_effect::{Act, Destination, Failure, FailureKind, Kind, Reported};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The channels, by account.
pub(crate) type Channels = BTreeMap<String, Arc<dyn Channel>>;

/// An act being performed.
pub(crate) struct Attempt {
    pub(crate) act: Arc<Act>,
    pub(crate) to: Destination,
    pub(crate) channels: Arc<Channels>,
    pub(crate) options: Options,
    /// Turns true when nobody waits for it any more.
    pub(crate) abandoned: watch::Receiver<bool>,
}

/// What came of one request.
enum Came {
    Done { message: Option<MessageId>, conversation: Option<ConversationId> },
    Ended(Reported),
}

impl Attempt {
    /// Performs the act. The report is as good as what is known.
    pub(crate) async fn perform(mut self) -> Reported {
        let account = self.to.account().clone();
        let Some(channel) = self.channels.get(&*account).cloned() else {
            let message = format!("`{account}` is no account of this runtime");
            return Reported::Failed(Failure::new(FailureKind::Unavailable, message));
        };
        let mut plan = match plan(&self.act, &self.to, Kind::named(channel.kind())) {
            Ok(plan) => plan,
            Err(Unplannable(failure)) => return Reported::Failed(failure),
        };
        if let Err(failure) = self.bring(&mut plan).await {
            return Reported::Failed(failure);
        }
        let mut first = None;
        let parts = plan.requests.len();
        for (n, request) in plan.requests.iter().enumerate() {
            let came = self.request(&*channel, request, plan.copy.as_ref()).await;
            match came {
                Came::Done { message, conversation } => {
                    first = first.or(message.map(|id| (id, conversation)));
                }
                Came::Ended(ended) => return partial(ended, n, parts),
            }
        }
        Reported::Done(if plan.refers { self.reference(first) } else { Json::Null })
    }

    /// One request, again while that makes sense.
    async fn request(&mut self, channel: &dyn Channel, request: &Outbound, copy: Option<&Content>) -> Came {
        let mut request = request.clone();
        let mut copy = copy.cloned();
        let mut refusals = 0;
        let mut pause = self.options.first_pause;
        loop {
            let rest = match channel.perform(request.clone()).await {
                Outcome::Done { mut messages, conversation, .. } => {
                    let message = (!messages.is_empty()).then(|| messages.swap_remove(0));
                    return Came::Done { message, conversation };
                }
                Outcome::Unknown { message } => return Came::Ended(Reported::Unknown(message)),
                Outcome::Refused { kind, .. } if cannot_forward(kind, &request) && copy.is_some() => {
                    if let (Some(content), Operation::Forward { to, .. }) = (copy.take(), &request.operation)
                    {
                        request.operation = Operation::Send { to: to.clone(), content, reply_to: None };
                    }
                    continue;
                }
                Outcome::Refused { kind, message, retry_after, transient } => {
                    refusals += 1;
                    let longest = self.options.longest_pause;
                    let patient = retry_after.is_none_or(|after| after <= longest);
                    if !transient || refusals >= self.options.attempts || !patient {
                        return Came::Ended(Reported::Failed(failure(kind, message, retry_after, transient)));
                    }
                    retry_after.unwrap_or_default().max(pause)
                }
                Outcome::NotPerformed { message }
                    if matches!(channel.status().borrow().health, Health::Stopped) =>
                {
                    return Came::Ended(Reported::NotPerformed(message));
                }
                Outcome::NotPerformed { .. } => pause,
            };
            if !self.pause(channel, rest).await {
                return Came::Ended(Reported::NotPerformed("nobody waits for it any more".to_owned()));
            }
            pause = pause.saturating_mul(2).min(self.options.longest_pause);
        }
    }

    /// Waits, but not longer than until the channel's state changes; false when nobody waits for the act any more.
    async fn pause(&mut self, channel: &dyn Channel, pause: Duration) -> bool {
        let mut status = channel.status();
        let away = !status.borrow_and_update().health.is_caught_up();
        tokio::select! {
            // An error says that the one who could abandon it is gone: nobody will.
            Ok(_) = self.abandoned.wait_for(|abandoned| *abandoned) => return false,
            () = tokio::time::sleep(pause) => {}
            _ = status.changed(), if away => {}
        }
        true
    }

    /// Brings the bytes of files that are with other accounts.
    async fn bring(&self, plan: &mut Plan) -> Result<(), Failure> {
        for (at, account) in std::mem::take(&mut plan.elsewhere) {
            let Some(Outbound { operation: Operation::Send { content, .. }, .. }) = plan.requests.first_mut()
            else {
                continue;
            };
            let Some(attachment) = content.attachments.get_mut(at) else { continue };
            let gone = |message: String| Failure::new(FailureKind::Unavailable, message);
            let channel = self
                .channels
                .get(account.as_str())
                .ok_or_else(|| gone(format!("the file's account `{account}` is not here any more")))?;
            let bytes =
                channel.fetch(&attachment.source, self.options.file_bytes).await.map_err(|e| match e {
                    FetchError::Unavailable { .. } => Failure::new(FailureKind::Transient, e.to_string()),
                    other => gone(other.to_string()),
                })?;
            attachment.size = u64::try_from(bytes.len()).ok();
            attachment.source = MediaSource::Inline { bytes };
        }
        Ok(())
    }

    /// The message that was sent, as flows refer to it.
    fn reference(&self, sent: Option<(MessageId, Option<ConversationId>)>) -> Json {
        let Some((id, conversation)) = sent else {
            return json!({ "channel": self.to.account(), "conversation": "", "id": "" });
        };
        let conversation = conversation.map_or_else(
            || match &self.to {
                Destination::Conversation { conversation, .. } => conversation.to_string(),
                Destination::User { user, .. } => user.to_string(),
            },
            |conversation| conversation.0,
        );
        json!({ "channel": self.to.account(), "conversation": conversation, "id": id })
    }
}

/// Whether the network cannot pass a message on, so that it has to be said again.
fn cannot_forward(kind: RefusalKind, request: &Outbound) -> bool {
    matches!(request.operation, Operation::Forward { .. })
        && matches!(kind, RefusalKind::Unsupported | RefusalKind::NotFound)
}

/// What came of the whole when the `n`-th of its parts, counted from 0, did not go out: the earlier ones did.
fn partial(ended: Reported, n: usize, parts: usize) -> Reported {
    match ended {
        Reported::Failed(mut failure) if n > 0 => {
            failure.message = format!("only {n} of {parts} parts went out: {}", failure.message);
            Reported::Failed(failure)
        }
        Reported::NotPerformed(message) if n > 0 => {
            let message = format!("only {n} of {parts} parts went out: {message}");
            Reported::Failed(Failure::new(FailureKind::NotPerformed, message))
        }
        other => other,
    }
}

fn failure(kind: RefusalKind, message: String, retry_after: Option<Duration>, transient: bool) -> Failure {
    let kind = match kind {
        RefusalKind::RateLimited => FailureKind::Limited,
        _ if transient => FailureKind::Transient,
        RefusalKind::Unsupported | RefusalKind::NotFound | RefusalKind::Unavailable => {
            FailureKind::Unavailable
        }
        RefusalKind::Invalid | RefusalKind::TooLarge | RefusalKind::Forbidden | RefusalKind::Unauthorized => {
            FailureKind::Refused
        }
    };
    let retry_after = retry_after.and_then(|after| i64::try_from(after.as_millis()).ok());
    Failure { kind, message, retry_after }
}
