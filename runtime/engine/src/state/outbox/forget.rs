//! Messages to somebody who is forgotten.

use super::Outbox;
use crate::forget::Named;
use crate::{ActId, Destination, Timer};
use carapace_effect::RunId;

impl Outbox {
    /// Drops what is kept of messages to somebody, and of these runs and letters. Gives the timers that are of no use any more,
    /// with the time for which each is set.
    pub(in crate::state) fn forget(
        &mut self,
        named: &Named,
        runs: &[RunId],
        letters: &[ActId],
    ) -> Vec<(Timer, i64)> {
        for act in letters {
            if let Some(letter) = self.discard(act) {
                self.land(&letter.to, act);
            }
        }
        self.sent.retain(|sent| !named.receives(&sent.to) && runs.binary_search(&sent.act.run).is_err());
        self.pace.forget(|to| named.receives(to));
        let mut timers = Vec::new();
        for to in self.lanes().map(|(to, _)| to.clone()).collect::<Vec<Destination>>() {
            // A digest goes in the name of a letter to the same place; and whose the texts are in it, nobody can say.
            let theirs = named.receives(&to);
            if theirs || !self.letters().any(|letter| letter.to == to) {
                self.tell_held(&to);
            } else {
                self.hide_held(&to);
            }
            if theirs && let Some(pause) = self.pause(&to, None) {
                timers.push((Timer::Outbox { account: to.account().clone(), to: Some(to) }, pause.due));
            }
        }
        timers
    }
}
