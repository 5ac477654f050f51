//! JSON-RPC 2.0 (jsonrpc.org/specification): what a line asks, and how it is answered.

use crate::auth::Scope;
use serde_json::{Value as Json, json};

/// A call, well-formed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// What the answer carries; none for a notification, which gets none.
    pub(crate) id: Option<Json>,
    pub(crate) method: String,
    pub(crate) params: Json,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    code: i64,
    message: String,
    data: Option<Json>,
}

impl Fault {
    /// No JSON.
    pub(crate) fn unreadable(why: impl Into<String>) -> Fault {
        Fault { code: -32700, message: why.into(), data: None }
    }

    /// JSON, and no call.
    pub(crate) fn no_call(why: impl Into<String>) -> Fault {
        Fault { code: -32600, message: why.into(), data: None }
    }

    /// A method that is not there.
    pub(crate) fn no_method(name: &str) -> Fault {
        let shown: String = name.chars().take(80).collect();
        Fault { code: -32601, message: format!("there is no method `{shown}`"), data: None }
    }

    /// Parameters that make no sense.
    pub(crate) fn params(why: impl Into<String>) -> Fault {
        Fault { code: -32602, message: why.into(), data: None }
    }

    /// Who asks may not.
    pub(crate) fn forbidden(method: &str, scope: Scope) -> Fault {
        Fault::refused("E0974", format!("`{method}` needs the permission `{scope}`"), None)
    }

    /// Its name in the audit log: the code of its diagnostic, or its number.
    pub(crate) fn name(&self) -> String {
        let code = self.data.as_ref().and_then(|data| data.get("code")?.as_str());
        code.map_or_else(|| self.code.to_string(), str::to_owned)
    }

    /// It was understood, and cannot be done: with the code of a diagnostic, and the way out.
    pub(crate) fn refused(code: &str, message: impl Into<String>, help: Option<String>) -> Fault {
        Fault { code: -32000, message: message.into(), data: Some(json!({ "code": code, "help": help })) }
    }
}

impl Fault {
    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The code of a diagnostic, where it was understood and cannot be done.
    pub(crate) fn diagnostic(&self) -> Option<&str> {
        self.data.as_ref()?.get("code")?.as_str()
    }

    /// The way out.
    pub(crate) fn help(&self) -> Option<&str> {
        self.data.as_ref()?.get("help")?.as_str()
    }
}

/// Reads a line.
pub(crate) fn parse(line: &[u8]) -> Result<Call, Box<(Json, Fault)>> {
    let json: Json = serde_json::from_slice(line)
        .map_err(|e| Box::new((Json::Null, Fault::unreadable(format!("no JSON: {e}")))))?;
    let Json::Object(mut fields) = json else {
        let why = "a call is one object; several are sent one by one";
        return Err(Box::new((Json::Null, Fault::no_call(why))));
    };
    let id = fields.remove("id");
    let answer_to = id.clone().filter(is_id).unwrap_or(Json::Null);
    let no_call = |why: &str| Box::new((answer_to.clone(), Fault::no_call(why)));
    if id.as_ref().is_some_and(|id| !is_id(id)) {
        return Err(no_call("`id` is a text, a number or null"));
    }
    if fields.get("jsonrpc").and_then(Json::as_str) != Some("2.0") {
        return Err(no_call("`jsonrpc` is \"2.0\""));
    }
    let Some(Json::String(method)) = fields.remove("method") else {
        return Err(no_call("`method` is a text"));
    };
    let params = fields.remove("params").unwrap_or_else(|| json!({}));
    Ok(Call { id, method, params })
}

fn is_id(id: &Json) -> bool {
    matches!(id, Json::String(_) | Json::Number(_) | Json::Null)
}

/// An answer, as a line.
pub(crate) fn answer(id: &Json, result: Result<Json, Fault>) -> Vec<u8> {
    let answer = match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(fault) => {
            let mut error = json!({ "code": fault.code, "message": fault.message });
            if let (Some(data), Some(error)) = (fault.data, error.as_object_mut()) {
                error.insert("data".to_owned(), data);
            }
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    };
    let mut line = answer.to_string().into_bytes();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> (Json, i64) {
        let (id, fault) = *parse(line.as_bytes()).unwrap_err();
        (id, fault.code)
    }

    #[test]
    fn what_is_no_call_is_told_as_the_specification_says() {
        for (line, id, expected) in [
            ("", json!(null), -32700),
            ("{", json!(null), -32700),
            ("\u{0}\u{1}", json!(null), -32700),
            ("[]", json!(null), -32600),
            ("1", json!(null), -32600),
            ("{}", json!(null), -32600),
            (r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#, json!(1), -32600),
            (r#"{"jsonrpc":"2.0","id":"a","method":7}"#, json!("a"), -32600),
            (r#"{"jsonrpc":"2.0","id":[],"method":"x"}"#, json!(null), -32600),
        ] {
            assert_eq!(code(line), (id, expected), "{line}");
        }
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(code(&deep).1, -32700, "what is nested without end is refused, and nothing overflows");
    }

    #[test]
    fn a_call_without_id_is_a_notification() {
        let call = parse(br#"{"jsonrpc":"2.0","method":"x"}"#).unwrap();
        assert_eq!((call.id, call.params), (None, json!({})));
        let call = parse(br#"{"jsonrpc":"2.0","method":"x","id":null,"params":[1]}"#).unwrap();
        assert_eq!((call.id, call.params), (Some(Json::Null), json!([1])));
    }
}
