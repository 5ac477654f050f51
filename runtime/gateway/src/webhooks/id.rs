//! What a sender knows a request by: the same each time it sends it again.

use super::problem::Problem;
use super::signature::Check;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value as Json;

/// Bytes of an id. The longest that is known of is a signature's.
const LONGEST: usize = 255;

/// The id of a request; none where it has none, and then it is a request of its own each time it comes.
pub(super) fn of(check: Option<&Check>, headers: &HeaderMap, body: &Json) -> Result<Option<String>, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let member = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
    let id = match check {
        // `X-GitHub-Delivery` is signed by nobody: who has got hold of a delivery could send it again under another one. What is
        // signed says in itself what happened when, and no two have the same signature.
        Some(Check::Github) => header("x-hub-signature-256").map(|hex| hex.to_ascii_lowercase()),
        Some(Check::Stripe) => member("id"),
        // A command or a button has no id of its own, but no two have the same signature: the time is in it.
        Some(Check::Slack) => member("event_id").or_else(|| header("x-slack-signature")),
        Some(Check::Shopify) => header("x-shopify-webhook-id"),
        Some(Check::Standard) => header("webhook-id"),
        Some(Check::Ed25519 { .. }) => member("id").or_else(|| header("x-signature-ed25519")),
        Some(
            Check::Gitlab | Check::Bearer | Check::Hmac { .. } | Check::Token { .. } | Check::Unknown { .. },
        )
        | None => header("idempotency-key").or_else(|| header("webhook-id")),
    };
    let id = id.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| id.len() > LONGEST) {
        let detail = format!("the request's id is longer than {LONGEST} bytes");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(id)
}
