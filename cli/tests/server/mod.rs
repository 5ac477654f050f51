//! The built language server at the other end of two pipes.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The server, and how many questions it was asked.
pub(crate) struct Server {
    pub(crate) child: Child,
    next: u64,
}

impl Server {
    /// Starts it beside a data directory; what it writes for editors to show goes below `folder`.
    pub(crate) fn start(folder: &Path, data: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg("lsp").arg("--data").arg(data).env("XDG_CACHE_HOME", folder.join("cache"));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Server { child, next: 0 }
    }

    /// Tells it something.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.child.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        input.flush().unwrap();
    }

    /// The answer to a question.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let output = self.child.stdout.as_mut().unwrap();
        let mut output = BufReader::with_capacity(1, output);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                output.read_line(&mut line).unwrap();
                if let Some(n) = line.strip_prefix("Content-Length: ") {
                    length = n.trim().parse().unwrap();
                } else if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            output.read_exact(&mut body).unwrap();
            let message: Value = serde_json::from_slice(&body).unwrap();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message["result"].clone();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
