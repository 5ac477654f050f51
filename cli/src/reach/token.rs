//! What lets somebody in.

use super::{Address, Kept};
use crate::args::With;
use crate::problem::Problem;
use carapace_channel_api::{ExposeSecret as _, SecretString};
use reqwest::header::HeaderValue;

/// The variable that a token may stand in.
const VARIABLE: &str = "CARAPACE_TOKEN";

/// The longest token that is taken for one, in bytes.
const LONGEST: usize = 4096;

/// What lets somebody in. It is shown nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Token(SecretString);

impl Token {
    /// Reads one, with or without a line break behind it.
    pub(crate) fn read(text: &str) -> Result<Token, Problem> {
        let text = text.trim();
        let wrong = |why: &str| Problem::new("E1044", format!("that is no token: {why}")).help(MAKE);
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("it is one word of letters, digits and signs"));
        }
        Ok(Token(SecretString::from(text)))
    }

    /// The one for a runtime: out of the file that is named, else the environment, else what was kept. None where there is none.
    pub(crate) fn find(address: &Address, with: &With) -> Result<Option<Token>, Problem> {
        if let Some(path) = &with.token_file {
            let text = std::fs::read_to_string(path).map_err(|e| Problem::unreadable(path, &e))?;
            return Token::read(&text).map(Some);
        }
        match std::env::var(VARIABLE) {
            Ok(text) if !text.trim().is_empty() => Token::read(&text).map(Some),
            _ => Kept::open()?.map_or(Ok(None), |kept| kept.token(address)),
        }
    }

    /// As it goes into a request.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// As it is kept.
    pub(super) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// How to come by one.
pub(super) const MAKE: &str = "`carapace token create NAME --scope read` makes one where the runtime runs; `carapace login URL` keeps it here";
