//! The bytes of the file. Two lines of text, and behind them what `age` reads:
//!
//! ```text
//! carapace secrets 1 9f2b…            the version, and the BLAKE3 hash of everything behind this line
//! {"support_bot":1764276000000}       the names, and when each was set
//! age-encryption.org/v1 …             the same with the values, locked
//! ```
//!
//! The names are no secret: a configuration has them, too. They stand outside so that what is missing can be said, and
//! what there is listed, without a passphrase. The hash tells damage from a wrong passphrase; that nobody changed the
//! names on purpose is looked at when the file is opened. `tail -n +3 FILE | age -d` opens it without carapace.

use super::key::{Key, Lock};
use crate::Error;
use age::secrecy::zeroize::Zeroizing;
use age::{DecryptError, Decryptor, scrypt};
use carapace_channel_api::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

const MAGIC: &str = "carapace secrets ";
const VERSION: u32 = 1;
/// How much work a guess of the passphrase is: scrypt with N = 2^17, r = 8, p = 1, as OWASP's cheat sheet on storing
/// passwords recommends; 128 MiB, less than half a second.
const WORK: u8 = 17;
/// The most work that a file may ask for, 1 GiB and some seconds: one that asks for more was not written here.
const MOST_WORK: u8 = 20;
/// The largest content, in bytes.
const MOST: u64 = 16 * 1024 * 1024;

/// The names, and when each was set, in milliseconds since 1970.
pub(super) type Names = BTreeMap<String, i64>;

/// All secrets.
pub(super) type Secrets = BTreeMap<String, Secret>;

/// A secret, and when it was set.
#[derive(Clone)]
pub(super) struct Secret {
    pub(super) value: SecretString,
    pub(super) set: i64,
}

/// What the file says before it is opened.
pub(super) struct Sealed<'b> {
    pub(super) names: Names,
    pub(super) lock: Lock,
    age: &'b [u8],
}

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<'t> {
    set: i64,
    // A text with an escape in it cannot be lent.
    #[serde(borrow)]
    value: std::borrow::Cow<'t, str>,
}

/// The bytes of these secrets, locked.
pub(super) fn seal(path: &Path, secrets: &Secrets, key: &Key) -> Result<Vec<u8>, Error> {
    let failed = |why: String| Error::Disk { path: path.to_owned(), action: "written", why };
    let names: Names = secrets.iter().map(|(name, secret)| (name.clone(), secret.set)).collect();
    let kept: BTreeMap<&str, Kept<'_>> = secrets
        .iter()
        .map(|(name, secret)| {
            let value = std::borrow::Cow::Borrowed(secret.value.expose_secret());
            (name.as_str(), Kept { set: secret.set, value })
        })
        .collect();
    let content = Zeroizing::new(serde_json::to_vec(&kept).map_err(|e| failed(e.to_string()))?);
    let mut body = serde_json::to_vec(&names).map_err(|e| failed(e.to_string()))?;
    body.push(b'\n');
    let public;
    let passphrase;
    let recipient: &dyn age::Recipient = match key {
        Key::Passphrase(words) => {
            let mut made = scrypt::Recipient::new(words.clone());
            made.set_work_factor(WORK);
            passphrase = made;
            &passphrase
        }
        Key::Keys(keys) => {
            let first = keys.first().ok_or_else(|| failed("there is no key".to_owned()))?;
            public = first.to_public();
            &public
        }
    };
    let encryptor =
        age::Encryptor::with_recipients(std::iter::once(recipient)).map_err(|e| failed(e.to_string()))?;
    let written = encryptor.wrap_output(&mut body).and_then(|mut writer| {
        writer.write_all(&content)?;
        writer.finish().map(|_| ())
    });
    written.map_err(|e| failed(e.to_string()))?;
    let mut bytes = format!("{MAGIC}{VERSION} {}\n", blake3::hash(&body).to_hex()).into_bytes();
    bytes.append(&mut body);
    Ok(bytes)
}

