//! `carapace journal tail`: what happened last, and what happens.

use super::{look, words};
use crate::args::Results;
use crate::args::journal::Tail;
use crate::exit::Exit;
use crate::output::print;
use crate::problem::Problem;
use carapace_store::{Line, Position};
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often somebody who follows looks whether there is more.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn run(data: &Path, options: &Tail) -> Result<Exit, Problem> {
    let mut last: VecDeque<String> = VecDeque::new();
    let mut seen = Position(0);
    // What is written while this looks is looked at again.
    let changed = newest(data);
    look(data, seen, &mut |line| {
        seen = line.seq;
        last.push_back(text(line, options.format));
        if last.len() > options.lines {
            last.pop_front();
        }
    })?;
    print(&last.into_iter().collect::<String>());
    if options.follow {
        follow(data, options, seen, changed)?;
    }
    Ok(Exit::Fine)
}

/// Goes on until nobody reads any more.
fn follow(
    data: &Path,
    options: &Tail,
    mut seen: Position,
    mut changed: Option<SystemTime>,
) -> Result<(), Problem> {
    loop {
        std::thread::sleep(LOOK);
        let now = newest(data);
        if now == changed {
            continue;
        }
        changed = now;
        let mut more = String::new();
        look(data, seen, &mut |line| {
            seen = line.seq;
            more.push_str(&text(line, options.format));
        })?;
        let mut out = std::io::stdout();
        if out.write_all(more.as_bytes()).and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
    }
}

/// When anything in the journal was written last.
fn newest(data: &Path) -> Option<SystemTime> {
    let files = std::fs::read_dir(data.join("journal")).ok()?;
    files.filter_map(|file| file.ok()?.metadata().ok()?.modified().ok()).max()
}

fn text(line: &Line<'_>, format: Results) -> String {
    match format {
        Results::Human => format!("{:>6}  {}  {}\n", line.seq, words::time(line.at), words::sentence(line)),
        Results::Json => {
            let records: Vec<&str> = line.records.iter().map(|record| record.get()).collect();
            format!("{{\"seq\":{},\"at\":{},\"records\":[{}]}}\n", line.seq, line.at, records.join(","))
        }
    }
}
