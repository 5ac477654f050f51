//! The connection to one server: made, kept, and made again.

use super::environment::Values;
use super::known::{Known, known};
use super::listener::Listener;
use super::pinned::Pinned;
use super::plain::line;
use super::program::{Program, Start};
use super::{Described, Options, Server, State, Status, Taken, Way, address};
use carapace_channel_api::{Secrets, Shutdown};
use reqwest_of_genai::Error as HttpError;
use rmcp::ServiceError;
use rmcp::model::{PaginatedRequestParams, ProtocolVersion, SubscriptionFilter, Tool};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt as _, Peer, RoleClient, RunningService,
    Subscription,
};
use rmcp::transport::streamable_http_client::StreamableHttpError;
use rmcp::transport::{DynamicTransportError, Transport};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

/// A server that was there for so long is tried again at once when it goes away.
const STEADY: Duration = Duration::from_secs(60);

/// How long a connection may take to end in good order.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often tools are asked for at most, however often a server says that they changed.
const CALM: Duration = Duration::from_millis(500);

/// How long a server has to show that it is still there.
const DOUBT: Duration = Duration::from_secs(10);

/// How often it is looked whether a server at an address is still there.
const ROUND: Duration = Duration::from_secs(60);

/// Pages of a list of tools at most.
const PAGES: usize = 64;

/// The code of a server that is not there.
const DOWN: &str = "W1082";

/// The code of a tool that changed.
const CHANGED: &str = "W1083";

/// The connection to one server.
pub(super) struct Link {
    pub(super) server: Server,
    options: Arc<Options>,
    secrets: Arc<dyn Secrets>,
    pinned: Pinned,
    now: watch::Sender<Now>,
    /// Tools shall be looked at again.
    look: Arc<Notify>,
    /// It may not be there any more.
    doubt: Notify,
    /// What was said to people and still holds.
    told: Mutex<BTreeSet<String>>,
    tell: Arc<dyn Fn(String) + Send + Sync>,
}

/// How a server stands.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub(super) state: State,
    /// Over this it is spoken to; none where it is not ready.
    pub(super) peer: Option<Peer<RoleClient>>,
    /// Its tools, as they were said last.
    pub(super) tools: Arc<[Known]>,
    /// What it was given of secrets.
    pub(super) values: Arc<Values>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("server", &self.server.name).finish_non_exhaustive()
    }
}

impl Link {
    pub(super) fn new(
        server: Server,
        options: Arc<Options>,
        secrets: Arc<dyn Secrets>,
        tell: Arc<dyn Fn(String) + Send + Sync>,
    ) -> Link {
        let pinned = Pinned { file: options.pinned.join(format!("{}.json", server.name)) };
        let now = Now { state: State::Connecting, peer: None, tools: Arc::from([]), values: Arc::default() };
        let (look, told) = (Arc::new(Notify::new()), Mutex::default());
        let (now, doubt) = (watch::Sender::new(now), Notify::new());
        Link { server, options, secrets, pinned, now, look, doubt, told, tell }
    }

    /// How it stands, once that is known: a first connection is waited for, though not for long.
    pub(super) async fn settled(&self) -> Now {
        let mut now = self.now.subscribe();
        let settled = now.wait_for(|now| now.state != State::Connecting);
        // Where it takes too long, it is still connecting.
        let _ = timeout(self.options.limits.patience, settled).await;
        self.now.borrow().clone()
    }

    /// How it stands.
    pub(super) fn now(&self) -> Now {
        self.now.borrow().clone()
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// A call was lost: whether it is still there is found out.
    pub(super) fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// How it stands, for people.
    pub(super) fn status(&self) -> Status {
        let now = self.now();
        let described = |tool: &Known| Described {
            name: tool.name.clone(),
            description: tool.description.clone(),
            parameters: tool.schema.clone(),
            taken: tool.taken.clone(),
        };
        let place = match &self.server.way {
            Way::Program { command, args, .. } => {
                let words = std::iter::once(command).chain(args);
                words.map(String::as_str).collect::<Vec<_>>().join(" ")
            }
            Way::Address { url, .. } => url.clone(),
        };
        let tools = now.tools.iter().map(described).collect();
        Status { name: self.server.name.clone(), place, state: now.state, tools }
    }

    /// Its tools are right as they are now. Gives those that had changed.
    ///
    /// # Errors
    /// Why that cannot be kept.
    pub(super) fn trust(&self) -> std::io::Result<Vec<Arc<str>>> {
        let tools = self.now().tools;
        let changed: Vec<Known> = tools.iter().filter(|tool| tool.taken == Taken::Changed).cloned().collect();
        self.pinned.trust(&changed)?;
        // Should they change again, that is told again.
        self.told.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| !line.contains(CHANGED));
        self.look.notify_one();
        Ok(changed.into_iter().map(|tool| tool.name).collect())
    }

