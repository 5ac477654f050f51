//! Before anything is heard: who we are, how updates come, which commands there are.

use crate::part::Part;
use crate::reading::Me;
use crate::wire::{Failure, Refusal, Wire};
use crate::{Mode, Options};
use carapace_channel_api::{Error, ExposeSecret as _, Health, Shutdown, StatusCell};
use std::collections::BTreeSet;
use std::time::Duration;
use teloxide::payloads::{DeleteWebhook, GetMe, SetMyCommands, SetWebhook, SetWebhookSetters as _};
use teloxide::types::{AllowedUpdate, BotCommand};

/// What we want to hear of. Reactions and membership come only to those who say so.
pub(super) const WANTED: [AllowedUpdate; 8] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::ChannelPost,
    AllowedUpdate::EditedChannelPost,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MessageReaction,
    AllowedUpdate::PollAnswer,
    AllowedUpdate::MyChatMember,
];

/// Commands in a menu (Bot API, `setMyCommands`).
const MOST_COMMANDS: usize = 100;

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
            let message = format!(
                "telegram does not know the token in the secret `{}`; @BotFather shows the one that counts",
                options.token
            );
            return Err(Error::Unauthorized { account, message });
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
    let commands = commands(options);
    if !commands.is_empty()
        && let Err(failure) = wire.call(&SetMyCommands::new(commands)).await
    {
        // A menu is a courtesy: without it everything works.
        tracing::warn!(account = %options.account, "the menu of commands could not be set: {}", failure.words());
    }
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

/// The commands that Telegram takes: of a command of several words, the first.
fn commands(options: &Options) -> Vec<BotCommand> {
    let mut names = BTreeSet::new();
    let fits = |name: &str| {
        (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let commands = options.commands.iter().filter_map(|command| {
        let name = command.name.split_whitespace().next()?.to_ascii_lowercase();
        if !fits(&name) || !names.insert(name.clone()) {
            return None;
        }
        let description: String = command.description.trim().chars().take(256).collect();
        let description = if description.is_empty() { name.clone() } else { description };
        Some(BotCommand::new(name, description))
    });
    commands.take(MOST_COMMANDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use carapace_channel_api::NoSecrets;
    use std::sync::Arc;

    #[test]
    fn the_menu_holds_what_telegram_takes() {
        let mut options = Options::new("bot", "/nowhere", Arc::new(NoSecrets), "bot");
        options.commands =
            [("order status", "Where is it?"), ("order", "again"), ("Hilfe", ""), ("größe", "x")]
                .map(|(name, description)| Command {
                    name: name.to_owned(),
                    description: description.to_owned(),
                })
                .to_vec();
        let commands = commands(&options);
        let shown: Vec<_> = commands.iter().map(|c| (c.command.as_str(), c.description.as_str())).collect();
        assert_eq!(shown, [("order", "Where is it?"), ("hilfe", "hilfe")]);
    }
}
