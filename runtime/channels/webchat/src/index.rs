//! Who there is, which conversations, who is in them, and whose the files are.

use crate::Room;
use crate::journal::Journal;
use crate::record::Shared;
use crate::token::TokenHash;
use carapace_channel_api::{Conversation, ConversationId, ConversationKind, Role, UnixMillis, User, UserId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::Mutex;

/// What is known, in memory and on disk.
#[derive(Debug)]
pub(crate) struct Index {
    journal: Mutex<Journal>,
    tables: RwLock<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    sessions: HashMap<TokenHash, UserId>,
    people: HashMap<UserId, Person>,
    conversations: HashMap<ConversationId, Known>,
    files: HashMap<String, FileEntry>,
}

#[derive(Debug, Clone)]
struct Person {
    name: String,
    token: TokenHash,
    /// Whether they stand on disk. Somebody who only looks leaves no trace.
    kept: bool,
    /// Oldest first.
    conversations: Vec<ConversationId>,
    /// Under which name their page asked for them.
    opened: HashMap<String, ConversationId>,
    file_bytes: u64,
}

#[derive(Debug, Clone)]
struct Known {
    kind: ConversationKind,
    title: Option<String>,
    /// The visitor whose it is; none for a room, where everybody is.
    owner: Option<UserId>,
}

/// A file in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) id: String,
    pub(crate) conversation: ConversationId,
    /// The visitor who brought it; none where we did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<UserId>,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: u64,
    /// What its preview is, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<String>,
}

