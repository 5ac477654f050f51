//! Random names, and the one that is a secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A session's secret: 256 random bits. Whoever has it is the visitor.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

/// What is stored of it. From 256 random bits a plain hash is as good as a slow one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct TokenHash(String);

/// The system has no random bits to give.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub(crate) struct NoEntropy;

impl Token {
    pub(crate) fn new() -> Result<Token, NoEntropy> {
        random::<32>().map(Token)
    }

    /// What a page sent, if it can be a token at all.
    pub(crate) fn read(text: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Token(text.to_owned()))
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }

    /// For the page, once.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A name nobody can guess and no two things share.
pub(crate) fn fresh(prefix: &str) -> Result<String, NoEntropy> {
    random::<16>().map(|random| format!("{prefix}-{random}"))
}

fn random<const N: usize>() -> Result<String, NoEntropy> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown_and_not_stored() {
        let token = Token::new().unwrap();
        assert_eq!(token.reveal().len(), 43);
        assert_eq!(Token::read(token.reveal()).unwrap(), token);
        assert!(!format!("{token:?}").contains(token.reveal()));
        assert!(!token.hash().0.contains(token.reveal()));
        for junk in [
            "",
            "x",
            "123456789012345678901234567890123456789012345",
            "../../../../../../../../../../../etc/passw",
        ] {
            assert!(Token::read(junk).is_none(), "{junk}");
        }
    }
}
