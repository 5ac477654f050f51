//! Runs for people.

use super::place::Lines;
use super::times::{instant, since, until};
use crate::commands::table::{ALERT, BOLD, DIM, PLAIN, clean, table, width};
use carapace_effect::RunId;
use carapace_engine::inspect::{
    Brief, Detail, Ended, History, Listed, OperationView, Over, Shown, Standing, Waiting, WaitingOn,
};
use carapace_engine::service::Clock;

/// Columns of the table.
const HEAD: [&str; 6] = ["RUN", "FLOW", "SINCE", "WAITS FOR", "UNTIL", "AT"];

/// The column that gives way where the terminal is narrow.
const ELASTIC: usize = 3;

pub(super) fn list(listed: &Listed, lines: &Lines<'_>, live: bool) -> String {
    let now = Clock::system().now();
    let mut out = stopped(live);
    if listed.runs.is_empty() {
        out.push_str("no such run lives\n");
        return out;
    }
    let digits = digits(listed.runs.iter().map(|run| run.run));
    let mut rows = Vec::new();
    for run in &listed.runs {
        let name: String = run.run.to_string().chars().take(digits).collect();
        let mut first = [name, run.flow.to_string(), since(run.since, now)];
        if run.waits.is_empty() {
            rows.push((row(first, [standing(run.standing).to_owned(), String::new(), String::new()]), false));
            continue;
        }
        for waiting in &run.waits {
            let spot = lines.spot(&run.module, &waiting.places);
            let what = match run.standing {
                Standing::Cancelling => format!("(ending) {}", waiting.what),
                _ => what(waiting),
            };
            let until = waiting.until.map(|at| until(at, now)).unwrap_or_default();
            let at = spot.map(|spot| spot.name()).unwrap_or_default();
            rows.push((row(first, [what, until, at]), waiting.on == WaitingOn::Person));
            // What else the same run waits for stands below it.
            first = [const { String::new() }; 3];
        }
    }
    out.push_str(&table(HEAD, ELASTIC, &rows, width()));
    let more = listed.total.saturating_sub(listed.runs.len());
    if more > 0 {
        out.push_str(&format!("{DIM}and {more} more: `--limit N` shows more of them{PLAIN}\n"));
    }
    out
}

pub(super) fn finished(ended: &Ended, live: bool) -> String {
    let now = Clock::system().now();
    let mut out = stopped(live);
    if ended.damaged {
        out.push_str(&format!(
            "{ALERT}some of the archive cannot be read{PLAIN}: `carapace journal verify` names it\n"
        ));
    }
    if ended.runs.is_empty() {
        out.push_str("of no such run that is over anything is kept\n");
        return out;
    }
    let digits = digits(ended.runs.iter().map(|over| over.run));
    let row = |over: &Over| {
        let name: String = over.run.to_string().chars().take(digits).collect();
        let took = since(over.since, over.at).trim_start_matches("for ").to_owned();
        let ago = format!("{} ago", since(over.at, now).trim_start_matches("for "));
        ([name, over.flow.to_string(), ago, took, over.how.clone()].map(|cell| clean(&cell)), false)
    };
    let rows: Vec<_> = ended.runs.iter().map(row).collect();
    out.push_str(&table(["RUN", "FLOW", "ENDED", "TOOK", "HOW"], 4, &rows, width()));
    if ended.more {
        out.push_str(&format!("{DIM}and more that are older: `--limit N` shows more of them{PLAIN}\n"));
    }
    out
}

pub(super) fn show(shown: &Shown, lines: &Lines<'_>, live: bool) -> String {
    let now = Clock::system().now();
    let mut out = stopped(live);
    if let Some(detail) = &shown.live {
        out.push_str(&head(detail, now));
        out.push_str(&waits(&detail.brief, lines, now));
        out.push_str(&operations(&detail.operations, now));
    }
    if let Some(over) = &shown.over {
        out.push_str(&ended(over, now));
    }
    out.push_str(&history(&shown.history));
    out
}

pub(in crate::commands) fn stopped(live: bool) -> String {
    if live {
        return String::new();
    }
    format!("{DIM}the runtime does not run; this is what its journal says{PLAIN}\n")
}

fn head(detail: &Detail, now: i64) -> String {
    let brief = &detail.brief;
    let deployed = &detail.deployed;
    let mut out = format!("{BOLD}run {}{PLAIN}\n", brief.run);
    let mut line = |name: &str, text: &str| out.push_str(&format!("  {name:<11} {}\n", clean(text)));
    line("flow", &format!("{}, {} {}", brief.flow, standing(brief.standing), since(brief.since, now)));
    line("since", &format!("{} UTC", instant(brief.since)));
    if let Some(about) = &detail.about {
        line("about", about);
    }
    if let Some(parent) = detail.parent {
        line("started by", &format!("run {parent}"));
    }
    let serves = if deployed.serves { "" } else { "; new events go to another" };
    let of = instant(deployed.at);
    line("deployment", &format!("{} of {}, of {of} UTC{serves}", deployed.number, deployed.package));
    if let Some(timeout) = detail.timeout {
        line("timeout", &format!("{} ({} UTC)", until(timeout, now), instant(timeout)));
    }
    out
}

