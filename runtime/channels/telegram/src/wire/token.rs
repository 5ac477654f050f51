//! The bot's token, which must stand nowhere.

use carapace_channel_api::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A token of the right shape: `123456:AAH…`.
pub(crate) struct Token(SecretString);

impl Token {
    /// None where it cannot be one: then nothing of it may get into an address.
    pub(crate) fn new(secret: SecretString) -> Option<Token> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let fits = secret.expose_secret().trim().split_once(':').is_some_and(|(id, rest)| {
            !id.is_empty()
                && id.chars().all(|c| c.is_ascii_digit())
                && rest.len() >= 8
                && rest.chars().all(plain)
        });
        fits.then(|| Token(secret.expose_secret().trim().to_owned().into()))
    }

    /// The address of something below the server, which has the token in it.
    pub(crate) fn address(&self, server: &str, path: &str, name: &str) -> String {
        format!("{server}{path}/bot{}/{name}", self.0.expose_secret())
    }

    /// A text in which it does not stand.
    pub(crate) fn scrub(&self, text: &str) -> String {
        text.replace(self.0.expose_secret(), "…")
    }

    /// What it is recognized by, and nobody can make it of.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }

    /// What Telegram is to say when it brings an update: as secret as the token, and of no use to whoever reads it.
    pub(crate) fn webhook(&self) -> SecretString {
        let digest = Sha256::digest(format!("carapace webhook {}", self.0.expose_secret()));
        let mut text = String::new();
        for byte in digest {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_gets_into_no_address() {
        let is = |text: &str| Token::new(text.to_owned().into()).is_some();
        assert!(is("123456:AAH-token_1") && is("123456:AAH-token_1\n"));
        for text in
            ["", "token", ":AAHtoken_1", "1:short", "1:AAH/../token", "1:AAHtoken?x=1", "x1:AAHtoken_1"]
        {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn it_is_scrubbed_and_a_webhook_has_another() {
        let token = Token::new("123456:AAH-token_1".to_owned().into()).unwrap();
        assert_eq!(token.scrub("GET /bot123456:AAH-token_1/getMe"), "GET /bot…/getMe");
        let webhook = token.webhook();
        assert_eq!(webhook.expose_secret().len(), 64);
        assert!(!webhook.expose_secret().contains("AAH"));
    }
}
