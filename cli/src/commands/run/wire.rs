//! The composition root: a journal, an engine on it, channels, delivery to them, a gateway before them. The one place that
//! knows all of them.

use super::bindings::Account;
use super::bindings::Bound;
use super::channels::{Said, said};
use super::collector::{Telling, collector};
use super::control::Control;
use super::engine::{engine, stopped};
use super::greeting::{attended, greet};
use super::hearing::{Hearing, gates, hears};
use super::host::{Known, Process};
use super::live::Live;
use super::mcp::Mcp;
use super::measured::Measured;
use super::media::Media;
use super::notices::Notices;
use super::openai::Thinking;
use super::options::Options;
use super::packages::{Packages, Ready};
use super::performers::Performers;
use super::reload::Reload;
use super::serving::{Prepared, deploy_first, deployed};
use super::signals::Signals;
use super::watch::Watch;
use super::{access, kept, menus, models, performers, previews, secrets, supervisor, told};
use crate::log::Log;
use crate::problem::Problem;
use carapace_channel_api::{Channel, Ended, Mount, Secrets, Shutdown};
use carapace_channel_registry::{Attended, Surroundings};
use carapace_engine::Input;
use carapace_engine::service::Opened;
use carapace_gateway::openai::OpenAi;
use carapace_gateway::webhooks::Webhooks;
use carapace_gateway::{Listeners, Methods, Routes, webhooks};
use carapace_vault::Vault;
use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};
use tokio::sync::mpsc;

/// Everything that runs, ready to be started.
pub(crate) struct Runtime {
    options: Options,
    /// None where it serves what is deployed.
    packages: Option<Packages>,
    modules: Vec<Ready>,
    bound: Vec<Bound>,
    channels: Vec<(Said, Arc<dyn Channel>)>,
    known: Known,
    listeners: Listeners,
    /// Asks other machines.
    client: Arc<carapace_net::Client>,
    media: Media,
    vault: Arc<Vault>,
    surroundings: Surroundings,
    opened: Opened,
    control: Control,
    methods: Methods,
    gateway: carapace_gateway::Service,
    webhooks: Webhooks,
    mcp: Mcp,
    openai: OpenAi,
    notices: Notices,
    watch: Option<Watch>,
    /// Where a collector is told what runs do.
    telling: Option<carapace_telemetry::Service>,
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
    /// Opens everything on a journal: the address, the channels. Nothing is heard or said yet. It serves what was
    /// prepared, compiled again when files of it change, and nothing else; or what is deployed in the data directory, and will
    /// be while it runs.
    pub(crate) async fn open(
        options: Options,
        prepared: Prepared,
        (mut opened, disk): (Opened, Measured),
        log: &Log,
    ) -> Result<Runtime, Problem> {
        let data = options.data.as_path();
        let there = options.accounts.iter().map(|account| account.name.clone()).collect();
        opened.service.prepare(Input::Accounts { there });
        let (packages, modules, bound) = match prepared {
            Prepared::Sources(packages, modules, bound) => {
                deploy_first(&mut opened.service, &packages, &modules, &bound)?;
                (Some(packages), modules, bound)
            }
            Prepared::Deployed | Prepared::Broken => {
                let (modules, bound) = deployed(opened.service.state(), data);
                (None, modules, bound)
            }
        };
        for input in options.stale.iter().cloned() {
            opened.service.prepare(input);
        }
        let control = Control::open(data, opened.service.state());
        let notices = Notices::start(log);
        let attended = attended();
        let vault = secrets::open(&options, &modules, attended, &notices);
        let told = notices.clone();
        let tell = move |line| told.tell(line);
        let requests = webhooks::Options::default();
        let webhooks = Webhooks::new(opened.handle.clone(), vault.clone(), requests, tell);
        let client = Arc::new(carapace_net::Client::new(options.net.clone()));
        let media = Media::open(data, options.media, client.clone())?;
        let surroundings = surroundings(data, attended, &vault, &media, &notices);
        let channels = said(&options.accounts, &options.channels, (&modules, &bound))
            .into_iter()
            .map(|said| Ok((said.clone(), said.open(&surroundings)?)))
            .collect::<Result<Vec<_>, Problem>>()?;
        let mounts: Vec<Mount> = channels.iter().filter_map(|(_, channel)| channel.http()).collect();
        let access = access::open(data)?;
        let accounts = options.accounts.iter().map(Account::told).collect();
        let known: Known =
            Arc::new(RwLock::new(channels.iter().map(|(_, channel)| channel.clone()).collect()));
        let mcp = Mcp::prepare(&options, vault.clone(), &notices);
        let listens = Arc::new(OnceLock::new());
        let spans = Arc::new(OnceLock::new());
        let host = Process {
            data: data.to_owned(),
            notices: notices.kept(),
            channels: known.clone(),
            secrets: vault.clone(),
            mcp: mcp.handle.clone(),
            address: listens.clone(),
            disk,
            spans: spans.clone(),
        };
        let gates = gates(channels.iter().map(|(_, channel)| channel));
        let methods = Methods::new(opened.handle.clone(), accounts);
        let methods = methods.with_access(access.clone()).hosted(Arc::new(host)).with_gates(gates);
        let listeners = Listeners::new(hears(channels.iter().map(|(_, channel)| channel)));
        methods.offer_tools(&options.mcp_said.offer);
        let openai = OpenAi::new(&methods).keeping(data);
        let guarded = mcp.routes(&methods).merge(openai.routes());
        let routes = Routes::listening(&methods, &listeners).with_webhooks(&webhooks).with_guarded(guarded);
        let door = access::gateway(&options, access);
        let gateway = carapace_gateway::Service::bind(door, mounts, routes).await.map_err(access::unbound)?;
        let telling = collector(&options, vault.clone(), opened.handle.clone(), &notices, &spans)?;
        // It listens once, and nobody else says where.
        let _ = listens.set(gateway.handle().address());
        greet(&options, &modules, &bound, &gateway, attended);
        kept::keep_told(&options, &notices);
        let watched = packages.as_ref().filter(|_| options.watch);
        let watch = watched.and_then(|packages| Watch::start(&packages.folders(), data));
        Ok(Runtime {
            options,
            packages,
            modules,
            bound,
            channels,
            known,
            listeners,
            client,
            media,
            vault,
            surroundings,
            opened,
            control,
            methods,
            gateway,
            webhooks,
            mcp,
            openai,
            notices,
            watch,
            telling,
        })
    }

