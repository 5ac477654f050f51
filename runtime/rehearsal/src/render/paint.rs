//! Colours, where somebody sees them.

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paint {
    /// ANSI escapes, or none.
    pub colours: bool,
}

impl Paint {
    /// What is as it should be.
    pub(super) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What is not.
    pub(super) fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    /// What is looked for first.
    pub(super) fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What is looked at last.
    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// The way out.
    pub(super) fn help(self, text: &str) -> String {
        self.with("36", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
