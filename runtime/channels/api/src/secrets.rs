//! Credentials, by name. What they are is known only where they are used.

pub use secrecy::{ExposeSecret, SecretString};

/// Where credentials come from. A configuration, a journal and a module hold the names of secrets, never what they are.
pub trait Secrets: Send + Sync + 'static {
    /// What a secret is now: asked for at each use, so that one that was rotated counts at once.
    fn get(&self, name: &str) -> Result<SecretString, SecretError>;
}

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nobody set it.
    #[error("there is no secret `{name}`")]
    NotFound {
        /// Its name.
        name: String,
    },
    /// The place where secrets lie cannot be read.
    #[error("the secrets cannot be read: {message}")]
    Unavailable {
        /// Why, for a person: lower case, no full stop, and nothing of the secret.
        message: String,
    },
}

/// A place without secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        Err(SecretError::NotFound { name: name.to_owned() })
    }
}
