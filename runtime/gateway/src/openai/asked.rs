//! What is asked, whichever form it came in: as the flow of the library takes it.

use super::fields::Fields;
use super::trouble::Trouble;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Letters of a tool's name at most (platform.openai.com/docs/api-reference/chat/create, `tools`).
const LONGEST_NAME: usize = 64;

/// Who may say something in a conversation.
const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

/// How much a model is to think.
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// What is asked of an agent.
#[derive(Debug)]
pub(super) struct Asked {
    /// The agent, as a model is called.
    pub(super) model: String,
    /// What the person said last.
    pub(super) message: String,
    /// The request as the library takes it: `messages`, `tools`, `temperature`, …
    pub(super) request: Map<String, Json>,
    /// Whether the answer is told as it comes.
    pub(super) stream: bool,
}

impl Asked {
    /// With these messages, which are looked at.
    pub(super) fn new(model: String, messages: Vec<Json>, place: &str) -> Result<Asked, Trouble> {
        if messages.is_empty() {
            return Err(Trouble::unfit(place, format!("`{place}` has no message")));
        }
        for (at, message) in messages.iter().enumerate() {
            check(&format!("{place}[{at}]"), message)?;
        }
        let message = messages
            .iter()
            .rev()
            .find(|message| is_of_user(message))
            .map(|message| text_of(&message["content"]));
        let mut request = Map::new();
        request.insert("messages".to_owned(), Json::Array(messages));
        Ok(Asked { model, message: message.unwrap_or_default(), request, stream: false })
    }

    /// After what was said before: its own instructions stay in front.
    pub(super) fn after(&mut self, before: Vec<Json>) {
        if self.message.is_empty()
            && let Some(said) = before.iter().rev().find(|message| is_of_user(message))
        {
            self.message = text_of(&said["content"]);
        }
        if let Some(Json::Array(messages)) = self.request.get_mut("messages") {
            let own = messages.first().is_some_and(|first| first["role"] == "system");
            let at = usize::from(own);
            messages.splice(at..at, before);
        }
    }

    /// With this, where it is said.
    pub(super) fn with(&mut self, name: &str, value: Option<Json>) {
        if let Some(value) = value {
            self.request.insert(name.to_owned(), value);
        }
    }

    /// With these tools of whoever asks, which are looked at: in the form of `chat/completions`.
    pub(super) fn with_tools(&mut self, tools: Option<Vec<Json>>) -> Result<(), Trouble> {
        let Some(tools) = tools.filter(|tools| !tools.is_empty()) else { return Ok(()) };
        let mut names = BTreeSet::new();
        for (at, tool) in tools.iter().enumerate() {
            let name = tool_name(&format!("tools[{at}]"), tool)?;
            if !names.insert(name.clone()) {
                return Err(Trouble::unfit(&format!("tools[{at}]"), format!("`{name}` is there twice")));
            }
        }
        self.request.insert("tools".to_owned(), Json::Array(tools));
        Ok(())
    }

    /// With which of the tools is to be called.
    pub(super) fn with_choice(&mut self, choice: Option<Json>) -> Result<(), Trouble> {
        let Some(choice) = choice else { return Ok(()) };
        let named = choice.pointer("/function/name").and_then(Json::as_str);
        let known = match choice.as_str() {
            Some(word) => matches!(word, "auto" | "none" | "required"),
            None => choice.get("type").is_some_and(|kind| kind == "function") && named.is_some(),
        };
        if !known {
            let why = "`tool_choice` is `auto`, `none`, `required`, or names a function";
            return Err(Trouble::unfit("tool_choice", why));
        }
        self.request.insert("tool_choice".to_owned(), choice);
        Ok(())
    }

    /// With how much is thought about it.
    pub(super) fn with_effort(&mut self, effort: Option<String>, place: &str) -> Result<(), Trouble> {
        let Some(effort) = effort else { return Ok(()) };
        if !EFFORTS.contains(&effort.as_str()) {
            let known = EFFORTS.join("`, `");
            return Err(Trouble::unfit(place, format!("`{place}` is one of `{known}`")));
        }
        self.request.insert("reasoning_effort".to_owned(), effort.into());
        Ok(())
    }

