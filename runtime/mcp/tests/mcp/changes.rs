//! Tools that change.

use crate::acts::{Performer, files, said};
use carapace_mcp::client::{Given, Server, Way};
use serde_json::json;
use std::time::Duration;

const ECHO: &[&str] = &["echo", "change"];

fn level(level: &str) -> Server {
    let mut server = files(ECHO);
    if let Way::Program { env, .. } = &mut server.way {
        env.retain(|(name, _)| name != "LEVEL");
        env.push(("LEVEL".to_owned(), Given::Text(level.to_owned())));
    }
    server
}

#[tokio::test]
async fn a_tool_that_changes_under_way_is_not_used_until_it_is_trusted() {
    let mut performer = Performer::start(level("1"));
    performer.offers(&["main.files.echo", "main.files.change"]).await;
    assert_eq!(said(&performer.call("change", json!({})).await).0, "done");
    performer.offers(&["main.files.change"]).await;
    let (word, words) = said(&performer.call("echo", json!({})).await);
    assert!(word == "refused" && words.contains("W1083"), "{word} {words}");
    let told = performer.told.lock().unwrap().join("\n");
    assert!(
        told.contains("W1083") && told.contains("`echo`") && told.contains("carapace mcp trust files"),
        "{told}"
    );
    let trusted = performer.mcp.trust("files").unwrap().unwrap();
    assert_eq!(trusted.iter().map(|name| &**name).collect::<Vec<_>>(), ["echo"]);
    assert_eq!(performer.mcp.trust("other").unwrap(), None);
    performer.offers(&["main.files.echo", "main.files.change"]).await;
    assert_eq!(said(&performer.call("echo", json!({})).await).0, "done");
    performer.end().await;
}

#[tokio::test]
async fn a_tool_that_changed_while_nothing_ran_is_noticed() {
    let performer = Performer::start(level("1"));
    performer.offers(&["main.files.echo", "main.files.change"]).await;
    let folder = performer.end().await;
    let performer = Performer::start_in(level("changed"), folder);
    performer.offers(&["main.files.change"]).await;
    let folder = performer.end().await;
    // And one that is as it was is used again.
    let performer = Performer::start_in(level("1"), folder);
    performer.offers(&["main.files.echo", "main.files.change"]).await;
    performer.end().await;
}

#[tokio::test]
async fn what_cannot_be_compared_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mcp")).unwrap();
    std::fs::write(folder.path().join("mcp/files.json"), "{").unwrap();
    let mut performer = Performer::start_in(level("1"), folder);
    let (word, words) = said(&performer.call("echo", json!({})).await);
    assert!(word == "refused" && words.contains("files.json"), "{word} {words}");
    assert_eq!(std::fs::read_to_string(performer.folder().join("mcp/files.json")).unwrap(), "{");
    performer.end().await;
}

#[tokio::test]
async fn servers_come_and_go_while_others_stay_connected() {
    let mut performer = Performer::start(level("1"));
    performer.offers(&["main.files.echo", "main.files.change"]).await;
    // Only this connection knows of it: a new one would begin anew.
    assert_eq!(said(&performer.call("change", json!({})).await).0, "done");
    performer.offers(&["main.files.change"]).await;
    let other = Server { name: "other".into(), ..files(&["text"]) };
    performer.mcp.use_servers(vec![level("1"), other.clone()]);
    let names = |performer: &Performer| -> Vec<String> {
        performer.mcp.servers().iter().map(|status| status.name.to_string()).collect()
    };
    while names(&performer) != ["files", "other"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    performer.offers(&["main.files.change"]).await;
    // One that is said otherwise begins anew.
    performer.mcp.use_servers(vec![other, files(&["text"])]);
    performer.offers(&["main.files.text"]).await;
    assert_eq!(names(&performer), ["other", "files"]);
    assert_eq!(said(&performer.call("text", json!({})).await).0, "done");
    // What is on its way to one that goes is lost to it.
    let called = performer.folder().join("called");
    let mut silent = files(&["silent"]);
    if let Way::Program { env, .. } = &mut silent.way {
        env.push(("CALLED".to_owned(), Given::Text(called.to_str().unwrap().to_owned())));
    }
    performer.mcp.use_servers(vec![silent]);
    performer.offers(&["main.files.silent"]).await;
    performer.ask("silent", json!({}));
    while !called.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    performer.mcp.use_servers(Vec::new());
    let lost = performer.reports.recv().await.unwrap();
    assert!(["unknown", "transient"].contains(&said(&lost.outcome).0), "{lost:?}");
    while !names(&performer).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (word, words) = said(&performer.call("text", json!({})).await);
    assert!(word == "unavailable" && words.contains("has no server `files`"), "{word} {words}");
    performer.end().await;
}
