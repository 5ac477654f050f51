//! A small editor: it sends what it is told to and hands back what comes.

use carapace_driver::{Files, MemoryFiles, ReadProblem};
use carapace_lsp::{Host, Options, PackageRoot, TestOutcome, TestPlace, Tests};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::task::JoinHandle;

/// The folder in which every package of these tests lies.
pub(crate) const ROOT: &str = "/shop";

/// A disk of one package, which may change while it is looked at.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Mutex<MemoryFiles>>);

impl Disk {
    /// What is on it from now on.
    pub(crate) fn put(&self, files: MemoryFiles) {
        *self.0.lock().unwrap() = files;
    }
}

impl Files for Disk {
    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        self.0.lock().unwrap().read(path, limit)
    }

    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        self.0.lock().unwrap().list()
    }
}

impl Host for Disk {
    fn package_of(&self, file: &Path) -> PackageRoot {
        let inside = file.starts_with(ROOT);
        let folder = if inside { Path::new(ROOT) } else { file.parent().unwrap_or(Path::new("/")) };
        let root = if inside { "main.flow".into() } else { file.file_name().unwrap_or_default().to_owned() };
        PackageRoot { folder: folder.to_owned(), root: root.into_string().unwrap(), library: false }
    }

    fn packages_below(&self, folder: &Path) -> Vec<PackageRoot> {
        vec![self.package_of(folder)]
    }

    fn files(&self, package: &PackageRoot) -> Box<dyn Files + Send + Sync> {
        match package.folder == Path::new(ROOT) {
            true => Box::new(self.clone()),
            false => Box::new(MemoryFiles::default()),
        }
    }

    fn texts(&self, _: &PackageRoot) -> Vec<String> {
        let files = self.0.lock().unwrap();
        files.paths().filter(|path| !path.ends_with(".flow")).map(str::to_owned).collect()
    }

    fn reference(&self) -> Option<PathBuf> {
        Some(PathBuf::from("/reference"))
    }
}

/// Tests that fail where their title says so, and that take their time where it says that: until they are released.
#[derive(Clone, Default)]
struct Fails(Arc<(Mutex<bool>, Condvar)>);

impl Tests for Fails {
    fn run(
        &self,
        files: &dyn Files,
        root: &PackageRoot,
        only: Option<(&str, &str)>,
    ) -> Result<Vec<TestOutcome>, String> {
        let text = match files.read(&root.root, 1 << 20) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(ReadProblem::Missing) => return Err("there is nothing to test".to_owned()),
            Err(_) => return Err("it cannot be read".to_owned()),
        };
        if only.is_some_and(|(_, title)| title.contains("takes its time")) {
            let (released, changed) = &*self.0;
            drop(changed.wait_while(released.lock().unwrap(), |released| !*released).unwrap());
        }
        let titles = text
            .lines()
            .filter_map(|l| l.strip_prefix("test \"")?.split_once('"').map(|(t, _)| t.to_owned()));
        let outcomes = titles.filter(|t| only.is_none_or(|(_, title)| title == t)).map(|title| TestOutcome {
            failure: title.contains("fails").then(|| {
                let at = u32::try_from(text.find("expect").unwrap_or(0)).unwrap();
                (TestPlace { file: root.root.clone(), range: (at, at + 6) }, "it was not said".to_owned())
            }),
            title,
            file: root.root.clone(),
            milliseconds: 1,
        });
        Ok(outcomes.collect())
    }
}

/// The editor's end.
pub(crate) struct Client {
    to: DuplexStream,
    from: BufReader<DuplexStream>,
    next: u64,
    /// What came while something else was waited for.
    unasked: VecDeque<Value>,
    pub(crate) server: JoinHandle<Result<(), carapace_lsp::Error>>,
    pub(crate) disk: Disk,
    tests: Fails,
}

impl Client {
    /// A server over these files, that has been told of these capabilities.
    pub(crate) async fn start(files: &[(&str, &str)], capabilities: Value) -> Client {
        let mut client = Client::raw(files);
        let answer = client
            .ask("initialize", json!({ "capabilities": capabilities, "workspaceFolders": [{"uri": format!("file://{ROOT}"), "name": "shop"}] }))
            .await;
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        client.tell("initialized", json!({})).await;
        client
    }

