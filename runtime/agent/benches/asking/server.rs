//! Who answers.

use crate::http::request;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

/// Pieces of an answer.
const PIECES: usize = 20;

const AIMOCK: &str = r#"
const { LLMock } = require('@copilotkit/aimock');
const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 12 });
mock.onMessage('', { content: 'a piece of it '.repeat(20) });
mock.start().then((url) => console.log(`${url ?? mock.url}/v1`));
"#;

/// A process that answers, until it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Ours, with so many milliseconds between two pieces.
    pub(crate) fn ours(pause: u64) -> Serving {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["serve", &pause.to_string()]);
        Serving::start(command).unwrap()
    }

    pub(crate) fn aimock() -> Option<Serving> {
        let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
        let packages = named.unwrap_or(root);
        let there = packages.join("node_modules/@copilotkit/aimock").is_dir();
        let mut command = Command::new("node");
        command.args(["-e", AIMOCK]).current_dir(&packages);
        there.then(|| Serving::start(command))?
    }

    fn start(mut command: Command) -> Option<Serving> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        Some(Serving { child, url: line.trim().to_owned() })
    }
}

/// Answers until the process ends.
pub(crate) fn serve(pause: Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}/v1", listener.local_addr().unwrap());
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, pause));
        }
    });
}

/// Answers each request of a connection with pieces, as OpenAI's chat completions stream them.
async fn answer(mut stream: TcpStream, pause: Duration) -> Option<()> {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    loop {
        request(&mut stream, &mut bytes).await?;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.ok()?;
        for n in 0..PIECES {
            let text = format!("a piece of it {n} ");
            let event =
                format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
            chunk(&mut stream, &event).await?;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        let stop = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":99}}"#;
        chunk(&mut stream, &format!("data: {stop}\n\ndata: [DONE]\n\n")).await?;
        stream.write_all(b"0\r\n\r\n").await.ok()?;
    }
}

async fn chunk(stream: &mut TcpStream, text: &str) -> Option<()> {
    stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await.ok()
}
