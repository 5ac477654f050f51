//! What the built binary serves, held by programs of other people: `docs/openapi.json` by schemathesis, `docs/api.md` by curl.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

#[expect(dead_code, reason = "other tests talk more")]
mod talk;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use talk::{Talk, package};

const FLOWS: &str = r#"channel chat: any

flow greet on manual(Text) {
  log("hello {input}")
}

flow later on manual(Int) {
  wait(1h)
}

flow echo on chat.message {
  reply(message.text)
}
"#;

/// A runtime, and its address.
fn serve(folder: &Path) -> (Talk, String) {
    let talk = Talk::serve(&package(folder, FLOWS), &folder.join("data"), "127.0.0.1:0");
    let line = talk.told("http://");
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (talk, format!("http://{address}"))
}

/// A program where `.ci/run` puts those of PyPI, or the system's own.
fn program(name: &str) -> Option<PathBuf> {
    let peers = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    let found = peers.map(|peers| peers.join("python/bin").join(name)).filter(|path| path.exists());
    found.or_else(|| {
        let paths = std::env::var_os("PATH")?;
        std::env::split_paths(&paths).map(|path| path.join(name)).find(|path| path.exists())
    })
}

#[test]
fn schemathesis_finds_no_answer_that_the_document_does_not_say() {
    let Some(schemathesis) = program("schemathesis") else {
        eprintln!("skipped: schemathesis: it is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (talk, address) = serve(folder.path());
    let output = Command::new(schemathesis)
        .current_dir(folder.path())
        .args(["run", &format!("{address}/openapi.json"), "--url", &address])
        // One tells without end, and of a call that is none JSON-RPC says so with status 200.
        .args([
            "--exclude-path",
            "/v1/events",
            "--exclude-path",
            "/v1/rpc",
            "--phases",
            "coverage,fuzzing",
            "--max-examples",
            "12",
        ])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--checks", "response_schema_conformance,negative_data_rejection"])
        .args(["--seed", "7", "--request-timeout", "20", "--no-color"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    talk.kill();
}

#[test]
fn what_the_page_shows_with_curl_works() {
    let Some(curl) = program("curl") else {
        eprintln!("skipped: curl: it is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (talk, address) = serve(folder.path());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let page = std::fs::read_to_string(page).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("curl ") && !line.contains("/v1/events"));
    let mut asked = 0;
    for line in lines {
        // Debian 12's curl knows `--json`; the shell reads the quotes as a reader would type them.
        let line = line.replace("http://127.0.0.1:7171", &address);
        let line = line.replacen("curl", &format!("'{}' --fail-with-body -sS", curl.display()), 1);
        let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{line}: {said} {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.starts_with('{'), "{line}: {said}");
        asked += 1;
    }
    assert!(asked >= 6, "{asked}");
    talk.kill();
}
