//! What a runtime keeps beyond its checkpoint: put away, read, told where it is damaged, and let go.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "control/asked.rs"]
#[expect(dead_code, reason = "other tests ask more")]
mod asked;
#[expect(dead_code, reason = "other tests hear more of a runtime")]
mod talk;

use asked::RUNS;
use carapace_store::{JsonlStore, Line, Options, Position, Store as _, Transaction};
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Command, Output};
use talk::{Talk, package};

const COUNTS: &str = r#"channel chat: any

state count: Int = 0

flow count_up on chat.message {
  set count = count + 1
  reply("{count}: {message.text}")
}
"#;

/// A data directory with a runtime now and then.
struct Kept {
    folder: tempfile::TempDir,
    said: u32,
}

impl Kept {
    /// One whose first lines are in the archive.
    fn new() -> Kept {
        let mut kept = Kept { folder: tempfile::tempdir().unwrap(), said: 0 };
        for word in ["one", "two", "three"] {
            kept.life(&[word], &[]);
            kept.roll();
        }
        kept.life(&["four"], &[]);
        kept
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A runtime comes, is told words, and goes, in peace.
    fn life(&mut self, words: &[&str], more: &[&str]) {
        let more = [&["--no-watch"], more].concat();
        let mut talk = Talk::begin(&package(self.folder.path(), COUNTS), &self.data(), &more);
        for word in words {
            self.said += 1;
            talk.say(word);
            assert_eq!(talk.hear(), format!("{}: {word}", self.said));
        }
        assert!(talk.end().1.success());
    }

    /// Goes on in a new file, as a runtime does when one is full.
    fn roll(&self) {
        let store = JsonlStore::open(Options { segment_bytes: 1, ..Options::new(self.data()) }).unwrap();
        let epoch = store.lease().unwrap();
        let mut at = 0;
        let mut visit = |line: Line<'_>| {
            at = line.at;
            ControlFlow::Continue(())
        };
        store.read(Position(0), &mut visit).unwrap();
        let nothing = Transaction::of::<()>(at, &[]).unwrap();
        store.append(epoch, store.position(), &[nothing]).unwrap();
        store.sync().unwrap();
    }

