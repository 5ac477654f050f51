//! Everything of one WebChat that is shared: who is connected, which conversations are open, what waits.

use crate::files::Files;
use crate::frames::{Event, Refusal, Summary, Told, tell};
use crate::inbox::Inbox;
use crate::index::Index;
use crate::journal::Journal;
use crate::limits::Meter;
use crate::record::{Author, Line, Record};
use crate::view::{Standing, View};
use crate::{Options, frames};
use carapace_channel_api::{
    Conversation, ConversationId, Event as Happened, EventId, Inbound, Receipt, Route, Scratch, UnixMillis,
    UserId,
};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, mpsc, watch};

/// Everything that is shared.
pub(crate) struct Hub {
    pub(crate) options: Options,
    pub(crate) index: Index,
    pub(crate) files: Files,
    pub(crate) inbox: tokio::sync::Mutex<Inbox>,
    rooms: Mutex<HashMap<ConversationId, Arc<Room>>>,
    /// Held while one of them is opened.
    opening: tokio::sync::Mutex<()>,
    sockets: Mutex<Sockets>,
    pub(crate) per_visitor: Meter<UserId>,
    pub(crate) per_address: Meter<IpAddr>,
    pub(crate) newcomers: Meter<IpAddr>,
    /// Conversations in which something waits and nobody pushes.
    pub(crate) wake: mpsc::UnboundedSender<ConversationId>,
    /// What visitors have seen, for the engine; as long as it listens.
    pub(crate) receipts: broadcast::Sender<Receipt>,
    pub(crate) closing: watch::Sender<bool>,
}

/// One conversation that is open.
pub(crate) struct Room {
    pub(crate) id: ConversationId,
    pub(crate) state: tokio::sync::Mutex<State>,
}

/// What is changed by one at a time.
pub(crate) struct State {
    pub(crate) view: View,
    pub(crate) journal: Journal,
}

/// Where frames for one socket go.
pub(crate) type Queue = mpsc::Sender<Arc<str>>;

#[derive(Default)]
struct Sockets {
    next: u64,
    count: usize,
    by_user: HashMap<UserId, Vec<(u64, Queue)>>,
    by_address: HashMap<IpAddr, usize>,
}

/// Receipts that may wait for the engine; the oldest are forgotten.
const RECEIPTS: usize = 256;

/// How many conversations stay open that nobody is using: each holds a file and its messages.
const IDLE_ROOMS: usize = 128;

impl Hub {
    /// Opens or creates everything in the data directory; what wakes up goes into the receiver.
    pub(crate) fn open(options: Options) -> io::Result<(Hub, mpsc::UnboundedReceiver<ConversationId>)> {
        for folder in ["logs", "files"] {
            std::fs::create_dir_all(options.data.join(folder))?;
        }
        let scratch = match &options.scratch {
            Some(scratch) => scratch.clone(),
            None => Scratch::open(options.data.join("incoming"), options.limits.visitor_files)?,
        };
        let (wake, woken) = mpsc::unbounded_channel();
        let hub = Hub {
            index: Index::open(&options.data.join("index.jsonl"), &options.rooms)?,
            files: Files::new(options.data.join("files"), scratch, options.media.clone()),
            inbox: tokio::sync::Mutex::new(Inbox::open(&options.data.join("inbox.jsonl"))?),
            rooms: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            sockets: Mutex::default(),
            per_visitor: Meter::new(options.limits.visitor),
            per_address: Meter::new(options.limits.address),
            newcomers: Meter::new(options.limits.newcomers),
            wake,
            receipts: broadcast::Sender::new(RECEIPTS),
            closing: watch::Sender::new(false),
            options,
        };
        Ok((hub, woken))
    }

    /// A conversation that is known, opened.
    pub(crate) async fn room(&self, id: &ConversationId) -> io::Result<Arc<Room>> {
        if let Some(room) = self.rooms().get(id) {
            return Ok(room.clone());
        }
        // One at a time: opening cuts off a last line that is not whole, and to a second one that may be a line which somebody
        // is writing at this moment to the log that the first one opened.
        let _opening = self.opening.lock().await;
        if let Some(room) = self.rooms().get(id) {
            return Ok(room.clone());
        }
        let path = self.log_path(id);
        let opened = move || {
            let (journal, lines) = Journal::open::<Line>(&path)?;
            let mut view = View::default();
            for line in lines {
                view.apply(line);
            }
            Ok::<_, io::Error>(State { view, journal })
        };
        let state = tokio::task::spawn_blocking(opened).await.map_err(io::Error::other)??;
        let mut rooms = self.rooms();
        if rooms.len() >= IDLE_ROOMS {
            // Nobody else can get hold of one while the map is held, so a count of one means unused.
            rooms.retain(|_, room| Arc::strong_count(room) > 1);
        }
        let room = Arc::new(Room { id: id.clone(), state: tokio::sync::Mutex::new(state) });
        rooms.insert(id.clone(), room.clone());
        Ok(room)
    }

    pub(crate) fn log_path(&self, id: &ConversationId) -> PathBuf {
        let name = id.as_str().strip_prefix('#').map_or_else(|| id.0.clone(), |room| format!("room-{room}"));
        self.options.data.join("logs").join(format!("{name}.jsonl"))
    }

