//! The performer of `mcp.call` as a component, with the connections that it needs.

use super::call::Call;
use super::link::Link;
use super::report::failed;
use super::{Options, Status, Taken};
use carapace_channel_api::{Secrets, Shutdown};
use carapace_effect::{Act, ActId, Connection, FailureKind, Report, Reported, Tool};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinSet};

/// What is asked of it.
#[derive(Debug)]
enum Request {
    Perform(Arc<Act>),
    Abandon(ActId),
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

/// Connections that are not made yet.
pub struct Service {
    links: Arc<[Arc<Link>]>,
    requests: mpsc::UnboundedReceiver<Request>,
    reports: mpsc::UnboundedSender<Report>,
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    links: Arc<[Arc<Link>]>,
    requests: mpsc::UnboundedSender<Request>,
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
        self.links.iter().map(|link| link.status()).collect()
    }

    /// What a server says of its tools now is right; this waits for the disk. Gives the names of those that had changed; none where there is no such
    /// server.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub fn trust(&self, server: &str) -> io::Result<Option<Vec<Arc<str>>>> {
        self.link(server).map(|link| link.trust()).transpose()
    }

    fn link(&self, server: &str) -> Option<&Arc<Link>> {
        self.links.iter().find(|link| *link.server.name == *server)
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
        let options = Arc::new(options);
        let link = |server: &super::Server| {
            Arc::new(Link::new(server.clone(), options.clone(), secrets.clone(), tell.clone()))
        };
        let links: Arc<[Arc<Link>]> = options.servers.iter().map(link).collect();
        (Service { links: links.clone(), requests, reports }, Handle { links, requests: ask })
    }

    /// Runs until `shutdown` is requested, and returns once every program that was started has ended. What is on its way then
    /// is left as it is: it has been started and has no outcome, and the next start of the runtime decides what that means.
    pub async fn run(mut self, shutdown: Shutdown) {
        let mut kept = JoinSet::new();
        for link in &*self.links {
            kept.spawn(link.clone().run(shutdown.clone()));
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
        while kept.join_next().await.is_some() {}
    }

    fn report(&self, act: &Act, outcome: Reported) {
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if self.reports.send(report).is_err() {
            tracing::debug!("nobody wants to know any more what came of a call");
        }
    }
}

async fn attempt(links: Arc<[Arc<Link>]>, act: Arc<Act>, left: oneshot::Receiver<()>) -> Reported {
    let call = match Call::of(&act) {
        Ok(call) => call,
        Err(failure) => return Reported::Failed(failure),
    };
    match links.iter().find(|link| *link.server.name == *call.server) {
        Some(link) => call.perform(link.clone(), left).await,
        None => {
            let why = format!("the configuration has no server `{}` under `mcp.servers`", call.server);
            failed(FailureKind::Unavailable, why)
        }
    }
}
