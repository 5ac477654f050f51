//! What is asked over the network is answered as it is on the same machine.

use crate::asked::{address, command, ends};
use crate::talk::{Talk, package};

const SHOP: &str = r#"channel chat: any

flow asks on chat.message where message.text == "ask" {
  let name = ask("Who are you?") within 1h else { return }
  reply("Hello {name}")
}

flow pays on chat.message where message.text == "pay" {
  await event("paid", Text)
  reply("Paid.")
}

flow by_hand on manual(Text) {
  await event("never", Text)
}
"#;

#[test]
fn every_command_says_the_same_with_an_address_as_with_a_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let (home, data) = (folder.path(), folder.path().join("data"));
    let shop = package(home, SHOP);
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    let to = address(&talk);
    talk.say("ask");
    assert_eq!(talk.hear(), "Who are you?");
    talk.say("@bo: pay");
    let data = data.display().to_string();
    let started =
        ends(0, &mut command(home, &["runs", "start", "by_hand", "--input", "\"x\"", "--to", &to])).0;
    let run = started.trim_end().rsplit(' ').next().unwrap().to_owned();
    let commands: [&[&str]; 13] = [
        &["usage", "--by", "day,model"],
        &["usage", "--since", "2026-01-31", "--format", "json"],
        &["runs", "list"],
        &["runs", "list", "--format", "json"],
        &["runs", "list", "--finished"],
        &["runs", "show", &run],
        &["runs", "show", &run, "--format", "json"],
        &["runs", "move", "--all", "--dry-run"],
        &["outbox", "list"],
        &["session", "list"],
        &["session", "verify"],
        &["deployments"],
        &["forget", "terminal:you", "--dry-run"],
    ];
    for args in commands {
        let here = ends(0, command(home, args).args(["--data", &data])).0;
        let there = ends(0, command(home, args).args(["--to", &to])).0;
        let without_times = |text: &str| {
            let lines = text.lines().filter(|line| {
                !["journal repair", "channels/", "what the channel keeps"]
                    .iter()
                    .any(|part| line.contains(part))
            });
            lines.map(timeless).collect::<Vec<_>>()
        };
        assert_eq!(without_times(&here), without_times(&there), "{args:?}");
    }
    let (listed, _) = ends(0, &mut command(home, &["runs", "list", "--to", &to]));
    assert!(listed.contains("main.flow:4"), "the lines of the source are there as well:\n{listed}");
    ends(0, &mut command(home, &["runs", "cancel", &run, "--to", &to]));
    let (listed, _) =
        ends(0, &mut command(home, &["runs", "list", "--flow", "shop/main.by_hand", "--to", &to]));
    assert!(listed.contains("no such run"), "{listed}");
    let (_, told) = ends(2, &mut command(home, &["runs", "show", "ffff", "--to", &to]));
    assert!(told.contains("E0910"), "what the runtime refuses is told as it is there: {told}");
    let (_, told) = ends(2, &mut command(home, &["runs", "list", "--to", &to, "--data", &data]));
    assert!(told.contains("cannot be used with"), "{told}");
}

/// A line whose seconds do not matter: one of the two commands may have been asked a moment later.
fn timeless(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let seconds = |at: usize| {
        let number = |at: usize| words.get(at).is_some_and(|word| word.parse::<u32>().is_ok());
        number(at) && words.get(at + 1).is_some_and(|word| word.trim_end_matches([',', ')', '.']) == "s")
    };
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let about = if seconds(at) {
            2
        } else if *word == "for" && seconds(at + 1) {
            3
        } else {
            0
        };
        let now = *word == "just" && words.get(at + 1).is_some_and(|next| next.starts_with("now"));
        if about > 0 || now {
            kept.push("lately");
            at += about.max(if now { 2 } else { 0 });
        } else {
            kept.push(word);
            at += 1;
        }
    }
    kept.join(" ")
}
