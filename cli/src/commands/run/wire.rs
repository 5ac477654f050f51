//! The composition root: a journal, an engine on it, channels, delivery to them, a gateway before them. The one place that
//! knows all of them.

use super::bindings::{Account, Assignment};
use super::channels::channels;
use super::control::Control;
use super::engine::{engine, stopped};
use super::greeting::{attended, greet};
use super::hearing::{listen, wind_down};
use super::host::Process;
use super::journal::open_journal;
use super::notices::Notices;
use super::options::Options;
use super::packages::{Packages, Ready};
use super::performers::Performers;
use super::serving::{bind_all, deploy_first, deployed, redeploy};
use super::watch::Watch;
use super::{access, performers, secrets, signals};
use crate::problem::Problem;
use carapace_channel_api::{Channel, Ended, Mount, Secrets, Shutdown};
use carapace_channel_registry::Surroundings;
use carapace_engine::Input;
use carapace_engine::service::{Opened, Options as EngineOptions};
use carapace_gateway::webhooks::Webhooks;
use carapace_gateway::{Methods, Routes, webhooks};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Everything that runs, ready to be started.
pub(crate) struct Runtime {
    /// None where it serves what is deployed.
    packages: Option<Packages>,
    bind: Vec<Assignment>,
    accounts: Vec<Account>,
    channels: Vec<Arc<dyn Channel>>,
    /// Asks other machines.
    client: Arc<carapace_net::Client>,
    secrets: Arc<dyn Secrets>,
    opened: Opened,
    control: Control,
    methods: Methods,
    gateway: carapace_gateway::Service,
    webhooks: Webhooks,
    notices: Notices,
    watch: Option<Watch>,
}

/// What the runtime serves.
pub(crate) enum Serves {
    /// These packages, compiled again when their files change; nothing else.
    Sources(Packages, Vec<Ready>),
    /// What is deployed in the data directory, and will be while it runs.
    Deployed,
}

/// Why the runtime ends.
enum End {
    /// It was asked to.
    Asked,
    /// A terminal has nothing more to say.
    Input,
    /// The engine stopped by itself.
    Engine(Result<(), carapace_engine::service::Error>),
}

impl Runtime {
    /// Opens everything: the data directory, the address, the channels. Nothing is heard or said yet.
    pub(crate) async fn open(options: Options, serves: Serves) -> Result<Runtime, Problem> {
        let data = options.data.as_path();
        let accounts = options.accounts.clone();
        let there = accounts.iter().map(|account| account.name.clone()).collect();
        let (history, break_loops) = (options.history, options.break_loops);
        let chosen = EngineOptions { history, break_loops, ..EngineOptions::default() };
        let (mut opened, packages, modules, bound) = match serves {
            Serves::Sources(packages, modules) => {
                packages.check_settings(&modules)?;
                let bound = bind_all(&modules, &accounts, &options.bind)?;
                let mut opened = open_journal(data, chosen)?;
                opened.service.prepare(Input::Accounts { there });
                deploy_first(&mut opened.service, &packages, &modules, &bound)?;
                (opened, Some(packages), modules, bound)
            }
            Serves::Deployed => {
                let mut opened = open_journal(data, chosen)?;
                opened.service.prepare(Input::Accounts { there });
                let (modules, bound) = deployed(opened.service.state(), data);
                (opened, None, modules, bound)
            }
        };
        for input in options.stale.iter().cloned() {
            opened.service.prepare(input);
        }
        let control = Control::open(data, opened.service.state());
        let notices = Notices::start();
        let attended = attended();
        let secrets: Arc<dyn Secrets> = secrets::open(&options, &modules, attended, &notices);
        let told = notices.clone();
        let tell = move |line| told.tell(line);
        let requests = webhooks::Options::default();
        let webhooks = Webhooks::new(opened.handle.clone(), secrets.clone(), requests, tell);
        let surroundings = Surroundings {
            data: data.to_owned(),
            attended,
            secrets: secrets.clone(),
            announcer: notices.announcer(),
        };
        let client = Arc::new(carapace_net::Client::new(options.net.clone()));
        let channels = channels(&accounts, &options.channels, (&modules, &bound), &surroundings)?;
        let mounts: Vec<Mount> = channels.iter().filter_map(|channel| channel.http()).collect();
        let access = access::open(data)?;
        let methods = Methods::new(opened.handle.clone(), accounts.iter().map(Account::told).collect());
        let host = Process {
            data: data.to_owned(),
            notices: notices.kept(),
            channels: channels.clone(),
            secrets: secrets.clone(),
        };
        let gates =
            channels.iter().filter_map(|channel| Some((channel.account().to_string(), channel.access()?)));
        let methods = methods.with_access(access.clone()).hosted(Arc::new(host)).with_gates(gates.collect());
        let routes = Routes::new(&methods).with_webhooks(&webhooks);
        let door = access::gateway(&options, access);
        let gateway = carapace_gateway::Service::bind(door, mounts, routes).await.map_err(access::unbound)?;
        greet(&options, &modules, &bound, &gateway, attended);
        let watched = packages.as_ref().filter(|_| options.watch);
        let watch = watched.and_then(|packages| Watch::start(&packages.folders(), data));
        Ok(Runtime {
            packages,
            bind: options.bind,
            accounts,
            channels,
            client,
            secrets,
            opened,
            control,
            methods,
            gateway,
            webhooks,
            notices,
            watch,
        })
    }

