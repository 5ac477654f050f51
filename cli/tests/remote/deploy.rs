//! Deploys: over the network, several at once, and out of a configuration.

use crate::asked::{address, command, ends};
use crate::talk::Talk;
use std::path::Path;

const SHOP: &str = "channel chat: any\n\nsetting greeting: Text = \"Hello\"\n\nroom ops: any\n\nflow hi on chat.message where message.text == \"hi\" {\n  reply(\"{greeting} 1\")\n}\n";
const OFFICE: &str = "channel chat: any\n\nstate count: Int = 0\n\nflow counts on chat.message where message.text == \"count\" {\n  set count = count + 1\n  reply(\"{count}\")\n}\n";

fn write(folder: &Path, package: &str, source: &str) {
    let path = folder.join(package);
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("main.flow"), source).unwrap();
}

#[test]
fn several_packages_take_effect_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let data = home.join("data");
    write(home, "shop", SHOP);
    write(home, "office", OFFICE);
    let mut talk = Talk::launch(None, &data, "127.0.0.1:0", &[]);
    let to = address(&talk);
    let (_, told) = ends(2, &mut command(home, &["deploy", "shop", "office", "--to", &to]));
    assert!(told.contains("E1048") && told.contains("--yes"), "{told}");
    let (said, told) = ends(0, &mut command(home, &["deploy", "shop", "office", "--to", &to, "--yes"]));
    assert!(
        said.contains("shop") && said.contains("office") && told.contains("office is deployed as 2"),
        "{said}{told}"
    );
    talk.say("hi");
    assert_eq!(talk.hear(), "Hello 1");
    talk.say("count");
    assert_eq!(talk.hear(), "1");
    // The state of one cannot go on: the other is not deployed either.
    write(home, "shop", &SHOP.replace("} 1", "} 2"));
    write(home, "office", &OFFICE.replace("Int = 0", "Text = \"\"").replace("count + 1", "\"x\""));
    let (said, told) = ends(1, &mut command(home, &["deploy", "shop", "office", "--to", &to, "--yes"]));
    assert!(said.contains("E0925") && told.contains("not one of them"), "{said}{told}");
    talk.say("hi");
    assert_eq!(talk.hear(), "Hello 1");
    write(home, "office", OFFICE);
    let (_, told) = ends(0, &mut command(home, &["deploy", "shop", "office", "--to", &to, "--yes"]));
    assert!(told.contains(&format!("`carapace rollback shop 1 --to {to}` goes back")), "{told}");
    talk.say("hi");
    assert_eq!(talk.hear(), "Hello 2");
    ends(0, &mut command(home, &["rollback", "shop", "--to", &to]));
    talk.say("hi");
    assert_eq!(talk.hear(), "Hello 1");
    let (said, _) = ends(0, &mut command(home, &["gc", "--keep", "0", "--dry-run", "--to", &to]));
    assert!(said.contains("would go"), "{said}");
}

#[test]
fn a_configuration_says_what_is_deployed_where_and_how() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    write(home, "shop", SHOP);
    write(home, "office", OFFICE);
    let config = r#"{
  version: 1,
  packages: ["shop", "office"],
  data: "kept",
  bindings: { ops: "webchat:#news" },
  settings: { greeting: "Good day" },
}
"#;
    std::fs::write(home.join("carapace.json5"), config).unwrap();
    let (said, told) = ends(0, &mut command(home, &["deploy", "--yes"]));
    assert!(said.contains("webchat:#news") && said.contains("Good day"), "{said}");
    assert!(told.contains("shop is deployed as 1") && told.contains("office is deployed as 2"), "{told}");
    assert!(home.join("kept/journal").is_dir(), "the data directory is the one that the file names");
    // The other commands look there as well.
    let (said, _) = ends(0, &mut command(home, &["deployments"]));
    assert!(said.contains("office"), "{said}");
    // One of its packages, with what the file says of that one; what was typed goes before it.
    let (said, _) = ends(0, &mut command(home, &["deploy", "shop", "--set", "greeting=Hey", "--dry-run"]));
    assert!(said.contains("Hey") && !said.contains("office"), "{said}");
    let (said, _) = ends(0, &mut command(home, &["deploy", "office", "--dry-run"]));
    assert!(said.contains("nothing changes"), "{said}");
    let (_, told) = ends(2, &mut command(home, &["deploy", "office", "--set", "greeting=Hey", "--dry-run"]));
    assert!(told.contains("E0922"), "what was typed has to mean something: {told}");
    std::fs::write(home.join("carapace.json5"), config.replace("ops:", "obs:")).unwrap();
    let (_, told) = ends(2, &mut command(home, &["deploy", "--dry-run"]));
    assert!(told.contains("E0932") && told.contains("carapace.json5"), "{told}");
    std::fs::write(home.join("carapace.json5"), "{ version: 1, packages: 7 }").unwrap();
    let (_, told) = ends(1, &mut command(home, &["deploy", "--yes"]));
    assert!(told.contains("E0979") && told.contains("nothing is deployed"), "{told}");
}

#[test]
fn a_deploy_waits_for_the_socket_of_a_runtime_that_is_starting() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let data = home.join("data");
    write(home, "shop", SHOP);
    ends(0, command(home, &["deploy", "shop", "--yes", "--data"]).arg(&data));
    // Whoever holds the lock is a runtime without a socket yet, for the one who deploys.
    let lock = carapace_lock(&data);
    let mut waiting = command(home, &["deploy", "shop", "--set", "greeting=Hey", "--yes", "--data"]);
    let child = waiting.arg(&data).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(lock);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.contains("deployed as 2"), "{told}");
}

/// Holds the data directory as its owner does.
fn carapace_lock(data: &Path) -> std::fs::File {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(data.join("lock")).unwrap();
    file.lock().unwrap();
    file
}
