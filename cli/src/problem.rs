//! What keeps a command from being carried out at all, or what those who gave it should know.

use crate::log;
use carapace_diagnostic::suggest;
use std::path::Path;

/// A problem outside any flow: told on standard error, with the way out.
#[derive(Debug)]
pub(crate) struct Problem {
    code: &'static str,
    message: String,
    help: Option<String>,
}

impl Problem {
    /// With a code that `carapace explain` knows.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Problem {
        Problem { code, message: message.into(), help: None }
    }

    /// The same, with the way out.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// The same, with one more thing to do.
    pub(crate) fn more_help(mut self, help: impl AsRef<str>) -> Problem {
        self.help = Some(match self.help {
            Some(first) => format!("{first}; {}", help.as_ref()),
            None => help.as_ref().to_owned(),
        });
        self
    }

    /// Its code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// A file or folder that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
        let problem =
            Problem::new("E0901", format!("`{}` cannot be read: {}", path.display(), reason(error)));
        if error.kind() == std::io::ErrorKind::NotFound {
            return problem.help("the path is relative to the folder you are in; see whether it is spelt so");
        }
        problem
    }

    /// A package that is not there, with the one beside it that may have been meant.
    pub(crate) fn no_package(path: &Path, error: &std::io::Error) -> Problem {
        let problem = Problem::unreadable(path, error);
        if error.kind() != std::io::ErrorKind::NotFound {
            return problem;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let beside = std::fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
        let beside: Vec<String> =
            beside.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        problem.help(match suggest(&name, beside.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{}`?", path.with_file_name(near).display()),
            None => "`carapace new NAME` makes a flow to start from".to_owned(),
        })
    }

    /// A file that cannot be written.
    pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
        Problem::new("E0905", format!("`{}` cannot be written: {}", path.display(), reason(error)))
    }

    /// What it is called, and its colour: a code that begins with `W` is a warning's.
    fn noun(&self) -> (&'static str, u8) {
        if self.code.starts_with('W') { ("warning", 33) } else { ("error", 31) }
    }

    /// Tells it on standard error.
    pub(crate) fn print(&self) {
        if log::is_structured() {
            return log::problem(self.code, &self.message, self.help.as_deref());
        }
        let (noun, colour) = self.noun();
        anstream::eprintln!("\u{1b}[{colour};1m{noun}\u{1b}[0m[{}]: {}", self.code, self.message);
        if let Some(help) = &self.help {
            anstream::eprintln!("  \u{1b}[36mhelp\u{1b}[0m: {help}");
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]: {}", self.noun().0, self.code, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

/// The system's words without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
