//! Who listens to one kind of event, by what they want of it.

use super::Candidate;
use super::fields::Fields;
use super::words::Words;
use crate::Event;
use carapace_module::signature::{Mark, Trigger};
use std::sync::Arc;

/// Who listens to one kind of event. A sieve: whoever wants an event is found, and of those who do not, few.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// Of whom nothing is known.
    always: Vec<Candidate>,
    wordy: Vec<(Arc<str>, Candidate)>,
    words: Words,
    fields: Fields,
}

impl Listeners {
    pub(crate) fn add(&mut self, trigger: &Trigger, candidate: Candidate) {
        if trigger.required_marks.is_empty() {
            self.wordy.extend(trigger.required_words.iter().map(|word| (word.clone(), candidate)));
            if trigger.required_words.is_empty() {
                self.always.push(candidate);
            }
        }
        for mark in &trigger.required_marks {
            match mark {
                Mark::Word(word) => self.wordy.push((word.clone(), candidate)),
                Mark::Field { path, is } => self.fields.add(path, is, candidate),
            }
        }
    }

    /// Everybody was added.
    pub(crate) fn finish(&mut self) {
        self.words = Words::build(&self.wordy);
    }

    /// Adds whoever may want the event; some more than once.
    pub(crate) fn find(&self, event: &Event, found: &mut Vec<Candidate>) {
        found.extend(&self.always);
        self.fields.find(event, found);
        if self.wordy.is_empty() {
            return;
        }
        match event.text() {
            Some(text) => self.words.find(text, found),
            // Words are about a message's text; an event without one asks everybody.
            None => found.extend(self.wordy.iter().map(|(_, candidate)| candidate)),
        }
    }
}
