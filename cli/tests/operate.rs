//! How a deployed runtime is operated: the system starts it, asks it to end, and somebody looks whether it is well.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests hear more of a runtime")]
mod talk;

use serde_json::Value as Json;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use talk::{Talk, package};

const SHOP: &str = "channel chat: any\n\nflow hi on chat.message { reply(\"hi\") }\n";

fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(args).current_dir(home).env("XDG_CONFIG_HOME", home.join("config")).stdin(Stdio::null());
    command
}

fn ends(code: i32, home: &Path, args: &[&str]) -> (String, String) {
    let output = command(home, args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}\n{told}");
    (said, told)
}

#[test]
fn a_unit_is_hardened_and_understood_by_systemd() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let secret = ["--credential", "vault-key:/etc/carapace/vault.key"];
    let system =
        ["service", "print", "--system", "--starter", "systemd", "--run-as", "root", "--data", "data"];
    let (unit, _) = ends(0, home, &[&system[..], &secret[..]].concat());
    let data = home.canonicalize().unwrap().join("data");
    for line in [
        "Type=notify",
        "Restart=on-failure",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "User=root",
        "LoadCredential=vault-key:/etc/carapace/vault.key",
        &format!("ReadWritePaths=\"{}\"", data.display()),
    ] {
        assert!(unit.lines().any(|there| there == line), "{line} is missing in:\n{unit}");
    }
    let file = home.join("carapace.service");
    std::fs::write(&file, &unit).unwrap();
    match Command::new("systemd-analyze").arg("verify").arg(&file).output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && !told.contains("carapace.service:"), "{told}");
        }
        Err(_) => {
            eprintln!("skipped: a_unit_is_hardened_and_understood_by_systemd: systemd-analyze is not there")
        }
    }
    for wrong in [
        &["service", "print", "--starter", "systemd", "--data", "50% off"][..],
        &["service", "print", "--starter", "systemd", "--name", "../x"],
        &["service", "print", "--starter", "systemd", "--credential", "no-path"],
        &["service", "print", "--starter", "launchd", "--credential", "key:/x"],
    ] {
        assert!(ends(2, home, wrong).1.contains("E1050"));
    }
    let (list, _) = ends(0, home, &["service", "print", "--starter", "launchd", "--data", "data"]);
    assert!(list.starts_with("<?xml") && list.contains("<string>--no-terminal</string>"), "{list}");
}

#[test]
fn a_service_of_a_user_is_installed_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let args = |what| ["service", what, "--user", "--starter", "systemd", "--name", "shop"];
    let (_, told) = ends(0, home, &args("install"));
    assert!(told.contains("systemctl --user enable --now shop"), "{told}");
    let file = home.join("config/systemd/user/shop.service");
    ends(0, home, &args("install"));
    std::fs::write(&file, "[Unit]\n").unwrap();
    assert!(ends(2, home, &args("install")).1.contains("E1050"), "what somebody wrote is left alone");
    ends(0, home, &args("uninstall"));
    assert!(!file.exists());
    assert!(ends(2, home, &args("uninstall")).1.contains("E1050"));
}

#[test]
fn a_service_has_the_configuration_that_lies_here_and_goes_on_with_what_worked() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    std::fs::write(home.join("carapace.json5"), "{ version: 1, data: 'kept' }").unwrap();
    let home = home.canonicalize().unwrap();
    let (config, data) = (home.join("carapace.json5"), home.join("kept"));
    let print = |starter| ends(0, &home, &["service", "print", "--starter", starter]).0;
    let unit = print("systemd");
    let start = format!(
        "run --data \"{}\" --config \"{}\" --last-known-good --no-terminal --no-watch\n",
        data.display(),
        config.display()
    );
    assert!(unit.contains(&start), "{unit}");
    assert!(unit.contains(&format!("WorkingDirectory={}\n", home.display())), "{unit}");
    let list = print("launchd");
    assert!(list.contains("<string>--last-known-good</string>"), "{list}");
    assert!(list.contains(&format!("<key>WorkingDirectory</key>\n  <string>{}</string>", home.display())));
    ends(0, &home, &["service", "install", "--user", "--starter", "systemd"]);
    assert!(data.is_dir(), "the system would not start it without");
    let system = ["service", "install", "--system", "--starter", "systemd"];
    let nobody = [&system[..], &["--run-as", "nobody-of-that-name"]].concat();
    let told = ends(2, &home, &nobody).1;
    assert!(told.contains("no user `nobody-of-that-name`") && told.contains("useradd"), "{told}");
    let nowhere = [&system[..], &["--run-as", "root", "--data", "nowhere"]].concat();
    let told = ends(2, &home, &nowhere).1;
    assert!(told.contains("is not there") && told.contains("install -d -o root"), "{told}");
}