    fn archive(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.data().join("archive")).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<PathBuf> = files.collect();
        files.sort();
        files
    }

    fn journal(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        told(&command.arg("journal").args(args).arg("--data").arg(self.data()).output().unwrap())
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_was_put_away_is_verified_replayed_and_told() {
    let kept = Kept::new();
    assert_eq!(kept.archive().len(), 6, "three files, each with its seal");
    assert_eq!(fs::read_dir(kept.data().join("journal")).unwrap().count(), 1);
    let (code, findings, summary) = kept.journal(&["verify", "--replay"]);
    assert_eq!((code, &*findings), (0, ""), "{summary}");
    assert!(summary.contains("in 1 file and 3 parts of the archive"), "{summary}");
    assert!(summary.contains("byte for byte"), "{summary}");
    let (_, document, _) = kept.journal(&["verify", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!((&document["parts"], &document["oldest"]), (&3.into(), &1.into()));

    let (_, live, _) = kept.journal(&["tail", "-n", "1000"]);
    assert!(live.contains(": four") && !live.contains(": one"), "{live}");
    let (_, all, _) = kept.journal(&["tail", "--from", "1"]);
    assert!(["one", "two", "three", "four"].iter().all(|word| all.contains(&format!(": {word}"))), "{all}");
    let (_, two, _) = kept.journal(&["tail", "--from", "2", "-n", "2"]);
    let numbers: Vec<&str> = two.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(numbers, ["2", "3"]);
}

#[test]
fn runs_that_are_over_are_listed_and_told_of_while_one_runs_and_while_none_does() {
    let kept = Kept::new();
    let data = kept.data();
    let look = |listed: &serde_json::Value| {
        let runs = listed["runs"].as_array().unwrap();
        assert_eq!((runs.len(), &listed["more"]), (4, &false.into()), "{listed}");
        assert!(runs.iter().all(|run| run["flow"] == "shop/main.count_up" && run["how"] == "succeeded"));
        runs[3]["run"].as_str().unwrap().to_owned()
    };
    let story = |run: &str| {
        let shown = RUNS.text(&data, &["show", run]);
        let parts = [
            "succeeded",
            "came to be, as shop/main.count_up",
            "is about message from ",
            ": “one”",
            "“1: one”",
            "is over, and settled",
        ];
        assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
        assert!(!shown.contains("“2: two”") && !shown.contains("no longer there"), "{shown}");
        RUNS.json(&data, &["show", run])
    };
    let oldest = look(&RUNS.json(&data, &["list", "--finished"]));
    let stopped = story(&oldest[..12]);
    let table = RUNS.text(&data, &["list", "--finished", "--limit", "2"]);
    assert!(table.contains("HOW") && table.contains("more that are older"), "{table}");

    let mut talk = Talk::begin(&package(kept.folder.path(), COUNTS), &data, &["--no-watch"]);
    talk.say("five");
    assert_eq!(talk.hear(), "5: five");
    let listed = RUNS.json(&data, &["list", "--finished", "--flow", "count_up", "--limit", "5"]);
    assert_eq!((listed["runs"].as_array().unwrap().len(), &listed["runtime"]), (5, &"running".into()));
    let running = story(&oldest);
    assert_eq!(running["history"], stopped["history"]);
    assert!(talk.end().1.success());
    assert!(RUNS.text(&data, &["list", "--finished", "--flow", "nobody"]).contains("of no such run"));
}

#[test]
fn damage_in_the_archive_is_named_and_takes_nothing_from_what_lives() {
    let mut kept = Kept::new();
    let file = kept.archive()[3].clone();
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (code, findings, error) = kept.journal(&["verify"]);
    assert!(code == 1 && findings.contains(file.to_str().unwrap()), "{findings}");
    assert!(findings.contains("[damaged archive, E0964]") && error.contains("E0964"), "{findings}{error}");
    let (code, _, error) = kept.journal(&["repair", "--yes"]);
    assert!(code == 2 && error.contains("from a copy"), "{error}");
    kept.life(&["five"], &[]);
    fs::remove_file(&file).unwrap();
    let (code, findings, _) = kept.journal(&["verify"]);
    assert!(code == 1 && findings.contains("missing"), "{findings}");
}

#[test]
fn a_module_that_is_missing_is_named() {
    let kept = Kept::new();
    let mut blobs = fs::read_dir(kept.data().join("blobs")).unwrap();
    let blob = blobs.next().unwrap().unwrap().path();
    fs::remove_file(&blob).unwrap();
    let (code, findings, error) = kept.journal(&["verify"]);
    assert!(code == 1 && findings.contains(blob.to_str().unwrap()), "{findings}");
    assert!(findings.contains("[missing blob, E0965]") && error.contains("E0965"), "{findings}{error}");
}

#[test]
fn without_history_nothing_is_kept_and_replaying_begins_with_the_checkpoint() {
    let mut kept = Kept::new();
    kept.roll();
    kept.life(&["five"], &["--history", "0"]);
    assert_eq!(kept.archive(), Vec::<PathBuf>::new());
    let (code, _, summary) = kept.journal(&["verify", "--replay"]);
    assert!(code == 0 && summary.contains("E0955"), "{summary}");
    let (_, lines, note) = kept.journal(&["tail", "--from", "1"]);
    assert!(!lines.contains(": one") && note.contains("is kept no longer"), "{note}");
}

#[test]
fn a_time_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("run").arg(package(folder.path(), COUNTS)).arg("--data").arg(folder.path().join("data"));
    let (code, _, error) = told(&command.args(["--history", "a month"]).output().unwrap());
    assert!(code == 2 && error.contains("E0966") && error.contains("30d"), "{error}");
}
