//! Messages on a pair of streams: `Content-Length: N`, an empty line, N bytes of JSON.
//!
//! tower-lsp brings a transport of its own; it ends at the first message that is not UTF-8 and believes any length. An
//! editor's server must outlive both.

use super::Error;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tower_lsp::jsonrpc::{Request, Response};
use tower_lsp::{ClientSocket, LanguageServer, LspService};
use tower_service::Service as _;

/// A message may have this many bytes: several times the largest source file, as JSON.
const LARGEST: usize = 64 * 1024 * 1024;

/// A line of a header may have this many bytes.
const LONGEST_LINE: u64 = 4096;

/// Answers what comes in until the editor says `exit` or the input ends.
pub(super) async fn serve<S: LanguageServer>(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin,
    mut service: LspService<S>,
    socket: ClientSocket,
) -> Result<(), Error> {
    let mut frames = Frames { input: BufReader::new(input) };
    let mut writer = Writer { output };
    let (mut asked, mut answers) = socket.split();
    let mut working = FuturesUnordered::new();
    let mut shut_down = false;
    // Reading is a future of its own that is kept while other things happen: it holds half-read messages.
    let mut reading = std::pin::pin!(frames.next().fuse());
    loop {
        tokio::select! {
            // What is finished goes out before more is taken in.
            biased;
            Some(answer) = working.next(), if !working.is_empty() => writer.answer(answer).await?,
            Some(request) = asked.next() => writer.send(&request).await?,
            (message, back) = &mut reading => {
                reading.set(back.next().fuse());
                match message? {
                    Frame::End => return if shut_down { Ok(()) } else { Err(Error::Abrupt) },
                    Frame::Bad(code, why) => writer.send(&refusal(code, why)).await?,
                    Frame::Message(Incoming::Response(response)) => {
                        // Nobody waits any more: then the answer is nobody's loss.
                        let _ = answers.send(response).await;
                    }
                    Frame::Message(Incoming::Request(request)) => {
                        let exit = request.method() == "exit";
                        shut_down |= request.method() == "shutdown";
                        let mut work = service.call(request);
                        // Begun at once: what is begun first reaches the worker first.
                        match (&mut work).now_or_never() {
                            Some(answer) => writer.answer(answer).await?,
                            None => working.push(work),
                        }
                        if exit {
                            return if shut_down { Ok(()) } else { Err(Error::Abrupt) };
                        }
                    }
                }
            }
        }
    }
}

fn refusal(code: i64, why: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": why } })
}

struct Writer<O> {
    output: O,
}

impl<O: AsyncWrite + Unpin> Writer<O> {
    async fn answer<E>(&mut self, answer: Result<Option<Response>, E>) -> Result<(), Error> {
        match answer {
            Ok(Some(response)) => self.send(&response).await,
            // A notification has no answer; after `exit` nothing has.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    async fn send(&mut self, message: &impl serde::Serialize) -> Result<(), Error> {
        let body = serde_json::to_vec(message).map_err(std::io::Error::other)?;
        let head = format!("Content-Length: {}\r\n\r\n", body.len());
        self.output.write_all(head.as_bytes()).await?;
        self.output.write_all(&body).await?;
        self.output.flush().await?;
        Ok(())
    }
}

/// Reads messages.
struct Frames<I> {
    input: BufReader<I>,
}

enum Incoming {
    Request(Request),
    Response(Response),
}

enum Frame {
    Message(Incoming),
    /// What is not a message: an error code of JSON-RPC, and why.
    Bad(i64, &'static str),
    End,
}

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;

impl<I: AsyncRead + Unpin> Frames<I> {
    /// The next message; and the reader, so that it can be read on.
    async fn next(&mut self) -> (std::io::Result<Frame>, &mut Self) {
        let frame = self.read().await;
        (frame, self)
    }

    async fn read(&mut self) -> std::io::Result<Frame> {
        let length = match self.head().await? {
            Head::Length(length) => length,
            Head::End => return Ok(Frame::End),
            Head::Bad(why) => return Ok(Frame::Bad(PARSE_ERROR, why)),
        };
        if length > LARGEST {
            let mut body = (&mut self.input).take(u64::try_from(length).unwrap_or(u64::MAX));
            tokio::io::copy(&mut body, &mut tokio::io::sink()).await?;
            return Ok(Frame::Bad(INVALID_REQUEST, "the message has more than 64 MiB"));
        }
        let mut body = Vec::new();
        let most = u64::try_from(length).unwrap_or(u64::MAX);
        let got = (&mut self.input).take(most).read_to_end(&mut body).await?;
        if got < length {
            return Ok(Frame::End);
        }
        Ok(message(&body))
    }

    /// The header: up to an empty line. What is no header is passed over up to the next that names a length, so that
    /// one bad message costs one message.
    async fn head(&mut self) -> std::io::Result<Head> {
        let mut length = None;
        let mut bad = None;
        loop {
            let mut line = Vec::new();
            (&mut self.input).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
            if line.is_empty() {
                return Ok(Head::End);
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            match text.split_once(':').map(|(name, value)| (name.trim(), value.trim())) {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().ok();
                    bad = length.is_none().then_some("`Content-Length` is no number");
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-type") => {
                    let utf8 =
                        !value.contains("charset=") || value.contains("utf-8") || value.contains("utf8");
                    bad = bad.or((!utf8).then_some("the message is not in UTF-8"));
                }
                // Headers to come, and lines that are none.
                _ if !text.is_empty() => {}
                _ => match (length, bad) {
                    (Some(length), None) => return Ok(Head::Length(length)),
                    (_, Some(why)) => return Ok(Head::Bad(why)),
                    (None, None) => return Ok(Head::Bad("`Content-Length` is missing")),
                },
            }
        }
    }
}

enum Head {
    Length(usize),
    Bad(&'static str),
    End,
}

fn message(body: &[u8]) -> Frame {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Frame::Bad(PARSE_ERROR, "the message is not JSON");
    };
    let is_request = value.get("method").is_some();
    let parsed = if is_request {
        serde_json::from_value(value).map(Incoming::Request)
    } else {
        serde_json::from_value(value).map(Incoming::Response)
    };
    parsed
        .map_or(Frame::Bad(INVALID_REQUEST, "the message is neither a request nor an answer"), Frame::Message)
}
