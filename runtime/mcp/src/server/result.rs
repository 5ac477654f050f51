//! From what a call came to, to the protocol's result.

use super::Ended;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value as Json;

/// The result of a call.
pub(super) fn result(ended: Ended) -> CallToolResult {
    match ended {
        Ended::Failed(why) => CallToolResult::error(vec![ContentBlock::text(why)]),
        Ended::Done(Json::Null) => CallToolResult::success(Vec::new()),
        Ended::Done(Json::String(text)) => CallToolResult::success(vec![ContentBlock::text(text)]),
        // Before 2026-07-28 structured content is an object.
        Ended::Done(value @ Json::Object(_)) => CallToolResult::structured(value),
        Ended::Done(value) => CallToolResult::success(vec![ContentBlock::text(value.to_string())]),
    }
}
