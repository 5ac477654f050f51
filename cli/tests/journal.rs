//! `carapace journal` over what a runtime wrote, whole and damaged.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests hear more of a runtime")]
mod talk;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use talk::{Talk, package};

const COUNTS: &str = r#"channel chat: any

state count: Int = 0

flow count_up on chat.message {
  set count = count + 1
  reply("{count}: {message.text}")
}
"#;

/// A folder in which a runtime lost its power after three messages.
struct Left {
    folder: tempfile::TempDir,
}

impl Left {
    fn new() -> Left {
        let left = Left { folder: tempfile::tempdir().unwrap() };
        let mut talk = left.talk();
        for (number, word) in (1..).zip(["one", "two", "three"]) {
            talk.say(word);
            assert_eq!(talk.hear(), format!("{number}: {word}"));
        }
        talk.kill();
        left
    }

    fn talk(&self) -> Talk {
        Talk::begin(&package(self.folder.path(), COUNTS), &self.data(), &["--no-watch"])
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn segment(&self) -> PathBuf {
        self.data().join("journal/00000000000000000001.jsonl")
    }

    /// The segment's lines with the byte at which each begins; padding is left out.
    fn lines(&self) -> Vec<(usize, String)> {
        let text = fs::read_to_string(self.segment()).unwrap();
        let mut lines = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if !line.trim().is_empty() {
                lines.push((at, line.trim_end().to_owned()));
            }
            at += line.len();
        }
        lines
    }

    /// The line of the file, counted from 0, that tells of a word first, and its number in the journal.
    fn line_of(&self, word: &str) -> (usize, usize, u64) {
        let lines = self.lines();
        let at = lines.iter().position(|(_, line)| line.contains(word)).unwrap();
        let line: serde_json::Value = serde_json::from_str(&lines[at].1).unwrap();
        (at, lines[at].0, line["seq"].as_u64().unwrap())
    }

    fn journal(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg("journal").args(args).arg("--data").arg(self.data()).output().unwrap()
    }

    /// Writes over the segment.
    fn plant(&self, at: usize, bytes: &[u8]) {
        let mut all = fs::read(self.segment()).unwrap();
        all[at..at + bytes.len()].copy_from_slice(bytes);
        fs::write(self.segment(), all).unwrap();
    }

    fn removed(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.data().join("journal")).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|e| e == "removed")).collect()
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_whole_journal_is_said_to_be_whole_and_told_in_words() {
    let left = Left::new();
    let before = fs::read(left.segment()).unwrap();
    let (code, findings, summary) = told(&left.journal(&["verify"]));
    assert_eq!((code, &*findings), (0, ""), "{summary}");
    assert!(summary.contains("lines in 1 file") && summary.contains("no checkpoint"), "{summary}");
    let (code, words, _) = told(&left.journal(&["tail", "-n", "1000"]));
    assert_eq!(code, 0);
    for part in [
        "`shop` is deployed",
        ": three",
        "of `shop/main.count_up`",
        "sets `shop/main.count`",
        "it asks for `chat.reply`",
    ] {
        assert!(words.contains(part), "`{part}` is not told in\n{words}");
    }
    let (_, two, _) = told(&left.journal(&["tail", "-n", "2"]));
    assert_eq!(two.lines().count(), 2);
    assert!(words.ends_with(&two));
    let (_, raw, _) = told(&left.journal(&["tail", "-n", "3", "--format", "json"]));
    for line in raw.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["records"].is_array());
    }
    let (code, _, nothing) = told(&left.journal(&["repair", "--yes"]));
    assert!(code == 0 && nothing.contains("nothing to repair"), "{nothing}");
    assert!(fs::read(left.segment()).unwrap() == before, "looking changes nothing");
}

#[test]
fn where_no_journal_is_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let left = Left { folder };
    for what in ["verify", "tail", "repair"] {
        let (code, _, error) = told(&left.journal(&[what]));
        assert!(code == 2 && error.contains("E0951"), "{error}");
    }
    assert!(!left.data().exists(), "looking makes nothing");
}

