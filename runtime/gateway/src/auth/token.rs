//! A token as its holder has it: what it looks like, and what is kept of it.

use super::weak::{Weak, weakness};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// How a token of ours begins, for people and for programs that look for secrets in the wrong places.
pub const PREFIX: &str = "cpc_";

/// Random letters of a token. Each is one of 62, so that these are 238 bits.
const RANDOM: usize = 40;
/// Letters of its checksum.
const CHECK: usize = 6;
/// The letters, of which 62 of 64 values of a byte's six bits are one.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The longest that is taken for a token at all.
const LONGEST: usize = 512;

/// A token, as its holder has it: `cpc_`, forty random letters and digits, and six that check them; or one that an operator
/// brought along. Nothing prints it by accident.
#[derive(Clone)]
pub struct Token(String);

/// What is kept of a token: its SHA-256. Of something that nobody can guess a plain hash is as good as a slow one.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// Why a text is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It begins as one of ours does, and is not one.
    #[error("this is no token: one has {} letters and digits behind `{PREFIX}`, and something is missing or too much", RANDOM + CHECK)]
    Length,
    /// Its checksum does not fit.
    #[error("this token was mistyped or cut: its last letters do not fit the others")]
    Checksum,
    /// It could be none of an operator's either.
    #[error("this is no token: one begins with `{PREFIX}`")]
    Foreign,
    /// Everybody would guess it.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The system has no random bits to give.
    #[error("the system gives no random numbers, and without them a token could be guessed")]
    NoEntropy,
}

impl Token {
    /// A new one, of the system's random numbers.
    ///
    /// # Errors
    /// Where the system gives none.
    pub fn fresh() -> Result<Token, Malformed> {
        let mut text = PREFIX.to_owned();
        while text.len() < PREFIX.len() + RANDOM {
            let mut bytes = [0_u8; RANDOM];
            getrandom::fill(&mut bytes).map_err(|_| Malformed::NoEntropy)?;
            // Six bits are a letter or, for two of 64 values, none: so each letter is as likely as any other.
            let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 63)));
            let room = (PREFIX.len() + RANDOM).saturating_sub(text.len());
            text.extend(letters.take(room).map(|letter| char::from(*letter)));
        }
        let check = checksum(&text);
        Ok(Token(text + &check))
    }

    /// What somebody sent: a token of ours whose checksum fits, or what could be one that an operator brought along.
    ///
    /// # Errors
    /// Where it can be none.
    pub fn read(text: &str) -> Result<Token, Malformed> {
        if !text.starts_with(PREFIX) {
            let possible = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
            return if possible { Ok(Token(text.to_owned())) } else { Err(Malformed::Foreign) };
        }
        let whole = text.len() == PREFIX.len() + RANDOM + CHECK;
        if !whole || !text.bytes().skip(PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Malformed::Length);
        }
        match text.split_at_checked(PREFIX.len() + RANDOM) {
            Some((body, check)) if checksum(body) == check => Ok(Token(text.to_owned())),
            _ => Err(Malformed::Checksum),
        }
    }

    /// One that an operator brought along: nobody may be able to guess it.
    ///
    /// # Errors
    /// Where it is none, or a weak one.
    pub fn chosen(text: &str) -> Result<Token, Malformed> {
        let token = Token::read(text)?;
        match weakness(text) {
            Some(weak) if !text.starts_with(PREFIX) => Err(weak.into()),
            _ => Ok(token),
        }
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The token itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    /// Whether two are the same, in a time that does not say where they differ.
    pub fn is(&self, other: &TokenHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// As it is written down: 64 hexadecimal digits.
    pub fn written(&self) -> String {
        super::hex(&self.0)
    }

    /// As it was written down.
    pub fn read(text: &str) -> Option<TokenHash> {
        super::unhex(text).map(TokenHash)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Six letters of the CRC-32C of a text: enough that one of four billion mistypings is not noticed.
fn checksum(text: &str) -> String {
    let mut rest = crc32c::crc32c(text.as_bytes());
    let mut letters = Vec::with_capacity(CHECK);
    for _ in 0..CHECK {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        letters.extend(LETTERS.get(digit).map(|letter| char::from(*letter)));
        rest /= 62;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fresh_one_is_recognised_and_no_two_are_the_same() {
        let (one, other) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        assert!(one.reveal().starts_with("cpc_") && one.reveal().len() == 50, "{}", one.reveal());
        assert!(Token::read(one.reveal()).unwrap().hash().is(&one.hash()));
        assert!(!one.hash().is(&other.hash()));
        assert_eq!(format!("{one:?} {:?}", one.hash()), "Token(…) TokenHash(…)");
        assert!(TokenHash::read(&one.hash().written()).unwrap().is(&one.hash()));
        assert!(TokenHash::read("12").is_none() && TokenHash::read(&"x".repeat(64)).is_none());
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        let token = Token::fresh().unwrap();
        let text = token.reveal();
        for (text, expected) in [
            ("", Malformed::Foreign),
            ("a b", Malformed::Foreign),
            ("pässword", Malformed::Foreign),
            ("cpc_", Malformed::Length),
            (&text[..49], Malformed::Length),
            (&format!("{text}x"), Malformed::Length),
            (&format!("cpc_{}-", &text[4..49]), Malformed::Length),
        ] {
            assert_eq!(Token::read(text).unwrap_err(), expected, "{text}");
        }
        assert!(matches!(Token::chosen("changeme").unwrap_err(), Malformed::Weak(_)));
        assert!(Token::chosen("Zq8vT1mX4cWn7RbY2kLs9HdF3gJp6AeU").is_ok());
        assert!(Token::chosen(text).is_ok());
    }

    proptest! {
        #[test]
        fn one_letter_that_is_another_is_noticed(at in 4_usize..50, letter in "[0-9A-Za-z]") {
            let token = Token::fresh().unwrap();
            let mut text = token.reveal().to_owned();
            let same = text[at..=at] == letter;
            text.replace_range(at..=at, &letter);
            prop_assert_eq!(Token::read(&text).is_ok(), same);
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,80}", tail in "[0-9A-Za-zé]{0,60}") {
            let _ = Token::read(&text);
            let _ = Token::chosen(&text);
            let _ = Token::read(&format!("cpc_{tail}"));
        }
    }
}
