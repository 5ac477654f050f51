//! How what a flow does looks in a terminal.

use carapace_channel_api::Button;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A program, or a file: text comes out byte for byte and nothing is decorated.
    Plain,
    /// A person. Control characters are made visible: what a stranger wrote must not move the cursor or retitle
    /// the window.
    Screen {
        /// Whether in colour.
        colour: bool,
    },
}

const DIM: &str = "2";
const BOLD: &str = "1";
const CYAN: &str = "36";

/// A message of ours.
pub(crate) struct Shown<'a> {
    /// `[#ops]` where it is not the direct conversation of the one who started.
    pub(crate) place: Option<&'a str>,
    /// What it answers, where that is not plain to see.
    pub(crate) quote: Option<&'a str>,
    /// `edited`, `forwarded`, `again`.
    pub(crate) mark: Option<&'a str>,
    pub(crate) text: &'a str,
    /// Lines about files.
    pub(crate) files: &'a [String],
    pub(crate) buttons: &'a [Button],
}

impl Look {
    /// A message, each line ended.
    pub(crate) fn message(self, shown: &Shown<'_>) -> String {
        let mut lines: Vec<String> = Vec::new();
        if let (Look::Screen { .. }, Some(quote)) = (self, shown.quote) {
            lines.push(self.paint(DIM, &format!("↳ {}", excerpt(&self.clean(quote)))));
        }
        let text = self.clean(shown.text);
        let mark = shown.mark.map(|mark| self.paint(DIM, &format!("({mark}) "))).unwrap_or_default();
        if !text.is_empty() || !mark.is_empty() {
            lines.extend(format!("{mark}{text}").split('\n').map(str::to_owned));
        }
        lines.extend(shown.files.iter().map(|file| self.paint(DIM, &self.clean(file))));
        for (n, button) in shown.buttons.iter().enumerate() {
            let number = self.paint(BOLD, &format!("{})", n + 1));
            lines.push(format!("  {number} {}", self.clean(&button.label)));
        }
        self.place(shown.place, lines)
    }

    /// Something that happened and is not a message.
    pub(crate) fn remark(self, place: Option<&str>, words: &str) -> String {
        self.place(place, vec![self.paint(DIM, &self.clean(words))])
    }

    fn place(self, place: Option<&str>, lines: Vec<String>) -> String {
        let mut out = String::new();
        for line in lines {
            if let Some(place) = place {
                let _ = write!(out, "{} ", self.paint(CYAN, &self.clean(place)));
            }
            out.push_str(&line);
            out.push('\n');
        }
        out
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Look::Screen { colour: true } => format!("\x1b[{code}m{text}\x1b[0m"),
            Look::Screen { colour: false } | Look::Plain => text.to_owned(),
        }
    }

    fn clean(self, text: &str) -> Cow<'_, str> {
        match self {
            Look::Plain => Cow::Borrowed(text),
            Look::Screen { .. } => visible(text),
        }
    }
}

/// Makes visible what would command the terminal: control characters other than line and tab, and the
/// characters that turn the direction of what follows them.
fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\u{7f}' => out.push('␡'),
            '\0'..='\u{1f}' if hidden(c) => {
                out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'));
            }
            c if hidden(c) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The beginning of the first line.
pub(crate) fn excerpt(text: &str) -> String {
    const LETTERS: usize = 48;
    let line = text.lines().next().unwrap_or_default();
    let mut out: String = line.chars().take(LETTERS).collect();
    if out.len() < text.trim_end().len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "\x1b]0;owned\x07 \u{202e}txt\r\nshalom שלום\u{9b}2J";

    fn shown<'a>(text: &'a str, buttons: &'a [Button]) -> Shown<'a> {
        Shown { place: None, quote: None, mark: None, text, files: &[], buttons }
    }

    #[test]
    fn a_program_gets_the_bytes() {
        assert_eq!(Look::Plain.message(&shown(NASTY, &[])), format!("{NASTY}\n"));
    }

    #[test]
    fn nothing_a_stranger_writes_commands_the_terminal() {
        let out = Look::Screen { colour: false }.message(&shown(NASTY, &[]));
        assert_eq!(out, "␛]0;owned␇ <U+202E>txt␍\nshalom שלום<U+009B>2J\n");
    }

    #[test]
    fn choices_are_numbered_and_places_named() {
        let buttons = [Button::new("x", "mine"), Button::new("y", "ignore\x1b[2J")];
        let mut message = shown("Who?\nNow!", &buttons);
        message.place = Some("[#ops]");
        let plain = Look::Screen { colour: false }.message(&message);
        assert_eq!(plain, "[#ops] Who?\n[#ops] Now!\n[#ops]   1) mine\n[#ops]   2) ignore␛[2J\n");
        let coloured = Look::Screen { colour: true }.message(&message);
        assert!(coloured.contains("\x1b[1m1)\x1b[0m mine"), "{coloured:?}");
    }

    #[test]
    fn an_excerpt_is_short() {
        assert_eq!(excerpt("one"), "one");
        assert_eq!(excerpt("one\ntwo"), "one…");
        assert_eq!(excerpt(&"é".repeat(60)), format!("{}…", "é".repeat(48)));
    }
}
