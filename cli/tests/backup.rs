//! `carapace backup` and `restore`: of a runtime that is busy, of one that is stopped, and what is refused.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests hear more of a runtime")]
mod talk;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use talk::{Talk, package};

const SHOP: &str = r#"channel chat: any

state count: Int = 0

flow counts on chat.message where message.text == "count" {
  set count = count + 1
  reply("{count}")
}

flow asks on chat.message where message.text == "ask" {
  let name = ask("Who are you?") within 1h else { return }
  reply("Hello {name}, {count} by now")
}
"#;

fn ends(code: i32, args: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_carapace")).args(args).stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}\n{}\n{told}",
        String::from_utf8_lossy(&output.stdout)
    );
    told
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_of_a_busy_runtime_is_of_one_moment_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (data, file, again) = (home.join("data"), home.join("one.backup"), home.join("again"));
    let shop = package(home, SHOP);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--no-loop-check"]);
    talk.say("@ana: ask");
    assert!(talk.hear().contains("Who are you?"));
    for _ in 0..50 {
        talk.say("count");
    }
    // Some of it was answered, and the rest is being worked on.
    assert_eq!(talk.hear(), "1");
    let arguments = ["backup", text(&file), "--data", text(&data)].map(str::to_owned);
    let backup = std::thread::spawn(move || ends(0, &arguments.each_ref().map(String::as_str)));
    for _ in 0..50 {
        talk.say("count");
    }
    let told = backup.join().unwrap();
    assert!(told.contains("carapace restore"), "{told}");
    for n in 2..=100 {
        assert_eq!(talk.hear(), n.to_string(), "it went on meanwhile, and lost nothing");
    }
    talk.kill();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        !std::fs::read_dir(&data).unwrap().any(|e| e
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("backup-"))
    );
    ends(0, &["restore", text(&file), "--data", text(&again)]);
    ends(0, &["journal", "verify", "--data", text(&again)]);
    let mut talk = Talk::begin(&shop, &again, &["--no-watch", "--no-loop-check"]);
    talk.say("@ana: Ana");
    let mut heard = talk.hear();
    // What was on its way out at that moment is said again first.
    while !heard.contains("Hello") {
        heard = talk.hear();
    }
    assert!(heard.contains("Hello Ana"), "what waited is answered: {heard}");
    assert!(talk.end().1.success());
}

#[test]
fn a_stopped_one_is_backed_up_and_nothing_is_taken_the_place_of() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (data, file, again) = (home.join("data"), home.join("one.backup"), home.join("again"));
    let shop = package(home, SHOP);
    assert!(ends(2, &["backup", text(&file), "--data", text(&data)]).contains("E0941"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("count");
    assert_eq!(talk.hear(), "1");
    assert!(talk.end().1.success());
    ends(0, &["token", "create", "ana", "--scope", "read", "--data", text(&data)]);
    ends(0, &["backup", text(&file), "--data", text(&data)]);
    assert!(ends(2, &["backup", text(&file), "--data", text(&data)]).contains("E1049"));
    assert!(ends(2, &["restore", text(&file), "--data", text(&data)]).contains("E1049"));
    // One that was broken off is gone on with, and leaves nothing of its own behind.
    let part = home.join("again.restoring");
    std::fs::create_dir_all(part.join("journal")).unwrap();
    std::fs::write(part.join("journal/00000000000000000007.jsonl"), "of another backup").unwrap();
    ends(0, &["restore", text(&file), "--data", text(&again)]);
    assert!(!part.exists());
    ends(0, &["journal", "verify", "--replay", "--data", text(&again)]);
    let acts = |data: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
            .args(["audit", "verify", "--data", text(data)])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
    };
    assert!(
        acts(&data).contains("lines 1 to") && acts(&data) == acts(&again),
        "{} {}",
        acts(&data),
        acts(&again)
    );
    let mut talk = Talk::begin(&shop, &again, &["--no-watch"]);
    talk.say("count");
    assert_eq!(talk.hear(), "2");
    talk.kill();
    // A flipped byte anywhere is told, and nothing is put in place.
    let whole = std::fs::read(&file).unwrap();
    let other = home.join("other");
    for at in [10, whole.len() / 2, whole.len() - 3] {
        let mut bytes = whole.clone();
        *bytes.get_mut(at).expect("it is within") ^= 0x55;
        std::fs::write(home.join("flipped"), bytes).unwrap();
        let told = ends(2, &["restore", text(&home.join("flipped")), "--data", text(&other)]);
        assert!(told.contains("E1049") && !other.exists(), "{at}: {told}");
        let named = told.contains("other.restoring`: remove it");
        assert_eq!(named, home.join("other.restoring").exists(), "what is left is named: {told}");
    }
    std::fs::write(home.join("cut"), whole.get(..whole.len() / 2).expect("half")).unwrap();
    assert!(ends(2, &["restore", text(&home.join("cut")), "--data", text(&other)]).contains("E1049"));
    std::fs::write(home.join("none"), "no backup").unwrap();
    assert!(ends(2, &["restore", text(&home.join("none")), "--data", text(&other)]).contains("E1049"));
}
