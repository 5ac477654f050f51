//! The file of secrets: set and seen at once, locked, locked anew, damaged in every way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use carapace_channel_api::{ExposeSecret as _, SecretString, Secrets as _};
use carapace_vault::{Error, KeySource, Listed, Lock, NewKey, Options, Vault, Wants, Where};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        World { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("secrets.vault")
    }

    fn vault(&self, key: KeySource) -> Vault {
        let place = Where::File { path: self.file(), key };
        Vault::new(Options { place, patience: Duration::from_secs(1) })
    }

    fn with_key(&self) -> Vault {
        self.vault(KeySource::KeyFile(self.path("key")))
    }

    fn with_passphrase(&self, passphrase: &str) -> Vault {
        let vault = self.vault(KeySource::Given);
        vault.give(text(passphrase));
        vault
    }
}

fn text(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn read(vault: &Vault, name: &str) -> Result<String, Error> {
    vault.read(name).map(|secret| secret.expose_secret().to_owned())
}

fn missing(name: &str) -> Result<String, Error> {
    Err(Error::NotFound { name: name.to_owned() })
}

#[test]
fn what_is_set_is_seen_by_others_at_once_and_listed_without_its_value() {
    let world = World::new();
    let (writer, runtime) = (world.with_key(), world.with_key());
    assert_eq!((read(&runtime, "a"), runtime.list()), (missing("a"), Ok(vec![])));
    writer.set("a", &text("one"), 1).unwrap();
    assert_eq!(read(&runtime, "a").as_deref(), Ok("one"));
    writer.set("a", &text("two \" \n ü"), 2).unwrap();
    writer.set("b", &text("three"), 3).unwrap();
    assert_eq!(read(&runtime, "a").as_deref(), Ok("two \" \n ü"));
    let listed = |name: &str, set| Listed { name: name.to_owned(), set: Some(set) };
    assert_eq!(runtime.list().unwrap(), [listed("a", 2), listed("b", 3)]);
    writer.remove("a").unwrap();
    assert_eq!(read(&runtime, "a"), missing("a"));
    assert_eq!(writer.remove("a"), Err(Error::NotFound { name: "a".to_owned() }));
    let told = runtime.get("a").unwrap_err().to_string();
    assert_eq!(told, "there is no secret `a`");
    // Nothing of it can be read, nor by others.
    let bytes = std::fs::read(world.file()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("three"));
    #[cfg(unix)]
    for name in ["secrets.vault", "key"] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{name}"
        );
    }
}

#[test]
fn two_writers_lose_nothing_of_each_other() {
    let world = World::new();
    world.with_key().set("first", &text("x"), 0).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let world = &world;
            scope.spawn(move || {
                for number in 0..5 {
                    world.with_key().set(&format!("{writer}-{number}"), &text("x"), 0).unwrap();
                }
            });
        }
    });
    assert_eq!(world.with_key().list().unwrap().len(), 21);
}

#[test]
fn a_passphrase_opens_it_and_another_does_not() {
    let world = World::new();
    let nobody = world.vault(KeySource::Given);
    assert_eq!((nobody.wants(false), nobody.wants(true)), (Ok(Wants::Nothing), Ok(Wants::NewPassphrase)));
    world.with_passphrase("correct").set("a", &text("one"), 1).unwrap();
    assert_eq!(nobody.wants(false), Ok(Wants::Passphrase));
    assert!(matches!(read(&nobody, "a"), Err(Error::NoKey { lock: Lock::Passphrase, .. })));
    assert_eq!(nobody.list().unwrap().len(), 1, "the names need no passphrase");
    let wrong = world.with_passphrase("wrong");
    assert_eq!(wrong.open(), Err(Error::WrongKey { path: world.file(), lock: Lock::Passphrase }));
    assert_eq!(wrong.set("b", &text("x"), 2).unwrap_err().code(), "E1003");
    wrong.give(text("correct"));
    assert_eq!((wrong.open(), read(&wrong, "a").as_deref()), (Ok(()), Ok("one")));
    let file = world.path("passphrase");
    std::fs::write(&file, "correct\nwhat stands behind it\n").unwrap();
    assert_eq!(read(&world.vault(KeySource::PassphraseFile(file.clone())), "a").as_deref(), Ok("one"));
    std::fs::write(&file, "\n").unwrap();
    assert!(matches!(read(&world.vault(KeySource::PassphraseFile(file)), "a"), Err(Error::NoKey { .. })));
    let told = read(&world.with_key(), "a").unwrap_err();
    assert_eq!(told, Error::StillPassphrase { path: world.file() });
}

