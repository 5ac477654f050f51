//! Connections: how many, how long for a head, and what happens to them at the end.

use crate::Options;
use crate::auth::Network;
use crate::door::Here;
use crate::pace::{Pace, Paced};
use crate::places::Places;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use carapace_channel_api::Shutdown;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Accepts until `shutdown`, then lets what is in flight finish, for a while.
pub(crate) async fn serve(listener: TcpListener, router: Router, options: &Options, shutdown: &Shutdown) {
    let places = Arc::new(Semaphore::new(options.connections));
    let each = Places::new(options.connections_each);
    let mut open = JoinSet::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_time)
        .max_buf_size(options.head_bytes.max(8192))
        .max_headers(options.headers);
    loop {
        let next = async {
            // The place comes first: what waits, waits in the system's queue and costs nothing here.
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = shutdown.requested() => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            next = next => next,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: trying at once again would only burn time.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let is_proxy = |network: &Network| network.contains(peer.ip());
        let own = each.take(peer.ip());
        if own.is_none() && !options.proxies.iter().any(is_proxy) {
            turn_away(&stream);
            continue;
        }
        let connection = connection(&builder, stream, peer, options.read_pace, router.clone());
        let shutdown = shutdown.clone();
        open.spawn(async move {
            if let Err(error) = finish(connection, shutdown).await {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
            drop((place, own));
        });
    }
    drop(listener);
    let drained = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(options.drain, drained).await.is_err() {
        tracing::warn!("requests were still in flight when the gateway ended");
    }
}

/// Says why, where that costs nothing.
fn turn_away(stream: &TcpStream) {
    let answer =
        b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n";
    // Whoever does not hear it has more connections than they need.
    let _ = stream.try_write(answer);
}

type Connection = http1::UpgradeableConnection<TokioIo<Paced<TcpStream>>, TowerToHyperService<Router>>;

/// Drives a connection to its end; once the end is wished for, to that of the request in flight.
async fn finish(connection: Connection, shutdown: Shutdown) -> hyper::Result<()> {
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = shutdown.requested() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

fn connection(
    builder: &http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    pace: Pace,
    router: Router,
) -> Connection {
    // Small frames, each wanted now.
    let _ = stream.set_nodelay(true);
    let here = stream.local_addr().ok().map(|here| Here(here.ip()));
    let router = router.layer(axum::middleware::map_request(move |mut request: Request| async move {
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(here) = here {
            request.extensions_mut().insert(here);
        }
        request
    }));
    builder
        .serve_connection(TokioIo::new(Paced::new(stream, pace)), TowerToHyperService::new(router))
        .with_upgrades()
}
