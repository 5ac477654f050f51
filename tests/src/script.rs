//! The world of a comparison: which of the waiting operations ends next, and how. Made from a stream of choices, so
//! that a shorter stream is a simpler world.

use crate::generate::Choices;
use crate::oracle::Asked;
use carapace_effect::{Failure, FailureKind, OpId, Outcome};
use carapace_module::Value;

/// What a run has asked for and not heard of yet.
#[derive(Debug, Clone, Default)]
pub struct Script {
    open: Vec<Asked>,
}

impl Script {
    /// Takes note of a stretch.
    pub fn note(&mut self, asked: &[Asked], abandoned: &[OpId]) {
        self.open.extend_from_slice(asked);
        self.open.retain(|open| !abandoned.contains(&open.op));
    }

    /// What happens next; none when nothing is waited for.
    pub fn next(&mut self, choices: &mut Choices<'_>) -> Option<(OpId, Outcome)> {
        if self.open.is_empty() {
            return None;
        }
        // Deadlines are rarely the first; but where only they are left, one of them is.
        let working: Vec<usize> = (0..self.open.len()).filter(|i| self.blocks(*i)).collect();
        let index = if working.is_empty() || choices.one_in(8) {
            choices.below(self.open.len())
        } else {
            choices.pick(&working).copied().unwrap_or(0)
        };
        let asked = self.open.remove(index);
        let outcome = outcome(&asked.what, choices);
        Some((asked.op, outcome))
    }

    fn blocks(&self, index: usize) -> bool {
        self.open.get(index).is_some_and(|asked| asked.blocks)
    }
}

/// A fitting outcome.
fn outcome(what: &str, choices: &mut Choices<'_>) -> Outcome {
    let failure = |kind, message: &str| Outcome::Failed(Failure::new(kind, message));
    if what.starts_with("effect") && !what.contains("time.wait") {
        match choices.below(8) {
            6 => return failure(FailureKind::Refused, "no"),
            7 => return failure(FailureKind::Transient, "later"),
            _ => {}
        }
    }
    Outcome::Done(if what.starts_with("effect agent.ask") {
        Value::text(*choices.pick(&["yes", "", "Ärger", "42"]).unwrap_or(&"yes"))
    } else if what.starts_with("effect agent.extract") {
        Value::Int(choices.pick(&[1, 0, -7, 1_000_000]).copied().unwrap_or(1))
    } else if what.starts_with("effect chat.") {
        Value::record(vec![Value::text("main.oncall"), Value::text("c"), Value::text("m")])
    } else {
        Value::None
    })
}
