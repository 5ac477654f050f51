//! The socket through which `carapace runs` reaches this runtime.

use crate::sources::Sources;
use carapace_channel_api::{Shutdown, ShutdownHandle};
use carapace_engine::State;
use carapace_gateway::Methods;
use std::path::Path;
use tokio::task::JoinHandle;

/// The socket's name in the data directory.
pub(crate) const SOCKET: &str = "control.sock";

/// The socket, where there is one: a runtime that cannot be steered runs all the same.
pub(crate) struct Control {
    #[cfg(unix)]
    socket: Option<carapace_gateway::local::Service>,
}

/// The socket, served.
pub(crate) struct Serving {
    stop: ShutdownHandle,
    task: Option<JoinHandle<()>>,
}

impl Control {
    /// Takes the socket's name, and lets go of the sources of what is no longer deployed.
    pub(crate) fn open(data: &Path, state: &State) -> Control {
        let modules = state.deployments.all().map(|d| d.record.module.hash().to_string()).collect();
        Sources::forget_others(data, &modules);
        Control {
            #[cfg(unix)]
            socket: bind(data),
        }
    }

    /// Serves it.
    pub(crate) fn serve(self, methods: Methods) -> Serving {
        let (stop, stopped) = Shutdown::new();
        #[cfg(unix)]
        let task = self.socket.map(|socket| tokio::spawn(socket.run(methods, stopped)));
        #[cfg(not(unix))]
        let task = {
            drop((methods, stopped));
            None
        };
        Serving { stop, task }
    }
}

impl Serving {
    /// Ends it; the socket's file is gone when this returns.
    pub(crate) async fn end(self) {
        self.stop.request();
        if let Some(task) = self.task {
            // One that panicked has said so.
            let _ = task.await;
        }
    }
}

#[cfg(unix)]
fn bind(data: &Path) -> Option<carapace_gateway::local::Service> {
    use carapace_gateway::local::{Options, Service};
    match Service::bind(Options::new(data.join(SOCKET))) {
        Ok(socket) => Some(socket),
        Err(error) => {
            crate::output::note(&format!("note: {error}; `carapace runs` cannot steer this runtime"));
            None
        }
    }
}
