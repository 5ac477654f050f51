//! Who asks: the performer, and a client that does nothing with what it reads.

use carapace_agent::{Handle, Kind, NoTools, Options, Provider, Service};
use carapace_channel_api::{NoSecrets, Secrets, Shutdown, ShutdownHandle};
use carapace_effect::{Act, ActId, Agent, EffectRequest, OpId, Report, Reported, RunId, TaskPath};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};

/// What is asked.
const PROMPT: &str = "Where is order 4711, which I placed three weeks ago and have not heard of since?";

/// The performer.
pub(crate) struct Ours {
    handle: Handle,
    waiting: Arc<Mutex<HashMap<ActId, oneshot::Sender<()>>>>,
    _stop: ShutdownHandle,
}

/// A client that reads to the end, and nothing else.
#[derive(Clone)]
pub(crate) struct Bare {
    client: reqwest_of_genai::Client,
    url: String,
}

impl Ours {
    pub(crate) fn new(url: &str) -> Ours {
        let provider = Provider { url: Some(url.to_owned()), ..Provider::new(Kind::Openai) };
        let options = Options { providers: [("work".to_owned(), provider)].into(), ..Options::default() };
        let (told, mut reports) = mpsc::unbounded_channel::<Report>();
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        let (service, handle) = Service::new(options, &secrets, Arc::new(NoTools), told).unwrap();
        let (stop, shutdown) = Shutdown::new();
        tokio::spawn(service.run(shutdown));
        let waiting: Arc<Mutex<HashMap<ActId, oneshot::Sender<()>>>> = Arc::default();
        let known = waiting.clone();
        tokio::spawn(async move {
            while let Some(report) = reports.recv().await {
                assert!(matches!(report.outcome.bare(), Reported::Done(_)), "{:?}", report.outcome);
                if let Some(done) = known.lock().unwrap().remove(&report.act) {
                    let _ = done.send(());
                }
            }
        });
        Ours { handle, waiting, _stop: stop }
    }

    /// So many questions, each asked when it is polled first.
    pub(crate) fn ask(&self, count: usize) -> Vec<impl Future<Output = ()> + Send + use<>> {
        let agent = Arc::new(Agent {
            name: "main.desk".into(),
            properties: vec![("model".into(), json!("work/m")), ("instructions".into(), json!("Be brief."))],
            tools: Vec::new(),
            connections: Vec::new(),
        });
        let one = |n: usize| {
            let (handle, waiting) = (self.handle.clone(), self.waiting.clone());
            let act = act(u128::try_from(n).unwrap(), &agent);
            async move {
                let (done, heard) = oneshot::channel();
                waiting.lock().unwrap().insert(act.id.clone(), done);
                handle.perform(Arc::new(act));
                heard.await.unwrap();
            }
        };
        (0..count).map(one).collect()
    }
}

fn act(run: u128, agent: &Arc<Agent>) -> Act {
    let arguments = json!({ "agent": "main.desk", "prompt": PROMPT });
    Act {
        id: ActId { run: RunId(run), op: OpId { task: TaskPath::default(), ordinal: 0 }, part: 0 },
        attempt: 1,
        key: "key".into(),
        again: false,
        flow: "shop/main.greet".into(),
        request: EffectRequest {
            effect: "agent.ask".into(),
            version: 1,
            args: Vec::new(),
            types: Vec::new(),
            result: Type::Text,
            type_arg: None,
            class: DeliveryClass::Read,
            delivery: Delivery::Default,
            label: None,
        },
        arguments: arguments.as_object().cloned().unwrap_or_default(),
        to: None,
        origin: None,
        buttons: Vec::new(),
        question: false,
        approval: false,
        schema: None,
        agent: Some(agent.clone()),
        server: None,
        session: None,
        hosts: None,
        preview: None,
    }
}

impl Bare {
    pub(crate) fn new(url: &str) -> Bare {
        // It is asked for where a client is built, and not used: the server speaks without TLS. A second time says that it is there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest_of_genai::Client::builder().no_proxy().build().unwrap();
        Bare { client, url: format!("{url}/chat/completions") }
    }

    pub(crate) fn ask(&self) -> impl Future<Output = ()> + Send + use<> {
        let Bare { client, url } = self.clone();
        async move {
            let body = json!({
                "model": "m",
                "stream": true,
                "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": PROMPT }],
            });
            let answer = client.post(url).json(&body).send().await.unwrap();
            assert!(answer.bytes().await.unwrap().len() > 100);
        }
    }
}