fn waits(brief: &Brief, lines: &Lines<'_>, now: i64) -> String {
    if brief.waits.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{BOLD}waits for{PLAIN}\n");
    for waiting in &brief.waits {
        let until = waiting
            .until
            .map(|at| format!(", until {} UTC ({})", instant(at), until(at, now)))
            .unwrap_or_default();
        let colour = if waiting.on == WaitingOn::Person { ALERT } else { "" };
        out.push_str(&format!("  {colour}{}{PLAIN}{until}\n", clean(&what(waiting))));
        if let Some(spot) = lines.spot(&brief.module, &waiting.places) {
            let text = spot.line.as_ref().map(|line| clean(&line.text)).unwrap_or_default();
            out.push_str(&format!("    {DIM}{}{PLAIN}  {text}\n", clean(&spot.name())));
        }
        if let (WaitingOn::Person, Some(op)) = (waiting.on, &waiting.op) {
            let run: String = brief.run.to_string().chars().take(8).collect();
            out.push_str(&format!(
                "    find out what became of it, then: carapace runs resolve {run} {op} done|failed\n"
            ));
        }
    }
    out
}

fn operations(operations: &[OperationView], now: i64) -> String {
    if operations.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{BOLD}operations{PLAIN}\n");
    for operation in operations {
        let due = operation.due.map(|at| format!(", {}", until(at, now))).unwrap_or_default();
        let settling = if operation.settling { " (no longer waited for in its own time)" } else { "" };
        let name = format!("{:<6}", operation.op);
        out.push_str(&format!("  {name} {}{due}{settling}\n", clean(&operation.what)));
        for part in &operation.parts {
            let to = part.to.as_ref().map(|to| format!("{to}: ")).unwrap_or_default();
            let attempts = if part.attempts == 1 {
                "1 attempt".to_owned()
            } else {
                format!("{} attempts", part.attempts)
            };
            let next = part.next.map(|at| format!(", the next {}", until(at, now))).unwrap_or_default();
            out.push_str(&format!("         {}{}, {attempts}{next}\n", clean(&to), clean(&part.life)));
        }
    }
    out
}

fn ended(over: &Over, now: i64) -> String {
    format!(
        "{BOLD}run {}{PLAIN}\n  {:<11} {}\n  {:<11} {}\n  {:<11} {} UTC, {} ago\n",
        over.run,
        "flow",
        clean(&over.flow),
        "over",
        clean(&over.how),
        "since",
        instant(over.at),
        since(over.at, now).trim_start_matches("for "),
    )
}

fn history(history: &History) -> String {
    let mut out = format!("\n{BOLD}history{PLAIN} {DIM}(UTC){PLAIN}\n");
    if !history.whole {
        out.push_str("  its beginning is in lines of the journal that are no longer there\n");
    }
    if history.damaged {
        out.push_str("  some of the archive cannot be read: `carapace journal verify` names it\n");
    }
    if history.before > 0 {
        out.push_str(&format!("  {} entries before these are left out\n", history.before));
    }
    for entry in &history.entries {
        let op = entry.op.as_deref().unwrap_or_default();
        out.push_str(&format!("  {DIM}{}{PLAIN}  {op:<6} {}\n", instant(entry.at), clean(&entry.what)));
    }
    out
}

fn what(waiting: &Waiting) -> String {
    match waiting.on {
        WaitingOn::Person => format!("a person: {}", waiting.what),
        _ => waiting.what.clone(),
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Queued => "queued",
        Standing::Running => "running",
        Standing::Cancelling => "ending",
        Standing::Settling => "over, and settling",
    }
}

/// How many digits tell the listed runs apart: eight at least.
fn digits(runs: impl Iterator<Item = RunId>) -> usize {
    let mut names: Vec<String> = runs.map(|run| run.to_string()).collect();
    names.sort_unstable();
    let common = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let alike = names.array_windows().map(|[a, b]| common(a, b)).max().unwrap_or_default();
    alike.saturating_add(1).max(8)
}

type Row = [String; 6];

fn row(first: [String; 3], second: [String; 3]) -> Row {
    let ([a, b, c], [d, e, f]) = (first, second);
    [a, b, c, d, e, f].map(|cell| clean(&cell))
}
