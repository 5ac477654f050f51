//! A bot as a channel.

use crate::checkup::checkup;
use crate::hearing::{AlbumShelf, Albums, Begun, Cursor, Door, Intake, Roles, begin, menu, poll, receive};
use crate::memory::Memory;
use crate::speaking::Speaker;
use crate::wire::Wire;
use crate::{Mode, Options};
use async_trait::async_trait;
use carapace_channel_api::access::Gate;
use carapace_channel_api::{
    AccountId, Channel, Command, Ended, Error, FetchError, Filling, Finding, Forgotten, Health, MediaSource,
    Mount, Outbound, Outcome, Shutdown, Sink, Status, StatusCell, UserId,
};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// What is asked of Telegram at least this often when it brings updates itself.
const CHECKED: Duration = Duration::from_secs(180);

/// One bot.
pub struct Telegram {
    options: Options,
    wire: Arc<Wire>,
    memory: Arc<Memory>,
    gate: Arc<Gate>,
    cursor: Cursor,
    albums: Arc<AlbumShelf>,
    door: Arc<Door>,
    speaker: Speaker,
    /// The commands that flows listen to.
    menu: watch::Sender<menu::Offered>,
    status: StatusCell,
    /// Held by the one who listens.
    listening: Mutex<()>,
}

impl Telegram {
    /// Opens it in its data directory. Telegram is not asked anything yet.
    ///
    /// # Errors
    /// Where the options make no sense, or its files cannot be read.
    pub fn open(options: Options) -> Result<Telegram, Error> {
        let account = options.account.clone();
        if let Err(message) = check(&options) {
            return Err(Error::Options { account, message });
        }
        let wire = Wire::new(&options).map_err(|message| Error::Options { account, message })?;
        let wire = Arc::new(wire);
        let memory = Arc::new(Memory::open(&options).map_err(|source| unusable(&options, source))?);
        let gate = Gate::open(&options.data, options.access.clone());
        let gate = Arc::new(gate.map_err(|source| unusable(&options, source))?);
        let cursor = Cursor::open(&options.data).map_err(|source| unusable(&options, source))?;
        let albums = AlbumShelf::open(&options.data).map_err(|source| unusable(&options, source))?;
        Ok(Telegram {
            albums: Arc::new(albums),
            door: Door::new(wire.clone()),
            speaker: Speaker::new(options.account.clone(), wire.clone(), memory.clone()),
            options,
            wire,
            memory,
            gate,
            cursor,
            menu: watch::Sender::default(),
            status: StatusCell::default(),
            listening: Mutex::default(),
        })
    }

    async fn listen(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<(), Error> {
        let albums = Albums::of(self.albums.clone(), self.options.album).await;
        let me = match begin(&self.options, &self.wire, &self.status, &shutdown).await? {
            Begun::As(me) => me,
            Begun::Ending => return Ok(()),
        };
        self.status.heard();
        let mut intake = Intake {
            options: &self.options,
            me,
            wire: &self.wire,
            memory: &self.memory,
            gate: &self.gate,
            status: &self.status,
            albums,
            roles: Roles::new(self.wire.clone(), self.options.account.clone()),
            sink,
            shutdown,
        };
        let hearing = async {
            match &self.options.mode {
                Mode::Polling => poll(&mut intake, &self.cursor).await,
                Mode::Webhook(_) => receive(&mut intake, &self.door).await,
            }
        };
        let (account, pauses) = (&self.options.account, self.options.pauses);
        let menu = menu::keep(self.menu.subscribe(), (&self.wire, &self.memory), account, pauses);
        tokio::select! {
            ended = hearing => ended,
            never = menu => match never {},
        }
    }
}

#[async_trait]
impl Channel for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn account(&self) -> &AccountId {
        &self.options.account
    }

    async fn run(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        let Ok(_listening) = self.listening.try_lock() else {
            return Err(Error::Running { account: self.account().clone() });
        };
        match self.listen(sink, shutdown).await {
            Ok(()) => {
                self.status.set(Health::Stopped);
                Ok(Ended::Asked)
            }
            // A disk that refuses may take it again, a person may set another token, and then this is run again; the rest only
            // another configuration can mend.
            Err(error @ (Error::Io { .. } | Error::Unauthorized { .. })) => {
                self.status.set(Health::Down { reason: error.to_string() });
                Err(error)
            }
            Err(error) => {
                self.status.set(Health::Stopped);
                Err(error)
            }
        }
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        self.speaker.perform(&request).await
    }

    fn silence(&self) -> Option<Duration> {
        match self.options.mode {
            Mode::Polling => Some(self.options.poll + self.options.answer + Duration::from_secs(30)),
            Mode::Webhook(_) => Some(CHECKED + self.options.answer),
        }
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }

    async fn check(&self) -> Vec<Finding> {
        checkup(&self.options, &self.wire).await
    }

    async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        self.speaker.fetch(source, into).await
    }

    fn offer(&self, commands: Vec<Command>) {
        self.menu.send_replace(Some(commands));
    }

    async fn forget(&self, person: &UserId, dry_run: bool) -> Result<Option<Forgotten>, Error> {
        let forgotten = async {
            let mut forgotten = Forgotten::default();
            let name = person.as_str();
            forgotten.add(self.albums.forget(person, dry_run).await?, "piece of an album");
            forgotten.add(self.memory.forget(name, dry_run).await?, "poll");
            forgotten.add(self.gate.forget(name, dry_run).await?, "place among those who are let in");
            if self.gate.rules().lists(name, None) {
                let account = &self.options.account;
                forgotten
                    .left
                    .push(format!("the configuration names them among the `people` of `{account}`"));
            }
            Ok(Some(forgotten))
        };
        forgotten.await.map_err(|source| unusable(&self.options, source))
    }

    fn access(&self) -> Option<Arc<Gate>> {
        Some(self.gate.clone())
    }

    fn http(&self) -> Option<Mount> {
        match &self.options.mode {
            Mode::Webhook(address) => self.door.mount(address),
            Mode::Polling => None,
        }
    }
}

/// Whether the options make sense.
fn check(options: &Options) -> Result<(), String> {
    let server =
        reqwest::Url::parse(&options.server).map_err(|error| format!("`{}`: {error}", options.server))?;
    if !matches!(server.scheme(), "https" | "http") || server.query().is_some() {
        return Err(format!("`{}` is no address of a server", options.server));
    }
    let Mode::Webhook(address) = &options.mode else { return Ok(()) };
    let webhook = reqwest::Url::parse(address).map_err(|error| format!("`{address}`: {error}"))?;
    if webhook.scheme() != "https" && server.scheme() == "https" {
        return Err(format!("telegram brings updates to `https://…` only, not to `{address}`"));
    }
    if webhook.path().trim_end_matches('/').is_empty() {
        return Err(format!(
            "the address `{address}` needs a path, such as `/telegram`, at which it is served here"
        ));
    }
    Ok(())
}

fn unusable(options: &Options, source: io::Error) -> Error {
    let action = format!("cannot use `{}`", options.data.display());
    Error::Io { account: options.account.clone(), action, source }
}
