//! One act, from its first request to its report.

use crate::Options;
use crate::lane;
use crate::outbound::{Plan, Unplannable, plan};
use crate::pace::{Pace, Wait};
use crate::preview::Left;
use carapace_channel_api::{
    Channel, Content, ConversationId, DeliveryState, Health, Media, MessageId, Operation, Outbound, Outcome,
    RefusalKind, Scope, Scratch,
};
use carapace_effect::{Act, Destination, Failure, FailureKind, Kind, Reach, Reported, Sent};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The channels, by account.
pub(crate) type Channels = BTreeMap<String, Arc<dyn Channel>>;

/// Why something that was given up did not go out.
const NOBODY: &str = "nobody waits for it any more";

/// An act being performed.
pub(crate) struct Attempt {
    pub(crate) act: Arc<Act>,
    pub(crate) to: Destination,
    pub(crate) channels: Arc<Channels>,
    pub(crate) media: Arc<dyn Media>,
    /// Where files lie on their way from one account to another.
    pub(crate) scratch: Option<Scratch>,
    pub(crate) options: Options,
    /// How fast its account may go, counted from `begun`.
    pub(crate) pace: Arc<Mutex<Pace>>,
    pub(crate) begun: Instant,
    /// Turns true when nobody waits for it any more.
    pub(crate) abandoned: watch::Receiver<bool>,
    /// What shows of it already.
    pub(crate) replaces: Option<Left>,
    /// Messages that show something of the same run, and would stand above it.
    pub(crate) overtaken: Vec<MessageId>,
}

/// What came of one request.
pub(crate) enum Came {
    Done { messages: Vec<MessageId>, conversation: Option<ConversationId>, state: DeliveryState },
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
        let kind = Kind::named(channel.kind());
        if self.is_retraction() {
            return self.retract(&*channel, kind).await;
        }
        let mut plan = match self.plan(kind).await {
            Ok(plan) => plan,
            Err(failure) => {
                self.take_away(&*channel).await;
                return Reported::Failed(failure);
            }
        };
        self.make_room(&*channel).await;
        if let (Some(first), Some(left)) = (plan.requests.first_mut(), &self.replaces) {
            first.preview = Some(left.called.clone());
        }
        let (mut first, mut ids, mut reach) = (None, Vec::new(), Reach::Read);
        let parts = plan.requests.len();
        for (n, request) in plan.requests.iter().enumerate() {
            let came = match n {
                0 => self.first(&*channel, request, plan.copy.as_ref()).await,
                _ => self.request(&*channel, request, plan.copy.as_ref(), false).await,
            };
            match came {
                Came::Done { messages, conversation, state } => {
                    first = first.or(messages.first().cloned().map(|id| (id, conversation)));
                    ids.extend(messages.iter().map(|id| Arc::from(id.as_str())));
                    reach = reach.min(reached(state));
                }
                Came::Ended(ended) => {
                    let sent = if plan.refers { self.reference(first) } else { Json::Null };
                    return partial(ended, n, parts, sent);
                }
            }
        }
        let conversation = self.conversation(first.as_ref());
        let answer = if plan.refers { self.reference(first) } else { Json::Null };
        if plan.says && !ids.is_empty() {
            return Reported::Sent(answer, Sent { conversation, messages: ids, reach });
        }
        Reported::Done(answer)
    }

    async fn plan(&self, kind: Option<&Kind>) -> Result<Plan, Failure> {
        let mut plan = plan(&self.act, &self.to, kind).map_err(|Unplannable(failure)| failure)?;
        self.bring(&mut plan, kind).await?;
        Ok(plan)
    }

    /// One request, again while that makes sense; `first`: nothing of the act has left before it.
    pub(crate) async fn request(
        &mut self,
        channel: &dyn Channel,
        request: &Outbound,
        copy: Option<&Content>,
        first: bool,
    ) -> Came {
        let mut request = request.clone();
        let patient = Instant::now() + self.options.patience;
        let mut copy = copy.cloned();
        let mut refusals = 0;
        let mut pause = self.options.first_pause;
        loop {
            if let Some(ended) = self.turn(channel, first).await {
                return Came::Ended(ended);
            }
            let performed = tokio::time::timeout(self.options.answer, channel.perform(request.clone())).await;
            let rest = match performed.unwrap_or_else(|_| self.unanswered()) {
                Outcome::Done { messages, conversation, state } => {
                    return Came::Done { messages, conversation, state };
                }
                Outcome::Unknown { message } => return Came::Ended(Reported::Unknown(message)),
                Outcome::Refused { kind, .. } if cannot_forward(kind, &request) && copy.is_some() => {
                    if let (Some(content), Operation::Forward { to, .. }) = (copy.take(), &request.operation)
                    {
                        request.operation = Operation::Send { to: to.clone(), content, reply_to: None };
                    }
                    continue;
                }
                Outcome::Refused { kind, message, retry_after, transient, scope } => {
                    refusals += 1;
                    self.wait_for(retry_after, scope);
                    let longest = self.options.longest_pause;
                    let patient = retry_after.is_none_or(|after| after <= longest);
                    if !transient || refusals >= self.options.attempts || !patient {
                        return Came::Ended(Reported::Failed(failure(kind, message, retry_after, transient)));
                    }
                    retry_after.unwrap_or_default().max(jittered(pause, request.key.as_str(), refusals))
                }
                Outcome::NotPerformed { message }
                    if matches!(channel.status().borrow().health, Health::Stopped)
                        // Nobody wants to see later that somebody was typing.
                        || matches!(request.operation, Operation::Typing { .. }) =>
                {
                    return Came::Ended(Reported::NotPerformed(message));
                }
                Outcome::NotPerformed { message } if first && Instant::now() >= patient => {
                    return Came::Ended(Reported::Held { message, after: None, whole: true });
                }
                Outcome::NotPerformed { .. } => pause,
            };
            if !self.pause(channel, rest).await {
                return Came::Ended(Reported::NotPerformed(NOBODY.to_owned()));
            }
            pause = pause.saturating_mul(2).min(self.options.longest_pause);
        }
    }

    /// Waits until the network may be asked; what came of the act where it will not be.
    async fn turn(&mut self, channel: &dyn Channel, first: bool) -> Option<Reported> {
        let place = lane::name(&self.to);
        loop {
            let now = self.begun.elapsed();
            let taken = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(&place, now);
            let Err(Wait { time, whole }) = taken else { return None };
            if first && time > self.options.longest_pause {
                let message = "the network takes no more for now".to_owned();
                return Some(Reported::Held { message, after: i64::try_from(time.as_millis()).ok(), whole });
            }
            if !self.pause(channel, time).await {
                return Some(Reported::NotPerformed(NOBODY.to_owned()));
            }
        }
    }

    /// The network wants to be left alone for a while.
    fn wait_for(&self, retry_after: Option<Duration>, scope: Scope) {
        let Some(after) = retry_after else { return };
        let place = (scope == Scope::Conversation).then(|| lane::name(&self.to));
        let until = self.begun.elapsed().saturating_add(after);
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).pause(place.as_deref(), until);
    }

    fn unanswered(&self) -> Outcome {
        Outcome::Unknown { message: format!("no answer came within {} s", self.options.answer.as_secs()) }
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

    /// The message that was sent, as flows refer to it.
    fn reference(&self, sent: Option<(MessageId, Option<ConversationId>)>) -> Json {
        let Some((id, conversation)) = sent else {
            return json!({ "channel": self.to.account(), "conversation": "", "id": "" });
        };
        let sent = (id, conversation);
        let conversation = self.conversation(Some(&sent));
        json!({ "channel": self.to.account(), "conversation": conversation, "id": sent.0 })
    }

    /// Where it stands: where the channel says, else where it was to go.
    fn conversation(&self, sent: Option<&(MessageId, Option<ConversationId>)>) -> Arc<str> {
        match (sent.and_then(|(_, conversation)| conversation.as_ref()), &self.to) {
            (Some(conversation), _) => conversation.as_str().into(),
            (None, Destination::Conversation { conversation, .. }) => conversation.clone(),
            (None, Destination::User { user, .. }) => user.clone(),
        }
    }
}

