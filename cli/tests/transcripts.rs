//! Every example's transcript, held with the built binary: what a person types goes in at standard input, and what comes
//! back is exactly what the transcript says. `flows/README.md` explains the lines.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use libtest_mimic::{Arguments, Failed, Trial};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    let flows = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("flows");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(flows).unwrap().map(|e| e.unwrap().path()).collect();
    folders.retain(|folder| folder.join("main.flow").is_file());
    folders.sort();
    let trial = |folder: PathBuf| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || hold(&folder))
    };
    let trials: Vec<Trial> = folders.into_iter().map(trial).collect();
    assert!(trials.len() >= 10, "the examples are there");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Holds the conversation.
fn hold(folder: &Path) -> Result<(), Failed> {
    let transcript =
        std::fs::read_to_string(folder.join("transcript")).map_err(|e| format!("no transcript: {e}"))?;
    let Transcript { arguments, typed, expected } = read(&transcript)?;
    let data = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .current_dir(folder)
        .arg("run")
        .arg(folder)
        .arg("--data")
        .arg(data.path())
        .args(["--listen", "127.0.0.1:0", "--no-watch"])
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // All at once: the channel itself waits for each answer before it reads the next line.
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    if said == expected && output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}\n--- expected\n{expected}--- said\n{said}--- told\n{told}", output.status).into())
}

/// How it is run, what is typed, and what is to be said.
#[derive(Default)]
struct Transcript {
    arguments: String,
    typed: String,
    expected: String,
}

fn read(transcript: &str) -> Result<Transcript, Failed> {
    let mut read = Transcript::default();
    for line in transcript.lines() {
        let (into, text) = match line.split_at_checked(2) {
            Some(("$ ", text)) => (&mut read.arguments, text),
            Some(("> ", text)) => (&mut read.typed, text),
            Some(("< " | "| ", text)) => (&mut read.expected, text),
            Some(("# ", _)) => continue,
            _ if line.is_empty() => continue,
            _ => return Err(format!("`{line}` is no line of a transcript").into()),
        };
        into.push_str(text);
        into.push('\n');
    }
    if read.typed.is_empty() || read.expected.is_empty() {
        return Err("a transcript has something typed and something said".into());
    }
    Ok(read)
}
