//! `carapace deploy`, `deployments`, `rollback`, `gc` and `check --against`: while a runtime runs, and while it is stopped.

use crate::talk::{Talk, package};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const FIRST: &str = r#"channel chat: any

setting greeting: Text = "Hello"

state count: Int = 0

flow counts on chat.message where message.text == "count" {
  set count = count + 1
  reply("{greeting}: {count}")
}

flow asks on chat.message where message.text == "ask" {
  let name = ask("Who are you?") within 1h else { return }
  reply("First: {name}")
}
"#;

/// The same, later: the count is a text, nobody is asked any more.
const SECOND: &str = r#"channel chat: any

setting greeting: Text = "Hello"

state count: Text = "none" migrate old: Int => "{old} times"

flow counts on chat.message where message.text == "count" {
  reply("{greeting}, {count}")
}

flow asks on chat.message where message.text == "ask" {
  reply("Second.")
}
"#;

fn carapace(args: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(args).arg("--data").arg(data).stdin(Stdio::null());
    command.output().unwrap()
}

/// What it prints, and what it tells those who run it, where it ends so.
fn ends(code: i32, args: &[&str], data: &Path) -> (String, String) {
    let output = carapace(args, data);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}\n{told}");
    (said, told)
}

fn json(args: &[&str], data: &Path) -> Json {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&ends(0, &args, data).0).unwrap()
}

fn numbers(data: &Path) -> Vec<(u64, bool)> {
    let listed = json(&["deployments", "shop"], data);
    let of = |version: &Json| (version["number"].as_u64().unwrap(), version["serves"].as_bool().unwrap());
    listed["deployments"].as_array().unwrap().iter().map(of).collect()
}

/// `carapace run --data DIR`: what is deployed there.
fn serve(data: &Path) -> Talk {
    Talk::launch(None, data, "127.0.0.1:0", &[])
}

struct Place {
    folder: tempfile::TempDir,
    shop: PathBuf,
    data: PathBuf,
}

impl Place {
    fn new(source: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let (shop, data) = (package(folder.path(), source), folder.path().join("data"));
        Place { folder, shop, data }
    }

    fn write(&self, source: &str) {
        std::fs::write(self.shop.join("main.flow"), source).unwrap();
    }

    fn deploy(&self, more: &[&str]) -> Json {
        let shop = self.shop.display().to_string();
        let args: Vec<&str> =
            ["deploy", shop.as_str(), "--yes"].into_iter().chain(more.iter().copied()).collect();
        json(&args, &self.data)
    }
}

#[test]
fn what_is_deployed_is_served_and_deployed_anew_while_it_runs() {
    let place = Place::new(FIRST);
    let first = place.deploy(&["--set", "greeting=Hi"]);
    assert_eq!((&first["packages"][0]["deployed"], &first["runtime"]), (&1.into(), &"stopped".into()));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&place.data.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "what people wrote is its owner's, whoever made the folder");
    }

    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(talk.hear(), "Hi: 1");
    talk.say("ask");
    assert_eq!(talk.hear(), "Who are you?");

    // A run that waits keeps the version it began with; the state is migrated, what was set stays set.
    place.write(SECOND);
    let shop = place.shop.display().to_string();
    let (said, _) = ends(0, &["deploy", &shop, "--dry-run"], &place.data);
    assert!(said.contains("count: 1 value migrated") && said.contains("1 live run left behind"), "{said}");
    assert!(said.contains("main.flow:13") && said.contains("E0946"), "{said}");
    assert_eq!(numbers(&place.data), [(1, true)], "that was only a look");
    let second = place.deploy(&[]);
    assert_eq!((&second["packages"][0]["deployed"], &second["runtime"]), (&2.into(), &"running".into()));
    assert_eq!(second["packages"][0]["from"]["number"], 1);
    talk.say("Ana");
    assert_eq!(talk.hear(), "First: Ana");
    talk.say("count");
    assert_eq!(talk.hear(), "Hi, 1 times");
    talk.say("ask");
    assert_eq!(talk.hear(), "Second.");

    // The same again is no new deployment.
    assert_eq!(place.deploy(&[])["packages"][0]["same"], true);
    assert_eq!(numbers(&place.data), [(1, false), (2, true)]);
    assert!(talk.end().1.success());
    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(talk.hear(), "Hi, 1 times", "a start serves what was deployed while it ran");
}

