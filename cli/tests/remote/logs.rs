//! `carapace logs`: over the network and on the same machine, while it runs, afterwards, and beyond a restart.

use crate::asked::{address, command, ends};
use crate::talk::{Talk, package};
use serde_json::Value as Json;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const SHOP: &str = r#"channel chat: any

flow counts on chat.message where message.text != "warn" and message.text != "fail" {
  log(message.text)
  reply("counted")
}

flow warns on chat.message where message.text == "warn" {
  log("careful", level: warning)
  reply("warned")
}

flow fails on chat.message where message.text == "fail" {
  reply("failing")
  fail("on purpose")
}
"#;

/// The lines of `carapace logs --follow`.
fn follow(home: &std::path::Path, args: &[&str]) -> (std::process::Child, Receiver<Json>) {
    let mut child = command(home, &["logs", "--follow", "--format", "json"])
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = channel();
    let output = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if tell.send(serde_json::from_str(&line).unwrap()).is_err() {
                return;
            }
        }
    });
    (child, told)
}

fn next_count(told: &Receiver<Json>) -> String {
    loop {
        let entry = told.recv_timeout(Duration::from_secs(60)).expect("it is told");
        if entry["flow"] == "shop/main.counts" {
            return entry["message"].as_str().unwrap().to_owned();
        }
    }
}

#[test]
fn who_follows_misses_nothing_and_hears_nothing_twice_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (home, data) = (folder.path(), folder.path().join("data"));
    let shop = package(home, SHOP);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--no-loop-check"]);
    let to = address(&talk);
    let (mut far, over_network) = follow(home, &["--to", &to]);
    let (mut near, over_socket) = follow(home, &["--data", &data.display().to_string()]);
    for n in 0..40 {
        talk.say(&format!("n{n}"));
        assert_eq!(talk.hear(), "counted");
    }
    for n in 0..20 {
        assert_eq!(next_count(&over_network), format!("n{n}"));
        assert_eq!(next_count(&over_socket), format!("n{n}"));
    }
    talk.kill();
    let listen = to.trim_start_matches("http://").to_owned();
    let mut talk = Talk::launch(Some(&shop), &data, &listen, &["--no-watch", "--no-loop-check"]);
    talk.told("chat page: ");
    for n in 40..60 {
        talk.say(&format!("n{n}"));
        // What was on its way when the power went is said again.
        assert!(talk.hear().ends_with("counted"));
    }
    for n in 20..60 {
        assert_eq!(next_count(&over_network), format!("n{n}"));
        assert_eq!(next_count(&over_socket), format!("n{n}"));
    }
    for child in [&mut far, &mut near] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(
        over_network
            .try_iter()
            .chain(over_socket.try_iter())
            .all(|entry| entry["flow"] != "shop/main.counts")
    );
}

#[test]
fn what_matters_can_be_asked_for_while_it_runs_and_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (home, data) = (folder.path(), folder.path().join("data"));
    let shop = package(home, SHOP);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    let to = address(&talk);
    for (said, answer) in [("n1", "counted"), ("warn", "warned"), ("fail", "failing")] {
        talk.say(said);
        assert_eq!(talk.hear(), answer);
    }
    talk.told("on purpose");
    let data = data.display().to_string();
    let place = [["--to", &to], ["--data", &data]];
    for place in place {
        let (said, _) = ends(0, command(home, &["logs"]).args(place));
        for part in [
            "info     shop/main.counts: n1",
            "warning  shop/main.warns: careful",
            "error    shop/main.fails: ",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(
            said.contains("on purpose") && !said.contains("failing"),
            "what is said to people is not told: {said}"
        );
        let (said, _) = ends(0, command(home, &["logs", "--level", "error"]).args(place));
        assert!(said.contains("on purpose") && !said.contains("careful"), "{said}");
        let (said, _) = ends(0, command(home, &["logs", "--flow", "warns"]).args(place));
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let (_, told) = ends(2, command(home, &["logs", "--since", "yesterday"]).args(place[0]));
    assert!(told.contains("E0966"), "{told}");
    let (said, _) = talk.end();
    assert!(said.is_empty(), "{said:?}");
    let (said, told) = ends(0, command(home, &["logs", "--since", "all"]).args(place[1]));
    assert!(
        said.contains("careful") && said.contains("shop/main.fails: ") && told.contains("does not run"),
        "{said}{told}"
    );
}