    /// Lives until somebody ends it, or the input does.
    pub(crate) async fn live(self) -> Result<(), Problem> {
        let Runtime {
            packages,
            bind,
            accounts,
            channels,
            client,
            secrets,
            opened,
            control,
            methods,
            gateway,
            webhooks,
            notices,
            mut watch,
        } = self;
        let Opened { service, handle, outgoing } = opened;
        let (engine_stop, engine_ended) = engine(service)?;
        let (stop_speaking, speaking) = Shutdown::new();
        let (reports, reported) = mpsc::unbounded_channel();
        let (delivery, delivered) = carapace_delivery::Service::new(
            carapace_delivery::Options::default(),
            channels.clone(),
            reports.clone(),
        );
        let delivery = delivery.with_media(Arc::new(carapace_net::Files::new(client.clone())));
        let (http, asked) = carapace_net::Service::new(client, secrets, reports);
        tokio::spawn(delivery.run(speaking.clone()));
        tokio::spawn(http.run(speaking.clone()));
        let performers = Performers { delivery: delivered, http: asked, webhooks: webhooks.clone() };
        tokio::spawn(performers::bring_back(reported, handle.clone()));
        tokio::spawn(performers::hand_out(outgoing, performers, handle.clone(), notices.clone()));
        let serving = tokio::spawn(gateway.run(speaking));
        let control = control.serve(methods);
        let (stop_hearing, hearing) = Shutdown::new();
        let mut listening = listen(&channels, &handle, &hearing, &notices);
        let mut engine_ended = std::pin::pin!(engine_ended);
        let end = loop {
            tokio::select! {
                () = signals::asked_to_end() => break End::Asked,
                Some(Ok(ended)) = listening.join_next() => {
                    if ended == Some(Ended::EndOfInput) {
                        break End::Input;
                    }
                }
                ended = engine_ended.as_mut() => break End::Engine(ended),
                () = changed(&mut watch) => {
                    if let Some(packages) = &packages {
                        redeploy(packages, &bind, &accounts, &handle, &notices).await;
                    }
                }
            }
        };
        webhooks.stop();
        if let End::Engine(ended) = end {
            control.end().await;
            return stopped(ended);
        }
        if matches!(end, End::Input) {
            // Whatever was said is answered before the runtime goes.
            handle.settled().await;
        }
        wind_down(stop_hearing, listening, &handle).await;
        engine_stop.request();
        let ended = engine_ended.await;
        control.end().await;
        stop_speaking.request();
        // Answers that are on their way still go out; how long that may take, the gateway says.
        let _ = serving.await;
        stopped(ended)
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
