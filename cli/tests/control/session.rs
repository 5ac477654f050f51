//! `carapace session`: what agents and people have said, read while the runtime runs, when it is stopped, and looked through.

use crate::asked::SESSION;
use crate::talk::{Talk, package};

const TALKS: &str = r#"channel chat: any

agent desk {
  model: "test/model"
  instructions: "Answer."
  summary: false
}

flow talk on chat.message {
  reply(desk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;

/// What a session says where nobody provides the model.
const SORRY: &str = "sorry: there is no provider `test`: name it in `models.providers` of carapace.json5, to ask `test/model`";

#[test]
fn what_was_said_is_listed_shown_and_looked_through_also_when_nobody_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), TALKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--no-loop-check"]);
    talk.say("good morning");
    assert_eq!(talk.hear(), SORRY);
    let listed = SESSION.json(&data, &["list"]);
    let session = &listed["sessions"][0];
    assert_eq!((&listed["total"], &listed["runtime"]), (&1.into(), &"running".into()), "{listed}");
    assert_eq!((&session["agent"], &session["turns"]), (&"shop/main.desk".into(), &2.into()), "{listed}");
    assert_eq!(SESSION.json(&data, &["list", "--agent", "desk"])["total"], 1);
    assert_eq!(SESSION.json(&data, &["list", "--agent", "esk"])["total"], 0);
    let id = session["id"].as_str().unwrap().to_owned();
    let told = SESSION.text(&data, &["list"]);
    assert!(told.contains(&id) && told.contains("terminal"), "{told}");
    let told = SESSION.text(&data, &["show", &id[..6]]);
    assert!(
        told.contains(": good morning") && told.contains("no answer, it failed: there is no provider"),
        "{told}"
    );
    let shown = SESSION.json(&data, &["show", &id]);
    assert_eq!((&shown["turns"][0]["turn"], &shown["turns"][1]["how"]), (&"user".into(), &"failed".into()));
    assert!(SESSION.text(&data, &["verify"]).contains("1 session with 2 turns: all is well"));
    let told = SESSION.failure(&data, &["show", "nobody"]);
    assert!(told.contains("E0972") && told.contains("session list"), "{told}");

    talk.kill();
    let stopped = SESSION.json(&data, &["show", &id]);
    assert_eq!((&stopped["turns"], &stopped["runtime"]), (&shown["turns"], &"stopped".into()));
    assert!(SESSION.text(&data, &["verify", &id]).contains("all is well"));
}

#[test]
fn older_turns_are_put_away_read_all_the_same_and_missed_when_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), TALKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--no-loop-check"]);
    let rounds = 105;
    for number in 0..rounds {
        talk.say(&format!("number {number}."));
        assert_eq!(talk.hear(), SORRY);
    }
    let session = SESSION.until_session(&data, |session| session["put_away"] != 0);
    let (put_away, turns) = (session["put_away"].as_u64().unwrap(), session["turns"].as_u64().unwrap());
    assert_eq!(put_away + turns, rounds * 2, "{session}");
    assert!(turns <= 110, "{session}");
    let id = session["id"].as_str().unwrap().to_owned();
    let shown = SESSION.text(&data, &["show", &id]);
    assert!(shown.contains("are put away") && !shown.contains("number 0."), "{shown}");
    assert!(SESSION.text(&data, &["show", &id, "--all"]).contains("number 0."));
    assert!(talk.end().1.success());

    // From a checkpoint, too.
    let whole = SESSION.json(&data, &["show", &id, "--all"]);
    assert_eq!(whole["turns"].as_array().unwrap().len() as u64, rounds * 2);
    let lines = SESSION.text(&data, &["show", &id, "--all", "--jsonl"]);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(serde_json::Value::from(lines), whole["turns"], "one turn a line");
    assert!(SESSION.text(&data, &["verify"]).contains("1 session with 210 turns: all is well"));
    let note = SESSION.json(&data, &["show", &id]);
    let blob = note["turns"][0]["archives"][0].as_str().unwrap();
    std::fs::remove_file(data.join("blobs").join(blob)).unwrap();
    let output = SESSION.output(&data, &["verify"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("E0973") && told.contains("are not there"), "{told}");
    assert!(SESSION.text(&data, &["show", &id]).contains("number 104."), "what is not put away is there");
}
