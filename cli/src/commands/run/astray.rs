//! Slots that stand for accounts that the runtime does not have: what is deployed keeps its bindings, and accounts come and go.

use super::bindings::Account;
use crate::problem::Problem;
use carapace_engine::Binding;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The code of a slot whose accounts are not there.
const ASTRAY: &str = "W0614";

/// A slot that stands for accounts that are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Astray {
    /// The slot's full name.
    slot: Arc<str>,
    /// Those that are not there.
    pub(crate) accounts: Vec<Arc<str>>,
    /// Whether none of its accounts is there, so that it stands for nothing.
    is_empty: bool,
}

impl Astray {
    /// Those among these bindings.
    pub(crate) fn find(bindings: &BTreeMap<Arc<str>, Binding>, accounts: &[Account]) -> Vec<Astray> {
        bindings.iter().filter_map(|(slot, binding)| Astray::of(slot, binding, accounts)).collect()
    }

    fn of(slot: &Arc<str>, binding: &Binding, accounts: &[Account]) -> Option<Astray> {
        let mut meant: Vec<&Arc<str>> = match binding {
            Binding::Channel { accounts } => accounts.iter().collect(),
            Binding::Room { account, .. } => vec![account],
            Binding::Group { members } => members.iter().map(|member| &member.account).collect(),
            Binding::Connection { .. } => Vec::new(),
        };
        meant.sort();
        meant.dedup();
        let there = |name: &Arc<str>| accounts.iter().any(|account| account.name == *name);
        let mut gone: Vec<Arc<str>> = meant.iter().filter(|name| !there(name)).copied().cloned().collect();
        let is_empty = gone.len() == meant.len();
        // A runtime that runs as a service has no terminal, and nobody misses it where there is something else.
        gone.retain(|name| is_empty || **name != *"terminal");
        (!gone.is_empty()).then(|| Astray { slot: slot.clone(), accounts: gone, is_empty })
    }

    /// What is wrong, in words.
    pub(crate) fn words(&self) -> String {
        let names: Vec<String> = self.accounts.iter().map(|name| format!("`{name}`")).collect();
        let (names, slot) = (names.join(" and "), &self.slot);
        let (is, account) = if self.accounts.len() == 1 { ("is", "account") } else { ("are", "accounts") };
        if self.is_empty {
            format!(
                "`{slot}` stands for {names}, which {is} no {account} of this runtime: nothing is heard or said there"
            )
        } else {
            format!("`{slot}` also stands for {names}, which {is} no {account} of this runtime")
        }
    }

    /// What to do about it.
    pub(crate) fn way_out(&self) -> String {
        let short = self.slot.rsplit('.').next().unwrap_or(&self.slot);
        format!(
            "`carapace deploy --bind {short}=…` binds it to others; or give the configuration such an account"
        )
    }

    /// The same as a warning, where it stands for nothing.
    pub(crate) fn warning(&self) -> Option<Problem> {
        self.is_empty.then(|| Problem::new(ASTRAY, self.words()).help(self.way_out()))
    }

    /// Whether it stands for nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_nothing_is_told_and_a_terminal_is_not_missed_beside_others() {
        let accounts = [Account { name: "web".into(), kind: "webchat".into() }];
        let channel = |names: &[&str]| Binding::Channel {
            accounts: names.iter().map(|name| Arc::from(*name)).collect(),
        };
        let of = |binding: Binding| Astray::find(&[("a/main.chat".into(), binding)].into(), &accounts);
        assert_eq!(of(channel(&["web"])), []);
        assert_eq!(of(channel(&["terminal", "web"])), []);
        let [gone] = &of(channel(&["terminal", "webchat"]))[..] else { panic!() };
        assert!(gone.is_empty() && gone.warning().is_some());
        assert_eq!(
            gone.words(),
            "`a/main.chat` stands for `terminal` and `webchat`, which are no accounts of this runtime: nothing is heard or said there"
        );
        let [part] = &of(channel(&["other", "web"]))[..] else { panic!() };
        assert!(!part.is_empty() && part.warning().is_none());
        let room = Binding::Room { account: "other".into(), conversation: "#ops".into() };
        assert!(of(room)[0].is_empty());
        assert_eq!(of(Binding::Group { members: Vec::new() }), [], "nobody is a group, too");
    }
}
