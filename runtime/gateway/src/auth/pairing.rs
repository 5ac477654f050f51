//! A token for a device that a person holds: it shows or types a short code.

use super::Scope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use subtle::ConstantTimeEq as _;

/// The letters of a code: none that is taken for another. There are 32, so that a code is 40 bits.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters of a code.
const LENGTH: usize = 8;
/// How long a code counts: five minutes, in milliseconds.
const LIVES: i64 = 5 * 60_000;
/// How often it may be guessed wrongly.
const TRIES: u8 = 5;

/// A code that a device can be paired with. It is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The code: `K7QM-3XTF`.
    pub code: String,
    /// Until when it counts, in milliseconds since 1970.
    pub expires: i64,
}

/// A code that waits for its device. There is one at a time.
#[derive(Debug)]
pub(super) struct Pending {
    code: Code,
    until: i64,
    tries: u8,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) lives: Option<i64>,
}

/// The letters of a code.
#[derive(Clone, Copy)]
struct Code([u8; LENGTH]);

impl Pending {
    /// A fresh code for these permissions; none where the system gives no random numbers.
    pub(super) fn new(scopes: BTreeSet<Scope>, lives: Option<i64>, now: i64) -> Option<(Pending, Offer)> {
        let mut letters = [0_u8; LENGTH];
        getrandom::fill(&mut letters).ok()?;
        let letters = letters.map(|byte| LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'2'));
        let shown: String = letters.iter().map(|letter| char::from(*letter)).collect();
        let (first, second) = shown.split_at_checked(LENGTH / 2)?;
        let until = now.saturating_add(LIVES);
        let offer = Offer { code: format!("{first}-{second}"), expires: until };
        Some((Pending { code: Code(letters), until, tries: TRIES, scopes, lives }, offer))
    }

    /// Whether it still counts.
    pub(super) fn counts(&self, now: i64) -> bool {
        self.tries > 0 && now < self.until
    }

    /// Whether this is the code. One that is not costs a try.
    pub(super) fn is(&mut self, text: &str) -> bool {
        let mut letters = [0_u8; LENGTH];
        let typed =
            text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(|byte| byte.to_ascii_uppercase());
        let count = typed.clone().count();
        letters.iter_mut().zip(typed).for_each(|(letter, byte)| *letter = byte);
        let right: bool = self.code.0.ct_eq(&letters).into();
        if right && count == LENGTH {
            return true;
        }
        self.tries = self.tries.saturating_sub(1);
        false
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_as_a_person_types() {
        let (mut pending, offer) = Pending::new(BTreeSet::from([Scope::Read]), None, 0).unwrap();
        for text in [
            offer.code.clone(),
            offer.code.to_lowercase(),
            offer.code.replace('-', ""),
            format!(" {} ", offer.code),
        ] {
            assert!(pending.is(&text), "{text}");
        }
        assert_eq!(pending.tries, TRIES);
        assert!(pending.counts(LIVES - 1) && !pending.counts(LIVES));
        for text in ["", "2222-2222-2", &format!("{}2", offer.code), &offer.code[..8], "ÄÄÄÄ"] {
            assert!(!pending.is(text), "{text}");
        }
        assert!(!pending.counts(0), "five tries were wrong");
        assert!(!format!("{pending:?} {offer:?}").contains(&offer.code[..4]));
    }
}
