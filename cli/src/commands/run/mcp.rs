//! The Model Context Protocol of a runtime: servers of tools that it uses, and what it offers itself.

use super::notices::Notices;
use super::options::Options;
use super::performers;
use crate::commands::mcp::offers::{Asked, Offers};
use crate::problem::Problem;
use async_trait::async_trait;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use carapace_agent::Toolbox;
use carapace_channel_api::{Secrets, Shutdown};
use carapace_config::{McpConfig, McpServerConfig, milliseconds};
use carapace_effect::{Connection, Report, Tool};
use carapace_engine::service;
use carapace_gateway::auth::{Caller, Scope};
use carapace_gateway::{Methods, Request as Method, ServerTool, ToolServer};
use carapace_mcp::client::{Given, Handle, Options as Servers, Patterns, Server, Service, State, Taken, Way};
use carapace_mcp::server::Endpoint;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Where it is served.
const PATH: &str = "/mcp";

/// How long a call may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What programs are given of the environment of this process: how to find other programs and the person's folder, and in
/// which language and zone they live.
const GIVEN: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SystemRoot",
];

/// Connections to servers that are not made yet.
pub(super) struct Mcp {
    service: Service,
    reports: mpsc::UnboundedReceiver<Report>,
    /// The way in.
    pub(super) handle: Handle,
    endpoint: Arc<Endpoint>,
}

/// The servers' tools, for agents.
pub(super) struct Tools(Handle);

#[async_trait]
impl Toolbox for Tools {
    async fn tools(&self, connections: &[Connection]) -> Vec<Tool> {
        self.0.settled_tools(connections).await
    }
}

/// What runs of it.
pub(super) struct Running {
    connections: JoinHandle<()>,
    endpoint: Arc<Endpoint>,
    /// The way in.
    pub(super) handle: Handle,
}

impl Mcp {
    /// What a configuration says of it.
    pub(super) fn prepare(options: &Options, secrets: Arc<dyn Secrets>, notices: &Notices) -> Mcp {
        let (tell, reports) = mpsc::unbounded_channel();
        let told = notices.clone();
        let say =
            move |line: String| if line.starts_with("warning") { told.warn(line) } else { told.tell(line) };
        let (service, handle) = Service::new(options.mcp.clone(), secrets, tell, say);
        Mcp { service, reports, handle, endpoint: Arc::default() }
    }

    /// The servers' tools, for agents.
    pub(super) fn toolbox(&self) -> Tools {
        Tools(self.handle.clone())
    }

    /// What is served of it.
    pub(super) fn routes(&self, methods: &Methods) -> Router {
        let (endpoint, methods) = (self.endpoint.clone(), methods.clone());
        let answer = async move |caller: Caller, request: Request| -> Response {
            if !caller.may(Scope::Call) {
                return forbidden();
            }
            let who = caller.token().map_or_else(|| "local".to_owned(), |token| format!("token {token}"));
            let asked = Arc::new(Offers::new(InProcess { methods: methods.clone(), caller }));
            endpoint.answer(&who, asked, request).await
        };
        Router::new().route(PATH, any(answer))
    }

    /// Makes the connections, and brings what comes of calls to the engine.
    pub(super) fn start(self, engine: service::Handle, shutdown: Shutdown) -> Running {
        tokio::spawn(performers::bring_back(self.reports, engine));
        let connections = tokio::spawn(self.service.run(shutdown));
        Running { connections, endpoint: self.endpoint, handle: self.handle }
    }
}

impl Running {
    /// Nothing more is told to those who listen.
    pub(super) fn stop(&self) {
        self.endpoint.end();
    }

    /// Returns once every program that was started has ended.
    pub(super) async fn ended(self) {
        // One that panicked has said so.
        let _ = self.connections.await;
    }
}

fn forbidden() -> Response {
    let problem = serde_json::json!({
        "title": "Forbidden",
        "status": 403,
        "detail": format!("`{PATH}` needs the permission `{}`", Scope::Call),
        "code": "E0974",
    });
    let kind = [("content-type", "application/problem+json")];
    (axum::http::StatusCode::FORBIDDEN, kind, problem.to_string()).into_response()
}

/// The runtime of this process, as somebody who came over the network may use it.
#[derive(Debug)]
struct InProcess {
    methods: Methods,
    caller: Caller,
}

#[async_trait]
impl Asked for InProcess {
    async fn ask(&self, method: Method) -> Result<Json, (Option<String>, String)> {
        self.methods.ask(&self.caller, method).await.map_err(|refused| (refused.code, refused.message))
    }
}