    /// Keeps the connection until `shutdown` is requested.
    pub(super) async fn run(self: Arc<Link>, shutdown: Shutdown) {
        let (first, longest) = self.options.limits.pause;
        let (mut pause, mut attempt) = (first, 0_u32);
        loop {
            let began = Instant::now();
            let why = self.once(attempt, &shutdown).await;
            let Some(why) = why.filter(|_| !shutdown.is_requested()) else { break };
            self.down(&why);
            pause = if began.elapsed() > STEADY { first } else { pause };
            tokio::select! {
                () = sleep(pause) => {}
                () = shutdown.requested() => break,
            }
            pause = (pause * 2).min(longest);
            attempt = attempt.wrapping_add(1);
        }
        let over = |now: &mut Now| {
            now.state = State::Down("this runtime uses it no longer".to_owned());
            now.peer = None;
        };
        self.now.send_modify(over);
    }

    /// Connects and stays connected. Gives why that is over; nothing where `shutdown` is.
    async fn once(&self, attempt: u32, shutdown: &Shutdown) -> Option<String> {
        let values = match Values::of(&self.server.way, self.secrets.clone()).await {
            Ok(values) => Arc::new(values),
            Err(why) => return Some(why),
        };
        match &self.server.way {
            Way::Program { command, args, cwd, .. } => {
                let start = Start {
                    server: &self.server.name,
                    command,
                    args,
                    cwd: cwd.as_deref(),
                    environment: &self.options.environment,
                    values: &values,
                };
                let (program, pipes) = match Program::start(&start, &self.options.limits) {
                    Ok(started) => started,
                    Err(why) => return Some(why),
                };
                let why = self.converse(pipes, attempt, &values, shutdown).await;
                self.not_ready();
                // What it said when it ended says more than that nothing comes any more.
                let ended = program.end().await;
                why.map(|why| ended.unwrap_or(why))
            }
            Way::Address { url, .. } => {
                let transport = match address::transport(url, &values, &self.options) {
                    Ok(transport) => transport,
                    Err(why) => return Some(why),
                };
                let why = self.converse(transport, attempt, &values, shutdown).await;
                self.not_ready();
                why
            }
        }
    }

    async fn converse<T>(
        &self,
        transport: T,
        attempt: u32,
        values: &Arc<Values>,
        shutdown: &Shutdown,
    ) -> Option<String>
    where
        T: Transport<RoleClient> + 'static,
    {
        let listener = Listener { changed: self.look.clone() };
        let greeting = listener.serve_with_lifecycle(transport, lifecycle(attempt));
        let greeted = tokio::select! {
            greeted = timeout(self.options.limits.connect, greeting) => greeted,
            () = shutdown.requested() => return None,
        };
        let running = match greeted {
            Err(_) => return Some("it did not answer in time".to_owned()),
            Ok(Err(error)) => return Some(values.clean(&line(&ungreeted(&error), 300))),
            Ok(Ok(running)) => running,
        };
        let peer = running.peer().clone();
        let why = tokio::select! {
            why = self.attend(&peer, values) => Some(why),
            () = shutdown.requested() => None,
        };
        part(running).await;
        why
    }

    /// Asks for its tools, and again when they change. Returns why it is not there any more.
    async fn attend(&self, peer: &Peer<RoleClient>, values: &Arc<Values>) -> String {
        let mut changes = subscribe(peer).await;
        let mut patience = self.options.limits.connect;
        loop {
            match timeout(patience, list(peer, self.options.limits.tools)).await {
                Ok(Ok(tools)) => self.ready(peer, values, tools).await,
                Ok(Err(why)) => return values.clean(&line(&why, 300)),
                Err(_) => return "it did not say in time which tools it has".to_owned(),
            }
            sleep(CALM).await;
            patience = self.options.limits.connect;
            tokio::select! {
                () = self.look.notified() => {}
                () = next(&mut changes) => {}
                () = gone(peer) => return "the connection ended".to_owned(),
                () = self.doubt.notified() => patience = DOUBT,
                // Only a pipe says by itself that nobody is at its other end.
                () = sleep(ROUND), if matches!(self.server.way, Way::Address { .. }) => patience = DOUBT,
            }
        }
    }

