//! Requests in the form of OpenAI's API, as an asker sent them.

use super::names::{CLIENT, Names};
use super::setup::effort;
use crate::Error;
use carapace_effect::{FailureKind, Tool};
use genai::chat::{
    ChatMessage, ChatOptions, ChatResponseFormat, ContentPart, JsonSpec, MessageContent, ToolCall,
    ToolChoice, ToolResponse,
};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// What an asker wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    json: &'a Json,
}

impl Request<'_> {
    /// Of an act's argument; none where it is null.
    pub(super) fn of(json: Option<&Json>) -> Option<Request<'_>> {
        json.filter(|json| json.is_object()).map(|json| Request { json })
    }

    /// Its messages; none where what was said stands in the session.
    pub(super) fn messages(&self, names: &Names) -> Result<Option<Vec<ChatMessage>>, Error> {
        let Some(messages) = self.json.get("messages").and_then(Json::as_array) else { return Ok(None) };
        let mut called = HashMap::new();
        messages.iter().map(|said| message(said, names, &mut called)).collect::<Result<_, _>>().map(Some)
    }

    /// The asker's own tools, as `client.NAME`.
    pub(super) fn tools(&self) -> Vec<Tool> {
        let tools = self.json.get("tools").and_then(Json::as_array).into_iter().flatten();
        let tool = |tool: &Json| {
            let function = tool.get("function")?;
            let words = function.get("description").and_then(Json::as_str).unwrap_or_default();
            let empty = || json!({ "type": "object", "properties": {} });
            Some(Tool {
                name: format!("{CLIENT}{}", function.get("name")?.as_str()?).into(),
                description: words.into(),
                parameters: function
                    .get("parameters")
                    .filter(|p| p.is_object())
                    .cloned()
                    .unwrap_or_else(empty),
            })
        };
        tools.filter_map(tool).collect()
    }

    /// How it is to be answered: what the asker says of it goes before what the agent's declaration says, but for how long an
    /// answer may be, of which the shorter counts.
    pub(super) fn options(&self, names: &Names, mut options: ChatOptions) -> Result<ChatOptions, Error> {
        let number = |key: &str| self.json.get(key).and_then(Json::as_f64);
        let whole = |key: &str| self.json.get(key).and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
        options.temperature = number("temperature").or(options.temperature);
        options.top_p = number("top_p");
        let most = whole("max_completion_tokens").or_else(|| whole("max_tokens"));
        options.max_tokens = most.into_iter().chain(options.max_tokens).min();
        options.stop_sequences = match self.json.get("stop") {
            Some(Json::String(stop)) => vec![stop.clone()],
            Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if let Some(said) = self.json.get("reasoning_effort").filter(|said| said.is_string()) {
            options.reasoning_effort = Some(effort(said).map_err(|e| refused(&e.message))?);
        }
        options.tool_choice = self.json.get("tool_choice").and_then(|choice| chosen(choice, names));
        options.response_format = self.json.get("response_format").and_then(format);
        Ok(options)
    }
}

fn refused(what: &str) -> Error {
    Error::new(FailureKind::Refused, what)
}

fn message(said: &Json, names: &Names, called: &mut HashMap<String, String>) -> Result<ChatMessage, Error> {
    let text = |key: &str| said.get(key).and_then(Json::as_str);
    let content = said.get("content").unwrap_or(&Json::Null);
    match text("role") {
        Some("system" | "developer") => Ok(ChatMessage::system(MessageContent::from_parts(parts(content)?))),
        Some("user") => Ok(ChatMessage::user(MessageContent::from_parts(parts(content)?))),
        Some("assistant") => {
            let mut parts = parts(content)?;
            for call in said.get("tool_calls").and_then(Json::as_array).into_iter().flatten() {
                let call = self::call(call, names)?;
                called.insert(call.call_id.clone(), call.fn_name.clone());
                parts.push(ContentPart::ToolCall(call));
            }
            Ok(ChatMessage::assistant(MessageContent::from_parts(parts)))
        }
        Some("tool") => {
            let id =
                text("tool_call_id").ok_or_else(|| refused("a message of a tool has no `tool_call_id`"))?;
            let words: Vec<String> = parts(content)?.into_iter().filter_map(ContentPart::into_text).collect();
            let response = ToolResponse::new(id, words.concat());
            let response = match called.get(id) {
                Some(name) => response.with_fn_name(name.clone()),
                None => response,
            };
            Ok(ChatMessage::from(response))
        }
        role => Err(refused(&format!("there are no messages of the role `{}`", role.unwrap_or_default()))),
    }
}

fn call(call: &Json, names: &Names) -> Result<ToolCall, Error> {
    let text = |pointer: &str| call.pointer(pointer).and_then(Json::as_str);
    let (Some(id), Some(name)) = (text("/id"), text("/function/name")) else {
        return Err(refused("a call of a tool has no `id` or no name"));
    };
    let arguments = text("/function/arguments").unwrap_or("{}");
    Ok(ToolCall {
        call_id: id.to_owned(),
        fn_name: names.there(&format!("{CLIENT}{name}")),
        fn_arguments: serde_json::from_str(arguments).unwrap_or_else(|_| arguments.into()),
        thought_signatures: None,
    })
}

