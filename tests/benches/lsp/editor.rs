//! The editor's end of a server in this process.

use carapace_driver::{Files, MemoryFiles};
use carapace_lsp::{Host, Options, PackageRoot};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

const ROOT: &str = "/shop";

struct Disk(MemoryFiles);

impl Host for Disk {
    fn package_of(&self, _: &Path) -> PackageRoot {
        PackageRoot { folder: PathBuf::from(ROOT), root: "main.flow".to_owned(), library: false }
    }

    fn packages_below(&self, folder: &Path) -> Vec<PackageRoot> {
        vec![self.package_of(folder)]
    }

    fn files(&self, _: &PackageRoot) -> Box<dyn Files + Send + Sync> {
        Box::new(self.0.clone())
    }

    fn reference(&self) -> Option<PathBuf> {
        None
    }
}

pub(crate) struct Editor {
    to: DuplexStream,
    from: BufReader<DuplexStream>,
    next: u64,
    version: u64,
}

impl Editor {
    /// A server over these files.
    pub(crate) async fn start(files: &MemoryFiles) -> Editor {
        let (to, input) = tokio::io::duplex(1 << 20);
        let (output, from) = tokio::io::duplex(1 << 20);
        let host = Box::new(Disk(files.clone()));
        let options = Options { host, tests: None, live: None, version: "0.0.0".to_owned() };
        tokio::spawn(carapace_lsp::serve(input, output, options));
        let mut editor = Editor { to, from: BufReader::new(from), next: 1, version: 1 };
        let folder = json!({ "uri": format!("file://{ROOT}"), "name": "shop" });
        editor.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": [folder] })).await;
        editor.tell("initialized", json!({})).await;
        editor
    }

    pub(crate) async fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": uri(path), "languageId": "flow", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// Gives a file another text.
    pub(crate) async fn change(&mut self, path: &str, text: &str) {
        self.version += 1;
        let document = json!({ "uri": uri(path), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params).await;
    }

    /// What is wrong with the text that was sent last.
    pub(crate) async fn diagnostics(&mut self, path: &str) -> Value {
        loop {
            let message = self.read().await;
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri(path)
                && params["version"].as_u64() == Some(self.version)
            {
                return params["diagnostics"].clone();
            }
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let message = self.read().await;
            if message["id"] == id && message["method"].is_null() {
                assert!(message["error"].is_null(), "{message}");
                return message["result"].clone();
            }
        }
    }

    async fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    async fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let header = format!("Content-Length: {}\r\n\r\n", body.len());
        self.to.write_all(header.as_bytes()).await.unwrap();
        self.to.write_all(body.as_bytes()).await.unwrap();
    }

    async fn read(&mut self) -> Value {
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
}

pub(crate) fn uri(path: &str) -> String {
    format!("file://{ROOT}/{path}")
}

/// A place in a text, for a request.
pub(crate) fn place(path: &str, text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().len();
    json!({ "textDocument": { "uri": uri(path) }, "position": { "line": line, "character": column } })
}