    /// Writes a line to a conversation's log and tells everybody who is in it.
    pub(crate) async fn commit(
        &self,
        room: &Room,
        state: &mut State,
        key: Option<String>,
        record: Record,
    ) -> io::Result<()> {
        let line = Line { seq: state.view.seq() + 1, at: UnixMillis::now(), key, record };
        state.journal.append(&line, true).await?;
        let event = Event::new(&line, &state.view);
        self.broadcast(&room.id, &Told::Event { conversation: &room.id, event });
        state.view.apply(line);
        Ok(())
    }

    /// Keeps an event for the engine, and sees that somebody pushes it.
    pub(crate) async fn push(&self, inbound: Inbound) -> io::Result<()> {
        let conversation = inbound.conversation.id.clone();
        if self.inbox.lock().await.came(inbound).await? {
            // Nobody listens any more only when everything ends; it is pushed at the next start then.
            let _ = self.wake.send(conversation);
        }
        Ok(())
    }

    /// An event as the engine wants it.
    pub(crate) fn inbound(
        &self,
        conversation: Conversation,
        by: &UserId,
        id: &str,
        event: Happened,
    ) -> Option<Inbound> {
        Some(Inbound {
            account: self.options.account.clone(),
            id: EventId(id.to_owned()),
            conversation,
            sender: self.index.user(by)?,
            at: Some(UnixMillis::now()),
            route: Route::default(),
            event,
        })
    }

    /// Us.
    pub(crate) fn myself(&self) -> Author {
        Author { id: "carapace".into(), name: self.options.title.clone(), bot: true }
    }

    pub(crate) async fn summary(&self, conversation: Conversation) -> Result<Summary, Refusal> {
        let room = self.room(&conversation.id).await?;
        let state = room.state.lock().await;
        let last = state.view.last();
        let said = state.view.first_said().map(Standing::gist);
        Ok(Summary {
            kind: conversation.kind,
            title: conversation.title.or(said),
            seq: state.view.seq(),
            last: last.map(Standing::gist).unwrap_or_default(),
            last_seq: last.map(|message| message.seq),
            by: last.map(|message| message.from.id.clone()),
            at: last.map(|message| message.at),
            id: conversation.id,
        })
    }

    /// Tells every socket of everybody who is in a conversation.
    pub(crate) fn broadcast(&self, conversation: &ConversationId, told: &Told<'_>) {
        let text: Arc<str> = tell(told).into();
        let mut sockets = self.sockets();
        match self.index.owner(conversation) {
            Some(owner) => {
                if let Some(queues) = sockets.by_user.get_mut(&owner) {
                    deliver(queues, &text);
                }
            }
            None => sockets.by_user.values_mut().for_each(|queues| deliver(queues, &text)),
        }
    }

    /// Tells every socket of one visitor.
    pub(crate) fn tell_user(&self, user: &UserId, told: &Told<'_>) {
        let text: Arc<str> = tell(told).into();
        if let Some(queues) = self.sockets().by_user.get_mut(user) {
            deliver(queues, &text);
        }
    }

    /// Takes a place for a socket from `address`, if there is one.
    pub(crate) fn admit(&self, address: IpAddr) -> bool {
        let limits = &self.options.limits;
        let mut sockets = self.sockets();
        let here = sockets.by_address.get(&address).copied().unwrap_or_default();
        if sockets.count >= limits.sockets || here >= limits.sockets_per_address {
            return false;
        }
        sockets.count += 1;
        sockets.by_address.insert(address, here + 1);
        true
    }

    /// Gives the place back.
    pub(crate) fn dismiss(&self, address: IpAddr) {
        let mut sockets = self.sockets();
        sockets.count = sockets.count.saturating_sub(1);
        if let Some(here) = sockets.by_address.get_mut(&address) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                sockets.by_address.remove(&address);
            }
        }
    }

    /// From now on `queue` is told what `user` may know.
    pub(crate) fn connect(&self, user: &UserId, queue: Queue) -> u64 {
        let mut sockets = self.sockets();
        sockets.next += 1;
        let number = sockets.next;
        sockets.by_user.entry(user.clone()).or_default().push((number, queue));
        number
    }

    /// No longer.
    pub(crate) fn disconnect(&self, user: &UserId, number: u64) {
        let mut sockets = self.sockets();
        if let Some(queues) = sockets.by_user.get_mut(user) {
            queues.retain(|(other, _)| *other != number);
            if queues.is_empty() {
                sockets.by_user.remove(user);
                drop(sockets);
                self.index.gone(user);
            }
        }
    }

    /// Tells a visitor's sockets nothing any more: each of them ends.
    pub(crate) fn let_go(&self, user: &UserId) {
        self.sockets().by_user.remove(user);
    }

    /// A conversation that was open, and is opened anew by whoever asks for it next.
    pub(crate) fn close_room(&self, id: &ConversationId) -> Option<Arc<Room>> {
        self.rooms().remove(id)
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<ConversationId, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sockets(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page may send, for its own checks.
    pub(crate) fn caps(&self) -> frames::Caps {
        let limits = &self.options.limits;
        frames::Caps { text: limits.text, file: limits.file, files: limits.files }
    }
}

/// A socket that does not keep up loses its queue, and with it the connection; its page resumes where it was.
fn deliver(queues: &mut Vec<(u64, Queue)>, text: &Arc<str>) {
    queues.retain(|(_, queue)| queue.try_send(text.clone()).is_ok());
}
