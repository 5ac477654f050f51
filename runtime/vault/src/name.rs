//! What a secret may be called, and what it may be.

use crate::Error;
use carapace_channel_api::ExposeSecret;
use carapace_channel_api::SecretString;

/// The largest secret, in bytes: a chain of certificates fits, a file that was named by mistake does not.
pub const LARGEST: usize = 64 * 1024;
/// The longest name, in bytes.
const LONGEST: usize = 64;
/// So much of a wrong name is shown: it may be the secret itself.
const SHOWN: usize = 4;

/// Whether a secret can have this name: letters, digits, `-`, `_` and `.`, at most 64 of them, the first of them no dot.
///
/// # Errors
/// It cannot; the error shows the beginning of it only, as people paste secrets where names belong.
pub fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.len() <= LONGEST && !name.starts_with('.') && name.chars().all(plain) {
        return Ok(());
    }
    let mut begins: String = name.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    if name.chars().count() > SHOWN {
        begins.push('…');
    }
    Err(Error::Name { begins })
}

/// Whether a secret can be this.
///
/// # Errors
/// It is empty, or larger than 64 KiB, or has a zero byte in it, which no header and no network takes.
pub fn check_value(value: &SecretString) -> Result<(), Error> {
    let value = value.expose_secret();
    let why = if value.is_empty() {
        "it is empty"
    } else if value.len() > LARGEST {
        "it is larger than 64 KiB"
    } else if value.contains('\0') {
        "it has a zero byte in it"
    } else {
        return Ok(());
    };
    Err(Error::Value { why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_a_wrong_one_is_not_repeated() {
        for name in ["a", "support_bot", "A-1.b", &"x".repeat(64)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", ".", "..", ".hidden", "a/b", "a b", "ü", "(names)", &"x".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        let told = check_name("123456:AAH-token-of-a-bot").unwrap_err().to_string();
        assert!(told.contains("1234…") && !told.contains("AAH"), "{told}");
    }

    #[test]
    fn values_are_texts_of_some_length() {
        let check = |text: &str| check_value(&SecretString::from(text.to_owned()));
        assert_eq!(check("x"), Ok(()));
        assert_eq!(check(&"x".repeat(LARGEST)), Ok(()));
        assert!(check("").is_err() && check("a\0b").is_err() && check(&"x".repeat(LARGEST + 1)).is_err());
    }
}
