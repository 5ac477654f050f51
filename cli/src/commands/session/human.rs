//! Sessions for people.

use crate::commands::runs::human::stopped;
use crate::commands::runs::times::{instant, since};
use crate::commands::table::{ALERT, BOLD, DIM, PLAIN, clean, table, width};
use crate::output::plural;
use carapace_effect::{Called, Remembered, Turn, Unanswered};
use carapace_engine::inspect::{SessionShown, SessionsListed, SessionsVerified};
use carapace_engine::service::Clock;
use carapace_gateway::SessionNamed;

/// Columns of the table.
const HEAD: [&str; 5] = ["SESSION", "AGENT", "WITH", "TURNS", "LAST"];

/// The column that gives way where the terminal is narrow.
const ELASTIC: usize = 2;

/// The code of a session that is not whole.
const BROKEN: &str = "E0973";

/// What arguments and results are shortened to, in characters.
const SHORT: usize = 200;

pub(super) fn list(listed: &SessionsListed, live: bool) -> String {
    let now = Clock::system().now();
    let mut out = stopped(live);
    if listed.sessions.is_empty() {
        out.push_str("no agent has talked with anybody\n");
        return out;
    }
    let rows: Vec<_> = listed
        .sessions
        .iter()
        .map(|session| {
            let ago = format!("{} ago", since(session.at, now).trim_start_matches("for "));
            let last = if session.under_way > 0 { "now".to_owned() } else { ago };
            let turns = match session.put_away {
                0 => session.turns.to_string(),
                _ => format!("{}, older ones put away", session.turns),
            };
            let cells =
                [session.id.clone(), session.agent.to_string(), session.with.to_string(), turns, last];
            (cells.map(|cell| clean(&cell)), false)
        })
        .collect();
    out.push_str(&table(HEAD, ELASTIC, &rows, width()));
    let more = listed.total.saturating_sub(listed.sessions.len());
    if more > 0 {
        out.push_str(&format!("{DIM}and {more} more: `--limit N` shows more of them{PLAIN}\n"));
    }
    out
}

pub(super) fn show(shown: &SessionShown, live: bool) -> String {
    let mut out = stopped(live);
    let session = &shown.session;
    out.push_str(&format!("{BOLD}session {}{PLAIN}\n", session.id));
    out.push_str(&format!("  {:<11} {}\n", "agent", clean(&session.agent)));
    out.push_str(&format!("  {:<11} {}\n", "with", clean(&session.with.to_string())));
    for pin in &shown.pins {
        out.push_str(&format!("  {:<11} {}\n", "pinned", clean(&pin.fact)));
    }
    out.push_str(&format!("\n{BOLD}turns{PLAIN} {DIM}(UTC){PLAIN}\n"));
    for remembered in &shown.turns {
        out.push_str(&turn(remembered, &session.id));
    }
    for what in &shown.wrong {
        out.push_str(&format!("{ALERT}{}{PLAIN}\n", clean(what)));
    }
    out
}

fn turn(remembered: &Remembered, id: &str) -> String {
    let words = match &remembered.turn {
        Turn::User { text, by: Some(by) } => format!("{by}: {text}"),
        Turn::User { text, by: None } => format!("somebody: {text}"),
        Turn::Assistant { text } => format!("agent: {text}"),
        Turn::Unanswered { how, why } => format!("no answer, {}: {why}", word(*how)),
        Turn::Call { id, name, arguments, .. } => {
            format!("calls {name} as {id}: {}", short(&arguments.to_string()))
        }
        Turn::Result { id, outcome } => format!("{id} {}", result(outcome)),
        Turn::Compacted { through, summary, .. } => {
            let all =
                format!("turns 1 to {through} are put away: `carapace session show {id} --all` has them");
            match summary {
                Some(summary) => format!("{all}\nup to {} in short: {}", summary.through, summary.text),
                None => all,
            }
        }
    };
    let lines: Vec<String> = words.lines().map(clean).collect();
    let lines = lines.join(&format!("\n{:29}", ""));
    format!("  {DIM}{:>4}  {}{PLAIN}  {lines}\n", remembered.number, instant(remembered.at))
}

fn word(how: Unanswered) -> &'static str {
    match how {
        Unanswered::Failed => "it failed",
        Unanswered::Cancelled => "it was cancelled",
        Unanswered::Unknown => "nobody knows",
    }
}

fn result(outcome: &Called) -> String {
    match outcome {
        Called::Done(value) => format!("returned {}", short(&value.to_string())),
        Called::Failed(why) => format!("failed: {why}"),
        Called::Unknown => "came to nobody knows what".to_owned(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

pub(super) fn restored(named: &SessionNamed) -> String {
    format!(
        "{} of session {} are back, until something is put away again\n",
        plural(named.turns, "turn"),
        named.session
    )
}

pub(super) fn verified(verified: &SessionsVerified, live: bool) -> String {
    let mut out = stopped(live);
    for wrong in &verified.wrong {
        out.push_str(&format!("{ALERT}session {} is not whole{PLAIN} ({BROKEN})\n", wrong.id));
        for what in &wrong.what {
            out.push_str(&format!("  {}\n", clean(what)));
        }
    }
    let turns = usize::try_from(verified.turns).unwrap_or(usize::MAX);
    let (sessions, turns) = (plural(verified.sessions, "session"), plural(turns, "turn"));
    let word = if verified.wrong.is_empty() { "all is well" } else { "some are not whole" };
    out.push_str(&format!("{sessions} with {turns}: {word}\n"));
    out
}
