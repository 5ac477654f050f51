//! A stage whose channel runs.

use super::breach::soon;
use super::stage::Stage;
use super::tape::Tape;
use crate::{
    Channel, Content, ConversationId, Ended, Error, Health, IdempotencyKey, MessageId, Operation,
    OperationId, Outbound, Outcome, Route, Shutdown, ShutdownHandle, Target,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// A stage whose channel runs.
pub(super) struct Running {
    pub(super) stage: Box<dyn Stage>,
    pub(super) channel: Arc<dyn Channel>,
    pub(super) tape: Arc<Tape>,
    stop: ShutdownHandle,
    task: JoinHandle<Result<Ended, Error>>,
    count: AtomicU64,
}

impl Running {
    /// Runs the channel and waits until it hears.
    pub(super) async fn start(stage: Box<dyn Stage>) -> Result<Running, String> {
        let mut running = Running::resume(stage).await?;
        soon("the person's coming in", running.stage.enter()).await?;
        Ok(running)
    }

    /// The same with a person who has come in before.
    pub(super) async fn resume(stage: Box<dyn Stage>) -> Result<Running, String> {
        let channel = stage.channel();
        let tape = Arc::new(Tape::default());
        let (stop, shutdown) = Shutdown::new();
        let task = tokio::spawn({
            let (channel, tape) = (channel.clone(), tape.clone());
            async move { channel.run(tape, shutdown).await }
        });
        let mut status = channel.status();
        let live = status.wait_for(|status| status.health == Health::CaughtUp);
        soon("catching up", live).await?.map_err(|_| "the status ended".to_owned())?;
        Ok(Running { stage, channel, tape, stop, task, count: AtomicU64::new(0) })
    }

    /// The person says something; the conversation and the route to answer by.
    pub(super) async fn meet(&mut self) -> Result<(ConversationId, Route, MessageId), String> {
        soon("saying something", self.stage.say("hello")).await?;
        let (inbound, message) = soon("hearing a message", self.tape.message()).await??;
        Ok((inbound.conversation.id, inbound.route, message.id))
    }

    /// A request of its own id and key.
    pub(super) fn request(&self, route: Route, operation: Operation) -> Outbound {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        Outbound {
            id: OperationId(format!("op-{number}")),
            key: IdempotencyKey(format!("key-{number}")),
            account: self.channel.account().clone(),
            route: Some(route),
            again: false,
            preview: None,
            operation,
        }
    }

    /// Does it, in time.
    pub(super) async fn perform(&self, route: &Route, operation: Operation) -> Result<Outcome, String> {
        let request = self.request(route.clone(), operation);
        soon("an outcome", self.channel.perform(request)).await
    }

    /// Sends `content` and gives the one id of what was sent.
    pub(super) async fn send(
        &self,
        to: &ConversationId,
        route: &Route,
        content: Content,
    ) -> Result<MessageId, String> {
        let to = Target::Conversation(to.clone());
        let outcome = self.perform(route, Operation::Send { to, content, reply_to: None }).await?;
        one_message(&outcome)
    }

    /// Asks it to end, and waits for that.
    pub(super) async fn stop(
        self,
    ) -> Result<(Result<Ended, Error>, Box<dyn Stage>, Arc<dyn Channel>), String> {
        self.stop.request();
        let ended = soon("ending", self.task).await?.map_err(|error| format!("it panicked: {error}"))?;
        Ok((ended, self.stage, self.channel))
    }
}

/// The id of the one message that was sent.
pub(super) fn one_message(outcome: &Outcome) -> Result<MessageId, String> {
    match outcome {
        Outcome::Done { messages, .. } => match messages.as_slice() {
            [one] if !one.as_str().is_empty() => Ok(one.clone()),
            other => Err(format!("one request is one message with an id, and these came: {other:?}")),
        },
        other => Err(format!("a message was not sent: {other:?}")),
    }
}
