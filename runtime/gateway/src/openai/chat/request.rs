//! What is asked.

use crate::openai::asked::Asked;
use crate::openai::fields::Fields;
use crate::openai::trouble::Trouble;
use serde_json::Value as Json;

/// Texts at most at which an answer stops.
const STOPS: usize = 4;

/// A request for a completion.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) asked: Asked,
    /// Whether a stream says at its end what was used up.
    pub(super) with_usage: bool,
}

impl Completion {
    /// What agents do not do is refused where the answer would have another shape or meaning, and passed over where it is a hint.
    pub(super) fn of(mut fields: Fields) -> Result<Completion, Trouble> {
        let model = fields.needed("model")?;
        let messages = fields.list("messages")?.ok_or_else(|| fields.wrong("messages", "is missing"))?;
        if fields.count("n")?.is_some_and(|n| n > 1) {
            return Err(fields.refuse("n", "is 1: an agent answers once"));
        }
        if fields.flag("logprobs")? {
            return Err(fields.refuse("logprobs", "is not known of what agents say"));
        }
        for name in ["functions", "function_call"] {
            if fields.take(name).is_some() {
                return Err(fields.refuse(name, "is no more: there are `tools` and `tool_choice`"));
            }
        }
        let spoken = |modality: &Json| modality == "audio";
        if fields.list("modalities")?.is_some_and(|modalities| modalities.iter().any(spoken)) {
            return Err(fields.refuse("modalities", "is `[\"text\"]`: agents write"));
        }
        let mut asked = Asked::new(model, messages, "messages")?;
        asked.with_tools(fields.list("tools")?)?;
        asked.with_choice(fields.take("tool_choice"))?;
        asked.with_sampling(&mut fields)?;
        let most = fields.count("max_tokens")?;
        let most = fields.count("max_completion_tokens")?.or(most);
        asked.with("max_tokens", most.map(Json::from));
        asked.with("stop", stop(&mut fields)?);
        asked.with_format(fields.take("response_format"), "response_format")?;
        asked.with_effort(fields.text("reasoning_effort")?, "reasoning_effort")?;
        asked.stream = fields.flag("stream")?;
        let options = fields.object("stream_options")?;
        let with_usage = options.map_or(Ok(false), |mut options| options.flag("include_usage"))?;
        Ok(Completion { asked, with_usage })
    }
}

fn stop(fields: &mut Fields) -> Result<Option<Json>, Trouble> {
    let Some(stop) = fields.take("stop") else { return Ok(None) };
    let fits = match &stop {
        Json::String(_) => true,
        Json::Array(texts) => texts.len() <= STOPS && texts.iter().all(Json::is_string),
        _ => false,
    };
    if !fits {
        return Err(fields.wrong("stop", &format!("is a text, or {STOPS} at most")));
    }
    Ok(Some(stop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(more: &Json) -> Result<Json, (String, String)> {
        let mut body = json!({ "model": "desk", "messages": [{ "role": "user", "content": "hi" }] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let completion = Completion::of(Fields::at(String::new(), body).unwrap());
        let completion = completion.map_err(|trouble| {
            let error = trouble.json()["error"].clone();
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            (text("param"), text("code"))
        })?;
        let mut request = Json::Object(completion.asked.request);
        request.as_object_mut().unwrap().remove("messages");
        Ok(request)
    }

    #[test]
    fn what_models_know_is_handed_on() {
        let schema =
            json!({ "type": "json_schema", "json_schema": { "name": "a", "schema": { "type": "object" } } });
        for (sent, handed) in [
            (json!({}), json!({})),
            (json!({ "temperature": null, "seed": 7, "user": "ana", "n": 1, "logprobs": false }), json!({})),
            (json!({ "temperature": 0.5, "top_p": 1 }), json!({ "temperature": 0.5, "top_p": 1 })),
            (json!({ "max_tokens": 5, "max_completion_tokens": 9 }), json!({ "max_tokens": 9 })),
            (
                json!({ "stop": ["a"], "reasoning_effort": "low" }),
                json!({ "stop": ["a"], "reasoning_effort": "low" }),
            ),
            (json!({ "response_format": { "type": "text" } }), json!({})),
            (json!({ "response_format": schema }), json!({ "response_format": schema })),
            (json!({ "tools": [], "tool_choice": "auto" }), json!({ "tool_choice": "auto" })),
        ] {
            assert_eq!(read(&sent), Ok(handed), "{sent}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (sent, param, code) in [
            (json!({ "n": 2 }), "n", "unsupported_parameter"),
            (json!({ "n": 0 }), "n", "E1091"),
            (json!({ "logprobs": true }), "logprobs", "unsupported_parameter"),
            (json!({ "functions": [] }), "functions", "unsupported_parameter"),
            (json!({ "modalities": ["text", "audio"] }), "modalities", "unsupported_parameter"),
            (json!({ "temperature": 3 }), "temperature", "E1091"),
            (json!({ "temperature": "hot" }), "temperature", "E1091"),
            (json!({ "max_tokens": 0 }), "max_tokens", "E1091"),
            (json!({ "max_tokens": 1.5 }), "max_tokens", "E1091"),
            (json!({ "stop": ["a", "b", "c", "d", "e"] }), "stop", "E1091"),
            (json!({ "stream": "yes" }), "stream", "E1091"),
            (json!({ "stream_options": 3 }), "stream_options", "E1091"),
            (json!({ "stream_options": { "include_usage": 1 } }), "stream_options.include_usage", "E1091"),
            (json!({ "tools": {} }), "tools", "E1091"),
            (json!({ "tool_choice": "maybe" }), "tool_choice", "E1091"),
            (json!({ "response_format": { "type": "xml" } }), "response_format", "E1091"),
            (json!({ "response_format": { "type": "json_schema" } }), "response_format", "E1091"),
            (json!({ "reasoning_effort": "much" }), "reasoning_effort", "E1091"),
            (json!({ "model": null }), "model", "E1091"),
            (json!({ "messages": null }), "messages", "E1091"),
            (json!({ "messages": "hi" }), "messages", "E1091"),
        ] {
            assert_eq!(read(&sent), Err((param.to_owned(), code.to_owned())), "{sent}");
        }
    }
}
