//! Forgetting a visitor: their conversations, what they said in rooms, their files, and that they were there.
//!
//! What tells whose things are is erased last. So somebody who was half forgotten when the power went is found again, and the
//! rest of them goes when it is asked for once more.

use crate::hub::{Hub, Room, State};
use crate::record::{Line, Record};
use crate::view::View;
use carapace_channel_api::{ConversationId, Forgotten, MessageId, UserId};
use std::io;

/// The message that a line is about which was somebody's: there is none of that name.
const NOBODYS: &str = "erased";

impl Hub {
    /// Erases a visitor; with `dry_run` it is only counted what there is.
    pub(crate) async fn forget(&self, user: &UserId, dry_run: bool) -> io::Result<Forgotten> {
        if !dry_run {
            // Nothing more of theirs gets in, and whoever comes with their secret is somebody new.
            self.index.shut_out(user);
            self.let_go(user);
        }
        let theirs = self.index.theirs(user).await?;
        let mut said = 0;
        for room in self.shared_rooms()? {
            let room = self.room(&room).await?;
            said += self.erase_lines(&room, user, dry_run).await?;
        }
        let waiting = {
            let mut inbox = self.inbox.lock().await;
            let is_theirs = |sender: &UserId, conversation: &ConversationId| {
                sender == user || theirs.conversations.contains(conversation)
            };
            if dry_run { inbox.count_of(is_theirs) } else { inbox.forget(is_theirs)? }
        };
        if !dry_run {
            for conversation in &theirs.conversations {
                self.erase_log(conversation).await?;
            }
            for file in &theirs.files {
                self.files.erase(file).await?;
            }
            self.index.erase(user, &theirs).await?;
        }
        let mut forgotten = Forgotten::default();
        forgotten.add(usize::from(theirs.known), "session");
        forgotten.add(theirs.conversations.len(), "conversation");
        forgotten.add(said, "line of rooms");
        forgotten.add(theirs.files.len(), "file");
        forgotten.add(waiting, "event not heard yet");
        if said > 0 {
            forgotten.left.push("what others said of them in rooms, answers to them among it".to_owned());
        }
        Ok(forgotten)
    }

    /// The rooms that have a log, also those that the configuration does not name any more.
    fn shared_rooms(&self) -> io::Result<Vec<ConversationId>> {
        let mut rooms = Vec::new();
        for entry in std::fs::read_dir(self.options.data.join("logs"))? {
            let name = entry?.file_name();
            let room = name.to_str().and_then(|name| name.strip_prefix("room-")?.strip_suffix(".jsonl"));
            rooms.extend(room.map(|room| ConversationId(format!("#{room}"))));
        }
        Ok(rooms)
    }

    /// Puts lines that say nothing in the place of somebody's; says how many.
    async fn erase_lines(&self, room: &Room, user: &UserId, dry_run: bool) -> io::Result<usize> {
        let mut state = room.state.lock().await;
        let mut lines = state.journal.read::<Line>()?;
        let mut erased = Vec::new();
        let mut messages: Vec<MessageId> = Vec::new();
        for line in &mut lines {
            match &line.record {
                Record::Message { id, from, .. } if from.id == *user => messages.push(id.clone()),
                Record::Edited { id, .. } | Record::Deleted { id } if messages.contains(id) => {}
                Record::Reaction { by, .. } | Record::Pressed { by, .. } if by.id == *user => {}
                _ => continue,
            }
            erased.push(line.seq);
            // Lines are counted: pages resume by their numbers.
            line.key = None;
            line.record = Record::Deleted { id: NOBODYS.into() };
        }
        if !erased.is_empty() && !dry_run {
            state.begin_anew(lines)?;
        }
        Ok(erased.len())
    }

    async fn erase_log(&self, conversation: &ConversationId) -> io::Result<()> {
        if let Some(room) = self.close_room(conversation) {
            // Whoever is writing to it right now has done so before the file goes.
            drop(room.state.lock().await);
        }
        match tokio::fs::remove_file(self.log_path(conversation)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl State {
    /// What the log says from now on.
    fn begin_anew(&mut self, lines: Vec<Line>) -> io::Result<()> {
        self.journal.rewrite(&lines)?;
        let mut view = View::default();
        lines.into_iter().for_each(|line| view.apply(line));
        self.view = view;
        Ok(())
    }
}