impl FileEntry {
    /// The file as a message names it.
    pub(crate) fn shared(self) -> Shared {
        let FileEntry { id, name, media_type, size, preview, .. } = self;
        Shared { name, media_type, size: Some(size), file: Some(id), url: None, preview }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Session {
        token: TokenHash,
        user: UserId,
        name: String,
        at: UnixMillis,
    },
    Named {
        user: UserId,
        name: String,
    },
    Opened {
        conversation: ConversationId,
        owner: UserId,
        at: UnixMillis,
        /// The page's name of the request, so that asking twice opens one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    File(FileEntry),
}

/// What stands on the disk of a visitor.
#[derive(Debug, Default)]
pub(crate) struct Theirs {
    /// Whether they have a session.
    pub(crate) known: bool,
    /// Their own conversations.
    pub(crate) conversations: HashSet<ConversationId>,
    /// Files that they brought, or that are in those.
    pub(crate) files: HashSet<String>,
}

impl Line {
    /// The visitor whose it is, where it is somebody's.
    fn owner(&self) -> Option<&UserId> {
        match self {
            Line::Session { user, .. } | Line::Named { user, .. } => Some(user),
            Line::Opened { owner, .. } => Some(owner),
            Line::File(file) => file.owner.as_ref(),
        }
    }
}

/// What a person who gave no name is called.
const NAMELESS: &str = "Guest";

impl Index {
    pub(crate) fn open(path: &Path, rooms: &[Room]) -> io::Result<Index> {
        let (journal, lines) = Journal::open::<Line>(path)?;
        let mut tables = Tables::default();
        for line in lines {
            tables.apply(line);
        }
        for room in rooms {
            let known = Known { kind: ConversationKind::Group, title: Some(room.title.clone()), owner: None };
            tables.conversations.insert(ConversationId(format!("#{}", room.name)), known);
        }
        Ok(Index { journal: Mutex::new(journal), tables: RwLock::new(tables) })
    }

    /// The visitor who has this token.
    pub(crate) fn session(&self, token: &TokenHash) -> Option<UserId> {
        self.read().sessions.get(token).cloned()
    }

    /// A new visitor, in memory only until they do something.
    pub(crate) fn newcomer(&self, token: TokenHash, user: UserId) {
        let mut tables = self.write();
        tables.sessions.insert(token.clone(), user.clone());
        tables.people.insert(user, Person::new(token));
    }

    /// Forgets a visitor who left without having done anything.
    pub(crate) fn gone(&self, user: &UserId) {
        let mut tables = self.write();
        if tables.people.get(user).is_some_and(|person| !person.kept)
            && let Some(person) = tables.people.remove(user)
        {
            tables.sessions.remove(&person.token);
        }
    }

    /// Makes sure that a visitor stands on disk.
    pub(crate) async fn keep(&self, user: &UserId) -> io::Result<()> {
        let mut journal = self.journal.lock().await;
        let person = self.read().people.get(user).cloned();
        let Some(person) = person.filter(|person| !person.kept) else { return Ok(()) };
        let Person { token, name, .. } = person;
        let line = Line::Session { token, user: user.clone(), name, at: UnixMillis::now() };
        self.note(&mut journal, line).await
    }

    pub(crate) async fn rename(&self, user: &UserId, name: String) -> io::Result<()> {
        let mut journal = self.journal.lock().await;
        self.note(&mut journal, Line::Named { user: user.clone(), name }).await
    }

    pub(crate) async fn open_conversation(
        &self,
        id: ConversationId,
        owner: UserId,
        key: Option<String>,
    ) -> io::Result<()> {
        let mut journal = self.journal.lock().await;
        self.note(&mut journal, Line::Opened { conversation: id, owner, at: UnixMillis::now(), key }).await
    }

    pub(crate) async fn add_file(&self, file: FileEntry) -> io::Result<()> {
        let mut journal = self.journal.lock().await;
        self.note(&mut journal, Line::File(file)).await
    }

    /// From now on a visitor is nobody, and what was theirs is not there. The disk has it still.
    pub(crate) fn shut_out(&self, user: &UserId) {
        let mut tables = self.write();
        tables.people.remove(user);
        tables.sessions.retain(|_, of| of != user);
        tables.conversations.retain(|_, known| known.owner.as_ref() != Some(user));
        let conversations: HashSet<ConversationId> = tables.conversations.keys().cloned().collect();
        tables.files.retain(|_, file| {
            file.owner.as_ref() != Some(user) && conversations.contains(&file.conversation)
        });
    }

    /// What stands on the disk of a visitor, whether or not they were shut out.
    pub(crate) async fn theirs(&self, user: &UserId) -> io::Result<Theirs> {
        // Nobody writes meanwhile.
        let journal = self.journal.lock().await;
        let mut theirs = Theirs::default();
        for line in journal.read::<Line>()? {
            match line {
                Line::Session { user: of, .. } => theirs.known |= of == *user,
                Line::Opened { conversation, owner, .. } if owner == *user => {
                    theirs.conversations.insert(conversation);
                }
                Line::File(file)
                    if file.owner.as_ref() == Some(user)
                        || theirs.conversations.contains(&file.conversation) =>
                {
                    theirs.files.insert(file.id);
                }
                Line::Named { .. } | Line::Opened { .. } | Line::File(_) => {}
            }
        }
        Ok(theirs)
    }

    /// Erases on the disk what says who a visitor was, and what was theirs.
    pub(crate) async fn erase(&self, user: &UserId, theirs: &Theirs) -> io::Result<()> {
        let mut journal = self.journal.lock().await;
        let mut lines = journal.read::<Line>()?;
        lines.retain(|line| match line {
            Line::Session { user: of, .. } | Line::Named { user: of, .. } => of != user,
            Line::Opened { conversation, owner, .. } => {
                owner != user && !theirs.conversations.contains(conversation)
            }
            Line::File(file) => !theirs.files.contains(&file.id),
        });
        journal.rewrite(&lines)
    }

    async fn note(&self, journal: &mut Journal, line: Line) -> io::Result<()> {
        if line.owner().is_some_and(|owner| !self.read().people.contains_key(owner)) {
            return Err(io::Error::other("whose it is was forgotten"));
        }
        journal.append(&line, true).await?;
        self.write().apply(line);
        Ok(())
    }

    /// The visitor as the engine sees them. What they call themselves proves nothing, so they are guests.
    pub(crate) fn user(&self, id: &UserId) -> Option<User> {
        let tables = self.read();
        let person = tables.people.get(id)?;
        Some(User { id: id.clone(), name: person.name.clone(), bot: false, role: Role::Guest })
    }

    pub(crate) fn conversation(&self, id: &ConversationId) -> Option<Conversation> {
        let tables = self.read();
        let known = tables.conversations.get(id)?;
        Some(Conversation { id: id.clone(), kind: known.kind, title: known.title.clone(), thread: None })
    }

    /// Whether `user` may read and write in a conversation.
    pub(crate) fn is_member(&self, id: &ConversationId, user: &UserId) -> bool {
        let tables = self.read();
        tables.conversations.get(id).is_some_and(|c| c.owner.as_ref().is_none_or(|owner| owner == user))
    }

    /// The visitor whose conversation it is; none for a room, and for one that is not there.
    pub(crate) fn owner(&self, id: &ConversationId) -> Option<UserId> {
        self.read().conversations.get(id)?.owner.clone()
    }

    /// The visitor's own conversations, oldest first, and every room.
    pub(crate) fn conversations(&self, user: &UserId) -> Vec<ConversationId> {
        let tables = self.read();
        let mut rooms: Vec<ConversationId> = tables
            .conversations
            .iter()
            .filter(|(_, c)| c.owner.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        rooms.sort();
        let own = tables.people.get(user).map(|p| p.conversations.clone()).unwrap_or_default();
        rooms.into_iter().chain(own).collect()
    }

    /// The conversation that the visitor opened under `key`.
    pub(crate) fn opened_as(&self, user: &UserId, key: &str) -> Option<Conversation> {
        let id = self.read().people.get(user)?.opened.get(key).cloned()?;
        self.conversation(&id)
    }

    /// How many conversations are the visitor's own.
    pub(crate) fn own_count(&self, user: &UserId) -> usize {
        self.read().people.get(user).map_or(0, |person| person.conversations.len())
    }

    pub(crate) fn file(&self, id: &str) -> Option<FileEntry> {
        self.read().files.get(id).cloned()
    }

    /// Bytes of all files the visitor brought.
    pub(crate) fn file_bytes(&self, user: &UserId) -> u64 {
        self.read().people.get(user).map_or(0, |person| person.file_bytes)
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn apply(&mut self, line: Line) {
        match line {
            Line::Session { token, user, name, at: _ } => {
                let person = self.people.entry(user.clone()).or_insert_with(|| Person::new(token.clone()));
                person.kept = true;
                person.name = name;
                self.sessions.insert(token, user);
            }
            Line::Named { user, name } => {
                if let Some(person) = self.people.get_mut(&user) {
                    person.name = name;
                }
            }
            Line::Opened { conversation, owner, at: _, key } => {
                if let Some(person) = self.people.get_mut(&owner) {
                    person.conversations.push(conversation.clone());
                    person.opened.extend(key.map(|key| (key, conversation.clone())));
                }
                let known = Known { kind: ConversationKind::Direct, title: None, owner: Some(owner) };
                self.conversations.insert(conversation, known);
            }
            Line::File(file) => {
                if let Some(person) = file.owner.as_ref().and_then(|owner| self.people.get_mut(owner)) {
                    person.file_bytes += file.size;
                }
                self.files.insert(file.id.clone(), file);
            }
        }
    }
}

impl Person {
    fn new(token: TokenHash) -> Person {
        let name = NAMELESS.to_owned();
        Person { name, token, kept: false, conversations: Vec::new(), opened: HashMap::new(), file_bytes: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Token;

    #[tokio::test]
    async fn who_did_something_is_known_after_a_restart_and_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.jsonl");
        let rooms = [Room { name: "ops".into(), title: "Operations".into() }];
        let index = Index::open(&path, &rooms).unwrap();
        let (ana, bo) = (Token::new().unwrap(), Token::new().unwrap());
        index.newcomer(ana.hash(), "ana".into());
        index.newcomer(bo.hash(), "bo".into());
        index.keep(&"ana".into()).await.unwrap();
        index.keep(&"ana".into()).await.unwrap();
        index.rename(&"ana".into(), "Ana".into()).await.unwrap();
        index.open_conversation("w-1".into(), "ana".into(), Some("k".to_owned())).await.unwrap();
        index.gone(&"bo".into());
        index.gone(&"ana".into());
        assert!(index.session(&bo.hash()).is_none());
        drop(index);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(ana.reveal()) && text.lines().count() == 3, "{text}");
        let index = Index::open(&path, &rooms).unwrap();
        assert_eq!(index.session(&ana.hash()), Some("ana".into()));
        assert_eq!(index.user(&"ana".into()).unwrap().name, "Ana");
        assert_eq!(index.conversations(&"ana".into()), ["#ops".into(), "w-1".into()]);
        assert_eq!(index.opened_as(&"ana".into(), "k").unwrap().id, "w-1".into());
        assert!(index.opened_as(&"bo".into(), "k").is_none());
        assert!(index.is_member(&"w-1".into(), &"ana".into()));
        assert!(!index.is_member(&"w-1".into(), &"bo".into()));
        assert!(index.is_member(&"#ops".into(), &"bo".into()));
        assert!(!index.is_member(&"w-2".into(), &"ana".into()));
    }
}
