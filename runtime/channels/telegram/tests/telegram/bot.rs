//! A bot that listens to the simulator, and what it hears.

use crate::simulator::{Simulator, TOKEN};
use async_trait::async_trait;
use carapace_channel_api::{
    Acceptance, Channel, Ended, Error, Event, FetchError, Health, Inbound, MediaSource, Message, Operation,
    Outbound, Outcome, Route, Scratch, SecretError, SecretString, Secrets, Shutdown, ShutdownHandle, Sink,
};
use carapace_channel_telegram::{Options, Telegram};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// Nothing that is waited for here takes as long on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Knows one secret.
pub(crate) struct One(pub(crate) &'static str);

impl Secrets for One {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        match name {
            "bot" => Ok(self.0.to_owned().into()),
            _ => Err(SecretError::NotFound { name: name.to_owned() }),
        }
    }
}

/// Options for the simulator: nothing waits long.
pub(crate) fn options(simulator: &Simulator, folder: &TempDir) -> Options {
    let mut options = Options::new("bot", folder.path(), Arc::new(One(TOKEN)), "bot");
    options.server = simulator.server();
    options.poll = Duration::from_secs(20);
    options.album = Duration::from_millis(150);
    options.pauses = (Duration::from_millis(10), Duration::from_millis(50));
    options.answer = Duration::from_secs(5);
    options
}

/// Keeps what it hears, and refuses as often as it is told to.
#[derive(Default)]
pub(crate) struct Tape {
    refusals: AtomicU64,
    count: AtomicU64,
    sender: Option<mpsc::UnboundedSender<Inbound>>,
}

impl Tape {
    pub(crate) fn refuse(&self, count: u64) {
        self.refusals.store(count, Ordering::SeqCst);
    }
}

#[async_trait]
impl Sink for Tape {
    async fn push(&self, inbound: Inbound) -> Acceptance {
        let less = |left: u64| left.checked_sub(1);
        if self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            return Acceptance::Refused { retry_after: Duration::from_millis(10) };
        }
        if let Some(sender) = &self.sender {
            sender.send(inbound).unwrap();
        }
        Acceptance::Accepted(self.count.fetch_add(1, Ordering::SeqCst))
    }
}

/// What a channel brings of a file, of which it may have so many bytes.
pub(crate) async fn fetched(
    channel: &Telegram,
    source: &MediaSource,
    limit: u64,
) -> Result<Vec<u8>, FetchError> {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(folder.path().join("temporary"), 1 << 30).unwrap();
    let mut into = scratch.begin(limit).await.unwrap();
    channel.fetch(source, &mut into).await?;
    Ok(std::fs::read(into.finish().await?.path()).unwrap())
}

/// A bot that listens.
pub(crate) struct Bot {
    pub(crate) channel: Arc<Telegram>,
    pub(crate) tape: Arc<Tape>,
    heard: Mutex<mpsc::UnboundedReceiver<Inbound>>,
    stop: ShutdownHandle,
    task: JoinHandle<Result<Ended, Error>>,
}

impl Bot {
    /// Opens and runs it, and waits until it hears.
    pub(crate) async fn listen(options: Options) -> Bot {
        let bot = Bot::start(options);
        bot.health(|health| *health == Health::CaughtUp).await;
        bot
    }

    /// Opens and runs it.
    pub(crate) fn start(options: Options) -> Bot {
        let channel = Arc::new(Telegram::open(options).unwrap());
        let (sender, heard) = mpsc::unbounded_channel();
        let tape = Arc::new(Tape { sender: Some(sender), ..Tape::default() });
        let (stop, shutdown) = Shutdown::new();
        let task = tokio::spawn({
            let (channel, tape) = (channel.clone(), tape.clone());
            async move { channel.run(tape, shutdown).await }
        });
        Bot { channel, tape, heard: Mutex::new(heard), stop, task }
    }

    /// Waits until it says that it is so; gives what it says.
    pub(crate) async fn health(&self, is_so: impl Fn(&Health) -> bool) -> Health {
        let mut status = self.channel.status();
        let wait = status.wait_for(|status| is_so(&status.health));
        tokio::time::timeout(PATIENCE, wait).await.expect("it comes to be so").unwrap().health.clone()
    }

    /// The next thing it hears.
    pub(crate) async fn hear(&self) -> Inbound {
        let mut heard = self.heard.lock().await;
        tokio::time::timeout(PATIENCE, heard.recv()).await.expect("it hears something").unwrap()
    }

    /// The next message it hears.
    pub(crate) async fn message(&self) -> (Inbound, Message) {
        let inbound = self.hear().await;
        let Event::Message { message } = &inbound.event else { panic!("no message, but {inbound:?}") };
        let message = message.clone();
        (inbound, message)
    }

    /// Does it, answering by this route.
    pub(crate) async fn perform(&self, route: Option<&Route>, operation: Operation) -> Outcome {
        let request = Outbound {
            id: "op".into(),
            key: "key".into(),
            account: "bot".into(),
            route: route.cloned(),
            again: false,
            preview: None,
            operation,
        };
        tokio::time::timeout(PATIENCE, self.channel.perform(request)).await.expect("there is an outcome")
    }

    /// Asks it to end.
    pub(crate) async fn end(self) -> Result<Ended, Error> {
        self.stop.request();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(self) -> Result<Ended, Error> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("it ends").unwrap()
    }
}
