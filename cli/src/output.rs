//! Findings on the terminal, or for programs.

use crate::args::Format;
use crate::exit::Exit;
use crate::log;
use carapace_diagnostic::render::{Human, github, human, json, sarif};
use carapace_diagnostic::{Diagnostic, SourceMap};
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Widest drawing of a message; beyond it lines get hard to read.
const WIDEST: usize = 120;

/// Whether findings were shown to a person.
static FOUND: AtomicBool = AtomicBool::new(false);

/// Sets what keeps a command from being carried out off from findings that were shown before: those are not the reason.
pub(crate) fn set_off() {
    if FOUND.load(Ordering::Relaxed) && !log::is_structured() {
        anstream::eprintln!();
    }
}

/// Writes diagnostics: for people to standard error, for programs to standard output.
pub(crate) fn diagnostics(list: &[Diagnostic], sources: &SourceMap, format: Format) {
    match format {
        Format::Human if log::is_structured() => list.iter().for_each(|one| log::finding(one, sources)),
        Format::Human => {
            FOUND.fetch_or(!list.is_empty(), Ordering::Relaxed);
            anstream::eprint!("{}", human(list, sources, drawing()));
        }
        Format::Json => print(&json(list, sources)),
        Format::Sarif => print(&sarif(list, sources)),
        Format::Github => print(&github(list, sources)),
    }
}

/// Text on standard output. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A line for people on standard error.
pub(crate) fn note(text: &str) {
    if log::is_structured() {
        return log::note(text);
    }
    anstream::eprintln!("{text}");
}

/// How messages are drawn on this terminal.
pub(crate) fn drawing() -> Human {
    let width = terminal_size::terminal_size().map_or(100, |(w, _)| usize::from(w.0)).clamp(60, WIDEST);
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    Human { colours, width }
}

/// `2 errors and 1 warning`.
pub(crate) fn count(list: &[Diagnostic]) -> String {
    let errors = list.iter().filter(|d| d.is_error()).count();
    let warnings = list.len().saturating_sub(errors);
    match (errors, warnings) {
        (0, 0) => "no mistakes".to_owned(),
        (0, w) => plural(w, "warning"),
        (e, 0) => plural(e, "error"),
        (e, w) => format!("{} and {}", plural(e, "error"), plural(w, "warning")),
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// 1 where there is an error.
pub(crate) fn exit(list: &[Diagnostic]) -> Exit {
    if list.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine }
}
