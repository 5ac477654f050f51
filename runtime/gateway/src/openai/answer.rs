//! What an agent answered.

use super::trouble::Trouble;
use carapace_effect::Usage;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How the library names a tool of whoever asks.
const THEIRS: &str = "client.";

/// What an agent answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// What it said.
    pub(super) text: String,
    /// Tools of whoever asks that it calls.
    pub(super) calls: Vec<Call>,
    /// What all of it has used up.
    pub(super) used: Used,
}

/// A tool of whoever asks is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    /// By this its result is known.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// What it is given, as JSON in a text.
    pub(super) arguments: String,
}

/// Tokens, over all requests to models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Used {
    /// What models were given.
    pub(super) input: u64,
    /// What of that was in a cache.
    pub(super) cached: u64,
    /// What they said.
    pub(super) output: u64,
}

impl Used {
    /// And this.
    pub(super) fn add(&mut self, usage: &Usage) {
        self.input = self.input.saturating_add(usage.input);
        self.cached = self.cached.saturating_add(usage.cached);
        self.output = self.output.saturating_add(usage.output);
    }

    /// All of them.
    pub(super) fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl Answer {
    /// Reads what the flow of the library returned: `{ text, calls: [{ id, tool, arguments }] }`.
    pub(super) fn read(result: &Json, used: Used) -> Result<Answer, Trouble> {
        let odd = || Trouble::ended("the flow that serves this returned something that is no answer");
        let text = result.get("text").and_then(Json::as_str).ok_or_else(odd)?.to_owned();
        let calls = match result.get("calls") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(calls)) => calls.iter().map(call).collect::<Option<Vec<_>>>().ok_or_else(odd)?,
            Some(_) => return Err(odd()),
        };
        Ok(Answer { text, calls, used })
    }
}

fn call(call: &Json) -> Option<Call> {
    let tool = call.get("tool")?.as_str()?;
    let name = tool.strip_prefix(THEIRS).unwrap_or(tool).to_owned();
    let arguments = call.get("arguments").filter(|arguments| !arguments.is_null());
    let arguments = arguments.map_or_else(|| "{}".to_owned(), Json::to_string);
    Some(Call { id: call.get("id")?.as_str()?.to_owned(), name, arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_answer_is_seen() {
        for odd in [
            json!(null),
            json!("text"),
            json!({}),
            json!({ "text": 1 }),
            json!({ "text": "", "calls": {} }),
            json!({ "text": "", "calls": [{ "id": "1" }] }),
        ] {
            assert!(Answer::read(&odd, Used::default()).is_err(), "{odd}");
        }
        let read =
            json!({ "text": "a", "calls": [{ "id": "1", "tool": "client.f", "arguments": { "x": 1 } }] });
        let answer = Answer::read(&read, Used::default()).unwrap();
        let call = Call { id: "1".to_owned(), name: "f".to_owned(), arguments: "{\"x\":1}".to_owned() };
        assert_eq!((answer.text.as_str(), &answer.calls[..]), ("a", &[call][..]));
    }
}
