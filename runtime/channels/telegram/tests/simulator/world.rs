//! Chats, messages and updates.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};

/// The bot's own id.
pub(crate) const BOT: i64 = 4242;

/// What goes wrong, once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It is refused with this code and these words.
    Refuse(u16, String),
    /// Too much at once: wait so many seconds.
    Flood(u64),
    /// The group is a supergroup now.
    Moved(i64),
    /// It is done, and the connection is cut before the answer.
    Cut,
    /// It is done, and no answer ever comes.
    Hang,
    /// This status with this text, which is no JSON.
    Raw(u16, String),
}

/// Something that stands in a chat.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) chat: i64,
    pub(crate) id: i64,
    /// Of the bot, or of a person.
    pub(crate) ours: bool,
    /// As it stands there now; `text` or `caption`, keyboard, files.
    pub(crate) body: Value,
    /// Everything that was read there, from the first version on.
    pub(crate) seen: Vec<String>,
    /// Whether it was taken away.
    pub(crate) gone: bool,
}

#[derive(Default)]
pub(crate) struct World {
    next_update: i64,
    next_message: i64,
    updates: VecDeque<Value>,
    pub(crate) poller: u64,
    pub(crate) webhook: Option<Value>,
    pub(crate) shown: Vec<Shown>,
    /// Every call, by method.
    pub(crate) calls: Vec<(String, Value)>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What people see beside the line in which they write.
    pub(crate) menu: Option<Vec<Value>>,
    /// Who runs which group: the chat, the person, and what they are.
    pub(crate) administrators: Vec<(i64, i64, &'static str)>,
    faults: Vec<(String, Fault)>,
}

impl World {
    /// The next call of a method goes wrong.
    pub(crate) fn plan(&mut self, method: &str, fault: Fault) {
        self.faults.push((method.to_ascii_lowercase(), fault));
    }

    pub(super) fn fault(&mut self, method: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(planned, _)| planned == method)?;
        Some(self.faults.remove(at).1)
    }

    pub(super) fn push(&mut self, mut update: Value) -> i64 {
        self.next_update += 1;
        let id = 700_000 + self.next_update;
        if update.get("update_id").is_none() {
            update["update_id"] = json!(id);
        }
        self.updates.push_back(update);
        id
    }

    /// The same updates once more, as after a lost confirmation.
    pub(crate) fn repeat(&mut self, update: &Value) {
        self.updates.push_front(update.clone());
    }

    pub(super) fn confirm(&mut self, offset: i64) {
        let old = |update: &Value| update["update_id"].as_i64().is_some_and(|id| id < offset);
        self.updates.retain(|update| !old(update));
    }

    pub(super) fn waiting(&self, limit: usize) -> Vec<Value> {
        self.updates.iter().take(limit).cloned().collect()
    }

    /// How many updates were not confirmed yet.
    pub(crate) fn pending(&self) -> usize {
        self.updates.len()
    }

    pub(crate) fn person(id: i64) -> Value {
        json!({ "id": id, "is_bot": false, "first_name": "Person", "last_name": id.to_string(), "username": format!("person{id}") })
    }

    pub(crate) fn chat(id: i64) -> Value {
        if id > 0 {
            json!({ "id": id, "type": "private", "first_name": "Person" })
        } else {
            json!({ "id": id, "type": "supergroup", "title": "Club" })
        }
    }

    /// A message of a person, which stands in the chat from now on.
    pub(crate) fn message(&mut self, chat: i64, person: i64, fields: &Value) -> Value {
        let id = self.put(chat, false, fields);
        let mut message = json!({ "message_id": id, "date": 1_790_000_000, "chat": World::chat(chat), "from": World::person(person) });
        merge(&mut message, fields);
        message
    }

    pub(super) fn put(&mut self, chat: i64, ours: bool, body: &Value) -> i64 {
        self.next_message += 1;
        let seen = words(body);
        self.shown.push(Shown { chat, id: self.next_message, ours, body: body.clone(), seen, gone: false });
        self.next_message
    }

    pub(crate) fn find(&mut self, chat: i64, id: i64) -> Option<&mut Shown> {
        self.shown.iter_mut().find(|shown| shown.chat == chat && shown.id == id && !shown.gone)
    }

    /// What the bot has said, in order.
    pub(crate) fn said(&self) -> impl Iterator<Item = &Shown> {
        self.shown.iter().filter(|shown| shown.ours)
    }

    /// Every call of a method.
    pub(crate) fn called(&self, method: &str) -> Vec<&Value> {
        let method = method.to_ascii_lowercase();
        self.calls.iter().filter(|(called, _)| *called == method).map(|(_, body)| body).collect()
    }

    pub(super) fn pressed(&self, person: i64, message: i64, label: &str) -> Value {
        let shown = self.shown.iter().find(|shown| shown.id == message).unwrap();
        let keyboard = &shown.body["reply_markup"];
        let keys =
            keyboard["inline_keyboard"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        let key = keys.into_iter().find(|key| key["text"] == label).expect("there is such a button");
        json!({ "callback_query": {
            "id": format!("q{message}"), "from": World::person(person), "chat_instance": "1", "data": key["callback_data"],
            "message": {
                "message_id": message, "date": 1_790_000_000, "chat": World::chat(shown.chat),
                "from": { "id": BOT, "is_bot": true, "first_name": "Bot" }, "reply_markup": keyboard,
            },
        } })
    }
}

/// Every text that a person reads in a message.
pub(super) fn words(body: &Value) -> Vec<String> {
    let text = ["text", "caption", "question"].iter().filter_map(|name| body[name].as_str());
    let rows = body["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten();
    let keys =
        rows.flat_map(|row| row.as_array().into_iter().flatten()).filter_map(|key| key["text"].as_str());
    text.chain(keys).map(str::to_owned).collect()
}

pub(super) fn merge(into: &mut Value, more: &Value) {
    let more: Map<String, Value> = more.as_object().cloned().unwrap_or_default();
    into.as_object_mut().unwrap().extend(more);
}
