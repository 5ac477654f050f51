//! The gateway as a component.

use crate::auth::{Client, Gate, Refusal, browsers, guard, pair, ticket};
use crate::door::door;
use crate::openai::shape;
use crate::pace::hurry;
use crate::routes::{AtChannel, counted};
use crate::{Error, Options, Routes, connections};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carapace_channel_api::{Mount, Shutdown};
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpListener;
use tower_service::Service as _;

/// What the gateway itself serves: no channel is mounted there, or below it.
pub const RESERVED: [&str; 7] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/v1", "/hooks", "/mcp"];

/// A gateway that has its address and is not serving yet.
#[derive(Debug)]
pub struct Service {
    options: Options,
    listener: TcpListener,
    router: Router,
    handle: Handle,
}

/// What others may know of a gateway.
#[derive(Debug, Clone)]
pub struct Handle {
    address: SocketAddr,
    channels: Arc<RwLock<Channels>>,
    gate: Gate,
}

/// What the channels serve, which may change while the gateway runs.
#[derive(Debug)]
struct Channels {
    router: Router,
    pages: Vec<String>,
}

impl Service {
    /// Takes the address and mounts the channels' routes. Connections wait from here on, and are answered by
    /// [`Service::run`].
    pub async fn bind(options: Options, mounts: Vec<Mount>, routes: Routes) -> Result<Service, Error> {
        if !options.listen.ip().to_canonical().is_loopback() && !options.access.is_given() {
            return Err(Error::Unguarded { address: options.listen });
        }
        let gate = Gate::new(&options);
        let known = from_fn_with_state(gate.clone(), guard);
        let guarded = routes.guarded.merge(ticket(gate.clone())).layer(known).merge(pair(gate.clone()));
        let guarded = guarded.layer(from_fn_with_state(gate.clone(), browsers));
        let channels = Arc::new(RwLock::new(Channels::of(mounts, &gate)?));
        let (mounted, mounting) = (channels.clone(), gate.clone());
        let router = guarded
            .merge(routes.open)
            .route("/healthz", get(async || "ok\n"))
            .fallback(async move |request: Request| {
                // Taken out before anything is awaited, so that nobody who is slow keeps the channels from being changed.
                let mut router = mounted.read().unwrap_or_else(PoisonError::into_inner).router.clone();
                router.call(request).await
            })
            .layer(DefaultBodyLimit::max(options.body_bytes))
            .layer(from_fn_with_state(options.body_pace, hurry))
            .layer(from_fn_with_state(gate, door))
            .layer(from_fn_with_state(routes.requests, counted))
            .layer(from_fn(shape));
        let bind = |source| Error::Bind { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        Ok(Service { listener, router, handle: Handle { address, channels, gate: mounting }, options })
    }

    /// What others may know of it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Serves until `shutdown` is requested, then finishes what is in flight.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        connections::serve(self.listener, self.router, &self.options, &shutdown).await;
        Ok(())
    }
}

impl Handle {
    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The addresses of the channels' pages, to be opened by a person.
    pub fn pages(&self) -> Vec<String> {
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        channels.pages.iter().map(|page| format!("http://{}{page}", self.address)).collect()
    }

    /// Mounts these instead of those that were: connections that are open stay with what they are connected to.
    ///
    /// # Errors
    /// Where one cannot be mounted; what was mounted before stays then.
    pub fn mount(&self, mounts: Vec<Mount>) -> Result<(), Error> {
        let channels = Channels::of(mounts, &self.gate)?;
        *self.channels.write().unwrap_or_else(PoisonError::into_inner) = channels;
        Ok(())
    }
}

impl Channels {
    fn of(mounts: Vec<Mount>, gate: &Gate) -> Result<Channels, Error> {
        let pages = mounts.iter().filter_map(|mount| mount.page.clone()).collect();
        let hosts = mounts.iter().filter_map(|mount| mount.host.clone()).collect();
        let router =
            mount_all(mounts, gate)?.fallback(async || (StatusCode::NOT_FOUND, "nothing is served here\n"));
        gate.hosts.serve_channels(hosts);
        Ok(Channels { router, pages })
    }
}

fn mount_all(mounts: Vec<Mount>, gate: &Gate) -> Result<Router, Error> {
    let mut router = Router::new();
    let mut taken: Vec<String> = Vec::new();
    for mount in mounts {
        let path = mount.path;
        let inside = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        let plain = path.strip_prefix('/').is_some_and(|rest| {
            let letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            !rest.is_empty() && rest.split('/').all(|part| !part.is_empty() && part.chars().all(letter))
        });
        if !plain || RESERVED.iter().any(|own| inside(&path, own)) {
            return Err(Error::BadPath { path });
        }
        if taken.iter().any(|other| inside(other, &path) || inside(&path, other)) {
            return Err(Error::PathTaken { path });
        }
        // As a service it also answers at the path with a slash behind it, which a nested router would not.
        let few = from_fn_with_state((gate.clone(), Arc::from(path.as_str())), not_too_many);
        router = router.nest_service(&path, mount.router.layer(few));
        taken.push(path);
    }
    Ok(router)
}

/// Turns away what is too much for one channel.
async fn not_too_many(
    State((gate, path)): State<(Gate, Arc<str>)>,
    request: Request,
    next: Next,
) -> Response {
    let is_local = request.extensions().get::<Client>().is_some_and(|client| client.is_local);
    let mut response = match gate.channels.check(&path) {
        Err(wait) if !is_local => Refusal::too_many(wait).into_response(),
        _ => next.run(request).await,
    };
    response.extensions_mut().insert(AtChannel(path));
    response
}
