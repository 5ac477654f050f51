//! The composition root: a journal, an engine on it, channels, delivery to them, a gateway before them. The one place that
//! knows all of them.

use super::bindings::{Account, Assignment, Bound, bind};
use super::control::Control;
use super::intake::Intake;
use super::notices::Notices;
use super::packages::{Packages, Ready};
use super::stale::staleness;
use super::watch::Watch;
use super::{performers, signals};
use crate::args::Run;
use crate::output;
use crate::problem::Problem;
use carapace_channel_api::{Channel, Ended, Mount, Shutdown, ShutdownHandle, Sink};
use carapace_channel_registry::{
    Attended, RoomSettings, Settings, Surroundings, TerminalSettings, WebchatSettings, open,
};
use carapace_engine::service::{Handle, Opened, Service};
use carapace_engine::{Binding, Input, Rejection, Reply};
use carapace_store::{JsonlStore, Store};
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
    packages: Packages,
    bind: Vec<Assignment>,
    accounts: Vec<Account>,
    channels: Vec<Arc<dyn Channel>>,
    opened: Opened,
    control: Control,
    gateway: carapace_gateway::Service,
    notices: Notices,
    watch: Option<Watch>,
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
    pub(crate) async fn open(
        options: &Run,
        packages: Packages,
        modules: Vec<Ready>,
    ) -> Result<Runtime, Problem> {
        packages.check_settings(&modules)?;
        let bind_typed =
            options.bind.iter().map(|text| Assignment::read(text)).collect::<Result<Vec<_>, _>>()?;
        let accounts = accounts(options);
        let bound = bind_all(&modules, &accounts, &bind_typed)?;
        let stale = staleness(&accounts, &options.stale)?;
        let mut opened = open_engine(options)?;
        deploy_first(&mut opened.service, &packages, &modules, &bound)?;
        for input in stale {
            opened.service.prepare(input);
        }
        let control = Control::open(&options.data, opened.service.state());
        let notices = Notices::start();
        let attended = attended();
        let surroundings =
            Surroundings { data: options.data.clone(), attended, announcer: notices.announcer() };
        let channels = accounts
            .iter()
            .map(|account| {
                open(
                    account.name.as_ref().into(),
                    &settings(account, &modules, &bound, &options.embed),
                    &surroundings,
                )
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| Problem::new("E0931", e.to_string()))?;
        let mounts: Vec<Mount> = channels.iter().filter_map(|channel| channel.http()).collect();
        let gateway_options =
            carapace_gateway::Options { listen: options.listen, ..carapace_gateway::Options::default() };
        let gateway = carapace_gateway::Service::bind(gateway_options, mounts).await.map_err(|e| {
            Problem::new("E0934", e.to_string()).help("`--listen 127.0.0.1:0` takes a port that is free")
        })?;
        greet(options, &modules, &bound, &gateway, attended);
        let watch = if options.no_watch { None } else { Watch::start(&packages.folders(), &options.data) };
        Ok(Runtime {
            packages,
            bind: bind_typed,
            accounts,
            channels,
            opened,
            control,
            gateway,
            notices,
            watch,
        })
    }

    /// Lives until somebody ends it, or the input does.
    pub(crate) async fn live(self) -> Result<(), Problem> {
        let Runtime { packages, bind, accounts, channels, opened, control, gateway, notices, mut watch } =
            self;
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
        let control = control.serve(handle.clone());
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
                () = changed(&mut watch) => redeploy(&packages, &bind, &accounts, &handle, &notices).await,
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

/// The accounts there are when no configuration names any.
fn accounts(options: &Run) -> Vec<Account> {
    let terminal = Account { name: "terminal".into(), kind: "terminal" };
    let page = Account { name: "webchat".into(), kind: "webchat" };
    if options.no_terminal { vec![page] } else { vec![terminal, page] }
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

fn settings(account: &Account, modules: &[Ready], bound: &[Bound], embed: &[String]) -> Settings {
    if account.kind == "terminal" {
        return Settings::Terminal(TerminalSettings::default());
    }
    let mut rooms: BTreeSet<&str> = BTreeSet::new();
    for binding in bound.iter().flat_map(|bound| bound.bindings.values()) {
        if let Binding::Room { account: at, conversation } = binding
            && **at == *account.name
        {
            rooms.extend(conversation.strip_prefix('#'));
        }
    }
    let title = match modules {
        [only] => Some(only.module.package.to_string()),
        _ => None,
    };
    let rooms = rooms.into_iter().map(|name| RoomSettings { name: name.to_owned(), title: None }).collect();
    Settings::Webchat(WebchatSettings { title, rooms, frames: embed.to_vec(), ..WebchatSettings::default() })
}

fn bind_all(modules: &[Ready], accounts: &[Account], typed: &[Assignment]) -> Result<Vec<Bound>, Problem> {
    let slots = || modules.iter().flat_map(|ready| &ready.module.slots).map(|slot| &*slot.name);
    if let Some(stray) = typed.iter().find(|assignment| !slots().any(|name| assignment.names(name))) {
        return Err(stray.unknown("E0932", "slot", slots()));
    }
    modules.iter().map(|ready| bind(&ready.module.slots, accounts, typed)).collect()
}

fn open_engine(options: &Run) -> Result<Opened, Problem> {
    let unusable = |why: String| Problem::new("E0931", why).help("`--data DIR` names another folder");
    make(&options.data).map_err(|e| Problem::unwritable(&options.data, &e))?;
    keep_out_of_repositories(options);
    let store =
        JsonlStore::open(carapace_store::Options::new(&options.data)).map_err(|e| unusable(e.to_string()))?;
    let store: Arc<dyn Store> = Arc::new(store);
    Service::open(store, carapace_engine::service::Options::default()).map_err(|e| unusable(e.to_string()))
}

/// Makes the data directory, for its owner alone: what people wrote lies in it. One that is there keeps the rights that
/// somebody gave it.
fn make(data: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}

/// What a runtime remembers of people belongs into no repository.
fn keep_out_of_repositories(options: &Run) {
    let ignore = options.data.join(".gitignore");
    if !ignore.exists() {
        // It is a courtesy: without it everything works.
        let _ = std::fs::write(ignore, "*\n");
    }
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
        let wanted = deploy.module.clone();
        let serving = package.clone();
        let same = engine.look(move |state| {
            let current = state.deployments.current(&serving);
            current.is_some_and(|deployment| deployment.record.module.0 == wanted)
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
    options: &Run,
    modules: &[Ready],
    bound: &[Bound],
    gateway: &carapace_gateway::Service,
    attended: Attended,
) {
    for bound in bound {
        bound.notes.iter().for_each(|line| output::note(&format!("note: {line}")));
    }
    let names: Vec<&str> = modules.iter().map(|ready| &*ready.module.package).collect();
    output::note(&format!("running {} from {}", names.join(", "), options.data.display()));
    for page in gateway.handle().pages() {
        output::note(&format!("chat page: {page}"));
    }
    if matches!(attended, Attended::Person { .. }) && !options.no_terminal {
        output::note("type a message; `@ana: hello` speaks as ana, `#ops: hello` in a room; Ctrl-D ends");
    }
}