#[test]
fn what_cannot_be_deployed_is_told_with_its_place_and_changes_nothing() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    let mut talk = serve(&place.data);
    for line in ["count", "ask"] {
        talk.say(line);
        talk.hear();
    }
    place.write(&SECOND.replace("migrate old: Int => \"{old} times\"", ""));
    let shop = place.shop.display().to_string();
    let mut running = Some(talk);
    for live in [true, false] {
        let (said, told) = ends(1, &["deploy", &shop], &place.data);
        assert!(said.contains("E0925") && said.contains("migrate old: Int"), "{said}");
        assert!(told.contains("nothing was deployed"), "{told}");
        let against = place.data.display().to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
            .args(["check", &shop, "--against", &against, "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let findings: Json = serde_json::from_slice(&output.stdout).unwrap();
        let text = findings.to_string();
        assert!(text.contains("E0925") && text.contains("E0946") && text.contains("as deployed"), "{text}");
        assert_eq!(running.is_some(), live);
        if let Some(talk) = running.take() {
            assert!(talk.end().1.success());
        }
    }
    assert_eq!(numbers(&place.data), [(1, true)]);
}

#[test]
fn check_against_a_runtime_that_it_leaves_alone_finds_nothing() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    place.write(&FIRST.replace("First:", "Now:"));
    let (shop, data) = (place.shop.display().to_string(), place.data.display().to_string());
    let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .args(["check", &shop, "--against", &data])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn one_command_goes_back() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    place.write(&FIRST.replace("{greeting}: ", "Two: "));
    place.deploy(&[]);
    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(talk.hear(), "Two: 1");
    let (said, _) = ends(0, &["rollback", "shop"], &place.data);
    assert!(said.contains("back at 1, as deployment 3"), "{said}");
    talk.say("count");
    assert_eq!(talk.hear(), "Hello: 2");
    assert!(talk.end().1.success());
    ends(0, &["rollback", "shop", "2"], &place.data);
    assert_eq!(numbers(&place.data), [(1, false), (2, false), (3, false), (4, true)]);
    let (_, told) = ends(2, &["rollback", "shop", "9"], &place.data);
    assert!(told.contains("E0945"), "{told}");

    // Where the types of states do not allow it, nothing changes.
    place.write(SECOND);
    place.deploy(&[]);
    let (_, told) = ends(2, &["rollback", "shop"], &place.data);
    assert!(told.contains("E0925"), "{told}");
    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(talk.hear(), "Hello, 2 times");
}

#[test]
fn what_nobody_needs_goes_and_what_runs_need_stays() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    let mut talk = serve(&place.data);
    talk.say("ask");
    assert_eq!(talk.hear(), "Who are you?");
    for n in 2..=4 {
        place.write(&FIRST.replace("First:", &format!("{n}:")));
        place.deploy(&[]);
    }
    let blobs = || std::fs::read_dir(place.data.join("blobs")).unwrap().count();
    assert_eq!(blobs(), 4);
    let (said, _) = ends(0, &["gc", "--keep", "1", "--dry-run"], &place.data);
    assert!(said.contains("1 version would go"), "{said}");
    assert_eq!(blobs(), 4);
    let gone = json(&["gc", "--keep", "1"], &place.data);
    assert_eq!((gone["modules"].as_u64(), blobs()), (Some(1), 3), "{gone}");
    talk.say("Ana");
    assert_eq!(talk.hear(), "First: Ana", "its module was not taken from under it");
    assert!(talk.end().1.success());
    ends(0, &["gc", "--keep", "0"], &place.data);
    assert_eq!((numbers(&place.data), blobs()), (vec![(4, true)], 1));
    drop(serve(&place.data));
}

#[test]
fn a_compiled_module_is_deployed_as_it_is() {
    let place = Place::new(FIRST);
    let file = place.folder.path().join("shop.flowc");
    let done = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .arg("compile")
        .arg(&place.shop)
        .arg("-o")
        .arg(&file)
        .status()
        .unwrap();
    assert!(done.success());
    ends(0, &["deploy", &file.display().to_string(), "--yes"], &place.data);
    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(talk.hear(), "Hello: 1");
    std::fs::write(&file, b"CARAPACE and nothing else").unwrap();
    let (_, told) = ends(2, &["deploy", &file.display().to_string()], &place.data);
    assert!(told.contains("E0921"), "{told}");
}

