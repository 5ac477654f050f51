//! Runs that go on with the version that serves.

use crate::bench::{Bench, HOUR, module};
use carapace_engine::inspect::{could_move, left_behind};
use carapace_engine::{Input, Reply};
use carapace_module::Module;

fn asks(body: &str) -> Module {
    module(&format!("setting greeting: Text = \"Hello\"\nflow late on chat.message {{\n{body}\n}}"))
}

fn first() -> Module {
    asks("let who = sender.name\nwait(1h) as night\nreply(\"{greeting} {who}, first.\")")
}

fn refused(t: &mut Bench, run: carapace_effect::RunId) -> String {
    t.submit(Input::Move { run });
    match t.reply.take() {
        Some(Reply::Rejected(rejection)) => {
            assert_eq!(rejection.code, "E0948");
            rejection.message.split_once(": ").map_or_else(String::new, |(_, why)| why.to_owned())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_goes_on_with_the_version_that_serves() {
    let mut t = Bench::of(&first());
    t.message("ana", "hi");
    let run = t.run();
    assert_eq!(refused(&mut t, run), "it runs the version that serves");
    let second = "let n = 1\nlet who = \"{sender.name}!\"\nwait(5m) as night\nreply(\"{who} {message.text}, second.\")";
    t.deploy(&asks(second));
    assert_eq!(left_behind(t.core.state(), None), [run]);
    assert_eq!(left_behind(t.core.state(), Some("main.other")), []);
    assert_eq!(could_move(t.core.state(), run).unwrap().to, Some(2));
    t.submit(Input::Move { run });
    assert_eq!(t.reply, Some(Reply::Done));
    assert!(left_behind(t.core.state(), None).is_empty());
    // The version it began with is needed no more, but kept to go back to; after a crash it is where it was.
    t.crash();
    assert_eq!(t.pass(HOUR - 1), Vec::<String>::new(), "it waits as long as it was going to");
    assert_eq!(t.pass(1), ["reply ana hi, second. → ana", "late succeeded"]);
}

#[test]
fn what_does_not_stand_still_stays() {
    let mut t = Bench::of(&asks("ask(\"Well?\")\nwait(1h) as night\nreply(\"two\")"));
    t.message("ana", "hi");
    let run = t.run();
    t.deploy(&first());
    assert_eq!(refused(&mut t, run), "it does not stand still at a wait", "it waits for an answer");
    t.message("ana", "well");
    assert_eq!(
        refused(&mut t, run),
        "the new version goes on to read `who`, which the old one does not have at that wait"
    );
    t.deploy(&asks("wait(1h) as night\nreply(\"three\")"));
    t.submit(Input::Move { run });
    assert_eq!(t.reply, Some(Reply::Done));
    t.deploy(&module("flow other on chat.message { reply(\"x\") }"));
    assert_eq!(refused(&mut t, run), "the new version has no flow `main.late`");
    assert_eq!(t.pass(HOUR), ["reply three → ana", "late succeeded"]);
}

#[test]
fn a_run_that_was_moved_ends_as_the_new_version_says() {
    let handled = |text: &str| {
        module(&format!(
            "flow late on chat.message {{\n  wait(1h) as night\n  reply(\"late\")\n}} on cancel {{ reply(\"{text}\") }}"
        ))
    };
    let mut t = Bench::of(&handled("old"));
    t.message("ana", "hi");
    let run = t.run();
    t.deploy(&handled("new"));
    t.submit(Input::Move { run });
    assert_eq!(
        t.submit(Input::Cancel { run, reason: "enough".into() }),
        ["reply new → ana", "late was cancelled: enough"]
    );
}
