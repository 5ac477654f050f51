//! Before anything is heard: who we are, and how updates come.

use crate::part::Part;
use crate::reading::Me;
use crate::wire::{Failure, Refusal, Wire};
use crate::{Mode, Options};
use carapace_channel_api::{Error, ExposeSecret as _, Health, Shutdown, StatusCell};
use std::time::Duration;
use teloxide::payloads::{DeleteWebhook, GetMe, SetWebhook, SetWebhookSetters as _};
use teloxide::types::AllowedUpdate;

/// What we want to hear of. Reactions and membership come only to those who say so.
pub(super) const WANTED: [AllowedUpdate; 9] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::ChannelPost,
    AllowedUpdate::EditedChannelPost,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MessageReaction,
    AllowedUpdate::PollAnswer,
    AllowedUpdate::MyChatMember,
    AllowedUpdate::ChatMember,
];

/// What came of beginning.
pub(crate) enum Begun {
    /// It is known who we are, and updates come as they should.
    As(Me),
    /// The end came first.
    Ending,
}

/// Begins, as often as the network makes necessary.
pub(crate) async fn begin(
    options: &Options,
    wire: &Wire,
    status: &StatusCell,
    shutdown: &Shutdown,
) -> Result<Begun, Error> {
    // It would say the same again.
    if wire.is_refused() {
        return Err(unknown(options));
    }
    let mut pause = options.pauses.0;
    loop {
        let begun = tokio::select! {
            () = shutdown.requested() => return Ok(Begun::Ending),
            begun = once(options, wire) => begun,
        };
        let rest = match begun {
            Ok(me) => return Ok(Begun::As(me)),
            Err(failure) => trouble(options, wire, status, &failure)?.unwrap_or(pause),
        };
        tokio::select! {
            () = shutdown.requested() => return Ok(Begun::Ending),
            () = tokio::time::sleep(rest) => {}
        }
        pause = pause.saturating_mul(2).min(options.pauses.1);
    }
}

/// Says that there is trouble; how long Telegram wants to be left alone.
///
/// # Errors
/// Where only a person can mend it.
pub(super) fn trouble(
    options: &Options,
    wire: &Wire,
    status: &StatusCell,
    failure: &Failure,
) -> Result<Option<Duration>, Error> {
    let account = options.account.clone();
    if let Err(message) = wire.token() {
        return Err(Error::Unauthorized { account, message });
    }
    let reason = match failure {
        Failure::Refused(refusal) if refusal.is_unauthorized() => {
            wire.refuse();
            return Err(unknown(options));
        }
        Failure::Refused(refusal) if refusal.code == 409 => conflict(refusal).to_owned(),
        other => other.words(),
    };
    let told = Health::Down { reason };
    if status.watch().borrow().health != told {
        if let Health::Down { reason } = &told {
            tracing::warn!(%account, "{reason}");
        }
        status.set(told);
    }
    Ok(failure.refusal().and_then(|refusal| refusal.retry_after))
}

/// Telegram does not take the token.
fn unknown(options: &Options) -> Error {
    let message = format!(
        "telegram does not know the token in the secret `{}`; @BotFather shows the one that counts",
        options.token
    );
    Error::Unauthorized { account: options.account.clone(), message }
}

/// Why Telegram gives us no updates.
fn conflict(refusal: &Refusal) -> &'static str {
    if refusal.says("webhook") {
        "another program has set a webhook for this bot, and while there is one nobody can poll: stop that program, or give this account a bot of its own"
    } else {
        "another program polls this bot, and only one can: stop that program, or give this account a bot of its own"
    }
}

async fn once(options: &Options, wire: &Wire) -> Result<Me, Failure> {
    let answer = wire.call(&GetMe::new()).await?;
    let me = Me::of(Part::of(&answer))
        .ok_or_else(|| Failure::Lost("the server does not say who we are".to_owned()))?;
    arrange(options, wire).await?;
    Ok(me)
}

/// Sees to it that updates come the way they should.
pub(super) async fn arrange(options: &Options, wire: &Wire) -> Result<(), Failure> {
    match &options.mode {
        Mode::Polling => wire.call(&DeleteWebhook::new()).await?,
        Mode::Webhook(address) => {
            let url = reqwest::Url::parse(address).map_err(|error| Failure::NotSent(error.to_string()))?;
            let secret = wire.webhook_secret().map_err(Failure::NotSent)?;
            // One connection at a time: several would bring the messages of one chat in any order.
            let set = SetWebhook::new(url)
                .secret_token(secret.expose_secret())
                .max_connections(1)
                .allowed_updates(WANTED);
            wire.call(&set).await?
        }
    };
    Ok(())
}
