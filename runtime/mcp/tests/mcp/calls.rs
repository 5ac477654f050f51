//! Calls, from act to report.

use crate::acts::{Performer, act, files, said};
use carapace_effect::Reported;
use carapace_mcp::client::State;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn what_comes_of_a_call_is_told_as_it_is() {
    let mut performer = Performer::start(files(&["!read_x*"]));
    let deep = json!({ "a": (0..100).fold(json!(1), |deep, _| json!([deep])) });
    for (tool, arguments, word, words) in [
        ("echo", json!({ "a": "ä" }), "done", r#"{"a":"ä"}"#),
        ("echo", Json::Null, "done", "{}"),
        ("echo", json!([1]), "invalid", "a tool is given an object"),
        ("echo", deep, "refused", "too large"),
        ("echo", json!({ "a": "x".repeat(2_000_000) }), "refused", "too large"),
        ("text", json!({}), "done", r#""two\nlines, [secret]""#),
        ("fail", json!({}), "failed", "`fail` of the server `files`: there is [31m no such file"),
        ("invalid", json!({}), "invalid", "`a` is missing"),
        ("nothing", json!({}), "unavailable", "the server `files` has no tool `nothing`"),
        ("garbage", json!({}), "done", "\"fine\""),
        ("huge", json!({}), "partly", "its result is too large"),
        ("deep", json!({}), "partly", "nested too deeply"),
        ("enormous", json!({}), "unknown", "did not answer in time"),
        ("silent", json!({}), "unknown", "did not answer in time"),
        ("progress", json!({}), "done", "\"at last\""),
        ("echo", json!({ "still": "there" }), "done", r#"{"still":"there"}"#),
    ] {
        let reported = performer.call(tool, arguments).await;
        let (found, told) = said(&reported);
        assert!(found == word && told.contains(words), "{tool}: {found}, {told}");
    }
    performer.end().await;
}

#[tokio::test]
async fn a_server_that_ends_during_a_call_is_started_again() {
    let mut performer = Performer::start(files(&[]));
    for (tool, expected) in [("crash", "unknown"), ("read_crash", "transient")] {
        let (word, words) = said(&performer.call(tool, json!({})).await);
        assert_eq!(word, expected, "{words}");
        performer.is(|state| *state == State::Ready).await;
        let mut again = performer.call("echo", json!({ "n": 1 })).await;
        // Whether it is there again shows only by and by.
        while said(&again).0 == "unavailable" || said(&again).0 == "transient" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            again = performer.call("echo", json!({ "n": 1 })).await;
        }
        assert_eq!(again, Reported::Done(json!({ "n": 1 })));
    }
    let told = performer.told.lock().unwrap().join("\n");
    assert!(told.contains("W1082") && told.contains("exit status: 3"), "{told}");
    assert!(told.contains("out of cheese [secret]") && !told.contains("s3cret"), "{told}");
    assert!(told.contains("is there again"), "{told}");
    performer.end().await;
}

#[tokio::test]
async fn a_program_has_an_environment_of_its_own() {
    let mut performer = Performer::start(files(&[]));
    let Reported::Done(said) = performer.call("environment", json!({})).await else { panic!() };
    assert_eq!(said, json!({ "names": ["LEVEL", "PATH", "SERVE", "TOKEN"], "token": "[secret]" }));
    performer.end().await;
}

#[tokio::test]
async fn what_is_left_out_is_neither_offered_nor_called() {
    let mut performer = Performer::start(files(&["e*", "text", "!e*s"]));
    performer.offers(&["main.files.echo", "main.files.text", "main.files.environment"]).await;
    let tools = performer.mcp.tools(&Performer::connection());
    // What nobody sees is not shown to a model either.
    assert_eq!((&*tools[0].description, tools[0].parameters["type"].as_str()), ("does echo", Some("object")));
    for tool in ["crash", "enormous"] {
        let (word, words) = said(&performer.call(tool, json!({})).await);
        assert_eq!(word, "refused", "{words}");
        assert!(words.contains("leaves it out"), "{words}");
    }
    performer.end().await;
}

#[tokio::test]
async fn who_waits_no_longer_has_the_server_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cancelled");
    let mut server = files(&[]);
    server.timeout = Duration::from_secs(600);
    if let carapace_mcp::client::Way::Program { env, .. } = &mut server.way {
        let file = file.to_str().unwrap().to_owned();
        env.push(("CANCELLED".to_owned(), carapace_mcp::client::Given::Text(file)));
    }
    let mut performer = Performer::start(server);
    assert_eq!(said(&performer.call("echo", json!({})).await).0, "done");
    let act = performer.ask("silent", json!({}));
    tokio::time::sleep(Duration::from_millis(200)).await;
    performer.mcp.abandon(act.clone());
    let report = performer.reports.recv().await.unwrap();
    assert_eq!((report.act, said(&report.outcome).0), (act, "unknown"));
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    performer.end().await;
}

#[tokio::test]
#[cfg(unix)]
async fn a_program_ends_with_all_that_it_has_started() {
    let mut performer = Performer::start(files(&[]));
    let Reported::Done(said) = performer.call("child", json!({})).await else { panic!() };
    let child = format!("/proc/{}/stat", said["pid"]);
    let lives = || std::fs::read_to_string(&child).is_ok_and(|stat| !stat.contains(") Z "));
    assert!(!cfg!(target_os = "linux") || lives());
    performer.end().await;
    for _ in 0..100 {
        if !lives() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what the server has started goes on");
}

#[tokio::test]
async fn what_cannot_be_called_is_said() {
    let mut performer = Performer::start(files(&[]));
    let mut other = act(1, "files", json!({ "tool": "echo" }));
    other.request.version = 2;
    for (act, words) in [
        (other, "does not know `mcp.call@2`"),
        (act(2, "files", json!({})), "does not know `mcp.call@1`"),
        (act(3, "other", json!({ "tool": "echo" })), "has no server `other` under `mcp.servers`"),
    ] {
        performer.mcp.perform(Arc::new(act));
        let report = performer.reports.recv().await.unwrap();
        let (word, told) = said(&report.outcome);
        assert!(word == "unavailable" && told.contains(words), "{word} {told}");
    }
    performer.end().await;
}

#[tokio::test]
async fn a_server_that_cannot_be_is_down_and_says_why() {
    let way = |command: &str, args: &[&str]| carapace_mcp::client::Way::Program {
        command: command.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        env: Vec::new(),
        cwd: None,
    };
    let secret = carapace_mcp::client::Way::Address {
        url: "http://127.0.0.1:1/mcp".to_owned(),
        headers: Vec::new(),
        token: Some("nothing".to_owned()),
    };
    let nobody = carapace_mcp::client::Way::Address {
        url: "http://127.0.0.1:1/mcp".to_owned(),
        headers: Vec::new(),
        token: None,
    };
    for (way, words) in [
        (way("/nowhere/at/all", &[]), "it is not there"),
        (way("sh", &["-c", "echo broken >&2; exit 7"]), "exit status: 7"),
        (way("sh", &["-c", "echo nonsense"]), "exit status: 0"),
        (secret, "there is no secret `nothing`"),
        (nobody, "onnection refused"),
    ] {
        let mut server = files(&[]);
        server.way = way;
        let mut performer = Performer::start(server);
        let State::Down(why) = performer.is(|state| matches!(state, State::Down(_))).await else { panic!() };
        assert!(why.contains(words), "{why}");
        assert!(performer.mcp.tools(&Performer::connection()).is_empty());
        let (word, told) = said(&performer.call("echo", json!({})).await);
        assert!(word == "unavailable" && told.contains("is not there"), "{word} {told}");
        assert!(performer.told.lock().unwrap()[0].contains("W1082"));
        performer.end().await;
    }
}