    async fn ready(&self, peer: &Peer<RoleClient>, values: &Arc<Values>, tools: Vec<Tool>) {
        let mut tools = known(tools, &self.server.tools, &self.options.limits);
        let pinned = self.pinned.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let compared = pinned.compare(&mut tools);
            (tools, compared)
        });
        let (tools, why) = match compared.await {
            Ok((tools, Ok(()))) => (tools, None),
            Ok((tools, Err(error))) => (tools, Some(error.to_string())),
            Err(_) => (Vec::new(), Some("it broke down".to_owned())),
        };
        let mut tools = tools;
        if let Some(why) = why {
            let file = self.pinned.file.display();
            let why = format!("it cannot be compared with `{file}`: {why}");
            self.say(format!(
                "warning[{CHANGED}]: no tool of the server `{}` is used: {why}",
                self.server.name
            ));
            tools.iter_mut().for_each(|tool| tool.taken = Taken::Unusable(why.clone()));
        }
        self.tell_changed(&tools);
        let (peer, values) = (peer.clone(), values.clone());
        self.now.send_modify(|now| {
            *now = Now { state: State::Ready, peer: Some(peer), tools: tools.into(), values };
        });
        if self.is_told(DOWN) {
            (self.tell)(format!("the server `{}` is there again", self.server.name));
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| !line.contains(DOWN));
    }

    fn tell_changed(&self, tools: &[Known]) {
        let changed = tools.iter().filter(|tool| tool.taken == Taken::Changed);
        let names: Vec<String> = changed.map(|tool| format!("`{}`", tool.name)).collect();
        if !names.is_empty() {
            let server = &self.server.name;
            self.say(format!(
                "warning[{CHANGED}]: the server `{server}` says something else than at first of {}, which is not used now\n  \
                 help: `carapace mcp list` shows what it says; `carapace mcp trust {server}` has it used as it is",
                names.join(", ")
            ));
        }
    }

    /// Nobody calls it any more; that it is down is told once it is known why.
    fn not_ready(&self) {
        self.now.send_if_modified(|now| now.peer.take().is_some());
    }

    fn down(&self, why: &str) {
        let state = State::Down(why.to_owned());
        self.now.send_modify(|now| {
            now.state = state;
            now.peer = None;
        });
        // Once for each time: why it is not there changes from one attempt to the next.
        if !self.is_told(DOWN) {
            self.say(format!(
                "warning[{DOWN}]: the server `{}` is not there: {why}; its tools are not offered, and it is tried again",
                self.server.name
            ));
        }
    }

    fn is_told(&self, code: &str) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|line| line.contains(code))
    }

    /// Says something to people, once as long as it holds.
    fn say(&self, line: String) {
        let new = self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone());
        if new {
            (self.tell)(line);
        }
    }
}

/// A server of the newest protocol is found out by asking; one that ends at that question is greeted the old way the next
/// time.
fn lifecycle(attempt: u32) -> ClientLifecycleMode {
    if attempt % 2 == 1 {
        return ClientLifecycleMode::Initialize;
    }
    ClientLifecycleMode::Auto { preferred_versions: vec![ProtocolVersion::LATEST], legacy_version: None }
}

/// The tools that a server says it has, at most so many.
async fn list(peer: &Peer<RoleClient>, most: usize) -> Result<Vec<Tool>, String> {
    if peer.peer_info().is_some_and(|info| info.capabilities.tools.is_none()) {
        return Ok(Vec::new());
    }
    let (mut tools, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES {
        let params = PaginatedRequestParams::default().with_cursor(cursor);
        let page = peer.list_tools(Some(params)).await.map_err(|e| match &e {
            ServiceError::TransportSend(error) => unsent(error),
            other => other.to_string(),
        })?;
        tools.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() || tools.len() > most {
            break;
        }
    }
    Ok(tools)
}

/// Has a server of the newest protocol say when its tools change; older ones say it by themselves.
async fn subscribe(peer: &Peer<RoleClient>) -> Option<Subscription> {
    let info = peer.peer_info()?;
    let says = info.capabilities.tools.as_ref().is_some_and(|tools| tools.list_changed == Some(true));
    if info.protocol_version.has_initialize() || !says {
        return None;
    }
    let wanted = SubscriptionFilter::builder().tools_list_changed().build();
    let listening = timeout(Duration::from_secs(5), peer.listen(wanted)).await;
    listening.ok().and_then(Result::ok)
}

async fn next(changes: &mut Option<Subscription>) {
    if let Some(subscription) = changes {
        if let Ok(Some(_)) = subscription.next().await {
            return;
        }
        *changes = None;
    }
    std::future::pending().await
}

/// Returns when nothing can be said to it any more.
async fn gone(peer: &Peer<RoleClient>) {
    while !peer.is_transport_closed() {
        sleep(Duration::from_millis(200)).await;
    }
}

async fn part(mut running: RunningService<RoleClient, Listener>) {
    // What does not end in good order is ended by whoever started it.
    let _ = running.close_with_timeout(FAREWELL).await;
}

/// Why a server was not found to be one.
fn ungreeted(error: &ClientInitializeError) -> String {
    match error {
        ClientInitializeError::TransportError { error, .. } => unsent(error),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => ungreeted(fallback),
        ClientInitializeError::ConnectionClosed(_) => "the connection ended".to_owned(),
        ClientInitializeError::JsonRpcError(error) => format!("it says: {}", error.message),
        other => other.to_string(),
    }
}

/// Why something could not be sent.
pub(super) fn unsent(error: &DynamicTransportError) -> String {
    match error.error.downcast_ref::<StreamableHttpError<HttpError>>() {
        Some(StreamableHttpError::Client(error)) => innermost(error),
        Some(StreamableHttpError::AuthRequired(_) | StreamableHttpError::InsufficientScope(_)) => {
            "it wants another token than it was given".to_owned()
        }
        Some(other) => other.to_string(),
        None => innermost(&*error.error),
    }
}

/// What went wrong in the end: what stands above it only says in which step.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
