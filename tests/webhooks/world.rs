//! A runtime as far as webhooks need one.

use carapace_channel_api::{SecretError, SecretString, Secrets, Shutdown, ShutdownHandle};
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Clock, Handle, Opened, Options as EngineOptions, Service};
use carapace_engine::{Deploy, Input, Outgoing, Reply};
use carapace_gateway::Routes;
use carapace_gateway::webhooks::{Options, Webhooks};
use carapace_module::Module;
use carapace_store::{MemoryStore, Store};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// What time it is, in seconds since 1970: of Slack's own example.
pub(crate) const NOW: i64 = 1_531_420_618;

/// Secrets by name.
#[derive(Debug, Default)]
pub(crate) struct Box(pub(crate) Mutex<BTreeMap<String, String>>);

impl Secrets for Box {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        let known = self.0.lock().unwrap().get(name).cloned();
        known.map(SecretString::from).ok_or_else(|| SecretError::NotFound { name: name.to_owned() })
    }
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Handle,
    pub(crate) webhooks: Webhooks,
    pub(crate) secrets: Arc<Box>,
    /// What those who run this were told.
    pub(crate) told: Arc<Mutex<Vec<String>>>,
    /// What left the engine beside answers, in words.
    pub(crate) said: Arc<Mutex<Vec<String>>>,
    stop_engine: ShutdownHandle,
    stop_gateway: ShutdownHandle,
    engine_ended: Option<tokio::sync::oneshot::Receiver<()>>,
    gateway: Option<tokio::task::JoinHandle<()>>,
}

/// How a world differs from the usual one.
pub(crate) struct Unusual {
    pub(crate) options: Options,
    pub(crate) engine: EngineOptions,
    pub(crate) store: Arc<dyn Store>,
}

impl Default for Unusual {
    fn default() -> Unusual {
        // A test that nobody answers is over when its run is; one whose flow waits says how long.
        let options = Options { clock: Clock::of(|| NOW * 1_000), ..Options::default() };
        Unusual { options, engine: EngineOptions::default(), store: Arc::new(MemoryStore::new()) }
    }
}

/// The module of a package of one file.
pub(crate) fn module(package: &str, source: &str) -> Module {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", source)]), "main.flow");
    let compiled = checked.compile().unwrap_or_else(|checked| panic!("{:#?}\n{source}", checked.diagnostics));
    Module { package: package.into(), ..compiled.module }
}

pub(crate) fn deploy_of(module: &Module) -> Deploy {
    Deploy { module: module.to_bytes().into(), ..Deploy::default() }
}

impl World {
    /// One package, `shop`.
    pub(crate) async fn new(source: &str) -> World {
        World::of(&[module("shop", source)], Unusual::default()).await
    }

    pub(crate) async fn of(modules: &[Module], unusual: Unusual) -> World {
        let Unusual { options, engine, store } = unusual;
        let Opened { mut service, handle, outgoing } = Service::open(store, engine).unwrap();
        for module in modules {
            let reply = service.prepare(Input::Deploy(std::boxed::Box::new(deploy_of(module))));
            assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
        }
        let (secrets, told): (Arc<Box>, Arc<Mutex<Vec<String>>>) = (Arc::default(), Arc::default());
        let lines = told.clone();
        let tell = move |line| lines.lock().unwrap().push(line);
        let webhooks = Webhooks::new(handle.clone(), secrets.clone(), options, tell);
        let routes = Routes::default().with_webhooks(&webhooks);
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = carapace_gateway::Options { listen, ..carapace_gateway::Options::default() };
        let gateway = carapace_gateway::Service::bind(gateway, Vec::new(), routes).await.unwrap();
        let address = gateway.handle().address();
        let ((stop_engine, engine_asked), (stop_gateway, asked)) = (Shutdown::new(), Shutdown::new());
        let gateway = tokio::spawn(async move { gateway.run(asked).await.unwrap() });
        let (ended, engine_ended) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            service.run(async move { engine_asked.requested().await }).await.unwrap();
            let _ = ended.send(());
        });
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        tokio::spawn(hand_out(outgoing, webhooks.clone(), said.clone()));
        World {
            address,
            engine: handle,
            webhooks,
            secrets,
            told,
            said,
            stop_engine,
            stop_gateway,
            engine_ended: Some(engine_ended),
            gateway: Some(gateway),
        }
    }

    pub(crate) fn know(&self, name: &str, secret: &str) {
        self.secrets.0.lock().unwrap().insert(name.to_owned(), secret.to_owned());
    }

    pub(crate) async fn deploy(&self, module: &Module) {
        let reply = self.engine.deploy(deploy_of(module)).await.unwrap();
        assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
    }

    /// How many runs there ever were.
    pub(crate) async fn runs(&self) -> u64 {
        let count = self.engine.look(|state| state.finished.count + state.runs.len() as u64);
        count.await.unwrap()
    }

    /// What flows noted.
    pub(crate) async fn noted(&self) -> Vec<String> {
        self.engine.settled().await;
        self.said.lock().unwrap().clone()
    }

    /// The engine ends, as at a shutdown.
    pub(crate) async fn end_engine(&mut self) {
        self.stop_engine.request();
        self.engine_ended.take().unwrap().await.unwrap();
    }

    pub(crate) async fn end_gateway(&mut self) {
        self.stop_gateway.request();
        self.gateway.take().unwrap().await.unwrap();
    }
}

async fn hand_out(
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    webhooks: Webhooks,
    said: Arc<Mutex<Vec<String>>>,
) {
    while let Some(outgoing) = outgoing.recv().await {
        match outgoing {
            Outgoing::Respond(responded) => webhooks.respond(responded),
            Outgoing::Unanswered(event) => webhooks.unanswered(event),
            Outgoing::Note(noted) => said.lock().unwrap().push(noted.message.to_string()),
            _ => {}
        }
    }
    webhooks.end();
}

/// Options under which a sender soon has enough.
pub(crate) fn impatient() -> Options {
    let patience = Duration::from_millis(50);
    Options { patience, clock: Clock::of(|| NOW * 1_000), ..Options::default() }
}

/// A world that is so many seconds later.
pub(crate) async fn at(source: &str, later: i64) -> World {
    let options = Options { clock: Clock::of(move || (NOW + later) * 1_000), ..Options::default() };
    World::of(&[module("shop", source)], Unusual { options, ..Unusual::default() }).await
}
