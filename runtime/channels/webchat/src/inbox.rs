//! What visitors did and the engine has not taken yet. It survives us.

use crate::journal::Journal;
use carapace_channel_api::{ConversationId, EventId, Inbound, UserId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::Path;

/// Events that wait for the engine, in order for each conversation.
#[derive(Debug)]
pub(crate) struct Inbox {
    journal: Journal,
    waiting: HashMap<ConversationId, VecDeque<Inbound>>,
    /// Conversations that somebody is pushing from.
    pushing: HashSet<ConversationId>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Came(Box<Inbound>),
    Taken(EventId),
}

/// Beyond this many bytes an inbox in which nothing waits is emptied.
const FULL: u64 = 1 << 20;

impl Inbox {
    /// Reads the inbox; what was taken is thrown out.
    pub(crate) fn open(path: &Path) -> io::Result<Inbox> {
        let (mut journal, lines) = Journal::open::<Line>(path)?;
        let mut events: Vec<Option<Inbound>> = Vec::new();
        let mut places: HashMap<EventId, usize> = HashMap::new();
        for line in lines {
            match line {
                Line::Came(inbound) => {
                    places.insert(inbound.id.clone(), events.len());
                    events.push(Some(*inbound));
                }
                Line::Taken(id) => {
                    if let Some(event) = places.get(&id).and_then(|place| events.get_mut(*place)) {
                        *event = None;
                    }
                }
            }
        }
        let left: Vec<Inbound> = events.into_iter().flatten().collect();
        let lines: Vec<Line> = left.iter().cloned().map(|inbound| Line::Came(Box::new(inbound))).collect();
        journal.rewrite(&lines)?;
        let mut waiting: HashMap<ConversationId, VecDeque<Inbound>> = HashMap::new();
        for inbound in left {
            waiting.entry(inbound.conversation.id.clone()).or_default().push_back(inbound);
        }
        Ok(Inbox { journal, waiting, pushing: HashSet::new() })
    }

    /// Keeps an event; durable on return. True when nobody is pushing from its conversation and somebody has to.
    pub(crate) async fn came(&mut self, inbound: Inbound) -> io::Result<bool> {
        self.journal.append(&Line::Came(Box::new(inbound.clone())), true).await?;
        let conversation = inbound.conversation.id.clone();
        self.waiting.entry(conversation.clone()).or_default().push_back(inbound);
        Ok(self.pushing.insert(conversation))
    }

    /// The next event of a conversation, for the one who pushes from it; who gets none has stopped pushing.
    pub(crate) fn next(&mut self, conversation: &ConversationId) -> Option<Inbound> {
        let next = self.waiting.get(conversation).and_then(|queue| queue.front().cloned());
        if next.is_none() {
            self.pushing.remove(conversation);
        }
        next
    }

    /// Nobody pushes from a conversation any more, though something waits.
    pub(crate) fn put_down(&mut self, conversation: &ConversationId) {
        self.pushing.remove(conversation);
    }

    /// Throws out the next event of a conversation: the engine has it. Nothing where it was forgotten meanwhile.
    pub(crate) async fn taken(&mut self, conversation: &ConversationId, id: &EventId) -> io::Result<()> {
        let Some(queue) = self.waiting.get_mut(conversation) else { return Ok(()) };
        let Some(inbound) = queue.pop_front_if(|next| next.id == *id) else { return Ok(()) };
        if queue.is_empty() {
            self.waiting.remove(conversation);
        }
        if self.waiting.is_empty() && self.journal.length() > FULL {
            return self.journal.rewrite::<Line>(&[]);
        }
        // Not durable: pushed once more after a crash, it is known to the engine.
        self.journal.append(&Line::Taken(inbound.id), false).await
    }

    /// How many events wait that are somebody's, by their sender and their conversation.
    pub(crate) fn count_of(&self, theirs: impl Fn(&UserId, &ConversationId) -> bool) -> usize {
        let all = self.waiting.values().flatten();
        all.filter(|inbound| theirs(&inbound.sender.id, &inbound.conversation.id)).count()
    }

    /// Throws out what is somebody's, also of what was taken and is still on the disk; says how much waited.
    pub(crate) fn forget(&mut self, theirs: impl Fn(&UserId, &ConversationId) -> bool) -> io::Result<usize> {
        let count = self.count_of(&theirs);
        let mut left = self.waiting.clone();
        for queue in left.values_mut() {
            queue.retain(|inbound| !theirs(&inbound.sender.id, &inbound.conversation.id));
        }
        left.retain(|_, queue| !queue.is_empty());
        let all = left.values().flatten().cloned();
        let lines: Vec<Line> = all.map(|inbound| Line::Came(Box::new(inbound))).collect();
        self.journal.rewrite(&lines)?;
        self.waiting = left;
        Ok(count)
    }

    /// How many events of a conversation wait.
    pub(crate) fn count(&self, conversation: &ConversationId) -> usize {
        self.waiting.get(conversation).map_or(0, VecDeque::len)
    }

    /// The conversations in which something waits and from which nobody pushes; the asker does from now on.
    pub(crate) fn unattended(&mut self) -> Vec<ConversationId> {
        let waiting: Vec<ConversationId> = self.waiting.keys().cloned().collect();
        waiting.into_iter().filter(|conversation| self.pushing.insert(conversation.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_api::{Conversation, Event, Message, Route, User};

    fn event(conversation: &str, id: &str) -> Inbound {
        Inbound {
            account: "web".into(),
            id: id.into(),
            conversation: Conversation::direct(conversation),
            sender: User::person("ana", "Ana"),
            at: None,
            route: Route::default(),
            event: Event::Message { message: Message::text(id, "hi") },
        }
    }

    #[tokio::test]
    async fn what_was_not_taken_is_there_after_a_restart_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.jsonl");
        let mut inbox = Inbox::open(&path).unwrap();
        assert!(inbox.came(event("a", "1")).await.unwrap());
        assert!(!inbox.came(event("a", "2")).await.unwrap());
        assert!(inbox.came(event("b", "3")).await.unwrap());
        inbox.came(event("a", "4")).await.unwrap();
        inbox.taken(&"a".into(), &"1".into()).await.unwrap();
        inbox.taken(&"b".into(), &"3".into()).await.unwrap();
        drop(inbox);
        let mut inbox = Inbox::open(&path).unwrap();
        assert_eq!(inbox.unattended(), ["a".into()]);
        assert_eq!(inbox.count(&"a".into()), 2);
        assert!(inbox.unattended().is_empty());
        inbox.put_down(&"a".into());
        assert_eq!(inbox.unattended(), ["a".into()]);
        assert_eq!(inbox.next(&"a".into()).unwrap().id, "2".into());
        inbox.taken(&"a".into(), &"1".into()).await.unwrap();
        inbox.taken(&"a".into(), &"2".into()).await.unwrap();
        assert_eq!(inbox.next(&"a".into()).unwrap().id, "4".into());
        inbox.taken(&"a".into(), &"4".into()).await.unwrap();
        inbox.taken(&"a".into(), &"4".into()).await.unwrap();
        assert!(inbox.unattended().is_empty());
        drop(inbox);
        Inbox::open(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }
}
