//! What is served follows what is deployed.

use crate::client::post;
use crate::world::{Unusual, World, module};
use carapace_engine::Input;

fn answering(path: &str, words: &str) -> String {
    format!("flow hook on webhook(\"{path}\", body: Json) {{ respond(200, \"{words}\") }}")
}

#[tokio::test]
async fn a_deploy_changes_what_is_served_at_once() {
    let world = World::new(&answering("/x", "one")).await;
    let ask = async |path: &str| {
        let answer = post(path, "{}").send(world.address).await;
        if answer.status == 200 { answer.body } else { answer.status.to_string() }
    };
    assert_eq!((ask("/hooks/shop/x").await.as_str(), ask("/hooks/shop/y").await.as_str()), ("one", "404"));
    world.deploy(&module("shop", &answering("/y", "two"))).await;
    assert_eq!((ask("/hooks/shop/x").await.as_str(), ask("/hooks/shop/y").await.as_str()), ("404", "two"));
    world.engine.submit(Input::Rollback { package: "shop".into(), to: None }).await.unwrap();
    assert_eq!((ask("/hooks/shop/x").await.as_str(), ask("/hooks/shop/y").await.as_str()), ("one", "404"));
    world.engine.withdraw("shop".into()).await.unwrap();
    assert_eq!(ask("/hooks/shop/x").await, "404");
}

#[tokio::test]
async fn packages_do_not_hear_each_other() {
    let modules = ["shop", "bank", "über"].map(|name| module(name, &answering("/x", name)));
    let world = World::of(&modules, Unusual::default()).await;
    for (path, name) in [("shop", "shop"), ("bank", "bank"), ("%C3%BCber", "über")] {
        let request = post(&format!("/hooks/{path}/x"), "{}").with("idempotency-key", "the same");
        let answer = request.send(world.address).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, name));
    }
    assert_eq!(world.runs().await, 3);
}

#[tokio::test]
async fn a_run_hears_at_a_path_for_as_long_as_it_waits_there() {
    let world = World::new(
        r#"
flow begin on webhook("/begin") {
  respond(200, "waiting")
  let paid = await webhook("/paid", body: Int, signature: bearer(secret("k")))
  log("paid {paid.body}")
}
"#,
    )
    .await;
    world.know("k", "geheim");
    let paid = post("/hooks/shop/paid", "5").with("authorization", "Bearer geheim");
    assert_eq!(paid.send(world.address).await.status, 404, "nobody waits yet");
    post("/hooks/shop/begin", "{}").send(world.address).await;
    world.engine.settled().await;
    assert_eq!(post("/hooks/shop/paid", "5").send(world.address).await.status, 401);
    assert_eq!(post("/hooks/shop/paid", "5").method("PUT").send(world.address).await.status, 405);
    let wrong = post("/hooks/shop/paid", "\"x\"").with("authorization", "Bearer geheim");
    assert_eq!(wrong.send(world.address).await.status, 400);
    assert_eq!(paid.send(world.address).await.status, 202);
    assert_eq!(world.noted().await, ["paid 5"]);
    assert_eq!(paid.send(world.address).await.status, 404, "it waits no more");
}

#[tokio::test]
async fn flows_at_one_path_each_take_what_they_take() {
    let world = World::new(
        r#"
type Push { branch: Text }
type Star { stars: Int }
flow pushed on webhook("/x", body: Push) { log("push {body.branch}") }
flow starred on webhook("/x", body: Star) { log("star {body.stars}") }
"#,
    )
    .await;
    for (body, status) in [(r#"{"branch": "main"}"#, 202), (r#"{"stars": 3}"#, 202), (r#"{"other": 1}"#, 400)]
    {
        let answer = post("/hooks/shop/x", body).send(world.address).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    assert_eq!(world.noted().await, ["push main", "star 3"]);
}
