//! The performer of `mcp.call` as a component, with the connections that it needs.

use super::call::Call;
use super::link::Link;
use super::report::failed;
use super::{Options, Server, Status, Taken};
use carapace_channel_api::{Secrets, Shutdown, ShutdownHandle};
use carapace_effect::{Act, ActId, Connection, FailureKind, Report, Reported, Tool};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinSet};

/// What is asked of it.
#[derive(Debug)]
enum Request {
    Perform(Arc<Act>),
    Abandon(ActId),
    Use(Vec<Server>),
}

/// Everything that wakes the loop.
enum Event {
    Asked(Request),
    Performed(Id, Option<Reported>),
    End,
}

/// An act on its way.
struct Going {
    act: Arc<Act>,
    /// Says that nobody waits for it any more.
    leave: Option<oneshot::Sender<()>>,
}

/// The connections that there are now, in the order of the configuration.
#[derive(Debug, Clone, Default)]
struct Links(Arc<RwLock<Vec<Arc<Link>>>>);

/// Connections that are not made yet.
pub struct Service {
    links: Links,
    make: Make,
    requests: mpsc::UnboundedReceiver<Request>,
    reports: mpsc::UnboundedSender<Report>,
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    links: Links,
    requests: mpsc::UnboundedSender<Request>,
}

/// What makes connections.
struct Make {
    options: Arc<Options>,
    secrets: Arc<dyn Secrets>,
    tell: Arc<dyn Fn(String) + Send + Sync>,
}

impl Make {
    fn link(&self, server: &Server) -> Arc<Link> {
        let (options, secrets, tell) = (self.options.clone(), self.secrets.clone(), self.tell.clone());
        Arc::new(Link::new(server.clone(), options, secrets, tell))
    }
}

impl Links {
    fn all(&self) -> Vec<Arc<Link>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, server: &str) -> Option<Arc<Link>> {
        self.all().into_iter().find(|link| *link.server.name == *server)
    }

    fn set(&self, links: Vec<Arc<Link>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = links;
    }
}

impl Handle {
    /// Perform this.
    pub fn perform(&self, act: Arc<Act>) {
        // Where the performer has ended, the act stays started and without an outcome, which is the truth.
        let _ = self.requests.send(Request::Perform(act));
    }

    /// Nobody waits for it any more: its server is told to leave it.
    pub fn abandon(&self, act: ActId) {
        let _ = self.requests.send(Request::Abandon(act));
    }

    /// From now on these servers are used. Connections to those that are as they were stay; calls that are on their way to one that goes are lost to
    /// it, as where it goes away by itself.
    pub fn use_servers(&self, servers: Vec<Server>) {
        let _ = self.requests.send(Request::Use(servers));
    }

    /// The tools that these connections offer now, each named after its connection: `main.files.read`. A server that is not
    /// there offers none.
    pub fn tools(&self, connections: &[Connection]) -> Vec<Tool> {
        let mut tools = Vec::new();
        for connection in connections {
            let Some(link) = self.link(&connection.server) else { continue };
            let now = link.now();
            if now.peer.is_none() {
                continue;
            }
            let used = now.tools.iter().filter(|tool| tool.taken == Taken::Used);
            tools.extend(used.map(|tool| Tool {
                name: format!("{}.{}", connection.name, tool.name).into(),
                description: tool.description.clone(),
                parameters: (*tool.schema).clone(),
            }));
        }
        tools
    }

    /// The same, once first connections that are just being made have come about, or have not.
    pub async fn settled_tools(&self, connections: &[Connection]) -> Vec<Tool> {
        for link in connections.iter().filter_map(|connection| self.link(&connection.server)) {
            link.settled().await;
        }
        self.tools(connections)
    }

    /// How the servers stand, in the order of the configuration.
    pub fn servers(&self) -> Vec<Status> {
        self.links.all().iter().map(|link| link.status()).collect()
    }

    /// What a server says of its tools now is right; this waits for the disk. Gives the names of those that had changed; none where there is no such
    /// server.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub fn trust(&self, server: &str) -> io::Result<Option<Vec<Arc<str>>>> {
        self.link(server).map(|link| link.trust()).transpose()
    }

    fn link(&self, server: &str) -> Option<Arc<Link>> {
        self.links.find(server)
    }
}

