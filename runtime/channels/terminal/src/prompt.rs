//! A person at a prompt: a line editor on a thread of its own, since it waits for keys.

use crate::{Input, Output};
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// What came from the prompt.
pub(crate) enum Typed {
    Line(String),
    /// Ctrl-D, or Ctrl-C on an empty line.
    End,
    Failed(std::io::Error),
}

/// The reading end of a prompt.
pub struct Prompt {
    editor: Option<DefaultEditor>,
    ask: Option<std::sync::mpsc::Sender<String>>,
    typed: Option<mpsc::Receiver<Typed>>,
    as_found: AsFound,
}

impl Prompt {
    /// A prompt on the process's terminal, and what prints above it. Fails where standard input or output is not a
    /// terminal, or one that cannot be asked to edit a line.
    pub fn open() -> std::io::Result<(Input, Output)> {
        let config = Config::builder().auto_add_history(true).history_ignore_space(true).build();
        let mut editor = DefaultEditor::with_config(config).map_err(std::io::Error::other)?;
        let printer = editor.create_external_printer().map_err(std::io::Error::other)?;
        let printer: Box<dyn rustyline::ExternalPrinter + Send> = Box::new(printer);
        let as_found = AsFound::remember();
        as_found.keep_what_is_typed_ahead();
        let prompt = Prompt { editor: Some(editor), ask: None, typed: None, as_found };
        Ok((Input::Prompt(Box::new(prompt)), Output::AbovePrompt(Arc::new(Mutex::new(printer)))))
    }

    /// Shows `prompt` and waits for a line. May be given up; the line is then had by the next call.
    pub(crate) async fn line(&mut self, prompt: String) -> Typed {
        if let Some(editor) = self.editor.take() {
            let (ask, asked) = std::sync::mpsc::channel();
            let (answer, typed) = mpsc::channel(1);
            std::thread::spawn(move || edit(editor, &asked, &answer));
            self.ask = Some(ask);
            self.typed = Some(typed);
        }
        let (Some(ask), Some(typed)) = (&self.ask, &mut self.typed) else { return Typed::End };
        if ask.send(prompt).is_err() {
            return Typed::End;
        }
        typed.recv().await.unwrap_or(Typed::End)
    }

    /// Puts the terminal back as it was found: a line may still be being edited, and that thread cannot be told.
    pub(crate) fn restore(&self) {
        self.as_found.restore();
    }
}

fn edit(mut editor: DefaultEditor, asked: &std::sync::mpsc::Receiver<String>, answer: &mpsc::Sender<Typed>) {
    while let Ok(prompt) = asked.recv() {
        let typed = match editor.readline(&prompt) {
            Ok(line) => Typed::Line(line),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Typed::End,
            Err(error) => Typed::Failed(std::io::Error::other(error)),
        };
        let over = !matches!(typed, Typed::Line(_));
        if answer.blocking_send(typed).is_err() || over {
            return;
        }
    }
}

/// The terminal's settings from before the first prompt.
struct AsFound {
    #[cfg(unix)]
    settings: Option<rustix::termios::Termios>,
}

impl AsFound {
    #[cfg(unix)]
    fn remember() -> AsFound {
        AsFound { settings: rustix::termios::tcgetattr(std::io::stdin()).ok() }
    }

    /// The editor has the terminal hand over every key only while it edits a line. What is typed between two lines would
    /// be taken by the system as a line of its own, and a Ctrl-D there would be gone: so those settings are the same
    /// before and after, as far as that goes.
    #[cfg(unix)]
    fn keep_what_is_typed_ahead(&self) {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex};
        let Some(mut settings) = self.settings.clone() else { return };
        settings.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        settings.special_codes[SpecialCodeIndex::VMIN] = 1;
        settings.special_codes[SpecialCodeIndex::VTIME] = 0;
        // A terminal that takes no settings is one at which a line is lost now and then, not one that cannot be used.
        let _ = rustix::termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &settings);
    }

    #[cfg(unix)]
    fn restore(&self) {
        if let Some(settings) = &self.settings {
            let now = rustix::termios::OptionalActions::Now;
            // A terminal that is gone needs nothing more.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), now, settings);
        }
    }

    #[cfg(not(unix))]
    fn remember() -> AsFound {
        AsFound {}
    }

    #[cfg(not(unix))]
    fn keep_what_is_typed_ahead(&self) {}

    #[cfg(not(unix))]
    fn restore(&self) {}
}
