//! `carapace test` as a person, a program and a build server meet it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `carapace` in a folder.
fn carapace(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_carapace")).args(args).current_dir(folder).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn tests_beside_flows_are_run_and_chosen_by_title() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let source = "test \"one\" {\n  expect 1 + 1 == 2\n}\n\ntest \"two\" {\n  expect 1 + 1 == 3\n}\n";
    fs::write(here.join("main.flow"), source).unwrap();
    let all = carapace(here, &["test", "."]);
    assert_eq!(code(&all), 1, "{}", err(&all));
    for part in ["main.flow\n  ✓ one\n  ✗ two\n", "main.flow:6:3", "1 passed, 1 failed"] {
        assert!(out(&all).contains(part), "`{part}` is not in:\n{}", out(&all));
    }
    let one = carapace(here, &["test", "main.flow", "--filter", "one"]);
    assert_eq!(code(&one), 0, "{}", out(&one));
    assert!(out(&one).contains("1 passed, 0 failed"), "{}", out(&one));
    let none = carapace(here, &["test", ".", "--filter", "three"]);
    assert_eq!((code(&none), out(&none)), (2, String::new()));
    assert!(err(&none).contains("E0912"), "{}", err(&none));
    assert_eq!(code(&carapace(here, &["test", "missing.flow"])), 2);
}

#[test]
fn a_package_without_tests_or_with_mistakes_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, text) in [("calm", "const a = 1\n"), ("broken", "const a = b\n")] {
        fs::create_dir(here.join(name)).unwrap();
        fs::write(here.join(name).join("main.flow"), text).unwrap();
    }
    let calm = carapace(here, &["test", "calm"]);
    assert_eq!(code(&calm), 0);
    assert!(out(&calm).contains("calm/main.flow\n  no tests\n"), "{}", out(&calm));
    let both = carapace(here, &["test", "."]);
    assert_eq!(code(&both), 1);
    assert!(err(&both).contains("E0101"), "{}", err(&both));
    assert!(out(&both).contains("broken/main.flow\n  ✗ not run: it does not check\n"), "{}", out(&both));
    assert!(out(&both).contains("0 passed, 0 failed, 1 package not run"), "{}", out(&both));
}

#[test]
fn every_test_of_the_examples_and_of_the_library_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let run = carapace(root, &["test", "flows", "stdlib"]);
    assert_eq!(code(&run), 0, "{}{}", out(&run), err(&run));
    for part in ["flows/hello/main.flow\n", "stdlib/prelude/list.flow\n", " 0 failed"] {
        assert!(out(&run).contains(part), "`{part}` is not in:\n{}", out(&run));
    }
}

#[test]
fn the_library_is_checked_as_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let checked = carapace(root, &["check", "stdlib"]);
    assert_eq!(code(&checked), 0, "{}", err(&checked));
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("prelude");
    fs::create_dir(&here).unwrap();
    fs::write(here.join("world.flow"), "fn wrong() -> Int = nothing\n").unwrap();
    let broken = carapace(folder.path(), &["test", "."]);
    assert_eq!(code(&broken), 1);
    assert!(err(&broken).contains("prelude/world.flow:1:21"), "{}", err(&broken));
    assert!(err(&broken).contains("there is no such file"), "{}", err(&broken));
}

/// A package with a test that passes, one that fails, and a branch that none takes; beside it one with a mistake.
fn two_packages() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = "/// A place.\nchannel chat: any\n\n/// Greets.\nflow hi on chat.message {\n  if message.text == \"never\" { \
                  reply(\"no\") }\n  reply(\"<hi> & bye\")\n}\n\ntest \"good\" {\n  when chat.message(\"a\", from: \
                  \"ana\")\n  expect chat.said(\"<hi> & bye\")\n}\n\ntest \"bad\" {\n  when chat.message(\"a\", from: \
                  \"ana\")\n  expect chat.said(\"<hi> & bye.\")\n}\n";
    for (name, text) in [("shop", source), ("broken", "const a = b\n")] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("main.flow"), text).unwrap();
    }
    folder
}

