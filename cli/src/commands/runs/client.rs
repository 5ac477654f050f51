//! A runtime that runs, through its socket.

use super::runtime::Wish;
use crate::commands::run::SOCKET;
use crate::problem::{Problem, reason};
use carapace_engine::inspect::{Ended, Listed, Shown, WaitingOn};
use carapace_gateway::local::address;
use carapace_gateway::{Became, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of an answer at most.
const LONGEST: u64 = 256 << 20;

/// A connection to a runtime.
pub(in crate::commands) struct Client {
    stream: UnixStream,
}

impl Client {
    /// Connects; none where no runtime listens there.
    pub(in crate::commands) fn connect(data: &Path) -> Result<Option<Client>, Problem> {
        let path = data.join(SOCKET);
        let connect = || -> io::Result<UnixStream> {
            let (short, _folder) = address(&path)?;
            let stream = UnixStream::connect(short)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        match connect() {
            Ok(stream) => Ok(Some(Client { stream })),
            // A socket without a listener is what a killed runtime leaves behind.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                Ok(None)
            }
            Err(error) => Err(unanswered(&error)),
        }
    }

    /// Waits for each answer as long as it takes.
    pub(in crate::commands) fn patiently(self) -> Result<Client, Problem> {
        self.stream.set_read_timeout(None).map_err(|error| unanswered(&error))?;
        Ok(self)
    }

    pub(super) fn list(
        &self,
        waiting_on: Option<WaitingOn>,
        flow: Option<String>,
        limit: usize,
    ) -> Result<Listed, Problem> {
        self.call(&Request::List { waiting_on, flow, after: None, limit: Some(limit) })
    }

    pub(super) fn finished(&self, flow: Option<String>, limit: usize) -> Result<Ended, Problem> {
        self.call(&Request::Finished { flow, after: None, limit: Some(limit) })
    }

    pub(super) fn show(&self, run: &str) -> Result<Shown, Problem> {
        self.call(&Request::Show { run: run.to_owned() })
    }

    pub(super) fn change(&self, wish: &Wish) -> Result<String, Problem> {
        let answer: Json = self.call(&match wish {
            Wish::Cancel { run, reason } => Request::Cancel { run: run.clone(), reason: reason.clone() },
            Wish::Retry { run } => Request::RetryRun { run: run.clone() },
            Wish::Resolve { run, op, happened, value } => Request::Resolve {
                run: run.clone(),
                op: op.clone(),
                outcome: if *happened { Became::Done } else { Became::Failed },
                value: value.clone(),
            },
        })?;
        Ok(answer.get("run").and_then(Json::as_str).unwrap_or_default().to_owned())
    }

    /// Asks it something.
    pub(crate) fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Problem> {
        let strange = |what: &str| {
            Problem::new("E0944", format!("the runtime answered with something else than expected: {what}"))
                .help("the runtime may be of another version than this command")
        };
        let mut call = serde_json::to_value(request).map_err(|e| strange(&e.to_string()))?;
        if let Some(call) = call.as_object_mut() {
            call.insert("jsonrpc".to_owned(), json!("2.0"));
            call.insert("id".to_owned(), json!(1));
        }
        let line = self.exchange(&call).map_err(|e| unanswered(&e))?;
        let mut answer: Json = serde_json::from_str(&line).map_err(|e| strange(&e.to_string()))?;
        if let Some(error) = answer.get("error") {
            return Err(problem(error));
        }
        let result = answer.get_mut("result").map(Json::take).unwrap_or_default();
        serde_json::from_value(result).map_err(|e| strange(&e.to_string()))
    }

    fn exchange(&self, call: &Json) -> io::Result<String> {
        (&self.stream).write_all(format!("{call}\n").as_bytes())?;
        let mut line = String::new();
        BufReader::new((&self.stream).take(LONGEST)).read_line(&mut line)?;
        if line.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended the connection"));
        }
        Ok(line)
    }
}

fn unanswered(error: &io::Error) -> Problem {
    Problem::new("E0944", format!("the runtime does not answer: {}", reason(error)))
        .help("it may be ending, or belong to another user")
}

/// What the runtime says is wrong, as it would be said here.
fn problem(error: &Json) -> Problem {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    let data = error.get("data");
    let code = text(data.and_then(|data| data.get("code"))).unwrap_or_default();
    let known = carapace_diagnostic::codes().find(|known| *known == code).unwrap_or("E0944");
    let problem = Problem::new(known, text(error.get("message")).unwrap_or_default());
    match text(data.and_then(|data| data.get("help"))) {
        Some(help) => problem.help(help),
        None => problem,
    }
}
