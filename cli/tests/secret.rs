//! `carapace secret` as people use it, and what a runtime does with secrets: it uses them, and shows them nowhere.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops at the first surprise")]

#[path = "secret/keychain.rs"]
mod keychain;
#[path = "secret/nowhere.rs"]
mod nowhere;

use serde_json::Value as Json;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const KEY: &str = "{ version: 1, vault: { kind: 'file', key_file: 'vault.key' } }";

/// A folder with a configuration of this text.
fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("carapace.json5"), config).unwrap();
    folder
}

/// `carapace` there, without a keychain.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(args).current_dir(folder).env("XDG_CACHE_HOME", folder.join(".cache"));
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env_remove("XDG_RUNTIME_DIR");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it with this input.
fn carapace(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = command(folder, args).spawn().unwrap();
    // A command that needs no input may be gone before it gets some.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs it, and expects that it does what it is told.
fn done(folder: &Path, args: &[&str], input: &str) -> String {
    let output = carapace(folder, args, input);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    out(&output)
}

/// Runs it, and expects this code.
fn refused(folder: &Path, args: &[&str], input: &str, code: &str) -> String {
    let output = carapace(folder, args, input);
    let told = err(&output);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
    assert!(told.contains(&format!("error[{code}]")) && told.contains("help"), "{args:?}: {told}");
    told
}

#[test]
fn an_empty_vault_says_how_a_secret_gets_into_it() {
    let told = |config: &str| {
        let here = folder(config);
        fs::create_dir(here.path().join("filled")).unwrap();
        err(&carapace(here.path(), &["secret", "list"], ""))
    };
    assert!(told(KEY).contains("`carapace secret set NAME`"));
    let filled = told("{ version: 1, vault: { kind: \"folder\", path: \"filled\" } }");
    assert!(filled.contains("each is a file there") && !filled.contains("secret set"), "{filled}");
}

#[test]
fn secrets_are_set_listed_and_taken_out() {
    let here = folder(KEY);
    let at = here.path();
    let set = done(at, &["secret", "set", "stripe", "--stdin"], "sk_live_one\n");
    assert_eq!(set, "`stripe` is set in the file `.carapace/secrets.vault`\n");
    fs::write(at.join("bot.txt"), "123:AAH\n").unwrap();
    done(at, &["secret", "set", "bot", "--file", "bot.txt"], "");
    let again = done(at, &["secret", "set", "stripe", "--stdin"], "sk_live_two");
    assert!(again.contains("is set anew"), "{again}");
    let listed = done(at, &["secret", "list"], "");
    assert!(listed.contains("bot") && listed.contains("stripe") && !listed.contains("sk_live"), "{listed}");
    let listed: Json = serde_json::from_str(&done(at, &["secret", "list", "--format", "json"], "")).unwrap();
    let names: Vec<&str> =
        listed["secrets"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bot", "stripe"]);
    assert!(listed["secrets"][0]["set"].as_str().unwrap().ends_with('Z'), "{listed}");
    let removed: Json =
        serde_json::from_str(&done(at, &["secret", "rm", "bot", "--format", "json"], "")).unwrap();
    assert_eq!(removed["removed"], "bot");
    assert!(refused(at, &["secret", "rm", "bot"], "", "E1001").contains("`carapace secret list`"));
    let rotated = done(at, &["secret", "rotate"], "");
    assert_eq!(
        rotated,
        "1 secret in the file `.carapace/secrets.vault` locked with a new key in `vault.key`\n"
    );
    done(at, &["secret", "set", "third", "--stdin"], "x");
}

#[test]
fn what_is_wrong_is_told_with_a_way_out() {
    let here = folder(KEY);
    let at = here.path();
    let pasted = refused(at, &["secret", "set", "123456:AAHdqTcvCH1vGWJ", "--stdin"], "x", "E1009");
    assert!(!pasted.contains("AAHdq"), "{pasted}");
    let typed = refused(at, &["secret", "set", "bot", "sk_live_typed"], "", "E1009");
    assert!(!typed.contains("sk_live") && typed.contains("--stdin"), "{typed}");
    refused(at, &["secret", "set", "a", "--stdin"], "\n", "E1009");
    refused(at, &["secret", "set", "a"], "typed by nobody\n", "E1009");
    refused(at, &["secret", "set", "a", "--file", "nowhere"], "", "E0901");
    refused(at, &["secret", "rotate"], "", "E1008");
    done(at, &["secret", "set", "a", "--stdin"], "x");
    let vault = at.join(".carapace/secrets.vault");
    let bytes = fs::read(&vault).unwrap();
    fs::write(&vault, bytes.get(..bytes.len() - 1).unwrap()).unwrap();
    refused(at, &["secret", "list"], "", "E1005");
    fs::write(&vault, &bytes).unwrap();
    fs::rename(at.join("vault.key"), at.join("elsewhere")).unwrap();
    refused(at, &["secret", "set", "b", "--stdin"], "x", "E1004");
    let other = folder("{ version: 1, vault: { kind: 'folder', path: '.' } }");
    refused(other.path(), &["secret", "set", "b", "--stdin"], "x", "E1008");
    let none = folder("{ version: 1, vault: { kind: 'keychain' } }");
    refused(none.path(), &["secret", "list"], "", "E1006");
    let broken = folder("{ version: 1, vault: { kind: 'safe' } }");
    refused(broken.path(), &["secret", "list"], "", "E0979");
}

#[test]
fn a_passphrase_comes_out_of_a_file_and_is_changed() {
    let here = folder("{ version: 1, vault: { kind: 'file' } }");
    let at = here.path();
    for (name, text) in [("one", "a first passphrase\n"), ("two", "another one\n"), ("short", "1234567\n")] {
        fs::write(at.join(name), text).unwrap();
    }
    let one = ["--passphrase-file", "one"];
    done(at, &[&["secret", "set", "a", "--stdin"], &one[..]].concat(), "x");
    let exposed = carapace(at, &[&["secret", "list"], &one[..]].concat(), "");
    let readable = cfg!(unix);
    assert_eq!(err(&exposed).contains("warning[W0613]"), readable, "{}", err(&exposed));
    let wrong = refused(at, &["secret", "set", "b", "--stdin", "--passphrase-file", "two"], "x", "E1003");
    assert!(!wrong.contains("another one"), "{wrong}");
    refused(at, &["secret", "set", "b", "--stdin", "--passphrase-file", "gone"], "x", "E1004");
    let rotate = |file| [&["secret", "rotate", "--new-passphrase-file", file], &one[..]].concat();
    refused(at, &rotate("short"), "", "E1009");
    let rotated = done(at, &rotate("two"), "");
    assert!(rotated.contains("with the new passphrase"), "{rotated}");
    refused(at, &[&["secret", "set", "b", "--stdin"], &one[..]].concat(), "x", "E1003");
    done(at, &["secret", "set", "b", "--stdin", "--passphrase-file", "two"], "x");
    // From a passphrase to a key.
    fs::write(at.join("carapace.json5"), KEY.replace("vault.key", "new.key")).unwrap();
    done(at, &["secret", "list"], "");
    let told = refused(at, &["secret", "set", "c", "--stdin"], "x", "E1004");
    assert!(told.contains("still locked with a passphrase") && told.contains("secret rotate"), "{told}");
    let rotated = done(at, &["secret", "rotate", "--passphrase-file", "two"], "");
    assert!(rotated.contains("with a new key in `new.key`"), "{rotated}");
    done(at, &["secret", "set", "c", "--stdin"], "x");
}

#[test]
fn a_first_vault_takes_no_passphrase_that_is_guessed() {
    let here = folder("{ version: 1, vault: { kind: 'file' } }");
    let at = here.path();
    fs::write(at.join("short"), "x\n").unwrap();
    let set = ["secret", "set", "a", "--stdin", "--passphrase-file", "short"];
    let told = refused(at, &set, "x", "E1009");
    assert!(told.contains("8 characters") && !at.join(".carapace/secrets.vault").exists(), "{told}");
}

#[test]
fn what_is_named_and_not_set_is_said_before_a_deploy_and_at_the_start() {
    let here = folder(KEY);
    let at = here.path();
    let flow = "use std/http\n\nchannel chat: any\n\nflow f on chat.message {\n  \
        let answer = http.get(url\"https://api.example.com\", token: secret(\"stripe\")) else { return }\n  reply(\"{answer.status}\")\n}\n";
    fs::create_dir(at.join("shop")).unwrap();
    fs::write(at.join("shop/main.flow"), flow).unwrap();
    let commands: [&[&str]; 3] = [
        &["check", "--capabilities", "shop"],
        &["deploy", "--dry-run", "shop"],
        &["run", "shop", "--listen", "127.0.0.1:0"],
    ];
    for args in commands {
        let output = carapace(at, args, "");
        let told = err(&output);
        assert_eq!(output.status.code(), Some(0), "{told}");
        let told = format!("{}{told}", out(&output));
        assert!(told.contains("`carapace secret set stripe`"), "{args:?}: {told}");
        let warned = told.contains("warning[W0611]: `shop` needs the secret `stripe`, which is not set");
        assert!(warned || args[0] == "deploy", "{args:?}: {told}");
    }
    done(at, &["secret", "set", "stripe", "--stdin"], "x");
    for args in commands {
        let output = carapace(at, args, "");
        let told = format!("{}{}", out(&output), err(&output));
        assert!(!told.contains("secret set"), "{args:?}: {told}");
    }
}
