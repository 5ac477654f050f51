//! Data directories in which something is wrong: a code, a way out, and what was acknowledged is still there.

use crate::talk::{Talk, package};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const COUNTS: &str = "channel chat: any\n\nstate count: Int = 0\n\n\
    flow counts on chat.message {\n  set count = count + 1\n  reply(\"{count}: {message.text}\")\n}\n";

/// A folder in which a runtime counted two messages and ended.
struct Left {
    folder: tempfile::TempDir,
}

impl Left {
    fn new() -> Left {
        let left = Left { folder: tempfile::tempdir().unwrap() };
        left.counts("1: one", "one");
        left.counts("2: two", "two");
        left
    }

    fn shop(&self) -> PathBuf {
        package(self.folder.path(), COUNTS)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// It goes on, and knows what it knew.
    fn counts(&self, answer: &str, line: &str) {
        let mut talk = Talk::begin(&self.shop(), &self.data(), &["--no-watch"]);
        talk.say(line);
        assert_eq!(talk.hear(), answer);
        assert!(talk.end().1.success());
    }

    fn segment(&self) -> PathBuf {
        let files = fs::read_dir(self.data().join("journal")).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).max().unwrap()
    }

    /// Changes the last segment's text.
    fn alter(&self, alter: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.segment()).unwrap();
        alter(&mut bytes);
        fs::write(self.segment(), bytes).unwrap();
    }

    /// It does not start, and says why: the code and the way out.
    fn refuses(&self, code: &str, way_out: &str) {
        let told = refused(&mut run(&self.shop(), &self.data()));
        assert!(told.contains(code) && told.contains(way_out), "{told}");
    }
}

fn run(shop: &Path, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("run").arg(shop).arg("--data").arg(data).args(["--listen", "127.0.0.1:0", "--no-watch"]);
    command
}

fn refused(command: &mut Command) -> String {
    let output: Output = command.stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
    told
}

/// The byte behind the last line.
fn end_of(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 2)
}

#[test]
fn foreign_lines_behind_the_journal_are_overwritten_and_said() {
    let left = Left::new();
    left.alter(|bytes| {
        let end = end_of(bytes);
        let line = b"{\"hello\":\"world\"}\n";
        bytes.splice(end..(end + line.len()).min(bytes.len()), line.iter().copied());
    });
    let mut talk = Talk::begin(&left.shop(), &left.data(), &["--no-watch"]);
    talk.told("the end of the journal was torn and is overwritten");
    talk.say("three");
    assert_eq!(talk.hear(), "3: three");
    assert!(talk.end().1.success());
    assert!(!fs::read_to_string(left.segment()).unwrap().contains("hello"));
}

#[test]
fn foreign_lines_within_the_journal_are_damage() {
    let left = Left::new();
    let before = fs::read(left.segment()).unwrap();
    left.alter(|bytes| {
        let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        bytes.splice(second..second, b"{\"hello\":\"world\"}\n".iter().copied());
    });
    left.refuses("E0953", "carapace journal verify");
    fs::write(left.segment(), before).unwrap();
    left.counts("3: three", "three");
}

#[test]
fn a_journal_that_was_cut_off_within_what_was_durable_is_refused() {
    let left = Left::new();
    let before = fs::read(left.segment()).unwrap();
    left.alter(|bytes| bytes.truncate(end_of(bytes) / 2));
    left.refuses("E0953", "carapace journal repair");
    fs::write(left.segment(), before).unwrap();
    left.counts("3: three", "three");
}

/// CRC-32C, bit by bit, as `runtime/store/src/line.rs` documents lines to end.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0x82f6_3b78 & (sum & 1).wrapping_neg()))
    })
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    let left = Left::new();
    let before = fs::read(left.segment()).unwrap();
    let body = r#"{"format":"carapace-journal","version":9,"first":1"#;
    left.alter(|bytes| {
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        bytes.splice(..head, format!("{body},\"crc\":\"{:08x}\"}}", crc32c(body.as_bytes())).into_bytes());
    });
    let altered = fs::read(left.segment()).unwrap();
    left.refuses("E0957", "nothing was changed");
    assert_eq!(fs::read(left.segment()).unwrap(), altered);
    fs::write(left.segment(), before).unwrap();
    left.counts("3: three", "three");
}

#[test]
fn a_line_that_this_version_does_not_understand_is_not_passed_over() {
    let left = Left::new();
    left.alter(|bytes| {
        let end = end_of(bytes);
        let text = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let last = text.lines().filter(|line| line.starts_with("{\"seq\":")).count();
        let body = format!(r#"{{"seq":{},"durable":{last},"at":1,"records":[{{"invented":{{}}}}]"#, last + 1);
        let line = format!("{body},\"crc\":\"{:08x}\"}}\n", crc32c(body.as_bytes()));
        bytes.splice(end..end + line.len(), line.into_bytes());
    });
    left.refuses("E0957", "a newer version may have written it");
}

/// Runs a command where the folder can only be read; none where this system lets nobody arrange that.
#[cfg(target_os = "linux")]
fn where_nothing_can_be_written(data: &Path, command: &Command) -> Option<Command> {
    let mut outer = Command::new("unshare");
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
    outer.args(["--user", "--map-root-user", "--mount", "sh", "-c"]).arg(script).arg(data);
    let works = Command::new(outer.get_program()).args(outer.get_args()).arg("true").output();
    if !works.is_ok_and(|output| output.status.success()) {
        return None;
    }
    outer.arg(command.get_program()).args(command.get_args());
    Some(outer)
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_can_only_be_read_is_said_and_can_be_looked_into() {
    let left = Left::new();
    let Some(mut command) = where_nothing_can_be_written(&left.data(), &run(&left.shop(), &left.data()))
    else {
        println!(
            "skipped: a_disk_that_can_only_be_read_is_said_and_can_be_looked_into (unshare --user --mount)"
        );
        return;
    };
    let told = refused(&mut command);
    assert!(told.contains("E0931") && told.contains("must be writable"), "{told}");
    for looks in [["runs", "list"], ["journal", "verify"], ["outbox", "list"]] {
        let mut look = Command::new(env!("CARGO_BIN_EXE_carapace"));
        look.args(looks).arg("--data").arg(left.data());
        let output = where_nothing_can_be_written(&left.data(), &look).unwrap().output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{looks:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    left.counts("3: three", "three");
}
