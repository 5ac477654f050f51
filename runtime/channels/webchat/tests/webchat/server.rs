//! A WebChat that serves, without a gateway.

use async_trait::async_trait;
use carapace_channel_api::axum::Router;
use carapace_channel_api::{
    Acceptance, Channel as _, Content, ConversationId, IdempotencyKey, Inbound, Operation, OperationId,
    Outbound, Outcome, Shutdown, ShutdownHandle, Sink, Target,
};
use carapace_channel_webchat::{Limits, Options, WebChat};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// A WebChat that serves.
pub(crate) struct Server {
    pub(crate) channel: Arc<WebChat>,
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
    running: Option<(ShutdownHandle, JoinHandle<()>)>,
    heard: Mutex<mpsc::UnboundedReceiver<Inbound>>,
    sender: mpsc::UnboundedSender<Inbound>,
}

struct Ear(mpsc::UnboundedSender<Inbound>);

#[async_trait]
impl Sink for Ear {
    async fn push(&self, inbound: Inbound) -> Acceptance {
        let _ = self.0.send(inbound);
        Acceptance::Accepted(0)
    }
}

impl Server {
    /// Serves what stands in `data`; nobody runs the channel yet.
    pub(crate) async fn serve(data: &Path, limits: Limits) -> Server {
        Server::serve_at("127.0.0.1:0", Options { limits, ..Options::new("web", data) }).await
    }

    /// Serves at an address, as a gateway would; nobody runs the channel yet.
    pub(crate) async fn serve_at(address: &str, options: Options) -> Server {
        let channel = Arc::new(WebChat::open(options).unwrap());
        let mount = channel.http().unwrap();
        let router = Router::new().nest_service(&mount.path, mount.router);
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            carapace_channel_api::axum::serve(listener, service).await.unwrap();
        });
        let (sender, heard) = mpsc::unbounded_channel();
        Server { channel, address, serving, running: None, heard: Mutex::new(heard), sender }
    }

    /// Serves and runs.
    pub(crate) async fn start(data: &Path, limits: Limits) -> Server {
        Server::start_with(Options { limits, ..Options::new("web", data) }).await
    }

    /// The same with more to choose.
    pub(crate) async fn start_with(options: Options) -> Server {
        let mut server = Server::serve_at("127.0.0.1:0", options).await;
        let ear = Arc::new(Ear(server.sender.clone()));
        server.run(ear);
        server
    }

    /// Runs the channel into `sink`.
    pub(crate) fn run(&mut self, sink: Arc<dyn Sink>) {
        let (stop, shutdown) = Shutdown::new();
        let channel = self.channel.clone();
        let task = tokio::spawn(async move {
            channel.run(sink, shutdown).await.unwrap();
        });
        self.running = Some((stop, task));
    }

    /// The next event that came to the engine.
    pub(crate) async fn heard(&self) -> Inbound {
        let next = async { self.heard.lock().await.recv().await };
        tokio::time::timeout(crate::page::PATIENCE, next).await.unwrap().unwrap()
    }

    /// What a flow does; the same `key` is the same request.
    pub(crate) async fn perform(&self, key: &str, operation: Operation) -> Outcome {
        let request = Outbound {
            id: OperationId::from(key),
            key: IdempotencyKey::from(key),
            account: "web".into(),
            route: None,
            again: false,
            preview: None,
            operation,
        };
        self.channel.perform(request).await
    }

    pub(crate) async fn send(&self, conversation: &str, text: &str) -> Outcome {
        let to = Target::Conversation(ConversationId::from(conversation));
        self.perform(text, Operation::Send { to, content: Content::text(text), reply_to: None }).await
    }

    /// Ends as the runtime does.
    pub(crate) async fn stop(mut self) {
        if let Some((stop, task)) = self.running.take() {
            stop.request();
            task.await.unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
