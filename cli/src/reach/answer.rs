//! What a runtime answers to a call, and how a call is written.

use crate::problem::Problem;
use carapace_gateway::Request;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// Bytes of an answer at most.
pub(super) const LONGEST: usize = 256 << 20;

/// A request as a JSON-RPC call.
pub(super) fn call(request: &Request) -> Result<Json, Problem> {
    let mut call = serde_json::to_value(request).map_err(|e| strange(&e.to_string()))?;
    if let Some(call) = call.as_object_mut() {
        call.insert("jsonrpc".to_owned(), json!("2.0"));
        call.insert("id".to_owned(), json!(1));
    }
    Ok(call)
}

/// What an answer says.
pub(super) fn result<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Problem> {
    let mut answer: Json = serde_json::from_slice(answer).map_err(|e| strange(&e.to_string()))?;
    if let Some(error) = answer.get("error") {
        return Err(problem(error));
    }
    let result = answer.get_mut("result").map(Json::take).unwrap_or_default();
    serde_json::from_value(result).map_err(|e| strange(&e.to_string()))
}

/// It says something that is not understood here.
pub(super) fn strange(what: &str) -> Problem {
    Problem::new("E0944", format!("the runtime answered with something else than expected: {what}"))
        .help("the runtime may be of another version than this command")
}

/// What the runtime says is wrong, as it would be said here.
pub(super) fn problem(error: &Json) -> Problem {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    let data = error.get("data");
    let code = text(data.and_then(|data| data.get("code"))).unwrap_or_default();
    let known = carapace_diagnostic::codes().find(|known| *known == code).unwrap_or("E0944");
    let message = text(error.get("message")).unwrap_or_default();
    let problem = Problem::new(known, message.clone());
    match text(data.and_then(|data| data.get("help"))) {
        Some(help) => problem.help(help),
        None if known == "E0974" => problem.help(forbidden(&message)),
        None => problem,
    }
}

/// What to do where a permission is missing: the message names it last.
fn forbidden(message: &str) -> String {
    let scope = message.rsplit('`').nth(1).filter(|scope| scope.chars().all(|c| c.is_ascii_lowercase()));
    let scope = scope.unwrap_or("SCOPE");
    format!(
        "the token does not have it: `carapace token create NAME --scope {scope}` there makes one that has, and `carapace login` keeps it"
    )
}

/// Whether there is no such method: the runtime is older than this command.
pub(super) fn is_unknown_method(answer: &[u8]) -> bool {
    let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
    answer.pointer("/error/code").and_then(Json::as_i64) == Some(-32601)
}
