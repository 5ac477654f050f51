//! The socket as a component.

use super::Options;
use super::lines::{Read, next};
use super::socket::{Error, Socket};
use crate::Methods;
use crate::auth::Caller;
use crate::rpc::{Fault, answer, parse};
use carapace_channel_api::Shutdown;
use serde_json::Value as Json;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// From where whoever asks here comes, for the audit log.
const FROM: &str = "control socket";

/// A socket that has its name and is not served yet. When it is dropped its file is gone.
#[derive(Debug)]
pub struct Service {
    options: Options,
    socket: Socket,
}

impl Service {
    /// Takes the name; a socket that an earlier owner left there is replaced. Who connects waits until
    /// [`Service::run`].
    ///
    /// # Errors
    /// Where the name is taken by something else, or the system refuses.
    pub fn bind(options: Options) -> Result<Service, Error> {
        Ok(Service { socket: Socket::bind(&options.path)?, options })
    }

    /// Serves until `shutdown` is requested.
    pub async fn run(self, methods: Methods, shutdown: Shutdown) {
        let Service { options, socket } = self;
        let places = Arc::new(Semaphore::new(options.connections));
        let options = Arc::new(options);
        let mut open = JoinSet::new();
        loop {
            let coming = async {
                // The place comes first: what waits, waits in the system's queue and costs nothing here.
                let place = places.clone().acquire_owned().await;
                (place, socket.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = shutdown.requested() => return,
                Some(_) = open.join_next(), if !open.is_empty() => continue,
                coming = coming => coming,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection to the control socket could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            if !stream.peer_cred().is_ok_and(|who| who.uid() == socket.owner || who.uid() == 0) {
                tracing::warn!("another user was turned away from the control socket");
                continue;
            }
            let (methods, options) = (methods.clone(), options.clone());
            open.spawn(async move {
                if let Err(error) = converse(stream, &methods, &options).await {
                    tracing::debug!(%error, "a connection to the control socket ended early");
                }
                drop(place);
            });
        }
    }
}

/// Answers line after line, until the other side ends or says nothing for too long.
async fn converse(mut stream: UnixStream, methods: &Methods, options: &Options) -> io::Result<()> {
    let (reading, mut writing) = stream.split();
    let mut reader = BufReader::new(reading);
    loop {
        let read = within(options.idle, next(&mut reader, options.line_bytes)).await?;
        let (reply, last) = match read {
            Read::End => return Ok(()),
            Read::Line(line) if line.trim_ascii().is_empty() => continue,
            Read::Line(line) => (reply(&line, methods).await, false),
            Read::TooLong => {
                let why = format!("a line has at most {} bytes", options.line_bytes);
                (Some(answer(&Json::Null, Err(Fault::no_call(why)))), true)
            }
        };
        if let Some(reply) = reply {
            within(options.idle, writing.write_all(&reply)).await?;
        }
        if last {
            return Ok(());
        }
    }
}

/// The answer to a line; a notification gets none.
async fn reply(line: &[u8], methods: &Methods) -> Option<Vec<u8>> {
    match parse(line) {
        Ok(call) => {
            let result = methods.call(&Caller::local().coming_from(FROM), &call.method, call.params).await;
            call.id.map(|id| answer(&id, result))
        }
        Err(refused) => {
            let (id, fault) = *refused;
            Some(answer(&id, Err(fault)))
        }
    }
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(time, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
