//! The official client for Python, unmodified.

use crate::world::{World, python};
use carapace_gateway::auth::{Grant, Scope};
use std::process::Stdio;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_client_talks_to_agents() {
    let Some(python) = python() else {
        eprintln!("skipped: openai (pip install openai, in the peers' Python)");
        return;
    };
    let world = World::begin().await;
    let grant = Grant { name: "client".to_owned(), scopes: [Scope::Chat].into(), lives: None };
    let token = world.access.create(grant, None).unwrap().token;
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openai/client.py");
    let mut command = tokio::process::Command::new(python);
    command.arg(script).arg(format!("http://{}/v1", world.address)).arg(token);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.ends_with("all of it\n"), "{told}");
    // The one that was left in the middle was cancelled.
    while !world.ends().await.iter().any(|end| end.contains("whoever asked hung up")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
