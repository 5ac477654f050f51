//! Forgetting a person: first in the journal, then in what the channel of their account keeps for itself.
//!
//! Who is to be forgotten is written down before, and struck out once both are done: a process that ends in between goes on
//! with it at its next start.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_channel_api::{Channel, Error, Forgotten, UserId};
use carapace_engine::forget::{Report, Sender};
use carapace_engine::service::How;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// What was kept of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ForgetReport {
    /// What of it the journal and the state kept.
    #[serde(flatten)]
    pub journal: Report,
    /// What of it the channel kept for itself; none where it keeps nothing, or no such account runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<KeptByChannel>,
}

/// What a channel kept of a person for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptByChannel {
    /// What of it was erased.
    pub erased: Vec<KeptCount>,
    /// What may tell of them and was not erased, for a person.
    pub left: Vec<String>,
}

/// So many of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptCount {
    /// How many.
    pub count: u64,
    /// Of what, in the singular.
    pub what: String,
}

impl From<Forgotten> for KeptByChannel {
    fn from(forgotten: Forgotten) -> KeptByChannel {
        let counted = forgotten.erased.into_iter();
        let erased = counted.map(|counted| KeptCount { count: counted.count, what: counted.what }).collect();
        KeptByChannel { erased, left: forgotten.left }
    }
}

impl ForgetReport {
    /// Puts together what came of both: somebody of whom the journal knows nothing may still stand in what the channel keeps.
    ///
    /// # Errors
    /// What the journal's side says, where nobody knows them.
    pub fn of<E>(
        sender: &str,
        journal: Result<Report, E>,
        channel: Option<KeptByChannel>,
    ) -> Result<ForgetReport, E> {
        match journal {
            Ok(journal) => Ok(ForgetReport { journal, channel }),
            Err(_) if channel.as_ref().is_some_and(|kept| !kept.erased.is_empty()) => {
                let journal = Report { sender: sender.to_owned(), ..Report::default() };
                Ok(ForgetReport { journal, channel })
            }
            Err(unknown) => Err(unknown),
        }
    }
}

/// The code of nobody that is known.
const NOBODY: &str = "E0967";

impl Methods {
    pub(super) async fn forget(&self, sender: String, how: How) -> Result<Json, Fault> {
        if how.dry_run {
            return written(&self.forget_both(&sender, how).await?);
        }
        self.host.begin_forgetting(&sender).map_err(|why| {
            let message = format!("it cannot be written down that `{sender}` is to be forgotten: {why}");
            Fault::refused("E1110", message, Some("nothing was changed: make room, and try again".to_owned()))
        })?;
        let done = self.forget_both(&sender, how).await;
        // What broke off goes on at the next start; what was refused does not.
        if done.as_ref().map_or_else(|fault| !is_of(fault, &["E0941", "E1110"]), |_| true) {
            self.host.end_forgetting(&sender);
        }
        written(&done?)
    }

    /// Goes on with forgetting those with whom a process before this one was not done.
    pub async fn go_on_forgetting(&self) {
        for sender in self.host.forgettings() {
            let how = How::default();
            if let Err(fault) = self.forget(sender, how).await
                && !is_of(&fault, &[NOBODY, "E0941"])
            {
                tracing::warn!(error = fault.message(), "somebody who was to be forgotten is not yet");
            }
        }
    }

    async fn forget_both(&self, sender: &str, how: How) -> Result<ForgetReport, Fault> {
        let journal = match self.engine.forget(sender, how).await? {
            Ok(report) => Ok(report),
            Err(rejection) if rejection.code == NOBODY => Err(rejection),
            Err(rejection) => return Err(Fault::refused(rejection.code, rejection.message, rejection.help)),
        };
        let channel = match self.channel_of(sender) {
            Some((channel, person)) => {
                channel.forget(&person, how.dry_run).await.map_err(|error| unerased(&error))?
            }
            None => None,
        };
        ForgetReport::of(sender, journal, channel.map(KeptByChannel::from))
            .map_err(|unknown| Fault::refused(unknown.code, unknown.message, unknown.help))
    }

    fn channel_of(&self, sender: &str) -> Option<(Arc<dyn Channel>, UserId)> {
        let sender = Sender::read(sender)?;
        let mut channels = self.host.channels().into_iter();
        let channel = channels.find(|channel| *channel.account().as_str() == *sender.account)?;
        Some((channel, UserId(sender.id.to_string())))
    }
}

fn is_of(fault: &Fault, codes: &[&str]) -> bool {
    fault.diagnostic().is_some_and(|code| codes.contains(&code))
}

fn unerased(error: &Error) -> Fault {
    let message = match error {
        Error::Io { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    };
    let help =
        "the journal has forgotten them; the rest is tried again at the next start, or now: the same command";
    Fault::refused("E1110", message, Some(help.to_owned()))
}