/// A text, or a list of texts and images.
fn parts(content: &Json) -> Result<Vec<ContentPart>, Error> {
    match content {
        Json::Null => Ok(Vec::new()),
        Json::String(text) => Ok(vec![ContentPart::from_text(text)]),
        Json::Array(list) => list.iter().map(part).collect(),
        _ => Err(refused("the content of a message is a text, or a list of parts")),
    }
}

fn part(part: &Json) -> Result<ContentPart, Error> {
    let text = |pointer: &str| part.pointer(pointer).and_then(Json::as_str);
    match text("/type") {
        Some("text" | "input_text" | "output_text" | "refusal") => {
            Ok(ContentPart::from_text(text("/text").or_else(|| text("/refusal")).unwrap_or_default()))
        }
        Some("image_url") => {
            let url = text("/image_url/url").or_else(|| text("/image_url"));
            let url = url.ok_or_else(|| refused("an image has no `url`"))?;
            match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
                Some((kind, data)) => Ok(ContentPart::from_binary_base64(kind, data, None)),
                // What it is, its server says to whoever fetches it.
                None if url.starts_with("https://") => Ok(ContentPart::from_binary_url("image/*", url, None)),
                None => Err(refused("an image is a `data:` address in base64, or an `https:` address")),
            }
        }
        kind => Err(refused(&format!("parts of the type `{}` are not taken", kind.unwrap_or_default()))),
    }
}

fn chosen(choice: &Json, names: &Names) -> Option<ToolChoice> {
    match choice.as_str() {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some("required") => Some(ToolChoice::Required),
        _ => {
            let name = choice.pointer("/function/name").or_else(|| choice.get("name"))?.as_str()?;
            Some(ToolChoice::tool(names.there(&format!("{CLIENT}{name}"))))
        }
    }
}

fn format(format: &Json) -> Option<ChatResponseFormat> {
    match format.get("type")?.as_str()? {
        "json_object" => Some(ChatResponseFormat::JsonMode),
        "json_schema" => {
            let spec = format.get("json_schema")?;
            let name = spec.get("name").and_then(Json::as_str).unwrap_or("answer");
            Some(JsonSpec::new(name, spec.get("schema")?.clone()).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use genai::chat::ChatRole;

    #[test]
    fn a_conversation_with_tools_and_images_is_read() {
        let json = json!({
            "messages": [
                { "role": "developer", "content": "Be brief" },
                { "role": "user", "content": [
                    { "type": "text", "text": "What is this?" },
                    { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
                ] },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "id": "c1", "type": "function", "function": { "name": "look", "arguments": "{\"x\": 1}" } },
                ] },
                { "role": "tool", "tool_call_id": "c1", "content": "a cat" },
            ],
            "tools": [{ "type": "function", "function": { "name": "look", "description": "Looks.", "parameters": { "type": "object" } } }],
            "tool_choice": { "type": "function", "function": { "name": "look" } },
            "stop": "END",
            "max_tokens": 100,
            "temperature": 0.5,
            "reasoning_effort": "low",
            "response_format": { "type": "json_schema", "json_schema": { "name": "a", "schema": { "type": "object" } } },
        });
        let request = Request::of(Some(&json)).unwrap();
        let tools = request.tools();
        assert_eq!(&*tools[0].name, "client.look");
        let names = Names::of(tools.iter().map(|tool| &*tool.name));
        let messages = request.messages(&names).unwrap().unwrap();
        let roles: Vec<ChatRole> = messages.iter().map(|message| message.role.clone()).collect();
        assert_eq!(roles, [ChatRole::System, ChatRole::User, ChatRole::Assistant, ChatRole::Tool]);
        assert!(messages[1].content.parts()[1].is_image());
        assert_eq!(messages[2].content.tool_calls()[0].fn_arguments, json!({ "x": 1 }));
        assert_eq!(messages[3].content.tool_responses()[0].fn_name.as_deref(), Some("look"));
        let agent = ChatOptions { max_tokens: Some(50), temperature: Some(0.1), ..ChatOptions::default() };
        let options = request.options(&names, agent).unwrap();
        assert_eq!(
            (options.max_tokens, options.temperature),
            (Some(50), Some(0.5)),
            "the shorter, and the asker's"
        );
        assert_eq!(options.tool_choice, Some(ToolChoice::tool("look")));
        assert_eq!(options.stop_sequences, ["END"]);
        assert!(matches!(options.response_format, Some(ChatResponseFormat::JsonSpec(_))));
    }

    #[test]
    fn what_is_none_is_refused_in_words() {
        for (messages, wrong) in [
            (json!([{ "role": "robot", "content": "x" }]), "`robot`"),
            (json!([{ "role": "user", "content": 3 }]), "a list of parts"),
            (json!([{ "role": "user", "content": [{ "type": "input_audio" }] }]), "`input_audio`"),
            (
                json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "file:///etc/passwd" } }] }]),
                "`https:`",
            ),
            (json!([{ "role": "tool", "content": "x" }]), "`tool_call_id`"),
            (json!([{ "role": "assistant", "tool_calls": [{}] }]), "`id`"),
        ] {
            let json = json!({ "messages": messages });
            let error = Request::of(Some(&json)).unwrap().messages(&Names::default()).unwrap_err();
            assert_eq!(error.kind, FailureKind::Refused);
            assert!(error.message.contains(wrong), "{}", error.message);
        }
        assert!(Request::of(Some(&Json::Null)).is_none());
        let empty = json!({});
        assert!(Request::of(Some(&empty)).unwrap().messages(&Names::default()).unwrap().is_none());
    }
}
