//! What a runtime has used up, its log and its tokens, as resources.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn usage_the_log_and_tokens_are_resources() {
    let world = World::begin().await;
    let used = world.get("/v1/usage?by=day,model").await;
    assert_eq!(
        (used.status, &used.json()["by"], &used.json()["total"]["requests"]),
        (200, &json!(["day", "model"]), &json!(0))
    );
    assert_eq!(world.get("/v1/usage").await.json()["by"], json!(["agent", "model"]));
    let wrong = world.get("/v1/usage?by=words").await;
    assert!(wrong.status == 400 && wrong.body.contains("`words`"), "{wrong:?}");
    world.start("breaks", json!(1)).await;
    let log = world.get("/v1/logs?level=error").await;
    assert_eq!((log.status, &log.json()["entries"][0]["level"]), (200, &json!("error")), "{log:?}");
    let waits = world.get("/v1/logs?wait=20000").await;
    assert_eq!(waits.status, 400, "who would wait reads `/v1/events`: {waits:?}");
    let tokens = world.get("/v1/tokens").await;
    assert_eq!((tokens.status, tokens.json()), (200, json!([])));
    let checked = world.post("/v1/channels/check", &json!({})).await;
    assert_eq!((checked.status, checked.json()), (200, json!([])));
}