impl Service {
    /// Connections to these servers. What comes of acts goes to `reports`, what people should know to `tell`.
    pub fn new(
        options: Options,
        secrets: Arc<dyn Secrets>,
        reports: mpsc::UnboundedSender<Report>,
        tell: impl Fn(String) + Send + Sync + 'static,
    ) -> (Service, Handle) {
        let (ask, requests) = mpsc::unbounded_channel();
        let tell: Arc<dyn Fn(String) + Send + Sync> = Arc::new(tell);
        let make = Make { options: Arc::new(options), secrets, tell };
        let links = Links::default();
        links.set(make.options.servers.iter().map(|server| make.link(server)).collect());
        (Service { links: links.clone(), make, requests, reports }, Handle { links, requests: ask })
    }

    /// Runs until `shutdown` is requested, and returns once every program that was started has ended. What is on its way then
    /// is left as it is: it has been started and has no outcome, and the next start of the runtime decides what that means.
    pub async fn run(mut self, shutdown: Shutdown) {
        let mut kept = Kept::default();
        for link in self.links.all() {
            kept.keep(link);
        }
        let mut running: JoinSet<Reported> = JoinSet::new();
        let mut going: HashMap<Id, Going> = HashMap::new();
        loop {
            let event = tokio::select! {
                Some(request) = self.requests.recv() => Event::Asked(request),
                Some(performed) = running.join_next_with_id() => match performed {
                    Ok((id, outcome)) => Event::Performed(id, Some(outcome)),
                    Err(e) => Event::Performed(e.id(), None),
                },
                () = shutdown.requested() => Event::End,
            };
            match event {
                Event::Asked(Request::Perform(act)) => {
                    let (leave, left) = oneshot::channel();
                    let task = running.spawn(attempt(self.links.clone(), act.clone(), left));
                    going.insert(task.id(), Going { act, leave: Some(leave) });
                }
                Event::Asked(Request::Use(servers)) => self.links.set(kept.exchange(&servers, &self.make)),
                Event::Asked(Request::Abandon(act)) => {
                    let left = going.values_mut().filter(|going| going.act.id == act);
                    for leave in left.filter_map(|going| going.leave.take()) {
                        // Where it has just come to its end, there is nothing to leave.
                        let _ = leave.send(());
                    }
                }
                Event::Performed(id, outcome) => {
                    if let Some(going) = going.remove(&id) {
                        let broken =
                            || Reported::Unknown("the call broke down within this runtime".to_owned());
                        self.report(&going.act, outcome.unwrap_or_else(broken));
                    }
                }
                Event::End => break,
            }
        }
        running.abort_all();
        kept.end().await;
    }

    fn report(&self, act: &Act, outcome: Reported) {
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if self.reports.send(report).is_err() {
            tracing::debug!("nobody wants to know any more what came of a call");
        }
    }
}

/// Connections that are kept, each until it is used no longer.
#[derive(Default)]
struct Kept {
    /// With what ends each: dropping that does, too.
    links: Vec<(Arc<Link>, ShutdownHandle)>,
    tasks: JoinSet<()>,
}

impl Kept {
    fn keep(&mut self, link: Arc<Link>) {
        let (stop, shutdown) = Shutdown::new();
        self.tasks.spawn(link.clone().run(shutdown));
        self.links.push((link, stop));
    }

    /// Keeps connections to these, and to no others. Gives them.
    fn exchange(&mut self, servers: &[Server], make: &Make) -> Vec<Arc<Link>> {
        let before = std::mem::take(&mut self.links);
        let (stay, go): (Vec<_>, Vec<_>) =
            before.into_iter().partition(|(link, _)| servers.contains(&link.server));
        drop(go);
        self.links = stay;
        // Those that have ended are not waited for at the end.
        while self.tasks.try_join_next().is_some() {}
        let mut all = Vec::new();
        for server in servers {
            let known = self.links.iter().find(|(link, _)| link.server == *server);
            all.push(if let Some((link, _)) = known {
                link.clone()
            } else {
                let link = make.link(server);
                self.keep(link.clone());
                link
            });
        }
        all
    }

    /// Ends all of them; every program that was started has ended then.
    async fn end(mut self) {
        self.links.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn attempt(links: Links, act: Arc<Act>, left: oneshot::Receiver<()>) -> Reported {
    let call = match Call::of(&act) {
        Ok(call) => call,
        Err(failure) => return Reported::Failed(failure),
    };
    match links.find(&call.server) {
        Some(link) => call.perform(link, left).await,
        None => {
            let why = format!("the configuration has no server `{}` under `mcp.servers`", call.server);
            failed(FailureKind::Unavailable, why)
        }
    }
}
