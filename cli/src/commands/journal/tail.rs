//! `carapace journal tail`: what happened last, and what happens.

use super::{look, words};
use crate::args::Results;
use crate::args::journal::Tail;
use crate::exit::Exit;
use crate::output::{note, print};
use crate::problem::Problem;
use carapace_store::{Depth, Line, Position};
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How many lines are told where nothing is said.
const LINES: usize = 20;

/// How often somebody who follows looks whether there is more.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn run(data: &Path, options: &Tail) -> Result<Exit, Problem> {
    // What is written while this looks is looked at again.
    let changed = newest(data);
    let seen = match options.from {
        Some(from) => from_line(data, options, from)?,
        None => last_lines(data, options)?,
    };
    if options.follow {
        follow(data, options, seen, changed)?;
    }
    Ok(Exit::Fine)
}

/// Tells the last of the live lines, and answers the number of the last.
fn last_lines(data: &Path, options: &Tail) -> Result<Position, Problem> {
    let mut last: VecDeque<String> = VecDeque::new();
    let mut seen = Position(0);
    let lines = options.lines.unwrap_or(LINES);
    look(data, Depth::Live, seen, &mut |line| {
        seen = line.seq;
        last.push_back(text(line, options.format));
        if last.len() > lines {
            last.pop_front();
        }
    })?;
    print(&last.into_iter().collect::<String>());
    Ok(seen)
}

/// Tells the lines from one on, wherever they are kept, and answers the number of the last there is.
fn from_line(data: &Path, options: &Tail, from: u64) -> Result<Position, Problem> {
    let mut left = options.lines.unwrap_or(usize::MAX);
    let mut seen = Position(from.saturating_sub(1));
    let found = look(data, Depth::Archive, seen, &mut |line| {
        seen = line.seq;
        if left > 0 {
            left -= 1;
            print(&text(line, options.format));
        }
    })?;
    if from < found.oldest.0 {
        note(&format!("what was before line {} is kept no longer", found.oldest));
    }
    Ok(seen)
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
        look(data, Depth::Live, seen, &mut |line| {
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
