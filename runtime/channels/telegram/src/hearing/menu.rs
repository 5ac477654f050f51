//! The menu of commands beside the line in which people write.

use crate::memory::Memory;
use crate::wire::Wire;
use carapace_channel_api::{AccountId, Command};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;
use teloxide::payloads::{DeleteMyCommands, SetMyCommands};
use teloxide::types::BotCommand;
use tokio::sync::watch;

/// Commands in a menu (Bot API, `setMyCommands`).
const MOST: usize = 100;

/// The commands that flows listen to; none before anybody has said.
pub(crate) type Offered = Option<Vec<Command>>;

/// Sets the menu whenever it changes. It is a courtesy: without it everything works, so trouble is told and tried again, and
/// stops nobody.
pub(crate) async fn keep(
    mut offered: watch::Receiver<Offered>,
    (wire, memory): (&Wire, &Memory),
    account: &AccountId,
    pauses: (Duration, Duration),
) -> Infallible {
    let mut set: Option<Vec<BotCommand>> = None;
    let mut pause = pauses.0;
    loop {
        let wanted = offered.borrow_and_update().as_deref().map(commands);
        let changed = wanted.filter(|wanted| set.as_ref() != Some(wanted));
        let rest = match changed {
            None => None,
            Some(wanted) => match show(wire, memory, &wanted).await {
                Ok(()) => {
                    (set, pause) = (Some(wanted), pauses.0);
                    None
                }
                Err((words, after)) => {
                    tracing::warn!(%account, "the menu of commands could not be set: {words}");
                    let rest = after.unwrap_or_default().max(pause);
                    pause = pause.saturating_mul(2).min(pauses.1);
                    Some(rest)
                }
            },
        };
        let again = async {
            match rest {
                Some(rest) => tokio::time::sleep(rest).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = again => {}
            changed = offered.changed() => if changed.is_err() {
                // Nobody is there who could offer anything else.
                std::future::pending::<()>().await;
            },
        }
    }
}

/// Shows these commands, or none where the menu was ours; one that somebody made at @BotFather stays as long as there is
/// nothing to show instead. Why not, and how long Telegram wants to be left alone.
async fn show(wire: &Wire, memory: &Memory, wanted: &[BotCommand]) -> Result<(), (String, Option<Duration>)> {
    let called = match wanted {
        [] if !memory.has_menu().await => return Ok(()),
        [] => wire.call(&DeleteMyCommands::new()).await,
        _ => {
            // Written down first: one that we may have set is ours to take away.
            let kept = memory.menu(true).await;
            kept.map_err(|error| (format!("it cannot be written down: {error}"), None))?;
            wire.call(&SetMyCommands::new(wanted.to_vec())).await
        }
    };
    let failed = |failure: crate::wire::Failure| {
        (failure.words(), failure.refusal().and_then(|refusal| refusal.retry_after))
    };
    called.map_err(failed)?;
    if wanted.is_empty() {
        // Where this fails it is taken away once more at the next start.
        let _ = memory.menu(false).await;
    }
    Ok(())
}

/// The commands that Telegram takes: of a command of several words, the first.
fn commands(offered: &[Command]) -> Vec<BotCommand> {
    let mut names = BTreeSet::new();
    let fits = |name: &str| {
        (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let commands = offered.iter().filter_map(|command| {
        let name = command.name.split_whitespace().next()?.to_ascii_lowercase();
        if !fits(&name) || !names.insert(name.clone()) {
            return None;
        }
        let description: String = command.description.trim().chars().take(256).collect();
        let description = if description.is_empty() { name.clone() } else { description };
        Some(BotCommand::new(name, description))
    });
    commands.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_holds_what_telegram_takes() {
        let offered =
            [("order status", "Where is it?"), ("order", "again"), ("Hilfe", ""), ("größe", "x")].map(
                |(name, description)| Command { name: name.to_owned(), description: description.to_owned() },
            );
        let commands = commands(&offered);
        let shown: Vec<_> = commands.iter().map(|c| (c.command.as_str(), c.description.as_str())).collect();
        assert_eq!(shown, [("order", "Where is it?"), ("hilfe", "hilfe")]);
    }
}
