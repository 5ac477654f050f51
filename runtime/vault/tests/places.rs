//! Which place counts.

use carapace_channel_api::{ExposeSecret as _, SecretString};
use carapace_vault::{FILE_NAME, KeySource, Options, Vault, Where};
use std::time::Duration;

#[test]
fn a_file_that_is_there_goes_before_a_keychain() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_owned();
    let key = KeySource::KeyFile(data.join("key"));
    let open = |place| Vault::new(Options { place, patience: Duration::from_secs(10) });
    let file = open(Where::File { path: data.join(FILE_NAME), key: key.clone() });
    file.set("a", &SecretString::from("one".to_owned()), 1).unwrap();
    let usual = open(Where::Usual { data, key });
    assert_eq!(usual.read("a").unwrap().expose_secret(), "one");
    assert!(usual.describe().unwrap().contains(FILE_NAME));
}

#[test]
fn only_a_file_is_locked_anew() {
    let folder = tempfile::tempdir().unwrap();
    let place = Where::Folder { path: folder.path().to_owned() };
    let vault = Vault::new(Options { place, patience: Duration::from_secs(1) });
    let new = carapace_vault::NewKey::Passphrase(SecretString::from("x".to_owned()));
    assert_eq!(vault.rotate(None, &new).unwrap_err().code(), "E1008");
    assert_eq!(vault.list().unwrap(), []);
}
