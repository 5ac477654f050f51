//! `carapace logs`: what flows logged, what went wrong, and what the runtime had to say.

use super::runs::times::instant;
use super::table::{ALERT, BOLD, DIM, PLAIN, clean};
use crate::args::{Logs, Place, Results, Severity};
use crate::data::unopened;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_config::milliseconds;
use carapace_engine::inspect::{self, Level, LogEntry, LogFilter};
use carapace_engine::machine::vm;
use carapace_engine::service::Clock;
use carapace_gateway::{LogsRead, LogsWanted, Request};
use std::io::Write as _;
use std::time::Duration;

/// How long the runtime may wait for something to tell, in milliseconds.
const WAIT: u64 = 20_000;

/// How often it is looked whether a runtime that went away is back.
const LOOK: Duration = Duration::from_secs(1);

/// What a runtime says that cannot be waited out.
const FOR_GOOD: [&str; 7] = ["E0901", "E0974", "E1041", "E1043", "E1044", "E1045", "E1047"];

pub(crate) fn run(options: &Logs) -> Result<Exit, Problem> {
    let mut wanted = LogsWanted {
        since: since(&options.since)?,
        flow: options.flow.clone(),
        level: options.level.map(level),
        ..LogsWanted::default()
    };
    let place = &options.at.place;
    let found = match Client::connect(place)? {
        Some(client) => read(&client, options, &mut wanted)?,
        None => stopped(place, options, &mut wanted)?,
    };
    if !options.follow {
        if !found && options.at.format == Results::Human {
            output::note("nothing was logged; `--since 7d` looks further back");
        }
        return Ok(Exit::Fine);
    }
    follow(options, wanted)
}

/// Everything that there is by now; whether that is anything.
fn read(client: &Client, options: &Logs, wanted: &mut LogsWanted) -> Result<bool, Problem> {
    let mut found = false;
    loop {
        let read: LogsRead = client.call(&Request::Logs(wanted.clone()))?;
        found |= !read.entries.is_empty();
        let reads_on = tell(&read, options.at.format);
        wanted.after = Some(read.next);
        if !read.more || !reads_on {
            return Ok(found);
        }
    }
}

/// Out of the journal of a runtime that is stopped.
fn stopped(place: &Place, options: &Logs, wanted: &mut LogsWanted) -> Result<bool, Problem> {
    let data = place.data();
    let Some(stopped) = inspect::read(&data, vm::load).map_err(|e| unopened(&data, &e))? else {
        let message = format!("no runtime has kept anything in `{}`", data.display());
        return Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"));
    };
    let filter = LogFilter { flow: wanted.flow.clone(), level: wanted.level, since: wanted.since };
    let logged = stopped.logs(&filter).map_err(|e| unopened(&data, &e))?;
    let found = !logged.entries.is_empty();
    let next = format!("{}.0.0", logged.after);
    wanted.after = Some(next.clone());
    tell(&LogsRead { entries: logged.entries, next, more: false, lost: 0 }, options.at.format);
    if options.at.format == Results::Human {
        output::note("the runtime does not run; this is what its journal says");
    }
    Ok(found)
}

/// Goes on until nobody reads any more. A runtime that goes away is waited for: what it tells then goes on where it ended.
fn follow(options: &Logs, mut wanted: LogsWanted) -> Result<Exit, Problem> {
    wanted.wait = Some(WAIT);
    let mut away = false;
    loop {
        let asked = Client::connect(&options.at.place).and_then(|client| match client {
            Some(client) => {
                if std::mem::take(&mut away) {
                    output::note("the runtime is back");
                }
                go_on(&client, options, &mut wanted).map(Some)
            }
            None => Ok(None),
        });
        match asked {
            Ok(Some(())) => return Ok(Exit::Fine),
            Ok(None) => {}
            Err(problem) if FOR_GOOD.contains(&problem.code()) => return Err(problem),
            Err(_) => {}
        }
        if !std::mem::replace(&mut away, true) {
            output::note("the runtime does not answer: waiting for it");
        }
        std::thread::sleep(LOOK);
    }
}

/// Tells what comes, until nobody reads any more.
fn go_on(client: &Client, options: &Logs, wanted: &mut LogsWanted) -> Result<(), Problem> {
    loop {
        let read: LogsRead = client.call(&Request::Logs(wanted.clone()))?;
        if !tell(&read, options.at.format) {
            return Ok(());
        }
        wanted.after = Some(read.next);
    }
}

/// Writes entries down; false where nobody reads any more.
fn tell(read: &LogsRead, format: Results) -> bool {
    if read.lost > 0 {
        output::note(&format!("{} of the runtime's notices are kept no longer", read.lost));
    }
    let text: String = read
        .entries
        .iter()
        .map(|entry| match format {
            Results::Human => human(entry),
            Results::Json => format!("{}\n", serde_json::json!(entry)),
        })
        .collect();
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

fn human(entry: &LogEntry) -> String {
    let colour = match entry.level {
        Level::Debug => DIM,
        Level::Info => "",
        Level::Warning => BOLD,
        Level::Error => ALERT,
    };
    let who = entry.flow.as_ref().map(|flow| format!("{}: ", clean(flow))).unwrap_or_default();
    let code = entry.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    let run = entry.run.filter(|_| entry.level >= Level::Warning).map(|run| {
        let short: String = run.to_string().chars().take(8).collect();
        format!(" {DIM}(run {short}){PLAIN}")
    });
    let (at, level, message) = (instant(entry.at), entry.level.name(), clean(&entry.message));
    format!("{DIM}{at}{PLAIN}  {colour}{level:<7}{PLAIN}  {who}{message}{code}{}\n", run.unwrap_or_default())
}

fn level(level: Severity) -> Level {
    match level {
        Severity::Debug => Level::Debug,
        Severity::Info => Level::Info,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}

/// The moment before which nothing is wanted: so long ago.
fn since(text: &str) -> Result<Option<i64>, Problem> {
    if text == "all" {
        return Ok(None);
    }
    let ago = milliseconds(text).ok_or_else(|| {
        Problem::new("E0966", format!("`{text}` does not say how far back"))
            .help("write a number and `s`, `m`, `h` or `d`: `--since 1h`; `--since all` for everything that is kept")
    })?;
    Ok(Some(Clock::system().now().saturating_sub(ago)))
}
