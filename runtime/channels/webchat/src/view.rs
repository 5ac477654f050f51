//! A conversation as it now stands: its log, folded.

use crate::record::{Author, Body, Line, Mark, Record};
use carapace_channel_api::{MessageId, UnixMillis, UserId};
use serde::Serialize;
use std::collections::{HashMap, HashSet, VecDeque};

/// A conversation as it now stands.
#[derive(Debug, Default)]
pub(crate) struct View {
    seq: u64,
    messages: Vec<Standing>,
    places: HashMap<MessageId, usize>,
    /// The newest lines, for pages that were away for a moment.
    recent: VecDeque<Line>,
    /// Which message an asker's key made or touched.
    keys: HashMap<String, MessageId>,
    key_order: VecDeque<String>,
}

/// A message as it now stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Standing {
    pub(crate) id: MessageId,
    pub(crate) seq: u64,
    pub(crate) at: UnixMillis,
    pub(crate) from: Author,
    #[serde(flatten)]
    pub(crate) body: Body,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) pressed: Vec<Pressed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reaction {
    pub(crate) emoji: String,
    pub(crate) by: Author,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Pressed {
    pub(crate) button: String,
    pub(crate) by: Author,
}

/// Enough of a message to know which one is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Quote {
    pub(crate) id: MessageId,
    pub(crate) from: Author,
    pub(crate) text: String,
    pub(crate) deleted: bool,
}

/// How many of the newest lines can be told again one by one; who was away for longer gets the last page anew.
const RECENT: usize = 256;
/// How many keys are remembered. A key is asked again within seconds or minutes.
const KEYS: usize = 4_096;
/// How many people's reactions a message carries; more would be somebody's game.
const REACTIONS: usize = 200;

impl Standing {
    /// One line that says which message it is: the beginning of its text, or a file's name.
    pub(crate) fn gist(&self) -> String {
        const LETTERS: usize = 80;
        let line = self.body.text.lines().map(str::trim).find(|line| !line.is_empty());
        let line = line.or(self.body.files.first().map(|file| file.name.as_str()));
        line.unwrap_or_default().chars().take(LETTERS).collect()
    }
}

