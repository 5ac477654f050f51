//! Runs are listed and shown: with their question, their place and their past, also where nothing runs.

use crate::asked::{ASKS, RUNS, history, only};
use crate::talk::{Talk, package};

#[test]
fn a_run_that_waits_for_an_answer_is_listed_with_its_question_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("book");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    let listed = RUNS.json(&data, &["list"]);
    assert_eq!((&listed["total"], &listed["runtime"]), (&1.into(), &"running".into()));
    let run = &listed["runs"][0];
    let wait = &run["waits"][0];
    assert_eq!(
        (run["flow"].as_str(), wait["on"].as_str()),
        (Some("shop/main.book"), Some("ask")),
        "{listed}"
    );
    assert!(wait["what"].as_str().unwrap().contains("What is your name?"), "{listed}");
    let hour = wait["until"].as_i64().unwrap() - run["since"].as_i64().unwrap();
    assert!((3_600_000..3_660_000).contains(&hour), "{listed}");
    let line = ASKS.lines().position(|line| line.contains("What is your name")).unwrap();
    assert_eq!(wait["at"]["line"], line + 1, "{listed}");
    assert_eq!(wait["at"]["text"], ASKS.lines().nth(line).unwrap().trim());

    let table = RUNS.text(&data, &["list"]);
    let expected = format!("main.flow:{}", line + 1);
    assert!(table.contains(&expected) && table.contains("What is your name?"), "{table}");
    assert!(table.contains("for ") && table.contains("in 60 min"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours but on a terminal: {table:?}");

    let shown = RUNS.text(&data, &["show", &only(&data, "book")[..6]]);
    for part in [
        &expected,
        "“book”",
        "1 of shop",
        "1 attempt",
        "let name = ask(",
        "came to be",
        "asked for chat.reply “Booked.”",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    talk.say("Ana");
    assert_eq!(talk.hear(), "Hello Ana.");
    assert!(talk.end().1.success());
    assert!(!data.join("control.sock").exists(), "it is gone with the runtime");
}

#[test]
fn runs_are_told_apart_by_what_they_wait_for() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("later");
    talk.say("pay");
    talk.say("book");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    for (on, flow, what) in [
        ("ask", "shop/main.book", "What is your name?"),
        ("timer", "shop/main.later", ""),
        ("event", "shop/main.pay", "paid"),
    ] {
        let listed = RUNS.json(&data, &["list", "--waiting-on", on]);
        assert_eq!(
            (&listed["total"], &listed["runs"][0]["flow"]),
            (&1.into(), &flow.into()),
            "{on}: {listed}"
        );
        assert!(listed["runs"][0]["waits"][0]["what"].as_str().unwrap().contains(what), "{listed}");
    }
    assert_eq!(RUNS.json(&data, &["list", "--limit", "2"])["runs"].as_array().unwrap().len(), 2);
    assert!(RUNS.text(&data, &["list", "--limit", "2"]).contains("1 more"));
    assert_eq!(RUNS.json(&data, &["list", "--flow", "nothing"])["total"], 0);
    let later = RUNS.json(&data, &["list", "--flow", "later"]);
    let (until, since) = (&later["runs"][0]["waits"][0]["until"], &later["runs"][0]["since"]);
    let days = (until.as_i64().unwrap() - since.as_i64().unwrap()) / 86_400_000;
    assert_eq!(days, 3);
}

#[test]
fn it_is_told_also_while_nothing_runs_and_after_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("book");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    let run = only(&data, "book");
    let before = RUNS.json(&data, &["list"]);
    talk.kill();
    assert!(data.join("control.sock").exists(), "a killed runtime leaves its socket behind");
    // The file of today is not the one that the run came from.
    std::fs::write(shop.join("main.flow"), "channel chat: any\n").unwrap();
    let after = RUNS.json(&data, &["list"]);
    assert_eq!((&after["runs"], &after["runtime"]), (&before["runs"], &"stopped".into()));
    let shown = RUNS.json(&data, &["show", &run]);
    assert!(history(&shown).iter().any(|what| what.starts_with("asks “What is your name?”")), "{shown}");
    assert!(RUNS.text(&data, &["list"]).contains("does not run"));
    let told = RUNS.failure(&data, &["cancel", &run]);
    assert!(told.contains("E0941") && told.contains("carapace run"), "{told}");

    package(folder.path(), ASKS);
    // The next owner replaces the stale socket.
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.told("chat page");
    assert_eq!(RUNS.json(&data, &["list"])["runtime"], "running");
    talk.say("Ana");
    assert!(talk.end().0.contains(&"Hello Ana.".to_owned()));
    let listed = RUNS.json(&data, &["list"]);
    assert_eq!((&listed["total"], &listed["runtime"]), (&0.into(), &"stopped".into()));
    let shown = RUNS.json(&data, &["show", &run]);
    assert_eq!(shown["over"]["how"], "succeeded");
    let history = history(&shown);
    assert!(history.iter().any(|what| what == "answered: “Ana”"), "{history:?}");
    assert_eq!(history.last().unwrap(), "is over, and settled");
}

#[test]
fn what_is_not_there_is_told_with_a_code_and_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let told = RUNS.failure(&data, &["list"]);
    assert!(told.contains("E0941") && told.contains("--data"), "{told}");
    assert!(!data.exists(), "looking leaves nothing behind");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    // With 17 runs two begin with the same digit.
    for _ in 0..17 {
        talk.say("later");
    }
    talk.say("book");
    assert_eq!(talk.hear(), "Booked.");
    let ids: Vec<String> = RUNS.json(&data, &["list"])["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["run"].as_str().unwrap().to_owned())
        .collect();
    let twice = ids.iter().find(|id| ids.iter().filter(|other| other[..1] == id[..1]).count() > 1).unwrap();
    let told = RUNS.failure(&data, &["show", &twice[..1]]);
    assert!(told.contains("E0942") && told.contains(twice.as_str()), "{told}");
    for nobody in ["00000000000000000000000000000000", "nobody", "+1", ""] {
        for command in ["show", "cancel"] {
            let told = RUNS.failure(&data, &[command, nobody]);
            assert!(told.contains("E0910") && told.contains("runs list"), "{command} {nobody}: {told}");
        }
    }
    let run = only(&data, "book");
    let told = RUNS.failure(&data, &["resolve", &run, ":99", "done"]);
    assert!(told.contains("E0911") && told.contains("runs show"), "{told}");
    let told = RUNS.failure(&data, &["resolve", &run, "nonsense", "done"]);
    assert!(told.contains(":3"), "{told}");
    assert!(RUNS.failure(&data, &["resolve", &run, ":0", "done", "--value", "{"]).contains("E0943"));
    assert_eq!(RUNS.output(&data, &["list", "--waiting-on", "nothing"]).status.code(), Some(2));
}
