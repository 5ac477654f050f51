//! From an update to the sink.

use super::albums::Albums;
use super::roles::Roles;
use crate::Options;
use crate::memory::Memory;
use crate::part::Part;
use crate::reading::{Happening, Me, read};
use crate::wire::Wire;
use carapace_channel_api::access::{Gate, Verdict};
use carapace_channel_api::{
    Acceptance, ConversationKind, Error, Event, Health, Inbound, Shutdown, Sink, StatusCell,
};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use teloxide::payloads::{AnswerCallbackQuery, SendMessage};
use teloxide::types::{CallbackQueryId, ChatId, Recipient};
use tokio::time::Instant;

/// Takes updates in, one after the other.
pub(crate) struct Intake<'a> {
    pub(crate) options: &'a Options,
    pub(crate) me: Me,
    pub(crate) wire: &'a Arc<Wire>,
    pub(crate) memory: &'a Memory,
    pub(crate) gate: &'a Gate,
    pub(crate) status: &'a StatusCell,
    pub(crate) albums: Albums,
    pub(crate) roles: Roles,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) shutdown: Shutdown,
}

/// What became of something that was to be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is durable.
    Yes,
    /// Not now. Only who is not patient hears this.
    Refused(Duration),
    /// The end came first.
    Ending,
}

impl Intake<'_> {
    /// Takes an update in. With `patient`, what the sink refuses is pushed again until it is taken or the end comes.
    pub(crate) async fn take(&mut self, update: &Value, id: i64, patient: bool) -> Result<Taken, Error> {
        let part = Part::of(update);
        self.note_moved(part).await?;
        self.roles.changed(part);
        let happenings = read(part, id, &self.options.account, &self.me, self.memory).await;
        if happenings.is_empty() {
            tracing::debug!(account = %self.options.account, update = id, "passed over an update that concerns nobody");
        }
        for happening in happenings {
            let taken = self.happening(happening, patient).await?;
            if taken != Taken::Yes {
                return Ok(taken);
            }
        }
        Ok(Taken::Yes)
    }

    /// Pushes the albums that are whole.
    pub(crate) async fn settle(&mut self, patient: bool) -> Result<Taken, Error> {
        let whole = self.albums.whole(None).await;
        self.push_albums(whole, patient).await
    }

    /// When an album is whole next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.albums.next()
    }

    async fn happening(&mut self, mut happening: Happening, patient: bool) -> Result<Taken, Error> {
        if let Some(callback) = &happening.callback {
            self.seen(callback.clone());
        }
        if !self.is_heard(&happening).await? {
            return Ok(Taken::Yes);
        }
        self.roles.fill(&mut happening.inbound).await;
        // What came behind an album must not overtake it.
        let conversation = &happening.inbound.conversation.id;
        let before = self.albums.whole(Some((conversation, happening.album.as_deref()))).await;
        let taken = self.push_albums(before, patient).await?;
        if taken != Taken::Yes {
            return Ok(taken);
        }
        match &happening.album {
            Some(album) => {
                self.albums.add(album, &happening).await.map_err(|e| self.io("cannot keep an album", e))?;
                Ok(Taken::Yes)
            }
            None => Ok(self.push(happening.inbound, patient).await),
        }
    }

    async fn push_albums(&mut self, albums: Vec<Inbound>, patient: bool) -> Result<Taken, Error> {
        for inbound in albums {
            let id = inbound.id.clone();
            let taken = self.push(inbound, patient).await;
            if taken != Taken::Yes {
                return Ok(taken);
            }
            self.albums.taken(&id).await.map_err(|e| self.io("cannot put an album away", e))?;
        }
        Ok(Taken::Yes)
    }

    async fn push(&self, inbound: Inbound, patient: bool) -> Taken {
        loop {
            match self.sink.push(inbound.clone()).await {
                Acceptance::Accepted(_) | Acceptance::Duplicate => return Taken::Yes,
                Acceptance::Refused { retry_after } if !patient => return Taken::Refused(retry_after),
                Acceptance::Refused { retry_after } => {
                    // Telegram is not silent: nobody listens to it while this waits.
                    self.status.set(Health::CatchingUp);
                    self.status.heard();
                    tokio::select! {
                        () = self.shutdown.requested() => return Taken::Ending,
                        () = tokio::time::sleep(retry_after) => {}
                    }
                }
            }
        }
    }

    /// Whether the account's gate lets it through.
    async fn is_heard(&self, happening: &Happening) -> Result<bool, Error> {
        let Inbound { conversation, sender, event, .. } = &happening.inbound;
        let chat = conversation.id.as_str();
        if conversation.kind != ConversationKind::Direct {
            return Ok(self.gate.group(chat, happening.chat_name.as_deref(), happening.addressed));
        }
        let verdict = self.gate.direct(sender.id.as_str(), happening.sender_name.as_deref(), &sender.name);
        match verdict.await.map_err(|e| self.io("cannot write down a code", e))? {
            Verdict::Heard => Ok(true),
            Verdict::Unheard => Ok(false),
            Verdict::Code(code) => {
                if matches!(event, Event::Message { .. }) {
                    self.tell_code(chat, &code);
                }
                Ok(false)
            }
        }
    }

    /// Tells a stranger their code. It is no message of a flow: nobody was let in yet for whom a flow could speak.
    fn tell_code(&self, chat: &str, code: &str) {
        let Ok(chat) = chat.parse() else { return };
        let text = format!(
            "This bot talks to people whom its operator has let in.\n\nYour code is {code}. Give it to the operator; it holds for an hour."
        );
        let (wire, account) = (self.wire.clone(), self.options.account.clone());
        tokio::spawn(async move {
            let message = SendMessage::new(Recipient::Id(ChatId(chat)), text);
            if let Err(failure) = wire.call(&message).await {
                tracing::warn!(%account, "a code could not be told: {}", failure.words());
            }
        });
    }

    /// Telegram shows a button as busy until it hears of it.
    fn seen(&self, callback: String) {
        let wire = self.wire.clone();
        tokio::spawn(async move {
            if let Err(failure) = wire.call(&AnswerCallbackQuery::new(CallbackQueryId(callback))).await {
                tracing::debug!("a pressed button was not confirmed: {}", failure.words());
            }
        });
    }

    /// A group that became a supergroup has another id from then on.
    async fn note_moved(&self, update: Part<'_>) -> Result<(), Error> {
        let message = update.at("message");
        let (chat, to) = (message.at("chat").at("id").number(), message.at("migrate_to_chat_id").number());
        if let (Some(from), Some(to)) = (chat, to) {
            tell_moved(self.memory, &self.options.account, from, to)
                .await
                .map_err(|e| self.io("cannot write down what a group became", e))?;
        }
        Ok(())
    }

    fn io(&self, action: &str, source: io::Error) -> Error {
        Error::Io { account: self.options.account.clone(), action: action.to_owned(), source }
    }
}

/// Keeps what a group became, and tells it once.
pub(crate) async fn tell_moved(
    memory: &Memory,
    account: &carapace_channel_api::AccountId,
    from: i64,
    to: i64,
) -> io::Result<()> {
    if memory.moved(from, to).await? {
        tracing::warn!(
            %account,
            "the group `{from}` became the supergroup `{to}`: what is sent to it goes there, and a configuration that names it should name the new one"
        );
    }
    Ok(())
}
