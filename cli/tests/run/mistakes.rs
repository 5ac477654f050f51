//! What goes wrong at the start is told with a code and a way out, and nothing runs.

use crate::talk::{Talk, package};
use std::path::Path;
use std::process::{Command, Output};

const ECHO: &str = "channel chat: any\n\nsetting mark: Int = 1\n\nroom ops: any\n\n\
    flow echo on chat.message {\n  reply(\"{message.text} {mark}\")\n  send(\"x\", to: ops)\n}\n";

fn run(package: &Path, data: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("run").arg(package).arg("--data").arg(data).args(more);
    if !more.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

#[test]
fn each_mistake_has_a_code_and_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ECHO), folder.path().join("data"));
    let somebody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = somebody.local_addr().unwrap().to_string();
    for (more, code, way_out) in [
        (&["--listen", "192.0.2.1:80"][..], "E1021", "carapace token create"),
        (&["--listen", &taken], "E0934", "--listen"),
        (&["--bind", "opps=webchat:#x"], "E0932", "did you mean"),
        (&["--bind", "ops=webchat"], "E0933", "webchat:#ops"),
        (&["--bind", "ops"], "E0937", "="),
        (&["--embed", "no site"], "E0931", ""),
        (&["--set", "mrak=2"], "E0922", "did you mean"),
        (&["--set", "mark=two"], "E0923", ""),
    ] {
        let output = run(&shop, &data, more);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(code) && told.contains(way_out), "{more:?}: {told}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{more:?}: {told}");
    }
}

#[test]
fn a_flow_with_mistakes_does_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let shop = package(folder.path(), &ECHO.replace("reply", "repply"));
    let output = run(&shop, &folder.path().join("data"), &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("E0101") && told.contains("did you mean"), "{told}");
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("data").exists(), "what does not run leaves nothing behind");
}

#[test]
fn a_data_directory_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ECHO), folder.path().join("data"));
    let mut first = Talk::begin(&shop, &data, &["--no-watch", "--set", "mark=7"]);
    first.say("hi");
    assert_eq!(first.hear(), "hi 7");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&data.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "what people wrote is its owner's");
    }
    let output = run(&shop, &data, &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("E0931") && told.contains("another process"), "{told}");
    assert_eq!(output.status.code(), Some(2));
    assert!(first.end().1.success());
}

#[test]
fn two_packages_of_one_name_do_not_run_together() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (package(&folder.path().join("a"), ECHO), package(&folder.path().join("b"), ECHO));
    let output = run(&a, &folder.path().join("data"), &[b.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("E0935"));
}

#[test]
fn a_state_of_another_type_is_refused_and_the_values_stay() {
    let folder = tempfile::tempdir().unwrap();
    let counts = "channel chat: any\n\nstate seen: Int = 0\n\n\
        flow see on chat.message {\n  set seen = seen + 1\n  reply(\"{seen}\")\n}\n";
    let (shop, data) = (package(folder.path(), counts), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("x");
    assert_eq!(talk.hear(), "1");
    assert!(talk.end().1.success());
    let texts = counts.replace("Int = 0", "Text = \"\"").replace("seen + 1", "seen + \"1\"");
    package(folder.path(), &texts);
    let output = run(&shop, &data, &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("E0925") && told.contains("another name"), "{told}");
    package(folder.path(), counts);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("x");
    assert_eq!(talk.hear(), "2");
}