    /// A server to which nothing was said yet.
    pub(crate) fn raw(files: &[(&str, &str)]) -> Client {
        let (to, input) = tokio::io::duplex(1 << 16);
        let (output, from) = tokio::io::duplex(1 << 16);
        let disk = Disk(Arc::new(Mutex::new(MemoryFiles::new(files.iter().copied()))));
        let tests = Fails::default();
        let options = Options {
            host: Box::new(disk.clone()),
            tests: Some(Arc::new(tests.clone())),
            live: None,
            version: "0.0.0".to_owned(),
        };
        let server = tokio::spawn(carapace_lsp::serve(input, output, options));
        Client { to, from: BufReader::new(from), next: 1, unasked: VecDeque::new(), server, disk, tests }
    }

    /// Lets tests that take their time come to an end.
    pub(crate) fn release(&self) {
        *self.tests.0.0.lock().unwrap() = true;
        self.tests.0.1.notify_all();
    }

    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    }

    pub(crate) async fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Sends a request and returns its number.
    pub(crate) async fn begin(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        if params_absent(&message) {
            message.as_object_mut().unwrap().remove("params");
        }
        self.send(&message).await;
        id
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    /// The answer to a request; what comes before it is kept.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.read().await;
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message;
            }
            if let (Some(asked), true) = (message.get("id"), message.get("method").is_some()) {
                let asked = asked.clone();
                self.send(&json!({ "jsonrpc": "2.0", "id": asked, "result": null })).await;
            }
            self.unasked.push_back(message);
        }
    }

    /// The next message with an error and no number, or of this method.
    pub(crate) async fn unasked(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.unasked.iter().position(&wanted) {
            return self.unasked.remove(at).unwrap();
        }
        loop {
            let message = self.read().await;
            if wanted(&message) {
                return message;
            }
            if let (Some(asked), true) = (message.get("id"), message.get("method").is_some()) {
                let asked = asked.clone();
                self.send(&json!({ "jsonrpc": "2.0", "id": asked, "result": null })).await;
            }
        }
    }

    /// The next diagnostics of `main.flow`.
    pub(crate) async fn diagnostics(&mut self) -> Vec<Value> {
        let news = self
            .unasked(|m| {
                m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri("main.flow")
            })
            .await;
        news["params"]["diagnostics"].as_array().unwrap().clone()
    }

    async fn read(&mut self) -> Value {
        tokio::time::timeout(Duration::from_secs(60), self.read_one()).await.unwrap()
    }

    async fn read_one(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).await.unwrap();
            assert!(!line.is_empty(), "the server is gone");
            match line.trim().split_once(": ") {
                Some(("Content-Length", n)) => length = n.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) async fn open(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": uri(name), "languageId": "flow", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// Replaces a range: line and column of its start, then of its end.
    pub(crate) async fn edit(&mut self, name: &str, at: [u32; 4], text: &str) {
        let range = json!({ "start": { "line": at[0], "character": at[1] }, "end": { "line": at[2], "character": at[3] } });
        let params = json!({
            "textDocument": { "uri": uri(name), "version": 2 },
            "contentChanges": [{ "range": range, "text": text }],
        });
        self.tell("textDocument/didChange", params).await;
    }

    pub(crate) async fn end(mut self) {
        let answer = self.ask("shutdown", Value::Null).await;
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.tell("exit", Value::Null).await;
        self.server.await.unwrap().unwrap();
    }
}

fn params_absent(message: &Value) -> bool {
    message["params"].is_null()
}

pub(crate) fn uri(name: &str) -> String {
    format!("file://{ROOT}/{name}")
}

/// A document, and a position in it.
pub(crate) fn at(name: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri(name) }, "position": { "line": line, "character": character } })
}

pub(crate) fn document(name: &str) -> Value {
    json!({ "textDocument": { "uri": uri(name) } })
}