#[test]
fn accounts_that_are_gone_are_told_of_by_all_who_look() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    package(home, SHOP);
    let data = home.join("data");
    ends(0, home, &["deploy", "shop", "--data", "data", "--yes"]);
    let config =
        "{ version: 1, data: 'data', listen: '127.0.0.1:0', accounts: { web: { kind: 'webchat' } } }";
    std::fs::write(home.join("carapace.json5"), config).unwrap();
    let gone = "`shop/main.chat` stands for `terminal` and `webchat`";
    let (said, _) = ends(0, home, &["deploy", "shop", "--dry-run"]);
    assert!(
        said.contains("nothing changes") && said.contains(gone) && said.contains("--bind chat="),
        "{said}"
    );
    let (said, _) = ends(0, home, &["deploy", "shop", "--dry-run", "--format", "json"]);
    let document: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(document["packages"][0]["missing_accounts"], serde_json::json!(["terminal", "webchat"]));
    assert!(ends(1, home, &["doctor"]).0.contains(gone), "one that is stopped");
    let config = home.join("carapace.json5");
    let talk =
        Talk::launch(None, &data, "127.0.0.1:0", &["--config", config.to_str().unwrap(), "--no-terminal"]);
    assert!(talk.told("W0614").contains(gone));
    talk.told("chat page");
    let (said, _) = ends(1, home, &["doctor"]);
    assert!(said.contains(gone), "{said}");
    ends(0, home, &["deploy", "shop", "--bind", "chat=web", "--yes"]);
    let (said, _) = ends(0, home, &["doctor"]);
    assert!(!said.contains("stands for"), "{said}");
    // An account that goes while it runs.
    let other =
        "{ version: 1, data: 'data', listen: '127.0.0.1:0', accounts: { other: { kind: 'webchat' } } }";
    std::fs::write(&config, other).unwrap();
    assert!(talk.told("W0614").contains("stands for `web`"));
    talk.kill();
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_starts_it_is_told_when_it_is_ready_that_it_lives_and_that_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    package(home, SHOP);
    let socket = UnixDatagram::bind(home.join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let next = || {
        let mut some = [0; 256];
        let count = socket.recv(&mut some).expect("it tells something");
        String::from_utf8_lossy(&some[..count]).into_owned()
    };
    let mut child =
        command(home, &["run", "shop", "--data", "data", "--listen", "127.0.0.1:0", "--no-terminal"])
            .env("NOTIFY_SOCKET", home.join("notify"))
            .env("WATCHDOG_USEC", "300000")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    assert!(next().starts_with("READY=1"));
    assert_eq!((next().as_str(), next().as_str()), ("WATCHDOG=1", "WATCHDOG=1"));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    while !next().starts_with("STOPPING=1") {}
    assert!(child.wait().unwrap().success(), "it ends by itself when it is asked to");
}

