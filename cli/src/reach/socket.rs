//! A runtime on this machine, through its socket.

use super::answer;
use crate::commands::run::SOCKET;
use crate::problem::{Problem, reason};
use carapace_gateway::Request;
use carapace_gateway::local::address;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a runtime.
pub(crate) struct Socket {
    stream: UnixStream,
}

impl Socket {
    /// Connects; none where no runtime listens there.
    pub(super) fn connect(data: &Path) -> Result<Option<Socket>, Problem> {
        let path = data.join(SOCKET);
        let connect = || -> io::Result<UnixStream> {
            let (short, _folder) = address(&path)?;
            let stream = UnixStream::connect(short)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        match connect() {
            Ok(stream) => Ok(Some(Socket { stream })),
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
    pub(super) fn patiently(self) -> Result<Socket, Problem> {
        self.stream.set_read_timeout(None).map_err(|error| unanswered(&error))?;
        Ok(self)
    }

    pub(super) fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Problem> {
        let line = self.exchange(&answer::call(request)?).map_err(|e| unanswered(&e))?;
        answer::result(line.as_bytes())
    }

    fn exchange(&self, call: &Json) -> io::Result<String> {
        (&self.stream).write_all(format!("{call}\n").as_bytes())?;
        let mut line = String::new();
        let most = u64::try_from(answer::LONGEST).unwrap_or(u64::MAX);
        BufReader::new((&self.stream).take(most)).read_line(&mut line)?;
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
