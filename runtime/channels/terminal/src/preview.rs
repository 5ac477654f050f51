//! An answer that grows. What stands above a prompt cannot be changed any more, so it grows by whole lines, and the answer goes on
//! where they end.

use crate::screen::{Look, Shown};
use crate::terminal::Terminal;
use carapace_channel_api::{ConversationId, Outcome};
use std::collections::HashMap;

/// So many are remembered; what is over is forgotten long before.
const MOST: usize = 256;

/// The lines of each that stand there, with their ends.
pub(crate) type Previews = HashMap<String, String>;

impl Terminal {
    /// Shows the lines that are whole; a program that reads along gets the answer and nothing else.
    pub(crate) async fn preview(&self, conversation: &ConversationId, name: &str, text: &str) -> Outcome {
        if self.look == Look::Plain {
            return Outcome::done();
        }
        let place = self.place(conversation);
        let remark = |words: &str| self.look.remark(place.as_deref(), words);
        let shown = self.previews().get(name).cloned().unwrap_or_default();
        if text.is_empty() {
            self.previews().remove(name);
            let end =
                if shown.is_empty() { String::new() } else { remark("(it ends here: there is no answer)") };
            return self.show(end, Outcome::done()).await;
        }
        let whole = text.rfind('\n').and_then(|end| text.get(..=end)).unwrap_or_default();
        let new = match whole.strip_prefix(shown.as_str()) {
            Some(new) => self.lines(place.as_deref(), new),
            None => format!("{}{}", remark("(it begins anew)"), self.lines(place.as_deref(), whole)),
        };
        {
            let mut previews = self.previews();
            if previews.len() >= MOST {
                previews.clear();
            }
            previews.insert(name.to_owned(), whole.to_owned());
        }
        self.show(new, Outcome::done()).await
    }

    /// What of an answer does not stand there yet, and whether some of it does; a remark where it begins otherwise.
    pub(crate) fn rest<'t>(&self, name: Option<&str>, text: &'t str) -> (&'t str, Before) {
        let shown = name.and_then(|name| self.previews().remove(name)).unwrap_or_default();
        match text.strip_prefix(shown.as_str()) {
            _ if shown.is_empty() => (text, Before::Nothing),
            Some(rest) => (rest, Before::Some),
            None => (text, Before::Other),
        }
    }

    fn lines(&self, place: Option<&str>, text: &str) -> String {
        let Some(text) = text.strip_suffix('\n') else { return String::new() };
        self.look.message(&Shown { place, quote: None, mark: None, text, files: &[], buttons: &[] })
    }
}

/// What stands there of an answer already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// How it begins.
    Some,
    /// Something else.
    Other,
}
