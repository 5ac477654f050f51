//! Where a value names a person.

use super::Sender;
use crate::deployment::Binding;
use crate::stored::Letter;
use crate::{Blob, Destination, Key, Origin};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A person, with all names by which something may be theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    /// Who.
    pub(crate) sender: Sender,
    /// What their account is called in keys: its own name, and those of the slots that stand for it.
    pub(crate) slots: BTreeSet<Arc<str>>,
    /// Their direct conversations.
    pub(crate) conversations: BTreeSet<Arc<str>>,
}

/// Members under which a person's id stands beside an account.
const IDS: [&str; 3] = ["sender", "user", "id"];

impl Named {
    pub(crate) fn of(sender: Sender) -> Named {
        let slots = BTreeSet::from([sender.account.clone()]);
        Named { sender, slots, conversations: BTreeSet::new() }
    }

    /// Slots may stand for the account.
    pub(crate) fn bind(&mut self, bindings: &BTreeMap<Arc<str>, Binding>) {
        for (slot, binding) in bindings {
            if matches!(binding, Binding::Channel { accounts } if accounts.contains(&self.sender.account)) {
                self.slots.insert(slot.clone());
            }
        }
    }

    /// Whether the person did it; their direct conversation is known by it, too.
    pub(crate) fn meet(&mut self, origin: &Origin) -> bool {
        let theirs = self.sent(origin);
        if theirs && origin.direct {
            self.conversations.insert(origin.conversation.clone());
        }
        theirs
    }

    /// Whether the person did it.
    pub(crate) fn sent(&self, origin: &Origin) -> bool {
        origin.account == self.sender.account && origin.sender.as_ref() == Some(&self.sender.id)
    }

    /// Whether something goes to the person and to nobody else.
    pub(crate) fn receives(&self, to: &Destination) -> bool {
        match to {
            Destination::User { account, user } => *account == self.sender.account && *user == self.sender.id,
            Destination::Conversation { account, conversation } => self.talks_in(account, conversation),
        }
    }

    /// Whether it is a direct conversation of theirs.
    pub(crate) fn talks_in(&self, account: &Arc<str>, conversation: &Arc<str>) -> bool {
        *account == self.sender.account && self.conversations.contains(conversation)
    }

    /// Whether a letter is to the person, or answers them.
    pub(crate) fn is_in_letter(&self, letter: &Letter) -> bool {
        self.receives(&letter.to) || letter.origin.as_ref().is_some_and(|origin| self.sent(origin))
    }

    /// Whether a key has the person, or a direct conversation of theirs, in it: `by sender`, `by conversation`.
    pub(crate) fn is_in_key(&self, key: &Key) -> bool {
        // Every key holds the id as a text; most are somebody else's.
        self.is_in_written_key(&key.0)
    }

    fn is_in_written_key(&self, key: &str) -> bool {
        let parts: Vec<Json> = serde_json::from_str(key).unwrap_or_default();
        let pairs = parts.array_windows().filter_map(|[one, two]| Some((one.as_str()?, two.as_str()?)));
        pairs.into_iter().any(|(slot, id)| {
            self.slots.contains(slot) && (*self.sender.id == *id || self.conversations.contains(id))
        })
    }

    /// Whether a run that is written down in a record has the person's id in it.
    pub(crate) fn is_in_frames(&self, record: &Json) -> bool {
        let frames = record.get("frames").cloned();
        let frames = frames.and_then(|frames| serde_json::from_value::<Blob>(frames).ok());
        let id = self.sender.id.as_bytes();
        frames.is_some_and(|frames| frames.0.windows(id.len().max(1)).any(|bytes| bytes == id))
    }

    /// Whether something in a record names the person: an address, an origin, a member of a group, a key.
    pub(crate) fn is_in(&self, json: &Json) -> bool {
        match json {
            Json::Array(items) => items.iter().any(|item| self.is_in(item)),
            Json::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Json::as_str);
                let here = text("account").is_some_and(|account| {
                    let them = IDS.iter().any(|name| text(name) == Some(&*self.sender.id));
                    let talk = text("conversation").is_some_and(|talk| self.conversations.contains(talk));
                    *account == *self.sender.account && (them || talk)
                });
                here || text("key").is_some_and(|key| self.is_in_written_key(key))
                    || members.values().any(|member| self.is_in(member))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_module::Value;
    use serde_json::json;

    fn ana() -> Named {
        let mut ana = Named::of(Sender::read("main:7").unwrap());
        let accounts = |name: &str| Binding::Channel { accounts: vec![name.into()] };
        ana.bind(&BTreeMap::from([
            ("shop.chat".into(), accounts("main")),
            ("shop.other".into(), accounts("x")),
        ]));
        ana.conversations.insert("dm".into());
        ana
    }

    #[test]
    fn keys_name_people_and_their_direct_conversations() {
        let key = |parts: &[&str]| Key::of(&parts.iter().map(|part| Value::text(*part)).collect::<Vec<_>>());
        for theirs in
            [&["main", "7"][..], &["shop.chat", "7"], &["shop.chat", "dm"], &["x", "main", "7", "y"]]
        {
            assert!(ana().is_in_key(&key(theirs)), "{theirs:?}");
        }
        for other in
            [&["7"][..], &["main", "77"], &["shop.other", "7"], &["7", "main"], &["main", "room"], &[]]
        {
            assert!(!ana().is_in_key(&key(other)), "{other:?}");
        }
    }

    #[test]
    fn runs_that_are_written_down_have_people_in_them() {
        let frames = |text: &str| json!({ "run": "01", "frames": Blob(text.as_bytes().into()) });
        assert!(ana().is_in_frames(&frames("x\u{1}7\u{2}y")));
        assert!(!ana().is_in_frames(&frames("x8y")) && !ana().is_in_frames(&json!({ "text": "7" })));
    }

    #[test]
    fn records_name_people_at_any_depth_and_others_are_others() {
        for theirs in [
            json!({ "parts": [{ "to": { "user": { "account": "main", "user": "7" } } }] }),
            json!({ "from": { "only": [{ "account": "main", "id": "7", "name": "Ana" }] } }),
            json!({ "origin": { "account": "main", "conversation": "room", "sender": "7" } }),
            json!({ "to": { "conversation": { "account": "main", "conversation": "dm" } } }),
            json!({ "state": "shop.visits", "key": "[\"shop.chat\",\"7\"]", "value": 3 }),
        ] {
            assert!(ana().is_in(&theirs), "{theirs}");
        }
        for other in [
            json!({ "account": "other", "user": "7" }),
            json!({ "account": "main", "user": "8" }),
            json!({ "account": "main", "conversation": "7" }),
            json!({ "text": "main:7", "key": "7" }),
        ] {
            assert!(!ana().is_in(&other), "{other}");
        }
    }
}
