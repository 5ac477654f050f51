//! What a configuration says about access.

use serde::{Deserialize, Serialize};

/// Who may talk to an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Who may write to it directly.
    pub direct: Direct,
    /// What it hears in groups.
    pub groups: Groups,
    /// People who may always write directly, by their id at the network, or by `@name` where it has such names.
    pub people: Vec<String>,
    /// The groups it hears; all that it is in where none is named.
    pub chats: Vec<String>,
}

/// Who may write directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direct {
    /// Everybody.
    #[default]
    Open,
    /// Those who are listed.
    List,
    /// Those who are listed, and those whose code was approved.
    Pairing,
}

/// What is heard in groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Groups {
    /// What is addressed to the account: a mention, an answer to one of its messages, a command, a button.
    #[default]
    Mention,
    /// Everything.
    All,
    /// Nothing.
    Off,
}

impl Rules {
    /// Whether somebody is listed.
    pub fn lists(&self, id: &str, name: Option<&str>) -> bool {
        self.people.iter().any(|listed| match listed.strip_prefix('@') {
            Some(listed) => name.is_some_and(|name| name.eq_ignore_ascii_case(listed)),
            None => listed == id,
        })
    }

    /// Whether something is heard that was said in a group.
    pub fn hears(&self, chat: &str, name: Option<&str>, addressed: bool) -> bool {
        let served = self.chats.is_empty()
            || self.chats.iter().any(|listed| match listed.strip_prefix('@') {
                Some(listed) => name.is_some_and(|name| name.eq_ignore_ascii_case(listed)),
                None => listed == chat,
            });
        match self.groups {
            Groups::Off => false,
            Groups::Mention => served && addressed,
            Groups::All => served,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_heard_as_the_rules_say() {
        let rules = |groups, chats: &[&str]| Rules {
            groups,
            chats: chats.iter().map(|chat| (*chat).to_owned()).collect(),
            ..Rules::default()
        };
        for (groups, chats, addressed, heard) in [
            (Groups::Mention, &[][..], true, true),
            (Groups::Mention, &[], false, false),
            (Groups::All, &[], false, true),
            (Groups::Off, &[], true, false),
            (Groups::All, &["-2"], true, false),
            (Groups::All, &["-1"], false, true),
            (Groups::Mention, &["@Club"], true, true),
        ] {
            let rules = rules(groups, chats);
            assert_eq!(rules.hears("-1", Some("club"), addressed), heard, "{rules:?} {addressed}");
        }
    }

    #[test]
    fn people_are_listed_by_id_or_name() {
        let rules = Rules { people: vec!["7".to_owned(), "@Ana".to_owned()], ..Rules::default() };
        assert!(rules.lists("7", None) && rules.lists("8", Some("ana")));
        assert!(!rules.lists("8", None) && !rules.lists("77", Some("an")) && !rules.lists("@ana", None));
    }
}