    /// With the form that the answer is to have: in that of `chat/completions`.
    pub(super) fn with_format(&mut self, format: Option<Json>, place: &str) -> Result<(), Trouble> {
        let Some(format) = format else { return Ok(()) };
        match format.get("type").and_then(Json::as_str) {
            Some("text") => return Ok(()),
            Some("json_object") => {}
            Some("json_schema") => {
                let schema = |name: &str| format.get("json_schema").and_then(|schema| schema.get(name));
                let named = schema("name").is_some_and(Json::is_string);
                if !named || !schema("schema").is_some_and(Json::is_object) {
                    let why = "a form of the answer has a `name` and a `schema`";
                    return Err(Trouble::unfit(place, why));
                }
            }
            _ => {
                let why = format!("`{place}.type` is `text`, `json_object` or `json_schema`");
                return Err(Trouble::unfit(place, why));
            }
        }
        self.request.insert("response_format".to_owned(), format);
        Ok(())
    }

    /// With how it is to be said; the names are the same in both forms.
    pub(super) fn with_sampling(&mut self, fields: &mut Fields) -> Result<(), Trouble> {
        self.with("temperature", fields.number("temperature", 0.0, 2.0)?);
        self.with("top_p", fields.number("top_p", 0.0, 1.0)?);
        Ok(())
    }
}

/// Looks at a message, in the form of `chat/completions`.
fn check(place: &str, message: &Json) -> Result<(), Trouble> {
    let unfit = |name: &str, what: &str| {
        let place = if name.is_empty() { place.to_owned() } else { format!("{place}.{name}") };
        Trouble::unfit(&place, format!("`{place}` {what}"))
    };
    if !message.is_object() {
        return Err(unfit("", "is an object"));
    }
    let role = message["role"].as_str().unwrap_or_default();
    if !ROLES.contains(&role) {
        return Err(unfit("role", &format!("is one of `{}`", ROLES.join("`, `"))));
    }
    let calls = &message["tool_calls"];
    match &message["content"] {
        Json::String(_) => {}
        Json::Array(parts) => {
            for (at, part) in parts.iter().enumerate() {
                part_fits(part).map_err(|what| unfit(&format!("content[{at}]"), what))?;
            }
        }
        Json::Null if role == "assistant" && calls.is_array() => {}
        _ => return Err(unfit("content", "is a text, or a list of parts")),
    }
    if role == "tool" && !message["tool_call_id"].is_string() {
        return Err(unfit("tool_call_id", "says which call this is the result of"));
    }
    if calls.is_null() {
        return Ok(());
    }
    let Some(calls) = calls.as_array().filter(|_| role == "assistant") else {
        return Err(unfit("tool_calls", "is a list, of what an assistant said"));
    };
    for (at, call) in calls.iter().enumerate() {
        let function = &call["function"];
        let whole = function["name"].is_string() && function["arguments"].is_string();
        if !whole || !call["id"].is_string() {
            let what = "has an `id`, and a `function` with `name` and `arguments`, all of them texts";
            return Err(unfit(&format!("tool_calls[{at}]"), what));
        }
    }
    Ok(())
}

/// Whether a part of a message is one that models are given.
fn part_fits(part: &Json) -> Result<(), &'static str> {
    let fits = match part["type"].as_str() {
        Some("text") => part["text"].is_string(),
        Some("refusal") => part["refusal"].is_string(),
        Some("image_url") => {
            let url = part.pointer("/image_url/url").and_then(Json::as_str).unwrap_or_default();
            if !(url.starts_with("https://") || url.starts_with("data:") && url.contains(";base64,")) {
                return Err("is a picture at a `data:` address in base64, or at an `https:` address");
            }
            true
        }
        _ => return Err("is no `text` and no `image_url`"),
    };
    if fits { Ok(()) } else { Err("has nothing in it that its `type` promises") }
}

fn is_of_user(message: &Json) -> bool {
    message.get("role").and_then(Json::as_str) == Some("user")
}

