//! Who may be meant, where nobody has the name that was typed.

use super::Sender;
use std::collections::VecDeque;

/// Somebody who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Who.
    pub sender: Sender,
    /// How they are called.
    pub name: String,
}

/// People who were met, those that are named like what was typed first.
#[derive(Debug)]
pub(super) struct Nearby {
    typed: String,
    like: VecDeque<Near>,
    last: VecDeque<Near>,
}

/// So many are told.
const MOST: usize = 5;

impl Nearby {
    pub(super) fn of(typed: &str) -> Nearby {
        let id = typed.split_once(':').map_or(typed, |(_, id)| id);
        Nearby { typed: id.trim().to_lowercase(), like: VecDeque::new(), last: VecDeque::new() }
    }

    /// Somebody did something; what they are called is asked for where it matters.
    pub(super) fn meet(&mut self, sender: &Sender, name: impl FnOnce() -> String) {
        if self.last.back().is_some_and(|last| last.sender == *sender) {
            return;
        }
        let near = Near { sender: sender.clone(), name: name() };
        let is_like = |text: &str| !self.typed.is_empty() && text.to_lowercase().contains(&self.typed);
        if is_like(&sender.id) || is_like(&near.name) {
            note(&mut self.like, near.clone());
        }
        note(&mut self.last, near);
    }

    /// Those who may be meant, the likeliest first.
    pub(super) fn all(&self) -> Vec<Near> {
        let few = if self.like.is_empty() { &self.last } else { &self.like };
        few.iter().rev().cloned().collect()
    }
}

fn note(met: &mut VecDeque<Near>, near: Near) {
    met.retain(|before| before.sender != near.sender);
    if met.len() == MOST {
        met.pop_front();
    }
    met.push_back(near);
}
