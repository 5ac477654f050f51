//! Messages for people.

use crate::commands::runs::human::stopped;
use crate::commands::runs::place::Lines;
use crate::commands::runs::times::{instant, since, until};
use crate::commands::table::{BOLD, DIM, PLAIN, clean, table, width};
use carapace_effect::Reach;
use carapace_engine::inspect::{Message, OutboxListed, OutboxShown, Stands};
use carapace_engine::service::Clock;

/// Columns of the table.
const HEAD: [&str; 8] = ["MESSAGE", "STATE", "TO", "SINCE", "TRIES", "SAYS", "WHY", "AT"];

/// The column that gives way where the terminal is narrow.
const ELASTIC: usize = 5;

/// What a reason is shortened to in the table, in characters: where the terminal is wide, and where it is not.
const REASON: (usize, usize) = (40, 24);

/// A wide terminal.
const WIDE: usize = 120;

pub(super) fn list(listed: &OutboxListed, lines: &Lines<'_>, live: bool) -> String {
    let now = Clock::system().now();
    let mut out = stopped(live);
    for away in &listed.away {
        out.push_str(&clean(&format!(
            "`{}` takes nothing {}, and is tried again {}: {}",
            away.account,
            since(away.since, now),
            until(away.next, now),
            away.why
        )));
        out.push('\n');
    }
    if listed.messages.is_empty() {
        out.push_str("no such message is on its way or kept\n");
    } else {
        let row = |message: &Message| {
            let spot = lines.spot(&message.module, &message.places);
            let cells = [
                message.id.clone(),
                message.reach.map_or(word(message.state), Reach::name).to_owned(),
                to(message),
                if message.since > 0 { since(message.since, now) } else { String::new() },
                message.attempts.to_string(),
                quoted(message),
                short(message.why.as_deref().unwrap_or_default()),
                spot.map(|spot| spot.name()).unwrap_or_default(),
            ];
            (cells.map(|cell| clean(&cell)), matches!(message.state, Stands::Dead | Stands::Unknown))
        };
        let rows: Vec<_> = listed.messages.iter().map(row).collect();
        out.push_str(&table(HEAD, ELASTIC, &rows, width()));
    }
    let more = listed.total.saturating_sub(listed.messages.len());
    if more > 0 {
        out.push_str(&format!("{DIM}and {more} more: `--limit N` shows more of them{PLAIN}\n"));
    }
    if listed.forgotten > 0 {
        let count = listed.forgotten;
        out.push_str(&format!("{DIM}{count} that failed earlier are no longer kept{PLAIN}\n"));
    }
    out
}

pub(super) fn show(shown: &OutboxShown, lines: &Lines<'_>, live: bool) -> String {
    let now = Clock::system().now();
    let message = &shown.message;
    let mut out = stopped(live);
    out.push_str(&format!("{BOLD}message {}{PLAIN}\n", message.id));
    let mut line = |name: &str, text: &str| out.push_str(&format!("  {name:<11} {}\n", clean(text)));
    line("state", message.reach.map_or(word(message.state), Reach::name));
    line("to", &to(message));
    line("says", &quoted(message));
    if !message.ids.is_empty() {
        line("known as", &message.ids.join(", "));
    }
    line("asked by", &format!("{} in {}, run {}", message.effect, message.flow, message.run));
    if message.since > 0 {
        line("since", &format!("{} UTC, {}", instant(message.since), since(message.since, now)));
    }
    line("attempts", &message.attempts.to_string());
    if let Some(next) = message.next {
        line("next", &format!("{} ({} UTC)", until(next, now), instant(next)));
    }
    if let Some(why) = &message.why {
        line("why", why);
    }
    if let Some(spot) = lines.spot(&message.module, &message.places) {
        let text = spot.line.as_ref().map(|line| line.text.clone()).unwrap_or_default();
        line("at", &format!("{}  {text}", spot.name()));
    }
    match message.state {
        Stands::Dead => {
            line(
                "now",
                &format!("carapace outbox retry {0} sends it again, drop {0} throws it away", message.id),
            );
        }
        Stands::Unknown => {
            line("now", &format!("find out; carapace outbox retry {} sends it once more", message.id));
        }
        Stands::Queued | Stands::Sending | Stands::Sent => {}
    }
    out.push_str(&format!("\n{BOLD}history{PLAIN} {DIM}(UTC){PLAIN}\n"));
    for entry in &shown.history {
        out.push_str(&format!("  {DIM}{}{PLAIN}  {}\n", instant(entry.at), clean(&entry.what)));
    }
    out
}

fn word(state: Stands) -> &'static str {
    match state {
        Stands::Queued => "queued",
        Stands::Sending => "sending",
        Stands::Unknown => "unknown",
        Stands::Dead => "dead",
        Stands::Sent => "sent",
    }
}

fn to(message: &Message) -> String {
    format!("{}/{}", message.account, message.to)
}

fn quoted(message: &Message) -> String {
    if message.text.is_empty() { message.effect.to_string() } else { format!("“{}”", message.text) }
}

fn short(why: &str) -> String {
    let most = if width() < WIDE { REASON.1 } else { REASON.0 };
    match why.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", why.get(..at).unwrap_or_default()),
        None => why.to_owned(),
    }
}
