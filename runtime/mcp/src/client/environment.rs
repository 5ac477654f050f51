//! What a server is given of our secrets.

use super::{Given, Way};
use carapace_channel_api::{ExposeSecret as _, SecretString, Secrets};
use std::fmt;
use std::sync::Arc;

/// What is shorter is no secret, and would be found in words that have nothing to do with it.
const SHORTEST: usize = 8;

/// What stands in what a server says where a secret stood: it is written down.
const TAKEN_OUT: &str = "[secret]";

/// The values that a server is given, with the secrets among them looked up.
#[derive(Default)]
pub(super) struct Values {
    /// Variables of a program, or header fields of an address.
    pub(super) named: Vec<(String, SecretString)>,
    /// The bearer token.
    pub(super) token: Option<SecretString>,
    /// What of that is secret.
    secrets: Vec<SecretString>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values")
    }
}

impl Values {
    /// Looks them up: at each start of a server, so that one that was rotated counts from the next start.
    ///
    /// # Errors
    /// Which one is not there, for a person.
    pub(super) async fn of(way: &Way, secrets: Arc<dyn Secrets>) -> Result<Values, String> {
        let way = way.clone();
        // The place where secrets lie may take its time: it is not waited for on a thread that others need.
        let looked = tokio::task::spawn_blocking(move || look(&way, &*secrets)).await;
        looked.unwrap_or_else(|_| Err("looking up its secrets broke down".to_owned()))
    }

    /// The text without the secrets that the server was given.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if secret.len() >= SHORTEST && clean.contains(secret) {
                clean = clean.replace(secret, TAKEN_OUT);
            }
        }
        clean
    }
}

fn look(way: &Way, secrets: &dyn Secrets) -> Result<Values, String> {
    let mut values = Values::default();
    let (named, token) = match way {
        Way::Program { env, .. } => (env, None),
        Way::Address { headers, token, .. } => (headers, token.as_ref()),
    };
    for (name, given) in named {
        let value = match given {
            Given::Text(text) => text.clone().into(),
            Given::Secret(secret) => {
                let value = secrets.get(secret).map_err(|e| e.to_string())?;
                values.secrets.push(value.clone());
                value
            }
        };
        values.named.push((name.clone(), value));
    }
    if let Some(name) = token {
        let value = secrets.get(name).map_err(|e| e.to_string())?;
        values.secrets.push(value.clone());
        values.token = Some(value);
    }
    Ok(values)
}
