//! A performer, and what it is asked.

use carapace_channel_api::{NoSecrets, SecretError, SecretString, Secrets, Shutdown, ShutdownHandle};
use carapace_effect::{
    Act, ActId, Connection, EffectRequest, Failure, OpId, Report, Reported, RunId, TaskPath,
};
use carapace_mcp::client::{Given, Handle, Limits, Options, Patterns, Server, Service, State, Way};
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

struct Vault;

impl Secrets for Vault {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        match name {
            "shop" => Ok("s3cret-token".to_owned().into()),
            _ => NoSecrets.get(name),
        }
    }
}

pub(crate) struct Performer {
    pub(crate) mcp: Handle,
    pub(crate) reports: mpsc::UnboundedReceiver<Report>,
    pub(crate) told: Arc<Mutex<Vec<String>>>,
    stop: ShutdownHandle,
    task: JoinHandle<()>,
    folder: tempfile::TempDir,
    next: u32,
}

/// The server `files`, which is this program.
pub(crate) fn files(tools: &[&str]) -> Server {
    let (command, args) = crate::server::command();
    let env = vec![
        ("SERVE".to_owned(), Given::Text("1".to_owned())),
        ("LEVEL".to_owned(), Given::Text("9".to_owned())),
        ("TOKEN".to_owned(), Given::Secret("shop".to_owned())),
    ];
    Server {
        name: "files".into(),
        way: Way::Program { command, args, env, cwd: None },
        tools: Patterns::read(tools),
        timeout: Duration::from_secs(2),
    }
}

impl Performer {
    pub(crate) fn start(server: Server) -> Performer {
        Performer::start_in(server, tempfile::tempdir().unwrap())
    }

    pub(crate) fn start_in(server: Server, folder: tempfile::TempDir) -> Performer {
        let (tell, reports) = mpsc::unbounded_channel();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let lines = told.clone();
        let short = Duration::from_millis(50);
        let options = Options {
            servers: vec![server],
            pinned: folder.path().join("mcp"),
            environment: vec![("PATH".to_owned(), std::env::var("PATH").unwrap())],
            roots: Vec::new(),
            limits: Limits { pause: (short, short), ..Limits::default() },
        };
        let (service, mcp) =
            Service::new(options, Arc::new(Vault), tell, move |line| lines.lock().unwrap().push(line));
        let (stop, shutdown) = Shutdown::new();
        let task = tokio::spawn(service.run(shutdown));
        Performer { mcp, reports, told, stop, task, folder, next: 0 }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: Json) -> Reported {
        let act = self.ask(tool, arguments);
        let report = self.reports.recv().await.unwrap();
        assert_eq!((report.act, report.attempt), (act, 1));
        report.outcome
    }

    /// The same, not waited for.
    pub(crate) fn ask(&mut self, tool: &str, arguments: Json) -> ActId {
        self.next += 1;
        let act = act(self.next, "files", json!({ "tool": tool, "arguments": arguments }));
        let id = act.id.clone();
        self.mcp.perform(Arc::new(act));
        id
    }

    pub(crate) fn connection() -> [Connection; 1] {
        [Connection { name: "main.files".into(), server: "files".into() }]
    }

    /// The names of the tools that are offered, once they are what is expected or for good something else.
    pub(crate) async fn offers(&self, expected: &[&str]) {
        let mut names = Vec::new();
        for _ in 0..400 {
            let tools = self.mcp.tools(&Performer::connection());
            names = tools.iter().map(|tool| tool.name.to_string()).collect();
            if names == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{names:?} is offered, and not {expected:?}: {:?}", self.mcp.servers());
    }

    pub(crate) async fn is(&self, wanted: impl Fn(&State) -> bool) -> State {
        for _ in 0..400 {
            let state = self.mcp.servers().remove(0).state;
            if wanted(&state) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{:?}", self.mcp.servers());
    }

    /// Ends it; every program has ended when this returns.
    pub(crate) async fn end(self) -> tempfile::TempDir {
        self.stop.request();
        self.task.await.unwrap();
        self.folder
    }
}

pub(crate) fn act(ordinal: u32, server: &str, arguments: Json) -> Act {
    let Json::Object(arguments) = arguments else { panic!() };
    Act {
        id: ActId { run: RunId(1), op: OpId { task: TaskPath::default(), ordinal }, part: 0 },
        attempt: 1,
        key: "key1".into(),
        again: false,
        flow: "shop/main.greet".into(),
        request: EffectRequest {
            effect: "mcp.call".into(),
            version: 1,
            args: Vec::new(),
            types: vec![Type::Text, Type::Json],
            result: Type::Json,
            type_arg: None,
            class: DeliveryClass::Read,
            delivery: Delivery::Default,
            label: None,
        },
        arguments,
        to: None,
        origin: None,
        buttons: Vec::new(),
        question: false,
        approval: false,
        schema: None,
        agent: None,
        server: Some(server.into()),
        session: None,
        hosts: None,
        preview: None,
    }
}

/// A report in a word, and what is said in it.
pub(crate) fn said(reported: &Reported) -> (&'static str, String) {
    match reported {
        Reported::Done(json) => ("done", json.to_string()),
        Reported::Failed(Failure { kind, message, .. }) => (kind.name(), message.clone()),
        Reported::Unknown(message) => ("unknown", message.clone()),
        Reported::NotPerformed(message) => ("not performed", message.clone()),
        Reported::Partly(_, failure) => ("partly", failure.message.clone()),
        other => panic!("{other:?}"),
    }
}