/// What a file says before it is opened: whether it is whole, which names there are, what it is locked with.
pub(super) fn read<'b>(path: &Path, bytes: &'b [u8]) -> Result<Sealed<'b>, Error> {
    let damaged = |why: &str| Error::Damaged { path: path.to_owned(), why: why.to_owned() };
    let (first, body) = line(bytes).ok_or_else(|| damaged("it is cut off"))?;
    let first = first.strip_prefix(MAGIC).ok_or_else(|| damaged("it is no file of secrets"))?;
    let (version, hash) = first.split_once(' ').ok_or_else(|| damaged("its first line is not one"))?;
    let version: u32 = version.parse().map_err(|_| damaged("its first line is not one"))?;
    if version > VERSION {
        return Err(Error::Newer { path: path.to_owned() });
    }
    if version != VERSION || blake3::hash(body).to_hex().as_str() != hash {
        return Err(damaged("its bytes are not those that were written"));
    }
    let (names, age) = line(body).ok_or_else(|| damaged("it is cut off"))?;
    let names: Names = serde_json::from_str(names).map_err(|_| damaged("its names cannot be read"))?;
    let decryptor = Decryptor::new(age).map_err(|e| damaged(of_age(&e)))?;
    let lock = if decryptor.is_scrypt() { Lock::Passphrase } else { Lock::Key };
    Ok(Sealed { names, lock, age })
}

impl Sealed<'_> {
    /// Opens it.
    pub(super) fn open(&self, path: &Path, key: &Key) -> Result<Secrets, Error> {
        let damaged = |why: &str| Error::Damaged { path: path.to_owned(), why: why.to_owned() };
        let wrong = || Error::WrongKey { path: path.to_owned(), lock: self.lock };
        let decryptor = Decryptor::new(self.age).map_err(|e| damaged(of_age(&e)))?;
        let opened = match (key, self.lock) {
            (Key::Passphrase(words), Lock::Passphrase) => {
                let mut identity = scrypt::Identity::new(words.clone());
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
            }
            (Key::Keys(keys), Lock::Key) => {
                decryptor.decrypt(keys.iter().map(|key| key as &dyn age::Identity))
            }
            (_, lock) => {
                let with = match lock {
                    Lock::Passphrase => "a passphrase, and a key was named",
                    Lock::Key => "a key, and a passphrase was given",
                };
                return Err(Error::NoKey {
                    why: format!("`{}` is locked with {with}", path.display()),
                    lock,
                });
            }
        };
        let reader = opened.map_err(|error| match error {
            DecryptError::NoMatchingKeys
            | DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed => wrong(),
            error => damaged(of_age(&error)),
        })?;
        let mut content = Zeroizing::new(Vec::new());
        reader
            .take(MOST)
            .read_to_end(&mut content)
            .map_err(|_| damaged("what is locked in it was changed"))?;
        let kept: BTreeMap<String, Kept<'_>> =
            serde_json::from_slice(&content).map_err(|_| damaged("what is locked in it cannot be read"))?;
        let names = kept.iter().map(|(name, kept)| (name, kept.set));
        if !names.eq(self.names.iter().map(|(name, set)| (name, *set))) {
            return Err(damaged("its names are not those of what is locked in it"));
        }
        let secret = |(name, kept): (String, Kept<'_>)| {
            (name, Secret { value: SecretString::from(kept.value.into_owned()), set: kept.set })
        };
        Ok(kept.into_iter().map(secret).collect())
    }
}

/// The first line, and what stands behind it.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

fn of_age(error: &DecryptError) -> &'static str {
    match error {
        DecryptError::ExcessiveWork { .. } => "it asks for more work than carapace ever writes",
        DecryptError::InvalidMac => "its head was changed",
        DecryptError::UnknownFormat => "it is locked in a form that is not known",
        _ => "what is locked in it cannot be read",
    }
}
