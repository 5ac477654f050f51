//! `carapace.json5` as people use it: checked, shown, migrated, and run with.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::Value as Json;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SHOP: &str = "channel chat: any\n\nsetting mark: Int = 1\n\nroom ops: any\n\n\
    flow echo on chat.message {\n  reply(\"{message.text} {mark}\")\n  send(\"x\", to: ops)\n}\n";

/// A folder with a package, and a configuration of this text.
fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("flows/shop")).unwrap();
    fs::write(folder.path().join("flows/shop/main.flow"), SHOP).unwrap();
    fs::write(folder.path().join("carapace.json5"), config).unwrap();
    folder
}

/// Runs `carapace` there, with this input.
fn carapace(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .args(args)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .env("SHOP_TITLE", "The secret shop")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that needs no input may be gone before it gets some.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn mistakes_are_found_with_their_places_in_every_format() {
    let here = folder("{\n  version: 1,\n  include: ['more.json5'],\n  lisen: 'x',\n  history: 30,\n}\n");
    fs::write(here.path().join("more.json5"), "{\n  data: '${env:NOT_THERE}',\n}\n").unwrap();
    let checked = carapace(here.path(), &["config", "check"], "");
    let told = err(&checked);
    assert_eq!(checked.status.code(), Some(1), "{told}");
    for part in [
        "carapace.json5:4:3",
        "W0601",
        "did you mean `listen`?",
        "carapace.json5:5:12",
        "E0979",
        "more.json5:2:10",
        "E0981",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.contains("2 files checked: 2 errors and 1 warning"), "{told}");
    let json: Json =
        serde_json::from_str(&out(&carapace(here.path(), &["config", "check", "--format", "json"], "")))
            .unwrap();
    assert_eq!(json["diagnostics"].as_array().map(Vec::len), Some(3), "{json:#}");
    let github = out(&carapace(here.path(), &["config", "check", "--format", "github"], ""));
    assert!(github.contains("file=carapace.json5,line=4"), "{github}");

    fs::write(here.path().join("carapace.json5"), "{ version: 1, lisen: 'x' }").unwrap();
    let warned = carapace(here.path(), &["config", "check"], "");
    assert_eq!(warned.status.code(), Some(0), "a warning is no mistake: {}", err(&warned));
    let missing = carapace(here.path(), &["config", "check", "no.json5"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("E0901"), "{}", err(&missing));
}

#[test]
fn what_counts_is_shown_with_what_says_so_and_never_the_environment() {
    let config = "{\n  version: 1,\n  packages: ['flows/shop'],\n  listen: '127.0.0.1:8080',\n  accounts: {\n    web: { kind: 'webchat',\n      title: '${env:SHOP_TITLE}' },\n  },\n  settings: { 'shop/mark': 7 },\n}\n";
    let here = folder(config);
    let args = ["config", "show", "--listen", "127.0.0.1:0", "--set", "mark=8", "--format", "json"];
    let shown = carapace(here.path(), &args, "");
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    let json: Json = serde_json::from_str(&out(&shown)).unwrap();
    let of = |key: &str| {
        let values = json["values"].as_array().unwrap();
        let line = values.iter().find(|line| line["key"] == key).expect(key);
        format!("{} {}", line["value"], line["from"].as_str().unwrap())
    };
    assert_eq!(of("packages"), "[\"flows/shop\"] carapace.json5:3");
    assert_eq!(of("listen"), "\"127.0.0.1:0\" --listen");
    assert_eq!(of("accounts.web.title"), "\"${env:SHOP_TITLE}\" carapace.json5:7");
    assert_eq!(of("settings.\"shop/mark\""), "7 carapace.json5:9");
    assert_eq!(of("settings.mark"), "\"8\" --set");
    assert_eq!(of("history"), "\"30d\" default");
    assert_eq!(of("data"), "\".carapace\" default");
    let human = out(&carapace(here.path(), &["config", "show"], ""));
    assert!(human.contains("127.0.0.1:8080") && human.contains("carapace.json5:4"), "{human}");
    for text in [&human, &out(&shown)] {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn an_old_file_is_rewritten_and_kept() {
    let old = "// ours\n{\n  watch: false, // too loud\n}\n";
    let here = folder(old);
    let read = |name: &str| fs::read_to_string(here.path().join(name)).unwrap();
    let dry = carapace(here.path(), &["config", "migrate", "--dry-run"], "");
    let new = "// ours\n{\n  version: 1,\n  watch: false, // too loud\n}\n";
    assert_eq!((out(&dry).as_str(), read("carapace.json5").as_str()), (new, old));
    let migrated = carapace(here.path(), &["config", "migrate"], "");
    assert_eq!(migrated.status.code(), Some(0), "{}", err(&migrated));
    assert_eq!((read("carapace.json5").as_str(), read("carapace.json5.version-0").as_str()), (new, old));
    let again = carapace(here.path(), &["config", "migrate"], "");
    assert!(err(&again).contains("already"), "{}", err(&again));

    fs::write(here.path().join("carapace.json5"), "{ watch: false }").unwrap();
    assert_eq!(carapace(here.path(), &["config", "migrate"], "").status.code(), Some(0));
    assert_eq!(read("carapace.json5.version-0"), old, "no backup is written over");
    assert_eq!(read("carapace.json5.version-0.2"), "{ watch: false }");

    fs::write(here.path().join("carapace.json5"), "{ watch: }").unwrap();
    let broken = carapace(here.path(), &["config", "migrate"], "");
    assert_eq!((broken.status.code(), read("carapace.json5").as_str()), (Some(1), "{ watch: }"));
    assert!(err(&broken).contains("E0977"), "{}", err(&broken));
}

#[test]
fn it_runs_as_the_file_says_and_flags_go_before() {
    let here = folder(
        "{\n  version: 1,\n  packages: ['flows/shop'],\n  data: 'kept',\n  listen: '127.0.0.1:0',\n  accounts: {\n    desk: { kind: 'terminal', person: 'ana' },\n    web: { kind: 'webchat', path: '/talk' },\n  },\n  bindings: { 'shop/ops': 'web:#ops' },\n  settings: { mark: 7 },\n}\n",
    );
    let ran = carapace(here.path(), &["run"], "hi\n");
    assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(0), "hi 7\n"), "{}", err(&ran));
    assert!(err(&ran).contains("/talk"), "the page is where the file says: {}", err(&ran));
    assert!(here.path().join("kept/channels/web").is_dir());
    let flagged = carapace(here.path(), &["run", "--set", "mark=8"], "hi\n");
    assert_eq!(out(&flagged), "hi 8\n", "{}", err(&flagged));
    // From elsewhere, paths are still those beside the file.
    let elsewhere = tempfile::tempdir().unwrap();
    let file = here.path().join("carapace.json5");
    let ran = carapace(elsewhere.path(), &["run", "--config", file.to_str().unwrap()], "ho\n");
    assert_eq!(out(&ran), "ho 7\n", "{}", err(&ran));
    assert!(!elsewhere.path().join(".carapace").exists() && !elsewhere.path().join("kept").exists());
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_nothing_runs() {
    let with = |line: &str| {
        format!("{{\n  version: 1,\n  packages: ['flows/shop'],\n  listen: '127.0.0.1:0',\n  {line}\n}}\n")
    };
    for (line, code, place, exit) in [
        ("history: 'long',", "E0979", "carapace.json5:5", 1),
        ("bindings: { opps: 'webchat:#x' },", "E0932", "carapace.json5:5", 2),
        ("bindings: { ops: 'nowhere:#x' },", "E0933", "carapace.json5:5", 2),
        ("settings: { mrak: 2 },", "E0922", "carapace.json5:5", 2),
        ("settings: { mark: 'two' },", "E0923", "", 2),
    ] {
        let here = folder(&with(line));
        let ran = carapace(here.path(), &["run"], "hi\n");
        let told = err(&ran);
        assert!(told.contains(code) && told.contains(place), "{line}: {told}");
        assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(exit), ""), "{told}");
    }
    let here = folder(&with("bindings: { opps: 'webchat:#x' },"));
    fs::create_dir(here.path().join("flows/other")).unwrap();
    fs::write(here.path().join("flows/other/main.flow"), SHOP).unwrap();
    let other = carapace(here.path(), &["run", "flows/other"], "hi\n");
    assert_eq!(
        out(&other),
        "hi 1\n[#ops] x\n",
        "bindings of the file are about its packages: {}",
        err(&other)
    );
    let here = folder("{ version: 1, data: 'kept', settings: { mark: 2 } }");
    let deployed = carapace(here.path(), &["run"], "");
    assert!(err(&deployed).contains("E0947"), "{}", err(&deployed));
}

#[test]
fn the_file_is_named_as_with_other_commands_and_a_near_package_is_proposed() {
    let here = folder("{ version: 1, packages: ['flows/shp'] }");
    let checked = carapace(here.path(), &["config", "check", "--config", "carapace.json5"], "");
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    let ran = carapace(here.path(), &["run"], "");
    assert!(err(&ran).contains("did you mean `flows/shop`?"), "{}", err(&ran));
    let gone = carapace(here.path(), &["restore", "nope", "--data", "again"], "");
    assert!(err(&gone).contains("E0901") && !err(&gone).contains("carapace new"), "{}", err(&gone));
}
