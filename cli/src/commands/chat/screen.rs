//! What whoever talks sees.

use super::frames::Body;
use crate::commands::table::{BOLD, DIM, PLAIN, clean};
use crate::output;
use rustyline::ExternalPrinter;

/// Where answers are shown.
pub(super) enum Screen {
    /// Above a prompt at which somebody types.
    Prompt {
        /// Writes there.
        printer: Box<dyn ExternalPrinter + Send>,
        /// Whether in colours.
        colour: bool,
    },
    /// On standard output, for whatever reads it.
    Plain,
}

impl Screen {
    /// Shows what was said.
    pub(super) fn message(&mut self, who: &str, body: &Body, edited: bool) {
        let mut lines: Vec<String> = body.text.lines().map(clean).collect();
        lines.extend(body.files.iter().map(|file| match &file.url {
            Some(url) => format!("[{}: {}]", clean(&file.name), clean(url)),
            None => format!("[{}]", clean(&file.name)),
        }));
        lines.extend(
            (1..).zip(&body.buttons).map(|(number, button)| format!("  {number}) {}", clean(&button.label))),
        );
        let edited = if edited { " (edited)" } else { "" };
        match self {
            Screen::Plain => output::print(&format!("{}\n", lines.join("\n"))),
            Screen::Prompt { colour, .. } => {
                let who = styled(&format!("{}{edited}", clean(who)), BOLD, *colour);
                self.line(&format!("{who}: {}", lines.join("\n")));
            }
        }
    }

    /// Shows something of ours, to people only.
    pub(super) fn note(&mut self, text: &str) {
        match self {
            Screen::Plain => output::note(text),
            Screen::Prompt { colour, .. } => {
                let text = styled(text, DIM, *colour);
                self.line(&text);
            }
        }
    }

    /// That somebody writes: for whoever watches.
    pub(super) fn typing(&mut self, who: &str) {
        if matches!(self, Screen::Prompt { .. }) {
            self.note(&format!("{} is writing", clean(who)));
        }
    }

    fn line(&mut self, text: &str) {
        if let Screen::Prompt { printer, .. } = self {
            // A prompt that is gone shows nothing any more.
            let _ = printer.print(format!("{text}\n"));
        }
    }
}

fn styled(text: &str, style: &str, colour: bool) -> String {
    if colour { format!("{style}{text}{PLAIN}") } else { text.to_owned() }
}
