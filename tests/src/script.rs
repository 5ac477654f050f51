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
    /// What it has let go of, and what may have happened all the same.
    gone: Vec<Asked>,
}

/// What happens next.
#[derive(Debug, Clone)]
pub enum Happening {
    /// Something that is waited for has ended.
    Outcome(OpId, Outcome),
    /// Something that is not waited for any more has.
    Late(OpId, Outcome),
    /// The run is to end.
    Cancel,
    /// Its time is over.
    Timeout,
}

impl Script {
    /// Takes note of a stretch.
    pub fn note(&mut self, asked: &[Asked], abandoned: &[OpId]) {
        // A listener's buffer is never done; what is in it comes out by `next`.
        self.open.extend(asked.iter().filter(|asked| !asked.what.starts_with("listen")).cloned());
        let (gone, open) =
            std::mem::take(&mut self.open).into_iter().partition(|a| abandoned.contains(&a.op));
        self.open = open;
        let gone: Vec<Asked> = gone;
        self.gone.extend(gone.into_iter().filter(|asked| is_step(&asked.what)));
    }

    /// What happens next; none when nothing is waited for.
    pub fn next(&mut self, choices: &mut Choices<'_>) -> Option<Happening> {
        if !self.gone.is_empty() && choices.one_in(5) {
            return self.late(choices);
        }
        if choices.one_in(40) {
            return Some(if choices.one_in(3) { Happening::Timeout } else { Happening::Cancel });
        }
        if self.open.is_empty() {
            // What is taken back may wait until it is known what became of something.
            return self.late(choices);
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
        if outcome == Outcome::Unknown {
            // Somebody may find out later.
            self.open.push(asked.clone());
        }
        Some(Happening::Outcome(asked.op, outcome))
    }

    /// Something late; none when there is nothing that may still happen.
    pub fn late(&mut self, choices: &mut Choices<'_>) -> Option<Happening> {
        if self.gone.is_empty() {
            return None;
        }
        let asked = self.gone.remove(choices.below(self.gone.len()));
        let outcome = outcome(&asked.what, choices);
        if outcome == Outcome::Unknown {
            // Somebody may find out later still.
            self.gone.push(asked.clone());
        }
        Some(Happening::Late(asked.op, outcome))
    }

    fn blocks(&self, index: usize) -> bool {
        self.open.get(index).is_some_and(|asked| asked.blocks)
    }
}

/// Whether it is done by somebody outside, so that it may happen although nobody waits.
fn is_step(what: &str) -> bool {
    what.starts_with("effect") && !what.starts_with("effect time.")
}

/// A fitting outcome.
fn outcome(what: &str, choices: &mut Choices<'_>) -> Outcome {
    let failure = |kind, message: &str| Outcome::Failed(Failure::new(kind, message));
    if is_step(what) {
        match choices.below(10) {
            7 => return failure(FailureKind::Refused, "no"),
            8 => return failure(FailureKind::Transient, "later"),
            9 => return Outcome::Unknown,
            _ => {}
        }
    }
    let number =
        |choices: &mut Choices<'_>| Value::Int(choices.pick(&[1, 0, -7, 1_000_000]).copied().unwrap_or(1));
    Outcome::Done(if what.starts_with("effect agent.ask") {
        Value::text(*choices.pick(&["yes", "", "Ärger", "42"]).unwrap_or(&"yes"))
    } else if what.starts_with("effect agent.extract") {
        number(choices)
    } else if what.starts_with("effect chat.") {
        Value::record(vec![Value::text("main.oncall"), Value::text("c"), Value::text("m")])
    } else if what.starts_with("await") || what.starts_with("next") {
        // `event("told", Int)`: what came with it, and when.
        Value::record(vec![number(choices), Value::Time(0)])
    } else if what.starts_with("start") {
        Value::record(vec![Value::text("run")])
    } else {
        Value::None
    })
}
