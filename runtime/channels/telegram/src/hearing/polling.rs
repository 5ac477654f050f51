//! Asking for updates, one poll after the other.

use super::cursor::Cursor;
use super::intake::{Intake, Taken};
use super::start::{WANTED, arrange, trouble};
use crate::part::Part;
use crate::wire::Failure;
use carapace_channel_api::{Error, Health};
use serde_json::Value;
use std::io;
use std::time::Duration;
use teloxide::payloads::{GetUpdates, GetUpdatesSetters as _};
use tokio::time::Instant;

/// Updates in one answer (Bot API, `getUpdates`).
const BATCH: u8 = 100;

/// A server that answers at once with nothing is not asked again before this.
const HASTE: Duration = Duration::from_millis(100);

/// Polls until the end. Each poll says how far we are, so it begins when everything before it is durable.
pub(crate) async fn poll(intake: &mut Intake<'_>, cursor: &Cursor) -> Result<(), Error> {
    let (options, wire, status) = (intake.options, intake.wire, intake.status);
    let shutdown = intake.shutdown.clone();
    let bot = intake.me.id;
    let mut pause = options.pauses.0;
    let mut live = false;
    status.set(Health::CatchingUp);
    loop {
        let hold = hold(intake, live);
        let next = cursor.next(bot).await;
        let mut request = GetUpdates::new().limit(BATCH).timeout(seconds(hold)).allowed_updates(WANTED);
        request.offset = next.and_then(|next| i32::try_from(next).ok());
        let begun = Instant::now();
        let answer = tokio::select! {
            () = shutdown.requested() => return Ok(()),
            answer = wire.call_within(&request, hold + options.answer) => answer,
        };
        let rest = match answer {
            Ok(answer) => {
                status.heard();
                pause = options.pauses.0;
                let updates: Vec<&Value> =
                    answer.as_array().map(Vec::as_slice).unwrap_or_default().iter().collect();
                let full = updates.len() >= usize::from(BATCH);
                match take(intake, cursor, next, &updates).await? {
                    Batch::Ending => return Ok(()),
                    Batch::Taken(new) => {
                        if intake.settle(true).await? == Taken::Ending {
                            return Ok(());
                        }
                        live = !full;
                        status.set(if live { Health::CaughtUp } else { Health::CatchingUp });
                        // A server that does not hold polls back, or repeats what was taken, shall not be hammered.
                        if new > 0 { Duration::ZERO } else { HASTE.saturating_sub(begun.elapsed()) }
                    }
                }
            }
            Err(failure) => {
                live = false;
                let wanted = trouble(options, wire, status, &failure)?;
                rearrange(intake, &failure).await;
                let rest = wanted.unwrap_or(pause);
                pause = pause.saturating_mul(2).min(options.pauses.1);
                rest
            }
        };
        tokio::select! {
            () = shutdown.requested() => return Ok(()),
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// What came of an answer.
enum Batch {
    /// So many of its updates were new.
    Taken(usize),
    /// The end came first.
    Ending,
}

/// Takes what an answer brings, in order.
async fn take(
    intake: &mut Intake<'_>,
    cursor: &Cursor,
    from: Option<i64>,
    updates: &[&Value],
) -> Result<Batch, Error> {
    let mut reached = None;
    let mut new = 0;
    let mut ending = false;
    for update in updates {
        let Some(id) = Part::of(update).at("update_id").number() else {
            tracing::warn!(account = %intake.options.account, "passed over something that is no update");
            continue;
        };
        if from.is_some_and(|from| id < from) || reached.is_some_and(|next| id < next) {
            continue;
        }
        if intake.take(update, id, true).await? == Taken::Ending {
            ending = true;
            break;
        }
        new += 1;
        reached = Some(id.saturating_add(1));
    }
    if let Some(next) = reached {
        let io = |source: io::Error| Error::Io {
            account: intake.options.account.clone(),
            action: "cannot write down how far it has heard".to_owned(),
            source,
        };
        cursor.reach(intake.me.id, next).await.map_err(io)?;
    }
    Ok(if ending { Batch::Ending } else { Batch::Taken(new) })
}

/// How long Telegram may hold the next poll back: not at all while something may have piled up, briefly while an album waits.
fn hold(intake: &Intake<'_>, live: bool) -> Duration {
    if !live {
        return Duration::ZERO;
    }
    match intake.next() {
        Some(due) => due.saturating_duration_since(Instant::now()).min(Duration::from_secs(1)),
        None => intake.options.poll,
    }
}

/// Whole seconds, which is what a poll can say.
fn seconds(hold: Duration) -> u32 {
    u32::try_from(hold.as_secs()).unwrap_or(u32::MAX)
}

/// While there is a webhook nobody can poll: it goes, unless somebody sets it again and again.
async fn rearrange(intake: &Intake<'_>, failure: &Failure) {
    if failure.refusal().is_some_and(|refusal| refusal.code == 409 && refusal.says("webhook"))
        && let Err(failure) = arrange(intake.options, intake.wire).await
    {
        tracing::debug!("the webhook could not be deleted: {}", failure.words());
    }
}
