//! The tokens that `carapace login` keeps: one file of the user's, readable by nobody else.

use super::{Address, Token};
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file's name in the user's configuration folder.
const FILE: &str = "tokens.json";

/// The tokens that are kept, by address.
pub(crate) struct Kept {
    path: PathBuf,
    tokens: BTreeMap<String, String>,
}

impl Kept {
    /// Those of the user; none where nobody knows where their configuration lies.
    pub(crate) fn open() -> Result<Option<Kept>, Problem> {
        let Some(folder) = folder() else { return Ok(None) };
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}".to_owned(),
            Err(error) => return Err(Problem::unreadable(&path, &error)),
        };
        refuse_open_doors(&path)?;
        let tokens = serde_json::from_str(&text).map_err(|e| {
            Problem::new("E1044", format!("`{}` is no list of tokens: {e}", path.display()))
                .help("remove it, and `carapace login` again")
        })?;
        Ok(Some(Kept { path, tokens }))
    }

    /// The token for a runtime.
    pub(super) fn token(&self, address: &Address) -> Result<Option<Token>, Problem> {
        self.tokens.get(&address.to_string()).map(|text| Token::read(text)).transpose()
    }

    /// Keeps one.
    pub(crate) fn keep(mut self, address: &Address, token: &Token) -> Result<PathBuf, Problem> {
        self.tokens.insert(address.to_string(), token.reveal().to_owned());
        self.write()?;
        Ok(self.path)
    }

    /// Forgets one; false where there was none.
    pub(crate) fn forget(mut self, address: &Address) -> Result<bool, Problem> {
        let there = self.tokens.remove(&address.to_string()).is_some();
        if there {
            self.write()?;
        }
        Ok(there)
    }

    /// Forgets all; says how many there were.
    pub(crate) fn forget_all(mut self) -> Result<usize, Problem> {
        let count = self.tokens.len();
        self.tokens.clear();
        if count > 0 {
            self.write()?;
        }
        Ok(count)
    }

    fn write(&self) -> Result<(), Problem> {
        let written = || -> std::io::Result<()> {
            if let Some(folder) = self.path.parent() {
                crate::data::make_private(folder)?;
            }
            let part = self.path.with_extension("tmp");
            // One that is left over from before could have other rights.
            let _ = std::fs::remove_file(&part);
            let text = serde_json::to_string_pretty(&self.tokens)?;
            crate::data::write_private(&part, format!("{text}\n").as_bytes())?;
            std::fs::rename(part, &self.path)
        };
        written().map_err(|e| Problem::unwritable(&self.path, &e))
    }
}

/// `$XDG_CONFIG_HOME/carapace`, or `~/.config/carapace`; on Windows below `%APPDATA%`.
fn folder() -> Option<PathBuf> {
    let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = path("XDG_CONFIG_HOME").or_else(|| path("HOME").map(|home| home.join(".config")));
    Some(folder.or_else(|| path("APPDATA"))?.join("carapace"))
}

/// A file of tokens that others can read is not used: whoever read it is let in as well.
#[cfg(unix)]
fn refuse_open_doors(path: &Path) -> Result<(), Problem> {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(there) = path.metadata() else { return Ok(()) };
    if there.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Problem::new("E1044", format!("others can read the tokens in `{shown}`"))
        .help(format!("`chmod 600 {shown}`; revoke those that somebody may have seen")))
}

#[cfg(not(unix))]
fn refuse_open_doors(_: &Path) -> Result<(), Problem> {
    Ok(())
}
