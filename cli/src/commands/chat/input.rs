//! What whoever talks types.

use super::screen::Screen;
use crate::problem::{Problem, reason};
use rustyline::Editor;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use std::io::{BufRead as _, IsTerminal as _};
use tokio::sync::mpsc;

/// Lines that wait for whoever reads them. Not many: a pipe is read as fast as it is answered.
const AHEAD: usize = 1;

/// Where lines come from.
pub(super) enum Input {
    /// A prompt.
    Person(Box<Editor<(), DefaultHistory>>),
    /// A pipe or a file.
    Pipe,
}

impl Input {
    /// What there is, and where answers are shown.
    pub(super) fn open() -> Result<(Input, Screen), Problem> {
        if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
            return Ok((Input::Pipe, Screen::Plain));
        }
        keep();
        let failed = |e: ReadlineError| Problem::new("E0901", format!("there is no prompt here: {e}"));
        let mut editor = Editor::<(), DefaultHistory>::new().map_err(failed)?;
        let printer = Box::new(editor.create_external_printer().map_err(failed)?);
        let colour = std::env::var_os("NO_COLOR").is_none();
        Ok((Input::Person(Box::new(editor)), Screen::Prompt { printer, colour }))
    }

    /// Whether somebody types.
    pub(super) fn is_person(&self) -> bool {
        matches!(self, Input::Person(_))
    }

    /// The lines, until there are no more.
    pub(super) fn lines(self) -> mpsc::Receiver<String> {
        let (tell, lines) = mpsc::channel(AHEAD);
        std::thread::spawn(move || match self {
            Input::Person(mut editor) => {
                while let Ok(line) = editor.readline("> ") {
                    // It is kept for the arrow keys, where it can be.
                    let _ = editor.add_history_entry(&line);
                    if tell.blocking_send(line).is_err() {
                        return;
                    }
                }
            }
            Input::Pipe => {
                for line in std::io::stdin().lock().split(b'\n') {
                    let line = match line {
                        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                        Err(error) => {
                            let why = reason(&error);
                            return Problem::new("E0901", format!("standard input cannot be read: {why}"))
                                .print();
                        }
                    };
                    if tell.blocking_send(line).is_err() {
                        return;
                    }
                }
            }
        });
        lines
    }
}

#[cfg(unix)]
static TERMINAL: std::sync::OnceLock<rustix::termios::Termios> = std::sync::OnceLock::new();

/// Remembers how the terminal was.
fn keep() {
    #[cfg(unix)]
    if let Ok(how) = rustix::termios::tcgetattr(std::io::stdin()) {
        let _ = TERMINAL.set(how);
    }
}

/// Puts the terminal back as it was: whoever types may be in the middle of a line when the other side ends.
pub(super) fn put_back() {
    #[cfg(unix)]
    if let Some(how) = TERMINAL.get() {
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, how);
    }
}
