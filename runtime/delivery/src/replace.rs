//! An answer in the place of what was shown of it.

use crate::attempt::{Attempt, Came};
use crate::preview::NOTHING;
use carapace_channel_api::{
    AccountId, Channel, Content, ConversationId, IdempotencyKey, MessageId, Operation, OperationId, Outbound,
    Target,
};
use carapace_effect::{Destination, FailureKind, Kind, Reported};

/// What takes away what was shown of an answer that will not be.
const RETRACT: &str = "chat.retract";

impl Attempt {
    /// Whether it only takes a preview away.
    pub(crate) fn is_retraction(&self) -> bool {
        *self.act.request.effect == *RETRACT
    }

    /// Takes away what was shown. That it is gone already, or cannot be taken away, is no failure of anybody's.
    pub(crate) async fn retract(&mut self, channel: &dyn Channel, kind: Option<&Kind>) -> Reported {
        let Some(left) = self.replaces.clone() else { return Reported::Done(NOTHING) };
        let Some(message) = left.message else {
            if let Some(conversation) = self.place().filter(|_| kind.is_some_and(|kind| kind.can("preview")))
            {
                let (preview, text) = (left.called, String::new());
                let end = self.own("end", Operation::Preview { conversation, preview, text });
                // It ends by itself, too: once is enough.
                let _ = tokio::time::timeout(self.options.answer, channel.perform(end)).await;
            }
            return Reported::Done(NOTHING);
        };
        let Some(conversation) = self.place() else { return Reported::Done(NOTHING) };
        let delete = self.own("delete", Operation::Delete { conversation, message });
        match self.request(channel, &delete, None, true).await {
            Came::Done { .. } => Reported::Done(NOTHING),
            Came::Ended(ended @ (Reported::Held { .. } | Reported::Unknown(_))) => ended,
            Came::Ended(why) => {
                tracing::info!("what showed of an answer cannot be taken away: {why:?}");
                Reported::Done(NOTHING)
            }
        }
    }

    /// What shows something of the same run would stand above what it says now.
    pub(crate) async fn make_room(&mut self, channel: &dyn Channel) {
        for message in std::mem::take(&mut self.overtaken) {
            self.delete(channel, message).await;
        }
    }

    /// Takes away what was shown, as no answer comes.
    pub(crate) async fn take_away(&mut self, channel: &dyn Channel) {
        if let Some(message) = self.replaces.as_mut().and_then(|left| left.message.take()) {
            self.delete(channel, message).await;
        }
    }

    async fn delete(&mut self, channel: &dyn Channel, message: MessageId) {
        let Some(conversation) = self.place() else { return };
        let delete = self.own(message.as_str(), Operation::Delete { conversation, message: message.clone() });
        if let Came::Ended(why) = self.request(channel, &delete, None, false).await {
            tracing::info!("what showed of an answer cannot be taken away: {why:?}");
        }
    }

    /// The first request of an act: a message that shows some of it already is changed, and only where it cannot be, another is
    /// sent.
    pub(crate) async fn first(
        &mut self,
        channel: &dyn Channel,
        request: &Outbound,
        copy: Option<&Content>,
    ) -> Came {
        if let Some(edit) = self.edit(request) {
            match self.request(channel, &edit.0, None, true).await {
                Came::Done { conversation, state, .. } => {
                    return Came::Done { messages: vec![edit.1], conversation, state };
                }
                // Another time it may be changed still.
                Came::Ended(ended @ (Reported::Held { .. } | Reported::Unknown(_))) => {
                    return Came::Ended(ended);
                }
                Came::Ended(Reported::Failed(failure))
                    if !matches!(failure.kind, FailureKind::Limited | FailureKind::Transient) => {}
                Came::Ended(ended) => {
                    self.take_away(channel).await;
                    return Came::Ended(ended);
                }
            }
        }
        self.take_away(channel).await;
        self.request(channel, request, copy, true).await
    }

    /// A message becomes what is said: no files come with that.
    fn edit(&self, request: &Outbound) -> Option<(Outbound, MessageId)> {
        let message = self.replaces.as_ref()?.message.clone()?;
        let Operation::Send { to: Target::Conversation(conversation), content, .. } = &request.operation
        else {
            return None;
        };
        if !content.attachments.is_empty() {
            return None;
        }
        let (conversation, content) = (conversation.clone(), content.clone());
        let operation = Operation::Edit { conversation, message: message.clone(), content };
        let key = IdempotencyKey(format!("{}.e", request.key));
        Some((Outbound { key, operation, ..request.clone() }, message))
    }

    fn place(&self) -> Option<ConversationId> {
        match &self.to {
            Destination::Conversation { conversation, .. } => Some(ConversationId::from(&**conversation)),
            Destination::User { .. } => None,
        }
    }

    fn own(&self, what: &str, operation: Operation) -> Outbound {
        Outbound {
            id: OperationId(format!("{}.{what}", self.act.id)),
            key: IdempotencyKey(format!("{}.{what}", self.act.key)),
            account: AccountId::from(&**self.to.account()),
            route: None,
            again: false,
            preview: None,
            operation,
        }
    }
}