#[test]
fn a_doctor_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (shop, data) = (package(home, SHOP), home.join("data"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = free.local_addr().unwrap();
    let config = format!("{{ version: 1, data: \"data\", listen: \"{taken}\" }}");
    std::fs::write(home.join("carapace.json5"), &config).unwrap();
    let (said, _) = ends(1, home, &["doctor"]);
    assert!(said.contains("wrong  address") && said.contains("help: another program has it"), "{said}");
    drop(free);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("hello");
    assert_eq!(talk.hear(), "hi");
    let (said, told) = ends(0, home, &["doctor"]);
    assert!(said.contains("channel webchat") && said.contains("it serves shop"), "{said}");
    assert!(told.contains("nothing is wrong"), "{told}");
    assert!(talk.end().1.success());
    // A letter of the journal is another one.
    let segment = std::fs::read_dir(data.join("journal")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let output = command(home, &["doctor", "--format", "json"]).output().unwrap();
    let document: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{document:#}");
    let wrong =
        document["findings"].as_array().unwrap().iter().find(|one| one["verdict"] == "wrong").unwrap();
    assert_eq!(wrong["what"], "data");
    assert!(wrong["help"].as_str().unwrap().contains("carapace journal verify"), "{wrong}");
    std::fs::write(home.join("carapace.json5"), "{ version: 1, listen: 7 }").unwrap();
    assert!(ends(1, home, &["doctor"]).0.contains("carapace config check"));
}

/// A flow waits for a server that never answers, so the end has something to wait for.
#[cfg(target_os = "linux")]
#[test]
fn asked_once_more_it_ends_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "TERM"), ("TERM", "INT")] {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let flow = format!(
            "use std/http\n\nchannel chat: any\n\nflow ask on chat.message {{\n  \
             let answer = http.get(url\"http://127.0.0.1:{port}/\") within 1h else {{ return }}\n  reply(\"{{answer.status}}\")\n}}\n"
        );
        package(home, &flow);
        let config = format!("{{ version: 1, net: {{ private: [\"127.0.0.1:{port}\"] }} }}");
        std::fs::write(home.join("carapace.json5"), config).unwrap();
        let socket = UnixDatagram::bind(home.join("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let wait_for = |word: &str| {
            let mut some = [0; 256];
            while !some.starts_with(word.as_bytes()) {
                socket.recv(&mut some).expect("it tells something");
            }
        };
        let mut child =
            command(home, &["run", "shop", "--data", "data", "--listen", "127.0.0.1:0", "--no-watch"])
                .env("NOTIFY_SOCKET", home.join("notify"))
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
        wait_for("READY=1");
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"hello\n").unwrap();
        let (_held, _) = server.accept().unwrap();
        let kill = |signal: &str| {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        };
        kill(first);
        wait_for("STOPPING=1");
        kill(second);
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{first}, {second}: {told}");
        assert!(told.contains("ended at once"), "{first}, {second}: {told}");
    }
}

#[test]
fn a_doctor_names_the_secrets_that_are_not_set() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let flow = "use std/http\n\nchannel chat: any\n\nflow f on chat.message {\n  \
        let answer = http.get(url\"https://api.example.com\", token: secret(\"stripe\")) else { return }\n  reply(\"{answer.status}\")\n}\n";
    package(home, flow);
    std::fs::create_dir(home.join("secrets")).unwrap();
    let config = "{ version: 1, data: \"data\", vault: { kind: \"folder\", path: \"secrets\" }, listen: \"127.0.0.1:0\",
        accounts: { bot: { kind: \"telegram\", token: \"bot_token\" } } }";
    std::fs::write(home.join("carapace.json5"), config).unwrap();
    let (said, _) = ends(0, home, &["deploy", "shop", "--yes", "--bind", "chat=bot"]);
    assert!(
        said.contains("`carapace secret set stripe`"),
        "a deploy to one that is stopped says it, too: {said}"
    );
    let (said, _) = ends(1, home, &["doctor"]);
    for wanted in [
        "`shop` needs the secret `stripe`",
        "`bot` needs the secret `bot_token`",
        "carapace secret set stripe",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
    for name in ["stripe", "bot_token"] {
        std::fs::write(home.join("secrets").join(name), "x").unwrap();
    }
    let (said, _) = ends(0, home, &["doctor"]);
    assert!(
        said.contains("each secret that a deployed flow, a provider of models or an account names is set"),
        "{said}"
    );
    let (said, _) = ends(0, home, &["deploy", "shop", "--dry-run", "--bind", "chat=bot"]);
    assert!(!said.contains("secret set"), "{said}");
}
