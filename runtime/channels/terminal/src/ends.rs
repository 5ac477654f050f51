//! The two ends of a terminal: where lines come from, and where answers go.

use crate::prompt::Prompt;
use std::sync::Mutex;
use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt as _};

/// Prints lines above a prompt.
pub type Announcer = Box<dyn Fn(String) + Send + Sync>;

/// Where lines come from.
pub enum Input {
    /// A pipe or a file; in tests, anything.
    Stream(Box<dyn AsyncBufRead + Send + Unpin>),
    /// A person at a prompt.
    Prompt(Box<Prompt>),
}

/// Where answers go.
pub enum Output {
    /// A pipe or a file; in tests, anything.
    Stream(tokio::sync::Mutex<Box<dyn AsyncWrite + Send + Unpin>>),
    /// Above the line that a person is typing.
    AbovePrompt(std::sync::Arc<Mutex<Box<dyn rustyline::ExternalPrinter + Send>>>),
}

impl Input {
    /// Standard input as a stream.
    pub fn stdin() -> Input {
        Input::Stream(Box::new(tokio::io::BufReader::new(tokio::io::stdin())))
    }
}

impl Output {
    /// A stream.
    pub fn stream(stream: impl AsyncWrite + Send + Unpin + 'static) -> Output {
        Output::Stream(tokio::sync::Mutex::new(Box::new(stream)))
    }

    /// Standard output as a stream.
    pub fn stdout() -> Output {
        Output::stream(tokio::io::stdout())
    }

    /// Prints lines of the process's own above the line that a person is typing; none where nobody types here. The
    /// call waits for the prompt to take the lines.
    pub fn announcer(&self) -> Option<Announcer> {
        let Output::AbovePrompt(printer) = self else { return None };
        let printer = printer.clone();
        Some(Box::new(move |text| {
            let mut printer = printer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // A prompt that is gone shows nothing any more, and nobody looks at it.
            let _ = printer.print(text);
        }))
    }

    /// Writes `text` whole, never mixed with another one's.
    pub(crate) async fn write(&self, text: String) -> std::io::Result<()> {
        match self {
            Output::Stream(stream) => {
                let mut stream = stream.lock().await;
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await
            }
            Output::AbovePrompt(printer) => {
                let printer = printer.clone();
                // The printer waits for the prompt to take the text, which may be a while.
                let printed = tokio::task::spawn_blocking(move || {
                    let mut printer = printer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    printer.print(text).map_err(std::io::Error::other)
                });
                printed.await.map_err(std::io::Error::other)?
            }
        }
    }
}