#[test]
fn a_flipped_bit_is_found_where_it_is_and_cut_off_only_when_told_where() {
    let left = Left::new();
    let (at, byte, seq) = left.line_of("\"two\"");
    let bytes = fs::read(left.segment()).unwrap();
    let flipped = byte + left.lines()[at].1.find("two").unwrap();
    left.plant(flipped, &[bytes[flipped] ^ 1]);

    let (code, findings, error) = told(&left.journal(&["verify"]));
    let place = format!("00000000000000000001.jsonl:{} (byte {byte}): line {seq}: ", at + 1);
    assert!(code == 1 && findings.contains(&place) && error.contains("E0953"), "{findings}{error}");
    assert_eq!(findings.lines().count(), 1, "one mistake, one line: {findings}");
    let (code, findings, _) = told(&left.journal(&["verify", "--format", "json"]));
    let document: serde_json::Value = serde_json::from_str(&findings).unwrap();
    assert_eq!((code, &document["findings"][0]["seq"]), (1, &serde_json::json!(seq)));

    let damaged = fs::read(left.segment()).unwrap();
    let (code, _, error) = told(&left.journal(&["repair", "--yes"]));
    assert!(code == 2 && error.contains(&format!("--cut-at {}", seq - 1)), "{error}");
    let (code, _, error) = told(&left.journal(&["repair", "--yes", "--cut-at", &seq.to_string()]));
    assert!(code == 2 && error.contains("E0954"), "{error}");
    let last = (seq - 1).to_string();
    let (code, lost, error) = told(&left.journal(&["repair", "--cut-at", &last]));
    assert!(code == 1 && error.contains("nothing was changed") && lost.contains(": three"), "{lost}{error}");
    assert!(fs::read(left.segment()).unwrap() == damaged && left.removed().is_empty());

    let (code, _, error) = told(&left.journal(&["repair", "--yes", "--cut-at", &last]));
    assert_eq!(code, 0, "{error}");
    let kept = fs::read(&left.removed()[0]).unwrap();
    assert!(damaged[byte..].starts_with(&kept) && kept.ends_with(b"}"), "what was removed is kept as it was");
    let (code, _, error) = told(&left.journal(&["verify"]));
    assert_eq!(code, 0, "{error}");
    let mut talk = left.talk();
    talk.say("again");
    // What was answered before the cut may be said again.
    while talk.hear() != "2: again" {}
    assert!(talk.end().1.success());
}

#[test]
fn a_torn_end_is_ordinary() {
    let left = Left::new();
    let (at, last) = left.lines().pop().unwrap();
    let end = at + last.len() + 1;
    left.plant(end, br#"{"seq":9999,"durable":3,"at":1790000000000,"records":[{"wor"#);
    let (code, findings, error) = told(&left.journal(&["verify"]));
    assert!(
        code == 1 && findings.contains(&format!("(byte {end})")) && error.contains("E0952"),
        "{findings}{error}"
    );
    let (code, _, error) = told(&left.journal(&["repair"]));
    assert!(code == 1 && error.contains("nothing of it was ever durable"), "{error}");
    let (code, _, error) = told(&left.journal(&["repair", "--yes"]));
    assert_eq!(code, 0, "{error}");
    assert!(fs::read_to_string(&left.removed()[0]).unwrap().starts_with(r#"{"seq":9999"#));
    assert_eq!(told(&left.journal(&["verify"])).0, 0);
}

#[test]
fn what_the_lines_come_to_is_what_the_checkpoint_holds() {
    let left = Left::new();
    let mut talk = left.talk();
    talk.say("four");
    // What was answered before the power went may be said again.
    while talk.hear() != "4: four" {}
    assert!(talk.end().1.success());
    let (code, _, error) = told(&left.journal(&["verify", "--replay"]));
    assert!(code == 0 && error.contains("byte for byte"), "{error}");
    let (code, findings, error) = told(&left.journal(&["verify", "--replay", "--format", "json"]));
    assert!(code == 0 && findings.contains("\"findings\": []"), "{findings}{error}");
}

#[test]
fn a_line_that_is_gone_a_blob_and_a_manifest_are_found() {
    let left = Left::new();
    let (_, byte, seq) = left.line_of("\"two\"");
    let line = left.lines().into_iter().find(|(at, _)| *at == byte).unwrap().1;
    left.plant(byte, " ".repeat(line.len()).as_bytes());
    let name = "0".repeat(64);
    fs::write(left.data().join("blobs").join(&name), "not what the name says").unwrap();
    let (code, findings, _) = told(&left.journal(&["verify"]));
    assert_eq!(code, 1);
    assert!(findings.contains(&format!("stands where {seq} is expected")), "{findings}");
    assert!(findings.contains(&name), "{findings}");
    fs::write(left.data().join("manifest.json"), "{}").unwrap();
    let (code, findings, _) = told(&left.journal(&["verify"]));
    assert!(code == 1 && findings.contains("manifest.json"), "{findings}");
    let (code, _, error) = told(&left.journal(&["repair", "--yes", "--cut-at", "1"]));
    assert!(code == 2 && error.contains("E0954"), "{error}");
}

#[test]
fn a_runtime_that_runs_is_read_along_and_not_cut() {
    let left = Left::new();
    let mut talk = left.talk();
    let mut tail = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .args(["journal", "tail", "-f", "-n", "0", "--data"])
        .arg(left.data())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    // Said until it is heard: whoever follows may not have begun when the first is written.
    talk.say("while it runs");
    let heard = lines.find(|line| line.as_ref().unwrap().contains(": while it runs"));
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert!(heard.is_some());
    let (code, _, error) = told(&left.journal(&["repair", "--yes", "--cut-at", "1"]));
    assert!(code == 2 && error.contains("in use by another process"), "{error}");
    assert!(talk.end().1.success());
}

#[test]
fn help_names_what_can_be_done() {
    let output = Command::new(env!("CARGO_BIN_EXE_carapace")).args(["journal", "--help"]).output().unwrap();
    let (_, help, _) = told(&output);
    assert!(["verify", "tail", "repair", "--data"].iter().all(|word| help.contains(word)), "{help}");
}
