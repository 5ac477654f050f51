//! A channel that answers as a test scripts it, and delivery to it.

use async_trait::async_trait;
use carapace_channel_api::{
    AccountId, Channel, Ended, Error, FetchError, Filling, Health, Media, MediaSource, NoMedia, Outbound,
    Outcome, Scratch, Shutdown, ShutdownHandle, Sink, Status, StatusCell,
};
use carapace_delivery::{Handle, Options, Previewed, Service, Words};
use carapace_effect::{
    Act, ActId, Destination, EffectRequest, OpId, Origin, Report, Reported, RunId, TaskPath,
};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde_json::{Map, Value as Json, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

/// What a channel does with a request.
pub(crate) enum Does {
    Answers(Outcome),
    /// Nothing, until it is let.
    Waits(tokio::sync::oneshot::Receiver<Outcome>),
    Panics,
}

/// A channel of one account.
pub(crate) struct Network {
    kind: &'static str,
    account: AccountId,
    script: Mutex<VecDeque<Does>>,
    seen: Mutex<Vec<Outbound>>,
    pub(crate) status: StatusCell,
}

impl Network {
    pub(crate) fn new(
        kind: &'static str,
        account: &str,
        script: impl IntoIterator<Item = Does>,
    ) -> Arc<Network> {
        let script = Mutex::new(script.into_iter().collect());
        let network = Network {
            kind,
            account: account.into(),
            script,
            seen: Mutex::default(),
            status: StatusCell::default(),
        };
        network.status.set(Health::CaughtUp);
        Arc::new(network)
    }

    /// What it was asked so far.
    pub(crate) fn seen(&self) -> Vec<Outbound> {
        self.seen.lock().unwrap().clone()
    }

    /// The same, forgotten here.
    pub(crate) fn take(&self) -> Vec<Outbound> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

#[async_trait]
impl Channel for Network {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn run(&self, _sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        shutdown.requested().await;
        Ok(Ended::Asked)
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request);
            seen.len()
        };
        let does = self.script.lock().unwrap().pop_front();
        match does {
            None => Outcome::sent(format!("m{number}")),
            Some(Does::Answers(outcome)) => outcome,
            Some(Does::Waits(let_go)) => let_go.await.unwrap(),
            Some(Does::Panics) => panic!("as scripted"),
        }
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }

    async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        match source {
            MediaSource::Platform { reference } if reference == "cat" => into.write(b"meow").await,
            _ => Err(FetchError::NotFound),
        }
    }
}

/// Delivery that runs.
pub(crate) struct House {
    pub(crate) delivery: Handle,
    reports: mpsc::UnboundedReceiver<Report>,
    /// Where files lie on their way.
    pub(crate) folder: tempfile::TempDir,
    previewed: mpsc::UnboundedReceiver<Previewed>,
    _stop: ShutdownHandle,
}

impl House {
    pub(crate) fn of(networks: &[&Arc<Network>]) -> House {
        House::with_media(networks, Arc::new(NoMedia), place())
    }

    pub(crate) fn with_media(
        networks: &[&Arc<Network>],
        media: Arc<dyn Media>,
        (folder, scratch): (tempfile::TempDir, Scratch),
    ) -> House {
        let (tell, reports) = mpsc::unbounded_channel();
        let channels = networks.iter().map(|network| Arc::clone(network) as Arc<dyn Channel>);
        let (service, delivery) = Service::new(Options::default(), channels, tell);
        let (previews, previewed) = mpsc::unbounded_channel();
        let (stop, asked) = Shutdown::new();
        tokio::spawn(service.with_media(media, scratch).with_previews(previews).run(asked));
        House { delivery, reports, folder, previewed, _stop: stop }
    }

    pub(crate) async fn report(&mut self) -> Report {
        self.reports.recv().await.unwrap()
    }

    /// Which message shows an answer, where that changes.
    pub(crate) async fn previewed(&mut self) -> Option<String> {
        self.previewed.recv().await.unwrap().message.map(|message| message.0)
    }

    /// A model writes in this step.
    pub(crate) fn writes(&self, act: &Act, text: &str) {
        self.delivery.written(act.id.run, act.id.op.clone(), act.attempt, Words::Text(text.into()));
    }

    /// Performs one act, and gives what came of it.
    pub(crate) async fn perform(&mut self, act: Act) -> Reported {
        self.delivery.perform(Arc::new(act));
        self.report().await.outcome
    }
}

/// A place for files on their way.
pub(crate) fn place() -> (tempfile::TempDir, Scratch) {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(folder.path().join("temporary"), 1 << 20).unwrap();
    (folder, scratch)
}

/// A reply in the conversation `c` of the account `main`, to the message `m0`.
pub(crate) fn reply(ordinal: u32, text: &str) -> Act {
    act(ordinal, "chat.reply", json!({ "content": { "text": text }, "quote": true }))
}

/// An act of a run that a message started.
pub(crate) fn act(ordinal: u32, effect: &str, arguments: Json) -> Act {
    let Json::Object(arguments) = arguments else { return act(ordinal, effect, Json::Object(Map::new())) };
    let origin = Origin {
        account: "main".into(),
        conversation: "c".into(),
        direct: true,
        thread: None,
        sender: Some("ana".into()),
        message: Some("m0".into()),
        route: json!({ "token": 7 }),
    };
    Act {
        id: ActId { run: RunId(1), op: OpId { task: TaskPath::default(), ordinal }, part: 0 },
        attempt: 1,
        key: format!("key{ordinal}").into(),
        again: false,
        flow: "shop/main.greet".into(),
        request: EffectRequest {
            effect: effect.into(),
            version: 1,
            args: Vec::new(),
            types: Vec::new(),
            result: Type::Nothing,
            type_arg: None,
            class: DeliveryClass::OfChannel,
            delivery: Delivery::Default,
            label: None,
        },
        arguments,
        to: Some(Destination::Conversation { account: "main".into(), conversation: "c".into() }),
        origin: Some(Arc::new(origin)),
        buttons: Vec::new(),
        question: false,
        approval: false,
        schema: None,
        agent: None,
        server: None,
        session: None,
        hosts: None,
        preview: None,
    }
}