#[test]
fn age_opens_it_without_carapace() {
    let world = World::new();
    world.with_key().set("a", &text("one"), 1).unwrap();
    let bytes = std::fs::read(world.file()).unwrap();
    let at = bytes.windows(4).position(|four| four == b"\nage").unwrap();
    let key = std::fs::read_to_string(world.path("key")).unwrap();
    let key: age::x25519::Identity = key.lines().last().unwrap().parse().unwrap();
    let opened = age::decrypt(&key, &bytes[at + 1..]).unwrap();
    assert_eq!(String::from_utf8(opened).unwrap(), r#"{"a":{"set":1,"value":"one"}}"#);
}

#[test]
fn a_new_key_opens_it_and_the_old_one_does_not_and_a_crash_in_between_locks_nobody_out() {
    let world = World::new();
    let runtime = world.with_key();
    world.with_key().set("a", &text("one"), 1).unwrap();
    assert_eq!(read(&runtime, "a").as_deref(), Ok("one"));
    let (old_key, old_file) = (world.path("old"), std::fs::read(world.file()).unwrap());
    std::fs::copy(world.path("key"), &old_key).unwrap();
    let new = NewKey::KeyFile(world.path("key"));
    assert_eq!(world.with_key().rotate(None, &new), Ok(1));
    assert_eq!(read(&world.with_key(), "a").as_deref(), Ok("one"));
    let with_old = world.vault(KeySource::KeyFile(old_key.clone()));
    assert_eq!(read(&with_old, "a").unwrap_err().code(), "E1003");
    world.with_key().set("b", &text("two"), 2).unwrap();
    assert_eq!(read(&runtime, "b").as_deref(), Ok("two"), "a runtime takes the new key by itself");
    // As after a crash: both keys are there, and the file is still locked with the old one.
    let both = [std::fs::read(world.path("key")).unwrap(), std::fs::read(old_key).unwrap()].concat();
    std::fs::write(world.path("key"), both).unwrap();
    std::fs::write(world.file(), old_file).unwrap();
    assert_eq!(read(&world.with_key(), "a").as_deref(), Ok("one"));
    assert_eq!(world.with_key().rotate(None, &new), Ok(1));
    assert_eq!(read(&world.with_key(), "a").as_deref(), Ok("one"));
}

#[test]
fn a_passphrase_becomes_a_key() {
    let world = World::new();
    world.with_passphrase("words").set("a", &text("one"), 1).unwrap();
    let vault = world.with_key();
    vault.give(text("words"));
    let new = NewKey::KeyFile(world.path("key"));
    assert!(matches!(vault.rotate(None, &new), Err(Error::NoKey { .. })), "the key is not there yet");
    assert_eq!(vault.rotate(Some(&KeySource::Given), &new), Ok(1));
    assert_eq!(read(&world.with_key(), "a").as_deref(), Ok("one"));
}

#[test]
fn a_runtime_that_does_not_know_the_new_passphrase_goes_on_with_what_did_not_change() {
    let world = World::new();
    let runtime = world.with_passphrase("before");
    let writer = world.with_passphrase("before");
    for name in ["same", "new", "gone"] {
        writer.set(name, &text("one"), 1).unwrap();
    }
    assert_eq!(read(&runtime, "same").as_deref(), Ok("one"));
    assert_eq!(writer.rotate(None, &NewKey::Passphrase(text("after"))), Ok(3));
    writer.set("new", &text("two"), 2).unwrap();
    writer.remove("gone").unwrap();
    assert_eq!(read(&runtime, "same").as_deref(), Ok("one"));
    assert_eq!(read(&runtime, "new").unwrap_err().code(), "E1003");
    assert_eq!(read(&runtime, "gone"), missing("gone"));
    assert_eq!(read(&world.with_passphrase("before"), "same").unwrap_err().code(), "E1003");
    runtime.give(text("after"));
    assert_eq!(read(&runtime, "new").as_deref(), Ok("two"));
}

#[test]
fn names_that_somebody_changed_are_noticed() {
    let world = World::new();
    world.with_key().set("aa", &text("one"), 1).unwrap();
    let bytes = std::fs::read(world.file()).unwrap();
    let body: Vec<u8> = bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
    let forged = String::from_utf8_lossy(&body[..9]).replace("aa", "bb").into_bytes();
    let body = [&forged, &body[9..]].concat();
    std::fs::write(world.file(), whole(&body)).unwrap();
    assert_eq!(world.with_key().list().unwrap()[0].name, "bb");
    assert_eq!(read(&world.with_key(), "bb").unwrap_err().code(), "E1005");
}

/// A body with the first line that fits it.
fn whole(body: &[u8]) -> Vec<u8> {
    [format!("carapace secrets 1 {}\n", blake3::hash(body).to_hex()).as_bytes(), body].concat()
}

/// Whatever stands there: an error or what was written, and no panic.
fn told(world: &World, bytes: &[u8]) -> Error {
    std::fs::write(world.file(), bytes).unwrap();
    let vault = world.with_key();
    let told = match (vault.list(), read(&vault, "a"), vault.set("b", &text("x"), 0)) {
        (Err(told), Err(_), Err(_)) => told,
        other => panic!("{other:?}"),
    };
    assert_eq!(std::fs::read(world.file()).unwrap(), bytes, "what cannot be read is not written over");
    told
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_told() {
    let world = World::new();
    world.with_key().set("a", &text("one"), 1).unwrap();
    let bytes = std::fs::read(world.file()).unwrap();
    for length in 0..bytes.len() {
        assert_eq!(told(&world, &bytes[..length]).code(), "E1005", "{length}");
    }
    let newer = [b"carapace secrets 2 ", &bytes[19..]].concat();
    assert_eq!(told(&world, &newer), Error::Newer { path: world.file() });
}

fn written() -> (World, Vec<u8>) {
    let world = World::new();
    world.with_key().set("a", &text("one"), 1).unwrap();
    let bytes = std::fs::read(world.file()).unwrap();
    (world, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_bit_is_told(at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let (world, mut bytes) = written();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(["E1005"].contains(&told(&world, &bytes).code()));
    }

    #[test]
    fn arbitrary_bytes_are_told(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (world, _) = written();
        prop_assert_eq!(told(&world, &bytes).code(), "E1005");
    }

    #[test]
    fn a_body_whose_hash_is_right_is_not_believed_either(
        at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let (world, bytes) = written();
        let mut body = bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
        let at = at.index(body.len());
        let end = (at + with.len()).min(body.len());
        body.splice(at..end, with);
        std::fs::write(world.file(), whole(&body)).unwrap();
        // It may be what it was; it is never something else.
        match read(&world.with_key(), "a") {
            Ok(value) => prop_assert_eq!(value, "one"),
            Err(error) => prop_assert!(["E1001", "E1003", "E1004", "E1005"].contains(&error.code()), "{}", error),
        }
    }
}

#[test]
fn a_key_that_is_none_is_told_with_its_line() {
    let world = World::new();
    world.with_key().set("a", &text("one"), 1).unwrap();
    for (content, why) in
        [("", "no key in"), ("# only words\n", "no key in"), ("# x\nAGE-SECRET-KEY-1\n", "line 2")]
    {
        std::fs::write(world.path("key"), content).unwrap();
        let told = read(&world.with_key(), "a").unwrap_err();
        assert!(told.to_string().contains(why) && told.code() == "E1004", "{told}");
    }
    std::fs::remove_file(world.path("key")).unwrap();
    assert_eq!(world.with_key().set("b", &text("x"), 2).unwrap_err().code(), "E1004");
    assert!(!Path::new(&world.path("key")).exists(), "no new key is made for what another one locked");
}