impl View {
    /// The newest line's number.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes in one more line.
    pub(crate) fn apply(&mut self, line: Line) {
        self.seq = line.seq;
        if let Some(key) = &line.key {
            self.keys.insert(key.clone(), line.record.message().clone());
            self.key_order.push_back(key.clone());
            if self.key_order.len() > KEYS
                && let Some(old) = self.key_order.pop_front()
            {
                self.keys.remove(&old);
            }
        }
        self.fold(&line);
        self.recent.push_back(line);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    fn fold(&mut self, line: &Line) {
        if let Record::Message { id, from, body, reply_to, mark } = &line.record {
            self.places.insert(id.clone(), self.messages.len());
            self.messages.push(Standing {
                id: id.clone(),
                seq: line.seq,
                at: line.at,
                from: from.clone(),
                body: body.clone(),
                reply_to: reply_to.clone(),
                mark: *mark,
                edited: false,
                deleted: false,
                reactions: Vec::new(),
                pressed: Vec::new(),
            });
            return;
        }
        let place = self.places.get(line.record.message()).copied();
        let Some(message) = place.and_then(|place| self.messages.get_mut(place)) else { return };
        match &line.record {
            Record::Message { .. } => {}
            Record::Edited { body, .. } => {
                message.body = body.clone();
                message.edited = true;
                message.pressed.clear();
            }
            Record::Deleted { .. } => {
                message.body = Body::default();
                message.deleted = true;
                message.reactions.clear();
                message.pressed.clear();
            }
            Record::Reaction { by, emoji, removed, .. } => {
                message.reactions.retain(|r| !(r.emoji == *emoji && r.by.id == by.id));
                if !removed && message.reactions.len() < REACTIONS {
                    message.reactions.push(Reaction { emoji: emoji.clone(), by: by.clone() });
                }
            }
            Record::Pressed { button, by, .. } => {
                message.pressed.retain(|p| p.by.id != by.id);
                message.pressed.push(Pressed { button: button.clone(), by: by.clone() });
            }
        }
    }

    /// A message that still stands.
    pub(crate) fn find(&self, id: &MessageId) -> Option<&Standing> {
        self.any(id).filter(|message| !message.deleted)
    }

    /// A message, also one that was deleted.
    pub(crate) fn any(&self, id: &MessageId) -> Option<&Standing> {
        self.places.get(id).and_then(|place| self.messages.get(*place))
    }

    /// Enough of a message to know which one it is.
    pub(crate) fn quote(&self, id: &MessageId) -> Option<Quote> {
        let message = self.any(id)?;
        let (id, from) = (message.id.clone(), message.from.clone());
        Some(Quote { id, from, text: message.gist(), deleted: message.deleted })
    }

    /// What `messages` answer and what is not among them.
    pub(crate) fn quotes(&self, messages: &[Standing]) -> Vec<Quote> {
        let shown: HashSet<&MessageId> = messages.iter().map(|message| &message.id).collect();
        let mut wanted = HashSet::new();
        let answered = messages.iter().filter_map(|message| message.reply_to.as_ref());
        answered
            .filter(|id| !shown.contains(id) && wanted.insert(*id))
            .filter_map(|id| self.quote(id))
            .collect()
    }

    /// The message that was made or touched under `key`.
    pub(crate) fn done(&self, key: &str) -> Option<&MessageId> {
        self.keys.get(key)
    }

    /// The last message that still stands.
    pub(crate) fn last(&self) -> Option<&Standing> {
        self.messages.iter().rev().find(|message| !message.deleted)
    }

    /// The first thing that a person said here.
    pub(crate) fn first_said(&self) -> Option<&Standing> {
        self.messages.iter().find(|message| !message.from.bot && !message.body.text.is_empty())
    }

    /// Up to `count` messages before line `before`, oldest first, and whether there are older ones.
    pub(crate) fn page(&self, before: Option<u64>, count: usize) -> (&[Standing], bool) {
        let end = before.map_or(self.messages.len(), |seq| self.messages.partition_point(|m| m.seq < seq));
        let start = end.saturating_sub(count);
        (self.messages.get(start..end).unwrap_or_default(), start > 0)
    }

    /// The lines after `seq`, if all of them are still at hand.
    pub(crate) fn after(&self, seq: u64) -> Option<impl Iterator<Item = &Line>> {
        let first = self.recent.front().map_or(self.seq + 1, |line| line.seq);
        let known = seq <= self.seq && seq + 1 >= first;
        known.then(|| self.recent.iter().filter(move |line| line.seq > seq))
    }

    /// Whether `user` reacted with `emoji`.
    pub(crate) fn reacted(&self, id: &MessageId, user: &UserId, emoji: &str) -> bool {
        self.find(id).is_some_and(|m| m.reactions.iter().any(|r| r.by.id == *user && r.emoji == emoji))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Author {
        Author { id: "ana".into(), name: "Ana".into(), bot: false }
    }

    fn view(records: Vec<Record>) -> View {
        let mut view = View::default();
        for (n, record) in records.into_iter().enumerate() {
            view.apply(Line { seq: n as u64 + 1, at: UnixMillis(0), key: Some(format!("k{n}")), record });
        }
        view
    }

    fn message(id: &str) -> Record {
        let body = Body { text: format!("text of {id}"), ..Body::default() };
        Record::Message { id: id.into(), from: ana(), body, reply_to: None, mark: None }
    }

    #[test]
    fn what_happened_to_a_message_is_folded_into_it() {
        let reaction =
            |removed| Record::Reaction { id: "a".into(), by: ana(), emoji: "👍".into(), removed };
        let pressed = |button: &str| Record::Pressed { id: "a".into(), button: button.into(), by: ana() };
        let mut records = vec![message("a"), reaction(false), reaction(false), pressed("x"), pressed("y")];
        let now = view(records.clone());
        let standing = now.find(&"a".into()).unwrap();
        assert_eq!(standing.reactions.len(), 1);
        assert_eq!(standing.pressed, [Pressed { button: "y".into(), by: ana() }]);
        records.push(reaction(true));
        records.push(Record::Edited { id: "a".into(), body: Body { text: "new".into(), ..Body::default() } });
        let now = view(records.clone());
        let standing = now.find(&"a".into()).unwrap();
        assert!(standing.reactions.is_empty() && standing.edited);
        assert_eq!(standing.body.text, "new");
        assert_eq!(now.done("k6"), Some(&"a".into()));
        records.push(Record::Deleted { id: "a".into() });
        let now = view(records);
        assert!(now.find(&"a".into()).is_none() && now.last().is_none());
        assert_eq!(now.any(&"a".into()).unwrap().body, Body::default());
    }

    #[test]
    fn what_is_answered_can_be_told_without_the_page_it_stands_on() {
        let answer = |id: &str, to: &str| {
            let Record::Message { id, from, body, mark, .. } = message(id) else { unreachable!() };
            Record::Message { id, from, body, mark, reply_to: Some(to.into()) }
        };
        let mut now =
            view(vec![message("a"), message("b"), answer("c", "a"), answer("d", "a"), answer("e", "d")]);
        let (page, _) = now.page(None, 3);
        let quote = Quote { id: "a".into(), from: ana(), text: "text of a".to_owned(), deleted: false };
        assert_eq!(now.quotes(page), std::slice::from_ref(&quote));
        let record = Record::Deleted { id: "a".into() };
        now.apply(Line { seq: 6, at: UnixMillis(0), key: None, record });
        let gone = Quote { text: String::new(), deleted: true, ..quote };
        assert_eq!(now.quote(&"a".into()), Some(gone));
        assert_eq!(now.quote(&"z".into()), None);
    }

    #[test]
    fn pages_and_gaps() {
        let now = view((0..300).map(|n| message(&format!("m{n}"))).collect());
        let (page, more) = now.page(None, 50);
        assert!(more && page.len() == 50 && page[49].id == "m299".into());
        let (page, more) = now.page(Some(31), 50);
        assert!(!more && page.len() == 30 && page[29].id == "m29".into());
        assert_eq!(now.after(298).unwrap().count(), 2);
        assert_eq!(now.after(300).unwrap().count(), 0);
        assert!(now.after(10).is_none());
        assert!(now.after(301).is_none());
        assert_eq!(View::default().after(0).unwrap().count(), 0);
    }
}