/// The servers, for those who ask how they stand.
pub(super) fn servers(handle: &Handle) -> Vec<ToolServer> {
    let tool = |tool: carapace_mcp::client::Described| ServerTool {
        name: tool.name,
        description: tool.description,
        state: tool.taken.name().to_owned(),
        why: match tool.taken {
            Taken::Unusable(why) => Some(why),
            Taken::Used | Taken::LeftOut | Taken::Changed => None,
        },
    };
    let server = |status: carapace_mcp::client::Status| ToolServer {
        name: status.name,
        place: status.place,
        state: status.state.name().to_owned(),
        why: match status.state {
            State::Down(why) => Some(why),
            State::Connecting | State::Ready => None,
        },
        tools: status.tools.into_iter().map(tool).collect(),
    };
    handle.servers().into_iter().map(server).collect()
}

/// What a configuration says about servers. `roots` are files with certificates of authorities of one's own.
pub(super) fn options(said: &McpConfig, data: &Path, roots: &[PathBuf]) -> Result<Servers, Problem> {
    let given = |name: &&str| Some(((*name).to_owned(), std::env::var(name).ok()?));
    let read = |path: &PathBuf| std::fs::read(path).map_err(|e| Problem::unreadable(path, &e));
    Ok(Servers {
        servers: said.servers.iter().map(|said| server(&said.value)).collect::<Result<_, _>>()?,
        pinned: data.join("mcp"),
        environment: GIVEN.iter().filter_map(given).collect(),
        roots: roots.iter().map(read).collect::<Result<_, _>>()?,
        limits: carapace_mcp::client::Limits::default(),
    })
}

fn server(said: &McpServerConfig) -> Result<Server, Problem> {
    let text = |(name, value): &(String, String)| (name.clone(), Given::Text(value.clone()));
    let secret = |(name, value): &(String, String)| (name.clone(), Given::Secret(value.clone()));
    let secrets = said.secrets.iter().map(secret);
    let way = match &said.url {
        Some(url) => {
            check(&said.name, url, said.wanted().next().is_some())?;
            let headers = said.headers.iter().map(text).chain(secrets).collect();
            Way::Address { url: url.clone(), headers, token: said.token.clone() }
        }
        None => Way::Program {
            command: said.command.clone().unwrap_or_default(),
            args: said.args.clone(),
            env: said.env.iter().map(text).chain(secrets).collect(),
            cwd: said.cwd.clone(),
        },
    };
    let timeout = said.timeout.as_deref().and_then(milliseconds).and_then(|ms| u64::try_from(ms).ok());
    let timeout = timeout.filter(|ms| *ms > 0).map_or(TIMEOUT, Duration::from_millis);
    Ok(Server { name: said.name.as_str().into(), way, tools: Patterns::read(&said.tools), timeout })
}

/// Whether an address can be used, and secrets may go there.
fn check(name: &str, url: &str, has_secrets: bool) -> Result<(), Problem> {
    let wrong = |why: &str| Problem::new("E1081", format!("the server `{name}` is at `{url}`, {why}"));
    let address = reqwest::Url::parse(url).ok().filter(reqwest::Url::has_host);
    let Some(address) = address.filter(|address| matches!(address.scheme(), "https" | "http")) else {
        return Err(
            wrong("which is no address").help("it begins with `https://`: `https://tools.example/mcp`")
        );
    };
    if !address.username().is_empty() || address.password().is_some() {
        return Err(wrong("in which a password stands")
            .help("keep it in the vault: `token` and `secrets` of a server name what lies there"));
    }
    let host = address.host_str().unwrap_or_default();
    let here = host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if address.scheme() == "http" && !here && has_secrets {
        return Err(wrong("where everybody on the way reads its secrets")
            .help("begin it with `https://`, or give the server no secrets"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_only_where_nobody_listens() {
        for (url, secrets, fine) in [
            ("https://tools.example/mcp", true, true),
            ("http://127.0.0.1:80/mcp", true, true),
            ("http://[::1]:80/mcp", true, true),
            ("http://localhost/mcp", true, true),
            ("http://10.0.0.1/mcp", false, true),
            ("http://10.0.0.1/mcp", true, false),
            ("http://localhost.example/mcp", true, false),
            ("https://a:b@tools.example/mcp", false, false),
            ("ftp://tools.example/mcp", false, false),
            ("tools.example", false, false),
            ("", false, false),
        ] {
            assert_eq!(check("a", url, secrets).is_ok(), fine, "{url}");
        }
    }
}
