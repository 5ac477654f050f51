//! Variables of a flow: what `set_variable` and `transform` set, where a template reads it.

use super::names::{Known, Names};
use super::text;
use crate::old::{Action, Branch};
use std::collections::BTreeSet;

/// Variables of one flow.
#[derive(Default)]
pub(super) struct Variables {
    read: BTreeSet<String>,
    known: Vec<(String, String)>,
    /// Those that are set before anything reads them, with the word that declares them there.
    fresh: Vec<(String, &'static str)>,
}

impl Variables {
    /// Those that are set and read somewhere.
    pub(super) fn of(actions: &[Action]) -> Variables {
        let (mut set, mut read) = (BTreeSet::new(), BTreeSet::new());
        look(actions, &mut set, &mut read);
        let (mut names, mut known) = (Names::default(), Known::default());
        let known = set
            .iter()
            .filter(|old| read.contains(*old))
            .map(|old| (old.clone(), known.of(&mut names, old, old, "variable")))
            .collect();
        let fresh = set.iter().filter_map(|old| Some((old.clone(), first_set(actions, old)?))).collect();
        Variables { read, known, fresh }
    }

    pub(super) fn is_read(&self, old: &str) -> bool {
        self.read.contains(old)
    }

    /// Its name in the source.
    pub(super) fn get(&self, old: &str) -> Option<&str> {
        self.known.iter().find(|(known, _)| known == old).map(|(_, new)| new.as_str())
    }

    /// The same of one that is there.
    pub(super) fn name(&self, old: &str) -> String {
        self.get(old).unwrap_or(old).to_owned()
    }

    /// Those that have a value from the start: old names with the new ones.
    pub(super) fn known_from_the_start(&self) -> Vec<(String, String)> {
        let fresh = |old: &String| self.fresh.iter().any(|(known, _)| known == old);
        self.known.iter().filter(|(old, _)| !fresh(old)).cloned().collect()
    }

    /// What stands in front of a name where it is set: the word that declares it, the first time.
    pub(super) fn declare(&mut self, old: &str) -> &'static str {
        let at = self.fresh.iter().position(|(known, _)| known == old);
        at.map_or("", |at| self.fresh.swap_remove(at).1)
    }
}

/// The word that declares a variable where it is set first, if that is in the body itself and before anything reads it.
fn first_set(actions: &[Action], old: &str) -> Option<&'static str> {
    let mentions = |action: &Action| {
        let (mut set, mut read) = (BTreeSet::new(), BTreeSet::new());
        look(std::slice::from_ref(action), &mut set, &mut read);
        (set.contains(old), read.contains(old))
    };
    let mut mentioned =
        actions.iter().map(|action| (action, mentions(action))).filter(|(_, of)| of.0 || of.1);
    let (first, (_, reads)) = mentioned.next()?;
    let plain = matches!(first, Action::SetVariable { .. } | Action::Transform { .. });
    let again = mentioned.any(|(_, (sets, _))| sets);
    (plain && !reads).then_some(if again { "var " } else { "let " })
}

/// What actions set and read.
fn look(actions: &[Action], set: &mut BTreeSet<String>, read: &mut BTreeSet<String>) {
    for action in actions {
        let mut reads = |text: &str| read.extend(text::names(text).map(str::to_owned));
        match action {
            Action::Respond { message } | Action::Broadcast { message, .. } | Action::Log { message, .. } => {
                reads(message);
            }
            Action::Transform { template } => {
                reads(template);
                set.insert("transformed".to_owned());
            }
            Action::SetVariable { name, value } => {
                reads(value);
                set.insert(name.clone());
            }
            Action::Webhook { url, body, .. } => {
                reads(url);
                reads(&body.as_ref().map(ToString::to_string).unwrap_or_default());
            }
            Action::Subflow { input, .. } => {
                input.values().filter_map(|value| value.as_str()).for_each(reads)
            }
            Action::Branch { beside } => {
                if let Ok(branch) = Branch::of(beside) {
                    look(&branch.then, set, read);
                    look(&branch.otherwise, set, read);
                }
            }
            Action::Parallel { actions } => look(actions, set, read),
            Action::Forward { .. }
            | Action::Agent { .. }
            | Action::Wait { .. }
            | Action::Stop { .. }
            | Action::Execute { .. }
            | Action::React { .. } => {}
        }
    }
}
