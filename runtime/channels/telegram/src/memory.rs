//! What Telegram's ids mean to us, kept in the account's folder: choices too long for a button, which message holds a poll,
//! what a group became.

use crate::Options;
use carapace_channel_api::{ButtonId, Kept};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io;

/// `callback_data` has at most so many bytes (Bot API, `InlineKeyboardButton`).
const MOST_DATA: usize = 64;

/// Long choices and polls that are remembered; beyond that the oldest are forgotten.
const MOST: usize = 5_000;

/// What is kept.
pub(crate) struct Memory(Kept<Pages>);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Pages {
    /// Ids of buttons by what stands in their place.
    buttons: VecDeque<(String, String)>,
    polls: VecDeque<Poll>,
    /// Groups that became supergroups, by their former id.
    moved: BTreeMap<i64, i64>,
    /// Whether the menu of commands may be one that we set.
    menu: bool,
}

/// Where a poll stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Poll {
    /// Telegram's id of it, which is all that a vote says.
    pub(crate) id: String,
    /// The chat.
    pub(crate) chat: i64,
    /// The message that holds it.
    pub(crate) message: i64,
    /// The topic, where it stands in one.
    pub(crate) thread: Option<i64>,
}

impl Memory {
    pub(crate) fn open(options: &Options) -> io::Result<Memory> {
        Ok(Memory(Kept::open(options.data.join("memory.json"))?))
    }

    /// What is given to Telegram for each of these buttons. A choice that is too long is remembered first.
    pub(crate) async fn data(&self, ids: &[ButtonId]) -> io::Result<Vec<String>> {
        let data: Vec<String> = ids.iter().map(|id| data(id.as_str())).collect();
        let long: Vec<(String, String)> = data
            .iter()
            .zip(ids)
            .filter(|(data, _)| data.starts_with('#'))
            .map(|(data, id)| (data.clone(), id.as_str().to_owned()))
            .collect();
        let new = self.0.look(|pages| long.iter().any(|entry| !pages.buttons.contains(entry))).await;
        if new {
            self.0
                .change(|pages| {
                    for entry in long {
                        pages.buttons.retain(|known| *known != entry);
                        pages.buttons.push_back(entry);
                    }
                    trim(&mut pages.buttons);
                })
                .await?;
        }
        Ok(data)
    }

    /// Our id behind what a button carries; none where it is none of ours, or was forgotten.
    pub(crate) async fn button(&self, data: &str) -> Option<ButtonId> {
        match data.strip_prefix('=') {
            Some(id) => Some(id.into()),
            None => {
                let find = |pages: &Pages| {
                    pages.buttons.iter().find(|(known, _)| known == data).map(|(_, id)| id.clone().into())
                };
                self.0.look(find).await
            }
        }
    }

    /// A poll stands there.
    pub(crate) async fn asked(&self, poll: Poll) -> io::Result<()> {
        self.0
            .change(|pages| {
                pages.polls.push_back(poll);
                trim(&mut pages.polls);
            })
            .await
    }

    /// Where a poll of ours stands.
    pub(crate) async fn poll(&self, id: &str) -> Option<Poll> {
        self.0.look(|pages| pages.polls.iter().find(|poll| poll.id == id).cloned()).await
    }

    /// Erases which polls stand in somebody's direct chat; says how many. With `dry_run` it only says that.
    pub(crate) async fn forget(&self, person: &str, dry_run: bool) -> io::Result<usize> {
        // A direct chat has the id of the person (Bot API, `Chat`).
        let Ok(chat) = person.parse::<i64>() else { return Ok(0) };
        let there = self.0.look(|pages| pages.polls.iter().filter(|poll| poll.chat == chat).count()).await;
        if there > 0 && !dry_run {
            self.0.change(|pages| pages.polls.retain(|poll| poll.chat != chat)).await?;
        }
        Ok(there)
    }

    /// A group became another. Whether that is new.
    pub(crate) async fn moved(&self, from: i64, to: i64) -> io::Result<bool> {
        if from == to || self.0.look(|pages| pages.moved.get(&from) == Some(&to)).await {
            return Ok(false);
        }
        self.0.change(|pages| pages.moved.insert(from, to)).await?;
        Ok(true)
    }

    /// Whether the menu of commands may be one that we set.
    pub(crate) async fn has_menu(&self) -> bool {
        self.0.look(|pages| pages.menu).await
    }

    /// Whether it may be from now on.
    pub(crate) async fn menu(&self, ours: bool) -> io::Result<()> {
        if self.has_menu().await != ours {
            self.0.change(|pages| pages.menu = ours).await?;
        }
        Ok(())
    }

    /// What a group is now.
    pub(crate) async fn now(&self, chat: i64) -> i64 {
        self.0.look(|pages| pages.moved.get(&chat).copied().unwrap_or(chat)).await
    }
}

fn trim<T>(list: &mut VecDeque<T>) {
    while list.len() > MOST {
        list.pop_front();
    }
}

/// The id behind `=` where it is short enough, else the beginning of its hash behind `#`.
fn data(id: &str) -> String {
    if id.len() < MOST_DATA {
        return format!("={id}");
    }
    let mut text = "#".to_owned();
    for byte in Sha256::digest(id).iter().take(16) {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_api::NoSecrets;
    use std::sync::Arc;

    #[tokio::test]
    async fn ids_of_any_length_come_back_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new("bot", folder.path(), Arc::new(NoSecrets), "bot");
        let memory = Memory::open(&options).unwrap();
        let ids: Vec<ButtonId> = ["b", "", "#x", &"l".repeat(63), &"l".repeat(64), &"ü".repeat(500)]
            .into_iter()
            .map(ButtonId::from)
            .collect();
        let data = memory.data(&ids).await.unwrap();
        assert!(data.iter().all(|data| data.len() <= MOST_DATA));
        drop(memory);
        let memory = Memory::open(&options).unwrap();
        for (data, id) in data.iter().zip(&ids) {
            assert_eq!(memory.button(data).await.as_ref(), Some(id));
        }
        for junk in ["", "#", "x", "#0000"] {
            assert_eq!(memory.button(junk).await, None, "{junk}");
        }
    }

    #[tokio::test]
    async fn a_group_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(&Options::new("bot", folder.path(), Arc::new(NoSecrets), "bot")).unwrap();
        assert!(memory.moved(-1, -1001).await.unwrap());
        assert!(!memory.moved(-1, -1001).await.unwrap());
        assert_eq!((memory.now(-1).await, memory.now(5).await), (-1001, 5));
    }
}
