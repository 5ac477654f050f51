//! The binary as a user and a script meet it: output, exit codes, and what happens to bad input.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `carapace` in a folder.
fn carapace(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    // What a test keeps lies in its own folder.
    command.env("XDG_CACHE_HOME", folder.join(".cache"));
    command.args(args).current_dir(folder).output().unwrap()
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
fn help_names_every_command_and_the_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let help = carapace(folder.path(), &["--help"]);
    assert_eq!(code(&help), 0);
    let text = out(&help);
    for command in
        ["new", "check", "test", "compile", "fmt", "disasm", "explain", "graph", "completions", "Exit codes"]
    {
        assert!(text.contains(command), "{text}");
    }
    assert_eq!(code(&carapace(folder.path(), &["no-such-command"])), 2);
}

#[test]
fn a_new_package_is_drawn_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(code(&carapace(folder.path(), &["new", "shop"])), 0);
    let drawn = carapace(folder.path(), &["graph", "shop"]);
    assert_eq!(code(&drawn), 0, "{}", err(&drawn));
    assert!(out(&drawn).starts_with("flowchart TD\n"), "{}", out(&drawn));
    let svg = carapace(folder.path(), &["graph", "shop/main.flow", "--format", "svg", "-o", "shop.svg"]);
    assert_eq!((code(&svg), out(&svg)), (0, String::new()));
    assert!(fs::read_to_string(folder.path().join("shop.svg")).unwrap().starts_with("<svg "));
    let again = carapace(folder.path(), &["new", "shop"]);
    assert_eq!(code(&again), 2);
    assert!(err(&again).contains("is there already"), "{}", err(&again));
}

#[test]
fn explain_shows_a_page_in_any_case_and_suggests() {
    let folder = tempfile::tempdir().unwrap();
    let page = carapace(folder.path(), &["explain", "e0901"]);
    assert_eq!(code(&page), 0);
    assert!(out(&page).starts_with("# E0901: "), "{}", out(&page));
    let wrong = carapace(folder.path(), &["explain", "E09O1"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("did you mean"), "{}", err(&wrong));
    let all = carapace(folder.path(), &["explain"]);
    assert!(out(&all).lines().count() >= 9, "{}", out(&all));
}

#[test]
fn bad_input_is_named_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("empty")).unwrap();
    fs::create_dir(here.join("folder.flow")).unwrap();
    fs::write(here.join("latin.flow"), b"const a = \"Gr\xfc\xdfe\"\n").unwrap();
    fs::write(here.join("large.flow"), vec![b' '; 10_000_000]).unwrap();
    for (path, code_, words) in [
        ("missing.flow", "E0901", "missing.flow"),
        ("empty", "E0904", "no flow file"),
        ("folder.flow", "E0904", "no flow file"),
        ("latin.flow", "E0902", "not UTF-8: byte 14"),
        ("large.flow", "E0903", "more than 4 MiB"),
    ] {
        let output = carapace(here, &["graph", path]);
        let text = err(&output);
        assert_eq!(code(&output), 2, "{path}: {text}");
        assert!(text.contains(code_) && text.contains(words) && text.contains(path), "{path}: {text}");
        assert!(!text.contains('\u{1b}'), "colours in a pipe: {text:?}");
        assert_eq!(out(&output), "", "{path}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("'{}' completions bash | head -n 1", env!("CARGO_BIN_EXE_carapace"));
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert_eq!((code(&output), err(&output)), (0, String::new()));
}

#[test]
fn completions_are_there_for_every_shell() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = carapace(folder.path(), &["completions", shell]);
        assert!(code(&output) == 0 && out(&output).contains("carapace"), "{shell}");
    }
}

#[test]
fn what_is_no_module_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("junk.flowc"), [7; 300]).unwrap();
    fs::write(here.join("main.flow"), "const a = 1\n").unwrap();
    for (path, words) in
        [("junk.flowc", "is not a module"), ("main.flow", "it is source"), ("no.flowc", "E0901")]
    {
        let output = carapace(here, &["disasm", path]);
        assert_eq!((code(&output), out(&output)), (2, String::new()), "{path}");
        assert!(err(&output).contains(words), "{path}: {}", err(&output));
    }
}