    /// Lives until somebody ends it, or the input does.
    pub(crate) async fn live(self, mut reload: Reload) -> Result<(), Problem> {
        let Opened { service, handle, outgoing } = self.opened;
        let (engine_stop, engine_ended) = engine(service)?;
        let (stop_speaking, speaking) = Shutdown::new();
        let (reports, reported) = mpsc::unbounded_channel();
        let channels = self.channels.iter().map(|(_, channel)| channel.clone());
        let (delivery, delivered) = self.media.delivery(channels, reports.clone());
        let delivery = delivery.with_previews(previews::keep(handle.clone()));
        let (http, asked) = carapace_net::Service::new(self.client, self.vault.clone(), reports.clone());
        let keys: Arc<dyn Secrets> = self.vault.clone();
        let tools = Arc::new(self.mcp.toolbox());
        let (agents, thinking) =
            carapace_agent::Service::new(self.options.models.clone(), &keys, tools, reports)
                .map_err(|e| models::unreadable(&e))?;
        tokio::spawn(delivery.run(speaking.clone()));
        tokio::spawn(http.run(speaking.clone()));
        tokio::spawn(agents.run(speaking.clone()));
        self.openai.set_models(Arc::new(Thinking::of(thinking.clone())));
        let performers = Performers {
            delivery: delivered.clone(),
            http: asked,
            models: thinking,
            mcp: self.mcp.handle.clone(),
            webhooks: self.webhooks.clone(),
        };
        let mcp = self.mcp.start(handle.clone(), speaking.clone());
        tokio::spawn(told::follow(handle.clone()));
        let others = menus::start(handle.clone(), self.known.clone());
        let (telling, methods) = (self.telling.map(Telling::start), self.methods.clone());
        tokio::spawn(performers::bring_back(reported, handle.clone()));
        tokio::spawn(performers::hand_out(outgoing, performers, handle.clone(), self.notices.clone()));
        let gateway = self.gateway.handle();
        let serving = tokio::spawn(self.gateway.run(speaking));
        let control = self.control.serve(self.methods.clone());
        let there = self.channels.iter().map(|(_, channel)| channel.clone()).collect();
        tokio::spawn(supervisor::tell(there, handle.clone()));
        tokio::spawn(async move { methods.go_on_forgetting().await });
        let (hearing, mut heard) = Hearing::start(self.channels, handle.clone(), self.notices.clone());
        let mut live = Live {
            options: self.options,
            packages: self.packages,
            modules: self.modules,
            bound: self.bound,
            hearing,
            known: self.known,
            others,
            listeners: self.listeners,
            engine: handle.clone(),
            delivery: delivered,
            gateway,
            methods: self.methods,
            mcp: mcp.handle.clone(),
            vault: self.vault,
            surroundings: self.surroundings,
            notices: self.notices,
        };
        let (webhooks, mut watch, mut signals) = (self.webhooks, self.watch, Signals::listen());
        let mut engine_ended = std::pin::pin!(engine_ended);
        let end = loop {
            tokio::select! {
                () = signals.asked_to_end() => break End::Asked,
                Some(ended) = heard.recv() => {
                    if ended == Ended::EndOfInput {
                        break End::Input;
                    }
                }
                ended = engine_ended.as_mut() => break End::Engine(ended),
                () = changed(&mut watch) => live.sources_changed().await,
                () = reload.changed() => reload.reload(&mut live).await,
            }
        };
        webhooks.stop();
        mcp.stop();
        if let End::Engine(ended) = end {
            control.end().await;
            stop_speaking.request();
            mcp.ended().await;
            return stopped(ended);
        }
        if matches!(end, End::Input) {
            // Whatever was said is answered before the runtime goes.
            handle.settled().await;
        }
        supervisor::ending();
        tokio::spawn(signals.end_at_once());
        live.hearing.wind_down().await;
        if let Some(telling) = telling {
            telling.end().await;
        }
        engine_stop.request();
        let ended = engine_ended.await;
        control.end().await;
        stop_speaking.request();
        // Answers that are on their way still go out; how long that may take, the gateway says.
        let _ = serving.await;
        mcp.ended().await;
        stopped(ended)
    }
}

/// What channels find around them.
fn surroundings(
    data: &Path,
    attended: Attended,
    vault: &Arc<Vault>,
    media: &Media,
    notices: &Notices,
) -> Surroundings {
    Surroundings {
        data: data.to_owned(),
        attended,
        secrets: vault.clone(),
        media: media.files.clone(),
        scratch: media.scratch.clone(),
        file_bytes: media.largest(),
        announcer: notices.announcer(),
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