#[test]
fn programs_read_json() {
    let folder = two_packages();
    let run = carapace(folder.path(), &["test", ".", "--format", "json", "--coverage"]);
    assert_eq!((code(&run), err(&run)), (1, String::new()));
    let document: Value = serde_json::from_slice(&run.stdout).unwrap();
    let sum = ["version", "passed", "failed", "not_run"].map(|name| document[name].as_u64().unwrap());
    assert_eq!(sum, [1, 1, 1, 1]);
    let (broken, shop) = (&document["packages"][0], &document["packages"][1]);
    assert_eq!(broken["package"], "broken/main.flow");
    assert_eq!((&broken["reason"], &broken["tests"]), (&json!("it does not check"), &Value::Null));
    assert_eq!(broken["diagnostics"][0]["code"], "E0101");
    assert_eq!(shop["diagnostics"], json!([]));
    let (good, bad) = (&shop["tests"][0], &shop["tests"][1]);
    assert_eq!(
        (&good["title"], &good["passed"], &good["failure"]),
        (&json!("good"), &json!(true), &Value::Null)
    );
    assert_eq!((&bad["file"], &bad["passed"]), (&json!("shop/main.flow"), &json!(false)));
    let failure = &bad["failure"];
    assert_eq!(failure["kind"], "expectation");
    assert_eq!(
        (&failure["file"], &failure["range"]["start"]["line"]),
        (&json!("shop/main.flow"), &json!(17))
    );
    assert_eq!(failure["difference"], json!({ "expected": "\"<hi> & bye.\"", "found": "\"<hi> & bye\"" }));
    assert_eq!(failure["transcript"][0]["text"], "ana → chat: \"a\"");
    let missed = &shop["coverage"]["missed"];
    assert_eq!(missed.as_array().unwrap().len(), 1, "{missed:#}");
    assert_eq!((&missed[0]["why"], &missed[0]["range"]["start"]["line"]), (&json!("not_reached"), &json!(6)));
}

#[test]
fn build_servers_read_junit() {
    let folder = two_packages();
    let run = carapace(folder.path(), &["test", ".", "--junit", "results.xml"]);
    assert_eq!(code(&run), 1);
    assert!(out(&run).contains("1 passed, 1 failed, 1 package not run"), "{}", out(&run));
    let xml = fs::read_to_string(folder.path().join("results.xml")).unwrap();
    for part in [
        "<testsuites tests=\"3\" failures=\"1\" errors=\"1\">",
        "<testsuite name=\"shop/main.flow\" tests=\"2\" failures=\"1\" errors=\"0\"",
        "<testcase classname=\"shop/main.flow\" name=\"good\"",
        "<failure message=\"nothing like this was said in `chat`\">",
        "&quot;&lt;hi&gt; &amp; bye.&quot;",
        "<error message=\"it does not check\">",
    ] {
        assert!(xml.contains(part), "`{part}` is not in:\n{xml}");
    }
    assert!(!xml.contains('\u{1b}'), "colours in a file");
    let nowhere = carapace(folder.path(), &["test", "shop", "--junit", "no/such/results.xml"]);
    assert_eq!(code(&nowhere), 2);
    assert!(err(&nowhere).contains("E0905"), "{}", err(&nowhere));
}

#[test]
fn people_read_which_branches_no_test_took() {
    let folder = two_packages();
    let run = carapace(folder.path(), &["test", "shop", "--coverage", "--filter", "good"]);
    assert_eq!(code(&run), 0, "{}", out(&run));
    let line = "shop/main.flow:6:32 `hi`: no test comes here: if message.text == \"never\" { reply(\"no\") }";
    for part in ["shop/main.flow: 4 of 5 branches taken (80.0 %)", line] {
        assert!(out(&run).contains(part), "`{part}` is not in:\n{}", out(&run));
    }
    assert!(!out(&run).contains('\u{1b}'), "colours in a pipe");
}

#[test]
fn every_test_of_the_examples_survives_a_crash_after_each_await() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let run = carapace(root, &["test", "flows", "--crash"]);
    assert_eq!(code(&run), 0, "{}", out(&run));
    assert!(out(&run).contains("crashes survived"), "{}", out(&run));
}

#[test]
fn what_is_nested_deep_harms_neither_itself_nor_others() {
    let folder = tempfile::tempdir().unwrap();
    let test = "test \"one\" {\n  expect 1 == 1\n}\n\n";
    let nested = |depth: usize| format!("{test}const a = {}1{}\n", "(".repeat(depth), ")".repeat(depth));
    for (name, text) in [("deep", nested(190)), ("deeper", nested(10_000)), ("flat", test.to_owned())] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("main.flow"), text).unwrap();
    }
    let run = carapace(folder.path(), &["test", "."]);
    assert_eq!(code(&run), 1, "{}", err(&run));
    assert!(err(&run).contains("E0005"), "{}", err(&run).get(..2_000).unwrap_or_default());
    assert!(out(&run).contains("2 passed, 0 failed, 1 package not run"), "{}", out(&run));
}

#[test]
fn a_test_that_never_ends_fails_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let source = "test \"loop\" {\n  var n = 0\n  while true { n = n + 1 }\n}\n\ntest \"memory\" {\n  var text = \"x\"\n  \
                  while true { text = text + text }\n}\n\ntest \"fine\" {\n  expect 1 == 1\n}\n";
    fs::write(folder.path().join("main.flow"), source).unwrap();
    let run = carapace(folder.path(), &["test", "."]);
    assert_eq!(code(&run), 1, "{}", err(&run));
    for part in ["it ran too long", "main.flow:3:20", "it holds more than it may", "1 passed, 2 failed"] {
        assert!(out(&run).contains(part), "`{part}` is not in:\n{}", out(&run));
    }
}