#[test]
fn fmt_writes_the_one_style_and_check_only_looks() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir_all(here.join("shop")).unwrap();
    let file = here.join("shop/main.flow");
    fs::write(&file, "fn   double(x:Int)->Int=x*2\n").unwrap();
    let looked = carapace(here, &["fmt", "--check", "shop"]);
    assert_eq!(code(&looked), 1);
    assert!(err(&looked).contains("shop/main.flow is not formatted"), "{}", err(&looked));
    assert_eq!(fs::read_to_string(&file).unwrap(), "fn   double(x:Int)->Int=x*2\n");
    assert_eq!(code(&carapace(here, &["fmt", "shop"])), 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "fn double(x: Int) -> Int = x * 2\n");
    assert_eq!(code(&carapace(here, &["fmt", "--check", "shop/main.flow"])), 0);
    assert_eq!(fs::read_dir(here.join("shop")).unwrap().count(), 1, "nothing is left beside the file");
    assert_eq!(code(&carapace(here, &["fmt", "missing.flow"])), 2);
}

#[test]
fn a_new_package_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(code(&carapace(folder.path(), &["new", "shop"])), 0);
    let looked = carapace(folder.path(), &["fmt", "--check", "shop"]);
    assert_eq!(code(&looked), 0, "{}", err(&looked));
}

#[test]
fn a_new_package_checks_compiles_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    carapace(here, &["new", "shop"]);
    let checked = carapace(here, &["check", "shop"]);
    assert_eq!(code(&checked), 0, "{}", err(&checked));
    assert!(err(&checked).contains("no mistakes"), "{}", err(&checked));
    let compiled = carapace(here, &["compile", "shop", "-o", "shop.flowc"]);
    assert_eq!(code(&compiled), 0, "{}", err(&compiled));
    let shown = carapace(here, &["disasm", "shop.flowc"]);
    assert!(out(&shown).contains("flow shop/main.hello"), "{}", out(&shown));
    let again = carapace(here, &["compile", "shop/main.flow", "-o", "again.flowc"]);
    assert_eq!(code(&again), 0);
    let read = |name: &str| fs::read(here.join(name)).unwrap();
    assert!(read("shop.flowc") == read("again.flowc"), "the same source gives the same bytes");
    assert_eq!(code(&carapace(here, &["compile", "shop", "-o", "no/such/folder.flowc"])), 2);
}

#[test]
fn what_was_checked_before_is_told_again_without_checking() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let source = "channel chat: any\n\nsetting greeting: Text = file(\"hello.txt\")\n\n\
                  flow a on chat.message {\n  let n = 1\n  repyl(greeting)\n}\n";
    fs::write(here.join("main.flow"), source).unwrap();
    fs::write(here.join("hello.txt"), "Hello.").unwrap();
    let formats = ["human", "json", "sarif", "github"];
    let all = |more: &[&str]| {
        formats.map(|format| {
            let output = carapace(here, &[&["check", ".", "--format", format], more].concat());
            (code(&output), out(&output), err(&output))
        })
    };
    let cold = all(&["--no-cache"]);
    assert!(!here.join(".cache").exists(), "nothing was kept");
    assert_eq!(all(&[]), cold, "the first check keeps what it says");
    let kept: Vec<_> =
        fs::read_dir(here.join(".cache/carapace/check")).unwrap().map(|e| e.unwrap().path()).collect();
    let [entry] = kept.as_slice() else { panic!("one file a package: {kept:?}") };
    let bytes = fs::read(entry).unwrap();
    assert_eq!(all(&[]), cold, "byte for byte the same");
    assert_eq!(fs::read(entry).unwrap(), bytes, "and nothing was kept anew");

    // An answer that somebody wrote there is taken for one, so it is really looked at.
    let forged = String::from_utf8_lossy(&bytes[32..]).replace("`repyl`", "`forged`").into_bytes();
    fs::write(entry, [blake3::hash(&forged).as_bytes().as_slice(), &forged].concat()).unwrap();
    assert!(all(&[])[0].2.contains("forged"));
    for damaged in [&forged[..], &bytes[..bytes.len() / 2], &[], &bytes[1..]] {
        fs::write(entry, damaged).unwrap();
        assert_eq!(all(&[]), cold, "what is damaged is as good as not there");
    }
    fs::write(here.join("main.flow"), source.replace("repyl", "reply")).unwrap();
    assert!(all(&[])[0].2.contains("W0304"), "a change is seen");
    assert_eq!(all(&[]), all(&["--no-cache"]));
    fs::remove_file(here.join("hello.txt")).unwrap();
    assert!(all(&[])[0].2.contains("E0116"), "that of a text file, too");
    assert_eq!(all(&[]), all(&["--no-cache"]));
}