#[test]
fn a_module_that_is_gone_parks_its_runs_until_it_is_deployed_again() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    let mut talk = serve(&place.data);
    talk.say("ask");
    assert_eq!(talk.hear(), "Who are you?");
    assert!(talk.end().1.success());
    for blob in std::fs::read_dir(place.data.join("blobs")).unwrap() {
        std::fs::remove_file(blob.unwrap().path()).unwrap();
    }
    let talk = serve(&place.data);
    talk.told("E0927");
    let (said, _) = ends(0, &["runs", "list", "--waiting-on", "person"], &place.data);
    assert!(said.contains("E0927"), "{said}");
    place.deploy(&[]);
    drop(talk);
    let mut talk = serve(&place.data);
    talk.say("Ana");
    assert_eq!(talk.hear(), "First: Ana");
}

#[test]
fn what_makes_no_sense_is_told() {
    let place = Place::new(FIRST);
    let (shop, data) = (place.shop.display().to_string(), &place.data);
    for (args, code, exit) in [
        (&["deployments"][..], "E0941", 2),
        (&["gc"], "E0941", 2),
        (&["rollback", "shop"], "E0941", 2),
        (&["deploy", &shop, "--bind", "nowhere=terminal"], "E0932", 2),
        (&["deploy", &shop, "--set", "nothing=1"], "E0922", 2),
        (&["deploy", "nowhere"], "E0901", 2),
        (&["run", "--set", "greeting=Hi"], "E0947", 2),
    ] {
        let (_, told) = ends(exit, args, data);
        assert!(told.contains(code), "{args:?}: {told}");
    }
    place.write("flow {");
    let (_, told) = ends(1, &["deploy", &shop], data);
    assert!(told.contains("nothing is deployed"), "{told}");
    assert!(!place.data.join("journal").exists(), "nothing of that left a trace");
}

#[test]
fn a_kill_during_deploys_leaves_one_of_them_whole() {
    let place = Place::new(FIRST);
    place.deploy(&[]);
    for n in 2..=6 {
        let mut talk = serve(&place.data);
        talk.told("chat page");
        place.write(&FIRST.replace("{greeting}: {count}", &format!("version {n}")));
        place.deploy(&[]);
        talk.say("count");
        assert_eq!(heard(&talk), format!("version {n}"));
        talk.kill();
    }
    let mut talk = serve(&place.data);
    talk.say("count");
    assert_eq!(heard(&talk), "version 6", "what was said to be deployed is deployed");
}

/// What it says next, but for what it says again as nobody knows whether it arrived.
fn heard(talk: &Talk) -> String {
    loop {
        let said = talk.hear();
        if !said.starts_with("(again)") {
            return said;
        }
    }
}

#[test]
fn runs_that_wait_are_moved_to_the_version_that_serves() {
    let waits = |label: &str, text: &str| {
        format!(
            "channel chat: any\n\nflow late on chat.message {{\n  let said = message.text\n  reply(\"Later.\")\n  wait(1h){label}\n  \
             reply(said)\n}} on cancel {{\n  reply(\"{text}\")\n}}\n"
        )
    };
    let place = Place::new(&waits(" as later", "Old."));
    place.deploy(&[]);
    let mut talk = serve(&place.data);
    talk.say("hi");
    assert_eq!(talk.hear(), "Later.");
    let (said, _) = ends(0, &["runs", "move", "--all"], &place.data);
    assert_eq!(said, "every run runs the version that serves\n");

    place.write(&waits("", "Nameless."));
    place.deploy(&[]);
    let (said, _) = ends(0, &["runs", "move", "--all", "--dry-run"], &place.data);
    assert!(
        said.contains("has no wait `later`") && said.contains("0 runs could be moved, 1 stays"),
        "{said}"
    );

    place.write(&waits(" as later", "New."));
    place.deploy(&[]);
    let looked = json(&["runs", "move", "--all", "--dry-run", "--flow", "shop/main.late"], &place.data);
    assert_eq!((&looked["moved"], &looked["dry_run"]), (&1.into(), &true.into()));
    let moved = json(&["runs", "move", "--all"], &place.data);
    assert_eq!((&moved["runs"][0]["from"], &moved["runs"][0]["to"]), (&1.into(), &3.into()));
    let run = moved["runs"][0]["run"].as_str().unwrap();
    let (said, _) = ends(0, &["runs", "show", run], &place.data);
    assert!(said.contains("goes on with version 3"), "{said}");
    let (said, _) = ends(1, &["runs", "move", run], &place.data);
    assert!(said.contains("it runs the version that serves"), "{said}");
    ends(0, &["runs", "cancel", run], &place.data);
    assert_eq!(talk.hear(), "New.");
    assert!(talk.end().1.success());
    let (_, told) = ends(2, &["runs", "move", "--all"], &place.data);
    assert!(told.contains("no runtime runs in"), "{told}");
}
