//! A runtime as `carapace run` has it: an engine on a thread of its own above a journal on disk, and somebody who
//! performs what it asks for.

use carapace_engine::service::{Handle, Opened, Options, Service};
use carapace_engine::{Destination, Input, Outgoing, Reply, Report, Reported};
use carapace_store::JsonlStore;
use carapace_tests::measure::{deploy, processor_time, program};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// A runtime that runs.
pub(crate) struct Runtime {
    /// The way in.
    pub(crate) handle: Handle,
    /// Who waits for a message in which conversation.
    pub(crate) heard: Heard,
    stop: oneshot::Sender<()>,
    engine: JoinHandle<Duration>,
}

/// Who waits for a message in which conversation.
pub(crate) type Heard = Arc<Mutex<BTreeMap<Arc<str>, mpsc::UnboundedSender<()>>>>;

/// The journal of a folder, as it is opened by default.
pub(crate) fn journal(folder: &Path) -> JsonlStore {
    JsonlStore::open(carapace_store::Options::new(folder)).unwrap()
}

/// An engine on the journal of a folder, with a package whose one channel is `desk`; a start after the first finds the
/// package there.
pub(crate) fn open(folder: &Path, source: &str) -> Opened {
    // Those who talk are programs, and mean to. What was is of no interest here, and would fill the disk.
    let options = Options { break_loops: false, history: Duration::ZERO, ..Options::default() };
    let mut opened = Service::open(Arc::new(journal(folder)), options).unwrap();
    if opened.service.state().deployments.serving().next().is_none() {
        let deploy = deploy(program(source).module());
        let reply = opened.service.prepare(Input::Deploy(Box::new(deploy)));
        assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
    }
    opened
}

impl Runtime {
    /// Lets an engine run.
    pub(crate) fn start(opened: Opened) -> Runtime {
        let Opened { service, handle, outgoing } = opened;
        let (stop, stopped) = oneshot::channel();
        let engine = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let ended = async {
                // Dropped, it says the same.
                let _ = stopped.await;
            };
            runtime.block_on(service.run(ended)).unwrap();
            processor_time()
        });
        let heard = Heard::default();
        tokio::spawn(perform(outgoing, handle.clone(), heard.clone()));
        Runtime { handle, heard, stop, engine }
    }

    /// Ends it in order, with a checkpoint; how long its engine's thread was on a processor.
    pub(crate) fn end(self) -> Duration {
        drop(self.stop);
        self.engine.join().unwrap()
    }
}

/// Confirms what is sent, and lets those know who wait for it.
async fn perform(mut outgoing: mpsc::UnboundedReceiver<Outgoing>, handle: Handle, heard: Heard) {
    while let Some(outgoing) = outgoing.recv().await {
        let Outgoing::Perform(act) = outgoing else { continue };
        let conversation = match &act.to {
            Some(Destination::Conversation { conversation, .. }) => conversation.clone(),
            Some(Destination::User { user, .. }) => user.clone(),
            None => continue,
        };
        let outcome = Reported::Done(json!({ "channel": "desk", "conversation": conversation, "id": "m" }));
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if handle.report(report).await.is_err() {
            return;
        }
        if let Some(heard) = heard.lock().unwrap().get(&conversation) {
            // Whoever waited may be gone.
            let _ = heard.send(());
        }
    }
}

/// Work with somebody to do it beside the engine.
pub(crate) fn beside<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap()
        .block_on(work)
}