#[test]
fn capabilities_are_listed_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let source = "channel chat: any\n\nflow a on chat.command(\"a\", name: Text) {\n  b(name)\n}\n\nflow b(name: Text) {\n  \
                  emit(trust(name, because: \"only we write here\"), 1)\n}\n";
    fs::write(here.join("main.flow"), source).unwrap();
    let text = carapace(here, &["check", ".", "--capabilities"]);
    assert!(out(&text).contains("trust: only we write here (main.flow:8)"), "{}", out(&text));
    let json = carapace(here, &["check", ".", "--capabilities", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let flow = &document["capabilities"][0]["flows"][0];
    let kinds: Vec<&str> =
        flow["touches"].as_array().unwrap().iter().filter_map(|t| t["kind"].as_str()).collect();
    assert_eq!(kinds, ["channel", "flow"], "{document:#}");
    assert_eq!(flow["trusts"][0]["reason"], "only we write here", "what a flow calls counts for it, too");
    assert_eq!(flow["trusts"][0]["range"]["start"]["line"], 8);
}

#[test]
fn fix_repairs_what_it_can_and_leaves_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let source = "use std/htpp\n\nchannel chat: any\n\nflow a on chat.mesage {\n  var n = 1\n  n += 1\n  repyl(\"{n}\")\n}\n\n\
                  fn b(x: Int) -> Text = x\n";
    fs::write(here.join("main.flow"), source).unwrap();
    let json = carapace(here, &["check", ".", "--fix", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let fixed: Vec<&str> =
        document["fixed"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
    assert_eq!(code(&json), 1, "a function of another type cannot be repaired: {document:#}");
    assert_eq!(fixed, ["E0103", "E0113", "E0013", "E0101"], "{document:#}");
    let repaired =
        "channel chat: any\n\nflow a on chat.message {\n  var n = 1\n  n = n + 1\n  reply(\"{n}\")\n}\n";
    assert!(fs::read_to_string(here.join("main.flow")).unwrap().contains(repaired));
    let again = carapace(here, &["check", ".", "--fix"]);
    assert!(!err(&again).contains("E0101") && err(&again).contains("E0201"), "{}", err(&again));
    assert_eq!(fs::read_dir(here).unwrap().count(), 1, "nothing is left beside the file");
}

#[test]
fn mistakes_are_told_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("main.flow"), "use shop/orders\n\nfn a(x: Int) -> Int = orders.twice(y)\n").unwrap();
    fs::create_dir(here.join("shop")).unwrap();
    fs::write(here.join("shop/orders.flow"), "fn twice(x: Int) -> Int = x * 2\n").unwrap();
    let human = carapace(here, &["check", "."]);
    assert_eq!((code(&human), out(&human)), (1, String::new()));
    assert!(err(&human).contains("E0101") && err(&human).contains("1 error"), "{}", err(&human));
    let json = carapace(here, &["check", "main.flow", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((code(&json), &document["diagnostics"][0]["file"]), (1, &serde_json::json!("main.flow")));
    assert_eq!(document["summary"]["errors"], 1, "one mistake gives one message: {document:#}");
    let sarif = carapace(here, &["check", ".", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "E0101");
    let github = carapace(here, &["check", ".", "--format", "github"]);
    assert!(out(&github).starts_with("::error file=main.flow,line=3,"), "{}", out(&github));
    assert_eq!(code(&carapace(here, &["compile", ".", "-o", "x.flowc"])), 1);
    assert!(!here.join("x.flowc").exists());
}

#[test]
fn old_flows_are_taken_over_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let old = "flows:\n  - name: greet\n    trigger: {type: command, command: hi}\n    actions: [{type: respond, message: Hello}]\n";
    fs::write(folder.path().join("flows.yaml"), old).unwrap();
    let shown = carapace(folder.path(), &["import", "carapace-json", "flows.yaml"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    assert!(
        out(&shown).contains("flow greet on chat.command(\"hi\") {\n  reply(\"Hello\")\n}"),
        "{}",
        out(&shown)
    );
    assert!(err(&shown).contains("greet: it is written `/hi` now"), "{}", err(&shown));
    let into = ["import", "carapace-json", "flows.yaml", "-o", "main.flow"];
    assert_eq!(code(&carapace(folder.path(), &into)), 0);
    assert_eq!(code(&carapace(folder.path(), &["fmt", "--check", "main.flow"])), 0);
    assert_eq!(code(&carapace(folder.path(), &["check", "main.flow"])), 0);
    let again = carapace(folder.path(), &into);
    assert!(code(&again) == 2 && err(&again).contains("E0909"), "{}", err(&again));
    fs::write(folder.path().join("other.json"), "{\"name\": \"package\"}").unwrap();
    let other = carapace(folder.path(), &["import", "carapace-json", "other.json"]);
    assert!(code(&other) == 2 && err(&other).contains("E0938"), "{}", err(&other));
    assert_eq!(code(&carapace(folder.path(), &["explain", "E0938"])), 0);
}
