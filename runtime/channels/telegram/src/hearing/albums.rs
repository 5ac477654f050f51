//! Albums, which come as single messages.

use crate::reading::Happening;
use carapace_channel_api::{ConversationId, Event, EventId, Inbound, Kept, UserId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Pieces that were taken are known for so many pieces more, should Telegram bring them again.
const REMEMBERED: usize = 500;

/// Pieces of one album: Telegram makes them of ten.
const MOST: usize = 50;

/// Albums that are not whole yet. Their pieces are durable here, so that the cursor may pass them.
pub(crate) struct Albums {
    shelf: Arc<AlbumShelf>,
    /// When an album is taken to be whole, by its name.
    due: HashMap<String, Instant>,
    patience: Duration,
}

/// Where their pieces lie.
pub(crate) struct AlbumShelf(Kept<Shelf>);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Shelf {
    open: Vec<Album>,
    taken: VecDeque<EventId>,
}

/// Pieces of one album, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Album {
    name: String,
    pieces: Vec<Inbound>,
}

impl AlbumShelf {
    pub(crate) fn open(folder: &Path) -> io::Result<AlbumShelf> {
        Ok(AlbumShelf(Kept::open(folder.join("albums.json"))?))
    }

    /// Takes somebody's pieces off it; says how many. With `dry_run` it only says that.
    pub(crate) async fn forget(&self, person: &UserId, dry_run: bool) -> io::Result<usize> {
        let theirs = |piece: &Inbound| piece.sender.id == *person;
        let there = self.0.look(|shelf| {
            shelf.open.iter().flat_map(|album| &album.pieces).filter(|piece| theirs(piece)).count()
        });
        let there = there.await;
        if there > 0 && !dry_run {
            let forget = |shelf: &mut Shelf| {
                for album in &mut shelf.open {
                    album.pieces.retain(|piece| !theirs(piece));
                }
                shelf.open.retain(|album| !album.pieces.is_empty());
            };
            self.0.change(forget).await?;
        }
        Ok(there)
    }
}

impl Albums {
    /// What stands on the shelf waits as if its last piece had just come.
    pub(crate) async fn of(shelf: Arc<AlbumShelf>, patience: Duration) -> Albums {
        let names =
            shelf.0.look(|shelf| shelf.open.iter().map(|album| album.name.clone()).collect::<Vec<_>>());
        let due = names.await.into_iter().map(|name| (name, Instant::now() + patience)).collect();
        Albums { shelf, due, patience }
    }

    /// Keeps a piece; durable on return.
    pub(crate) async fn add(&mut self, album: &str, piece: &Happening) -> io::Result<()> {
        let inbound = &piece.inbound;
        let name = format!("{}/{album}", inbound.conversation.id);
        let add = |shelf: &mut Shelf| {
            let there = |album: &Album| album.pieces.iter().any(|known| known.id == inbound.id);
            if shelf.taken.contains(&inbound.id) || shelf.open.iter().any(there) {
                return false;
            }
            match shelf.open.iter_mut().find(|album| album.name == name && album.pieces.len() < MOST) {
                Some(album) => album.pieces.push(inbound.clone()),
                None => shelf.open.push(Album { name: name.clone(), pieces: vec![inbound.clone()] }),
            }
            true
        };
        if self.shelf.0.change(add).await? {
            self.due.insert(name, Instant::now() + self.patience);
        }
        Ok(())
    }

    /// When the next album is whole.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.values().min().copied()
    }

    /// The albums that are whole by now, as messages; with a conversation, those that something else of it has to wait for.
    pub(crate) async fn whole(&self, before: Option<(&ConversationId, Option<&str>)>) -> Vec<Inbound> {
        let now = Instant::now();
        let ready = |album: &&Album| match before {
            Some((place, but)) => {
                let but = but.map(|but| format!("{place}/{but}"));
                album.pieces.iter().any(|piece| piece.conversation.id == *place)
                    && but.as_ref() != Some(&album.name)
            }
            None => self.due.get(&album.name).is_none_or(|due| *due <= now),
        };
        self.shelf.0.look(|shelf| shelf.open.iter().filter(ready).filter_map(together).collect()).await
    }

    /// An album was taken by the sink.
    pub(crate) async fn taken(&mut self, id: &EventId) -> io::Result<()> {
        let take = |shelf: &mut Shelf| {
            let at = shelf.open.iter().position(|album| album.pieces.first().is_some_and(|p| p.id == *id))?;
            let album = shelf.open.remove(at);
            shelf.taken.extend(album.pieces.into_iter().map(|piece| piece.id));
            while shelf.taken.len() > REMEMBERED {
                shelf.taken.pop_front();
            }
            Some(album.name)
        };
        if let Some(name) = self.shelf.0.change(take).await? {
            self.due.remove(&name);
        }
        Ok(())
    }
}

/// One message of all pieces: the first, with everybody's files and the text that any of them has.
fn together(album: &Album) -> Option<Inbound> {
    let mut pieces = album.pieces.iter();
    let mut whole = pieces.next()?.clone();
    let Event::Message { message } = &mut whole.event else { return Some(whole) };
    for piece in pieces {
        let Event::Message { message: more } = &piece.event else { continue };
        message.attachments.extend(more.attachments.iter().cloned());
        message.mentions.extend(more.mentions.iter().cloned());
        if message.text.is_empty() {
            message.text.clone_from(&more.text);
        } else if !more.text.is_empty() {
            message.text = format!("{}\n{}", message.text, more.text);
        }
    }
    Some(whole)
}
