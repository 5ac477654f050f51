//! Whether a call is the one that a pattern means, and a text the one that was expected.

use carapace_module::Value;
use carapace_module::testing::{CallPattern, CallTarget, TextMatch};

/// A pattern with its values in place: `None` is a wild card.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) target: CallTarget,
    pub(crate) params: Vec<(std::sync::Arc<str>, Option<Value>)>,
}

/// A call as it was made: parameter names and values, receiver left out.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    pub(crate) target: CallTarget,
    pub(crate) args: Vec<(std::sync::Arc<str>, Value)>,
}

impl Pattern {
    /// The pattern with the values that stand first in `args`, which are taken out.
    pub(crate) fn take(pattern: &CallPattern, args: &mut impl Iterator<Item = Value>) -> Pattern {
        let params = pattern.params.iter().map(|(name, given)| {
            let value = if *given { args.next() } else { None };
            (name.clone(), value)
        });
        Pattern { target: pattern.target.clone(), params: params.collect() }
    }

    /// Whether the call is meant.
    pub(crate) fn matches(&self, call: &Called) -> bool {
        self.about(&call.target) && self.misses(call).is_none()
    }

    /// Whether it is about this effect or flow at all.
    pub(crate) fn about(&self, target: &CallTarget) -> bool {
        match (&self.target, target) {
            (CallTarget::Flow(a), CallTarget::Flow(b)) => a == b,
            (
                CallTarget::Effect { effect, receiver, .. },
                CallTarget::Effect { effect: other, receiver: on, .. },
            ) => effect == other && receiver.as_ref().is_none_or(|receiver| Some(receiver) == on.as_ref()),
            _ => false,
        }
    }

    /// The first parameter that is not as the pattern says: its name, what was wanted and what there is.
    pub(crate) fn misses<'a>(&'a self, call: &'a Called) -> Option<(&'a str, &'a Value, Option<&'a Value>)> {
        self.params.iter().find_map(|(name, wanted)| {
            let wanted = wanted.as_ref()?;
            let found = call.args.iter().find(|(other, _)| other == name).map(|(_, found)| found);
            (found != Some(wanted)).then_some((&**name, wanted, found))
        })
    }
}

/// A text as expected.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) how: TextMatch,
    pub(crate) text: String,
}

impl Wanted {
    pub(crate) fn fits(&self, said: &str) -> bool {
        match self.how {
            TextMatch::Any => true,
            TextMatch::Equals => said == self.text,
            TextMatch::Containing => said.contains(&self.text),
            TextMatch::Matching => regex::Regex::new(&self.text).is_ok_and(|regex| regex.is_match(said)),
        }
    }
}