/// What somebody said, as a text.
fn text_of(content: &Json) -> String {
    match content {
        Json::String(text) => text.clone(),
        Json::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// The name of a tool that fits.
fn tool_name(place: &str, tool: &Json) -> Result<String, Trouble> {
    if tool["type"] != "function" {
        let why = format!("`{place}` is a tool that OpenAI runs: agents have tools of their own");
        return Err(Trouble::unsupported(place, why).help("a tool of yours is a `function`"));
    }
    let function = &tool["function"];
    let name = function["name"].as_str().unwrap_or_default();
    let letter = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(letter) {
        let why = format!("`{place}.function.name` is 1 to {LONGEST_NAME} letters, digits, `_` and `-`");
        return Err(Trouble::unfit(place, why));
    }
    let parameters = &function["parameters"];
    if !parameters.is_null() && !parameters.is_object() {
        return Err(Trouble::unfit(place, format!("`{place}.function.parameters` is a JSON Schema")));
    }
    Ok(name.to_owned())
}

/// A tool in the form of `responses`, in that of `chat/completions`.
pub(super) fn tool_of_response(tool: &Json) -> Json {
    if tool["type"] != "function" || tool["function"].is_object() {
        return tool.clone();
    }
    let mut function = Map::new();
    for name in ["name", "description", "parameters", "strict"] {
        if let Some(value) = tool.get(name).filter(|value| !value.is_null()) {
            function.insert(name.to_owned(), value.clone());
        }
    }
    json!({ "type": "function", "function": function })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_do_not_fit_are_named() {
        for (message, place) in [
            (json!(1), "m[0]"),
            (json!({}), "m[0].role"),
            (json!({ "role": "function", "content": "x" }), "m[0].role"),
            (json!({ "role": "user" }), "m[0].content"),
            (json!({ "role": "user", "content": 3 }), "m[0].content"),
            (json!({ "role": "user", "content": [{ "type": "input_audio" }] }), "m[0].content[0]"),
            (json!({ "role": "user", "content": [{ "type": "text" }] }), "m[0].content[0]"),
            (
                json!({ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "file:///a" } }] }),
                "m[0].content[0]",
            ),
            (json!({ "role": "tool", "content": "x" }), "m[0].tool_call_id"),
            (json!({ "role": "user", "content": "x", "tool_calls": [] }), "m[0].tool_calls"),
            (json!({ "role": "assistant", "content": null, "tool_calls": [{}] }), "m[0].tool_calls[0]"),
        ] {
            let trouble = Asked::new("desk".to_owned(), vec![message.clone()], "m").unwrap_err();
            assert_eq!(trouble.json()["error"]["param"], place, "{message}");
        }
        assert!(Asked::new("desk".to_owned(), Vec::new(), "m").is_err());
    }

    #[test]
    fn what_the_person_said_last_is_the_message() {
        let messages = json!([
            { "role": "user", "content": "first" },
            { "role": "user", "content": [{ "type": "text", "text": "a" }, { "type": "image_url", "image_url": { "url": "https://a.example/b.png" } }, { "type": "text", "text": "b" }] },
            { "role": "assistant", "content": null, "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } }] },
            { "role": "tool", "tool_call_id": "1", "content": "4" },
        ]);
        let asked = Asked::new("desk".to_owned(), messages.as_array().unwrap().clone(), "m").unwrap();
        assert_eq!((asked.message.as_str(), &asked.request["messages"]), ("a\nb", &messages));
    }

    #[test]
    fn tools_have_names_that_models_take() {
        let named = |name: &str| json!({ "type": "function", "function": { "name": name } });
        let try_with = |tools: Vec<Json>| {
            let messages = vec![json!({ "role": "user", "content": "x" })];
            let mut asked = Asked::new("desk".to_owned(), messages, "m").unwrap();
            asked.with_tools(Some(tools)).map_err(|trouble| trouble.json()["error"]["code"].clone())
        };
        assert_eq!(try_with(vec![named("a_b-1")]), Ok(()));
        for tools in
            [vec![named("")], vec![named("a.b")], vec![named(&"x".repeat(65))], vec![named("a"), named("a")]]
        {
            assert_eq!(try_with(tools), Err(json!("E1091")));
        }
        assert_eq!(try_with(vec![json!({ "type": "web_search" })]), Err(json!("unsupported_parameter")));
    }
}
