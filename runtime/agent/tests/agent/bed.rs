//! A performer with everything around it.

use carapace_agent::{Handle, Kind, NoTools, Options, Progress, Provider, Service, Toolbox};
use carapace_channel_api::{SecretError, SecretString, Secrets, Shutdown, ShutdownHandle};
use carapace_effect::{
    Act, ActId, Agent, EffectRequest, Failure, OpId, Recall, Report, Reported, RunId, Step, Tool, Usage,
};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde_json::{Value as Json, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};

/// The key that every provider here has.
pub(crate) const KEY: &str = "sk-test-4711-very-secret";

/// One secret, under one name.
pub(crate) struct One;

impl Secrets for One {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        match name {
            "key" => Ok(SecretString::from(KEY)),
            _ => Err(SecretError::NotFound { name: name.to_owned() }),
        }
    }
}

pub(crate) struct Bed {
    handle: Handle,
    reports: mpsc::UnboundedReceiver<Report>,
    _stop: ShutdownHandle,
    /// Scripts live as long as it does.
    _files: Vec<tempfile::TempDir>,
}

/// A provider that answers by these lines, and the folder in which they stand.
pub(crate) fn script(lines: &[Json]) -> (Provider, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("script.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "// what is answered\n").unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    (Provider::new(Kind::Scripted(path)), folder)
}

impl Bed {
    pub(crate) fn new(options: Options) -> Bed {
        Bed::with(options, Arc::new(NoTools), Vec::new())
    }

    /// With the provider `demo`, which answers by these lines.
    pub(crate) fn scripted(lines: &[Json]) -> Bed {
        let (provider, folder) = script(lines);
        let providers = [("demo".to_owned(), provider)].into();
        Bed::with(Options { providers, ..Options::default() }, Arc::new(NoTools), vec![folder])
    }

    pub(crate) fn with(options: Options, toolbox: Arc<dyn Toolbox>, files: Vec<tempfile::TempDir>) -> Bed {
        let (told, reports) = mpsc::unbounded_channel();
        let secrets: Arc<dyn Secrets> = Arc::new(One);
        let (service, handle) = Service::new(options, &secrets, toolbox, told).unwrap();
        let (stop, shutdown) = Shutdown::new();
        tokio::spawn(service.run(shutdown));
        Bed { handle, reports, _stop: stop, _files: files }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn progress(&self) -> broadcast::Receiver<Progress> {
        self.handle.progress()
    }

    /// What comes of an act, and what it used up.
    pub(crate) async fn perform(&mut self, act: Act) -> (Reported, Vec<Usage>) {
        self.handle.perform(Arc::new(act));
        self.report().await
    }

    pub(crate) async fn report(&mut self) -> (Reported, Vec<Usage>) {
        match self.reports.recv().await.unwrap().outcome {
            Reported::Spent(outcome, usage) => (*outcome, usage),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn done(&mut self, act: Act) -> (Json, Vec<Usage>) {
        match self.perform(act).await {
            (Reported::Done(json), usage) => (json, usage),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn failed(&mut self, act: Act) -> (Failure, Vec<Usage>) {
        match self.perform(act).await {
            (Reported::Failed(failure), usage) => (failure, usage),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn step(&mut self, act: Act) -> Step {
        serde_json::from_value(self.done(act).await.0).unwrap()
    }
}

/// An agent of this model.
pub(crate) fn agent(model: &str, properties: &[(&str, Json)]) -> Agent {
    let model = ("model", json!(model));
    let all = std::iter::once(&model).chain(properties).map(|(name, value)| ((*name).into(), value.clone()));
    Agent { name: "main.desk".into(), properties: all.collect(), tools: Vec::new(), connections: Vec::new() }
}

pub(crate) fn tool(name: &str) -> Tool {
    let parameters = json!({
        "type": "object",
        "properties": { "order": { "type": "string" } },
        "required": ["order"],
        "additionalProperties": false,
    });
    Tool { name: name.into(), description: "Gives money back.".into(), parameters }
}

pub(crate) fn act(effect: &str, agent: Agent, arguments: Json) -> Act {
    Act {
        id: ActId { run: RunId(1), op: ":3".parse::<OpId>().unwrap(), part: 0 },
        attempt: 1,
        key: "key1".into(),
        again: false,
        flow: "shop/main.greet".into(),
        request: EffectRequest {
            effect: effect.into(),
            version: 1,
            args: Vec::new(),
            types: Vec::new(),
            result: Type::Text,
            type_arg: None,
            class: DeliveryClass::Read,
            delivery: Delivery::Default,
            label: None,
        },
        arguments: arguments.as_object().unwrap().clone(),
        to: None,
        origin: None,
        buttons: Vec::new(),
        question: false,
        approval: false,
        schema: None,
        agent: Some(Arc::new(agent)),
        server: None,
        session: None,
        hosts: None,
        preview: None,
    }
}

pub(crate) fn ask(agent: Agent, prompt: &str) -> Act {
    act("agent.ask", agent, json!({ "agent": "main.desk", "prompt": prompt }))
}

pub(crate) fn extract(agent: Agent, text: &str, schema: Json) -> Act {
    let act = act("agent.extract", agent, json!({ "agent": "main.desk", "text": text }));
    Act { schema: Some(schema), ..act }
}

pub(crate) fn choose(agent: Agent, question: &str, among: Json) -> Act {
    act("agent.choose", agent, json!({ "agent": "main.desk", "question": question, "among": among }))
}

/// A step after these turns, each an object with `turn`.
pub(crate) fn think(agent: Agent, turns: &[Json], request: Json) -> Act {
    let turns: Vec<Json> = turns
        .iter()
        .enumerate()
        .map(|(n, turn)| {
            let mut turn = turn.clone();
            turn["number"] = json!(n + 1);
            turn["at"] = json!(0);
            if turn.get("of").is_none() {
                turn["of"] = json!({ "run": RunId(1), "op": ":0".parse::<OpId>().unwrap() });
            }
            turn
        })
        .collect();
    let key = json!({ "agent": "main.desk", "with": { "sender": { "account": "webchat", "user": "ana" } } });
    let recall: Recall = serde_json::from_value(json!({ "key": key, "turns": turns })).unwrap();
    let act =
        act("exchange.think", agent, json!({ "agent": "main.desk", "exchange": {}, "request": request }));
    Act { session: Some(Arc::new(recall)), ..act }
}
