//! A keychain of the kind that desktops have: GNOME's, in a session of its own.

use super::{KEY, err, folder, out};
use std::path::Path;
use std::process::{Command, Output};

/// The programs that make one.
const PROGRAMS: [&str; 3] = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];

/// Runs a script in a session with a keychain; none where there is no such program.
fn in_session(test: &str, folder: &Path, script: &str) -> Option<Output> {
    let there =
        |program: &&str| Command::new("which").arg(program).output().is_ok_and(|o| o.status.success());
    if let Some(missing) = PROGRAMS.iter().find(|program| !there(program)) {
        eprintln!("skipped: {test}: there is no `{missing}`");
        return None;
    }
    let home = folder.join("home");
    std::fs::create_dir_all(home.join("run")).unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .current_dir(folder)
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("CARAPACE", env!("CARGO_BIN_EXE_carapace"))
        .env_remove("DISPLAY")
        .output()
        .unwrap();
    Some(output)
}

#[test]
fn a_real_secret_service_holds_secrets() {
    let here = folder("{ version: 1 }");
    let script = r#"
        set -e
        printf 'the password of a login' | gnome-keyring-daemon --unlock --components=secrets > unlocked
        printf 'sk_live_kept' | "$CARAPACE" secret set stripe --stdin
        printf 'second' | "$CARAPACE" secret set other --stdin
        echo "looked up: $(secret-tool lookup service carapace username stripe)"
        printf 'from outside' | secret-tool store --label=x service carapace username foreign
        "$CARAPACE" secret list
        "$CARAPACE" secret rm other
        "$CARAPACE" secret list
        "$CARAPACE" secret rm other || echo "exit $?"
        "$CARAPACE" secret rotate || echo "exit $?"
        test ! -e .carapace/secrets.vault
    "#;
    let Some(output) = in_session("a_real_secret_service_holds_secrets", here.path(), script) else { return };
    let (said, told) = (out(&output), err(&output));
    assert!(output.status.success(), "{said}{told}");
    assert!(said.contains("looked up: sk_live_kept"), "{said}{told}");
    assert!(said.contains("`stripe` is set in the keychain of the system, service `carapace`"), "{said}");
    let (before, after) = said.split_once("is gone from").unwrap();
    assert!(before.contains("other  ") && after.contains("stripe  ") && !after.contains("other  "), "{said}");
    assert!(told.contains("error[E1001]") && told.contains("error[E1008]"), "{told}");
    assert!(after.matches("exit 2").count() == 2, "{said}");
}

#[test]
fn a_locked_keychain_is_told_and_a_file_that_is_there_goes_before_it() {
    let here = folder("{ version: 1 }");
    std::fs::write(here.path().join("key.json5"), KEY).unwrap();
    let script = r#"
        printf 'the password of a login' | gnome-keyring-daemon --unlock --components=secrets > unlocked
        printf 'x' | "$CARAPACE" secret set stripe --stdin
        secret-tool lock > locked 2>&1 || dbus-send --session --print-reply --dest=org.freedesktop.secrets \
            /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock \
            array:objpath:/org/freedesktop/secrets/collection/login > locked 2>&1
        "$CARAPACE" secret rm stripe || echo "exit $?"
        printf 'y' | "$CARAPACE" secret set stripe --stdin --config key.json5
        "$CARAPACE" secret list --config key.json5
    "#;
    let test = "a_locked_keychain_is_told_and_a_file_that_is_there_goes_before_it";
    let Some(output) = in_session(test, here.path(), script) else { return };
    let (said, told) = (out(&output), err(&output));
    assert!(told.contains("error[E1006]") && said.contains("exit 2"), "{said}{told}");
    assert!(said.contains("`stripe` is set in the file"), "{said}{told}");
}
