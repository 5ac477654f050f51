//! The composition root: a journal, an engine on it, channels, delivery to them, a gateway before them. The one place that
//! knows all of them.

use super::bindings::{Account, Assignment, Bound, bind};
use super::control::Control;
use super::intake::Intake;
use super::notices::Notices;
use super::options::Options;
use super::packages::{Packages, Ready};
use super::watch::Watch;
use super::{performers, signals};
use crate::data::{unopened, unusable};
use crate::output;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_channel_api::{Channel, Ended, Mount, NoSecrets, Secrets, Shutdown, ShutdownHandle, Sink};
use carapace_channel_registry::{Attended, RoomSettings, Settings, Surroundings, open};
use carapace_engine::service::{Handle, Opened, Options as EngineOptions, Service};
use carapace_engine::{Binding, Input, Rejection, Reply, State};
use carapace_gateway::{Methods, Routes};
use carapace_store::{BlobId, JsonlStore, Store};
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How long the end waits for what is still going on.
const DRAIN: Duration = Duration::from_secs(10);

/// Everything that runs, ready to be started.
pub(crate) struct Runtime {
    /// None where it serves what is deployed.
    packages: Option<Packages>,
    bind: Vec<Assignment>,
    accounts: Vec<Account>,
    channels: Vec<Arc<dyn Channel>>,
    opened: Opened,
    control: Control,
    methods: Methods,
    gateway: carapace_gateway::Service,
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
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        let surroundings =
            Surroundings { data: data.to_owned(), attended, secrets, announcer: notices.announcer() };
        let channels = accounts
            .iter()
            .zip(&options.channels)
            .map(|(account, said)| {
                open(account.name.as_ref().into(), &settings(account, said, &modules, &bound), &surroundings)
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| Problem::new("E0931", e.to_string()))?;
        let mounts: Vec<Mount> = channels.iter().filter_map(|channel| channel.http()).collect();
        let methods = Methods::new(opened.handle.clone(), accounts.iter().map(Account::told).collect());
        let routes = Routes::new(&methods);
        let gateway_options =
            carapace_gateway::Options { listen: options.listen, ..carapace_gateway::Options::default() };
        let gateway =
            carapace_gateway::Service::bind(gateway_options, mounts, routes).await.map_err(|e| {
                Problem::new("E0934", e.to_string()).help("`--listen 127.0.0.1:0` takes a port that is free")
            })?;
        greet(&options, &modules, &bound, &gateway, attended);
        let watched = packages.as_ref().filter(|_| options.watch);
        let watch = watched.and_then(|packages| Watch::start(&packages.folders(), data));
        Ok(Runtime {
            packages,
            bind: options.bind,
            accounts,
            channels,
            opened,
            control,
            methods,
            gateway,
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
            opened,
            control,
            methods,
            gateway,
            notices,
            mut watch,
        } = self;
        let Opened { service, handle, outgoing } = opened;
        let (engine_stop, engine_ended) = engine(service)?;
        let (stop_speaking, speaking) = Shutdown::new();
        let (reports, reported) = mpsc::unbounded_channel();
        let (delivery, delivered) =
            carapace_delivery::Service::new(carapace_delivery::Options::default(), channels.clone(), reports);
        tokio::spawn(delivery.run(speaking.clone()));
        tokio::spawn(performers::bring_back(reported, handle.clone()));
        tokio::spawn(performers::hand_out(outgoing, delivered, handle.clone(), notices.clone()));
        tokio::spawn(gateway.run(speaking));
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
        stopped(ended)
    }
}

fn stopped(ended: Result<(), carapace_engine::service::Error>) -> Result<(), Problem> {
    ended.map_err(|e| {
        Problem::new("E0936", format!("the runtime had to stop: {e}"))
            .help("what it told anybody is in the journal; a start goes on from there")
    })
}

/// Stops hearing, and lets what was heard come to rest, for a while.
async fn wind_down(stop: ShutdownHandle, mut listening: JoinSet<Option<Ended>>, engine: &Handle) {
    stop.request();
    let rest = async {
        while listening.join_next().await.is_some() {}
        engine.settled().await;
    };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        output::note("some of what was going on had no end yet; the next start goes on with it");
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

fn attended() -> Attended {
    let screen = std::io::stdout().is_terminal();
    let colour = screen && std::env::var_os("NO_COLOR").is_none();
    if std::io::stdin().is_terminal() && screen {
        Attended::Person { colour }
    } else {
        Attended::Input { screen, colour }
    }
}

/// What is said of an account, with what the packages that run add to it.
fn settings(account: &Account, said: &Settings, modules: &[Ready], bound: &[Bound]) -> Settings {
    let Settings::Webchat(said) = said else { return said.clone() };
    let mut settings = said.clone();
    let mut rooms: BTreeSet<&str> = BTreeSet::new();
    for binding in bound.iter().flat_map(|bound| bound.bindings.values()) {
        if let Binding::Room { account: at, conversation } = binding
            && **at == *account.name
        {
            rooms.extend(conversation.strip_prefix('#'));
        }
    }
    rooms.retain(|name| said.rooms.iter().all(|room| room.name != *name));
    settings.rooms.extend(rooms.into_iter().map(|name| RoomSettings { name: name.to_owned(), title: None }));
    if let ([only], None) = (modules, &said.title) {
        settings.title = Some(only.module.package.to_string());
    }
    Settings::Webchat(settings)
}

fn bind_all(modules: &[Ready], accounts: &[Account], typed: &[Assignment]) -> Result<Vec<Bound>, Problem> {
    let slots = || modules.iter().flat_map(|ready| &ready.module.slots).map(|slot| &*slot.name);
    if let Some(stray) = typed.iter().find(|assignment| !slots().any(|name| assignment.names(name))) {
        return Err(stray.unknown("E0932", "slot", slots()));
    }
    modules.iter().map(|ready| bind(&ready.module.slots, accounts, typed)).collect()
}

/// Takes a data directory's journal over, for an engine of these choices.
pub(crate) fn open_journal(data: &Path, chosen: EngineOptions) -> Result<Opened, Problem> {
    crate::data::make_private(data).map_err(|e| Problem::unwritable(data, &e))?;
    keep_out_of_repositories(data);
    let store = JsonlStore::open(carapace_store::Options::new(data)).map_err(|e| unusable(data, &e))?;
    if let Some(torn) = &store.recovered().torn {
        let (file, byte) = (torn.file.display(), torn.byte);
        output::note(&format!(
            "the end of the journal was torn and is overwritten: {file}, byte {byte}: {}; nothing of it was ever durable",
            torn.why
        ));
    }
    let store: Arc<dyn Store> = Arc::new(store);
    Service::open(store, chosen).map_err(|e| unopened(data, &e))
}

/// What a runtime remembers of people belongs into no repository.
fn keep_out_of_repositories(data: &Path) {
    let ignore = data.join(".gitignore");
    if !ignore.exists() {
        // It is a courtesy: without it everything works.
        let _ = std::fs::write(ignore, "*\n");
    }
}

/// What is deployed, and what its slots stand for.
fn deployed(state: &State, data: &Path) -> (Vec<Ready>, Vec<Bound>) {
    let (mut modules, mut all_bound) = (Vec::new(), Vec::new());
    for deployment in state.deployments.serving() {
        let record = &deployment.record;
        match (&deployment.code, record.module.bytes()) {
            (Ok(code), Some(bytes)) => {
                let (module, bytes) = (code.module().clone(), bytes.clone());
                modules.push(Ready { module, bytes, sources: Sources::default() });
                all_bound.push(Bound { bindings: record.bindings.clone(), notes: Vec::new() });
            }
            (code, _) => {
                let why = code.as_ref().err().map_or("its module is gone", String::as_str);
                output::note(&format!("`{}` cannot be served [E0927]: {why}", record.package));
            }
        }
    }
    if modules.is_empty() {
        let data = data.display();
        output::note(&format!("nothing is deployed yet: `carapace deploy PATH --data {data}` does that"));
    }
    (modules, all_bound)
}

/// Deploys every package, and withdraws those that ran here before and do not any more.
fn deploy_first(
    service: &mut Service,
    packages: &Packages,
    modules: &[Ready],
    bound: &[Bound],
) -> Result<(), Problem> {
    let before: Vec<Arc<str>> =
        service.state().deployments.serving().map(|deployment| deployment.record.package.clone()).collect();
    for package in before {
        if modules.iter().all(|ready| ready.module.package != package) {
            service.prepare(Input::Withdraw { package });
        }
    }
    for (ready, bound) in modules.iter().zip(bound) {
        let deploy = packages.deploy(ready, bound.bindings.clone())?;
        if let Reply::Rejected(rejection) = service.prepare(Input::Deploy(Box::new(deploy))) {
            return Err(refused(ready, rejection));
        }
    }
    Ok(())
}

fn refused(ready: &Ready, rejection: Rejection) -> Problem {
    let problem = Problem::new(rejection.code, format!("`{}`: {}", ready.module.package, rejection.message));
    match rejection.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// The engine on a thread of its own, so that code that runs for long holds up no channel.
fn engine(
    service: Service,
) -> Result<(ShutdownHandle, impl Future<Output = Result<(), carapace_engine::service::Error>>), Problem> {
    let (stop, asked) = Shutdown::new();
    let (tell, ended) = tokio::sync::oneshot::channel();
    let failed =
        |e: std::io::Error| Problem::new("E0936", format!("the engine's thread could not be started: {e}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(failed)?;
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let result = runtime.block_on(service.run(async move { asked.requested().await }));
            // Whoever waits for it is there as long as the process is.
            let _ = tell.send(result);
        })
        .map_err(failed)?;
    // A thread that is gone without a word has panicked, and said so itself; the journal is sound.
    Ok((stop, async move { ended.await.unwrap_or(Ok(())) }))
}

/// Lets every channel listen, and tells the engine how each is.
fn listen(
    channels: &[Arc<dyn Channel>],
    engine: &Handle,
    hearing: &Shutdown,
    notices: &Notices,
) -> JoinSet<Option<Ended>> {
    let mut listening = JoinSet::new();
    for channel in channels {
        let (watched, engine_too) = (channel.clone(), engine.clone());
        tokio::spawn(async move {
            let account: Arc<str> = watched.account().as_str().into();
            let mut status = watched.status();
            loop {
                let caught_up = status.borrow_and_update().health.is_caught_up();
                if engine_too.channel(account.clone(), caught_up).await.is_err()
                    || status.changed().await.is_err()
                {
                    return;
                }
            }
        });
        let (channel, hearing, notices) = (channel.clone(), hearing.clone(), notices.clone());
        let sink: Arc<dyn Sink> = Arc::new(Intake(engine.clone()));
        listening.spawn(carapace_delivery::listen(channel, sink, hearing, move |line| notices.tell(line)));
    }
    listening
}

/// Compiles again and deploys what checks; what runs stays where it does not.
async fn redeploy(
    packages: &Packages,
    typed: &[Assignment],
    accounts: &[Account],
    engine: &Handle,
    notices: &Notices,
) {
    let Some(modules) = packages.compile() else {
        notices.tell("it does not check, so what ran before goes on running");
        return;
    };
    let bound = match bind_all(&modules, accounts, typed) {
        Ok(bound) => bound,
        Err(problem) => return notices.tell(problem.to_string()),
    };
    for (ready, bound) in modules.iter().zip(bound) {
        let package = ready.module.package.clone();
        let deploy = match packages.deploy(ready, bound.bindings) {
            Ok(deploy) => deploy,
            Err(problem) => return notices.tell(problem.to_string()),
        };
        let wanted = BlobId::of(&deploy.module).to_string();
        let serving = package.clone();
        let same = engine.look(move |state| {
            let current = state.deployments.current(&serving);
            current.is_some_and(|deployment| **deployment.record.module.hash() == wanted)
        });
        if same.await.unwrap_or(true) {
            continue;
        }
        match engine.deploy(deploy).await {
            Ok(Reply::Rejected(rejection)) => notices.tell(refused(ready, rejection).to_string()),
            Ok(_) => notices.tell(format!("`{package}` is deployed anew; runs that wait keep their version")),
            Err(_) => return,
        }
    }
}

/// What a person should know at the start.
fn greet(
    options: &Options,
    modules: &[Ready],
    bound: &[Bound],
    gateway: &carapace_gateway::Service,
    attended: Attended,
) {
    for bound in bound {
        bound.notes.iter().for_each(|line| output::note(&format!("note: {line}")));
    }
    let names: Vec<&str> = modules.iter().map(|ready| &*ready.module.package).collect();
    if !names.is_empty() {
        output::note(&format!("running {} from {}", names.join(", "), options.data.display()));
    }
    for page in gateway.handle().pages() {
        output::note(&format!("chat page: {page}"));
    }
    let terminal = options.accounts.iter().any(|account| *account.kind == *"terminal");
    if matches!(attended, Attended::Person { .. }) && terminal {
        output::note("type a message; `@ana: hello` speaks as ana, `#ops: hello` in a room; Ctrl-D ends");
    }
}