/// Between half of a pause and all of it, so that those who were refused at the same time do not come back at the same time.
/// The same request waits as long each time: nothing here is random.
fn jittered(pause: Duration, key: &str, attempt: u32) -> Duration {
    let start = u64::from(attempt).wrapping_add(0xcbf2_9ce4_8422_2325);
    // FNV-1a.
    let hash = key.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let share = u32::try_from(hash >> 48).unwrap_or_default();
    pause / 2 + (pause / 2).saturating_mul(share) / 0x1_0000
}

/// How far a message got, in the engine's words.
pub(crate) fn reached(state: DeliveryState) -> Reach {
    match state {
        DeliveryState::Accepted => Reach::Accepted,
        DeliveryState::Sent => Reach::Sent,
        DeliveryState::Delivered => Reach::Delivered,
        DeliveryState::Read => Reach::Read,
    }
}

/// Whether the network cannot pass a message on, so that it has to be said again.
fn cannot_forward(kind: RefusalKind, request: &Outbound) -> bool {
    matches!(request.operation, Operation::Forward { .. })
        && matches!(kind, RefusalKind::Unsupported | RefusalKind::NotFound)
}

/// What came of the whole when the `n`-th of its parts, counted from 0, did not go out: the earlier ones did.
fn partial(ended: Reported, n: usize, parts: usize, sent: Json) -> Reported {
    match ended {
        Reported::Failed(mut failure) if n > 0 => {
            failure.message = format!("only {n} of {parts} parts went out: {}", failure.message);
            Reported::Partly(sent, failure)
        }
        Reported::NotPerformed(message) if n > 0 => {
            let message = format!("only {n} of {parts} parts went out: {message}");
            Reported::Partly(sent, Failure::new(FailureKind::NotPerformed, message))
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
