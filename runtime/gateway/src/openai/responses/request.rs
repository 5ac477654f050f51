//! What is asked.

use super::items::messages;
use crate::openai::asked::{Asked, tool_of_response};
use crate::openai::fields::Fields;
use crate::openai::trouble::Trouble;
use serde_json::{Map, Value as Json, json};

/// What would need something that is not kept.
const KEPT_ELSEWHERE: [&str; 2] = ["conversation", "prompt"];

/// A request for a response.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) asked: Asked,
    /// What an answer says again of it.
    pub(super) echo: Map<String, Json>,
    /// Whether the response is kept.
    pub(super) store: bool,
    /// The response behind which it goes on.
    pub(super) previous: Option<String>,
    /// What was said now, as messages; without instructions, which are for this response alone.
    pub(super) said: Vec<Json>,
}

impl Wanted {
    pub(super) fn of(mut fields: Fields) -> Result<Wanted, Trouble> {
        let model = fields.needed("model")?;
        for name in KEPT_ELSEWHERE {
            if fields.take(name).is_some() {
                let why = "refers to something that is not kept here";
                let help = "send it as `input`, or go on behind a response with `previous_response_id`";
                return Err(fields.refuse(name, why).help(help));
            }
        }
        if fields.flag("background")? {
            return Err(fields.refuse("background", "is not there: an answer is waited for"));
        }
        let mut echo = Map::new();
        let input = fields.take("input").ok_or_else(|| fields.wrong("input", "is missing"))?;
        let said = messages(input)?;
        let mut all = said.clone();
        if let Some(instructions) = fields.text("instructions")? {
            all.insert(0, json!({ "role": "system", "content": instructions }));
            echo.insert("instructions".to_owned(), instructions.into());
        }
        let mut asked = Asked::new(model, all, "input")?;
        let tools = fields.list("tools")?.unwrap_or_default();
        asked.with_tools(Some(tools.iter().map(tool_of_response).collect()))?;
        echo.insert("tools".to_owned(), Json::Array(tools));
        let choice = fields.take("tool_choice");
        echo.insert("tool_choice".to_owned(), choice.clone().unwrap_or_else(|| "auto".into()));
        asked.with_choice(choice.map(choice_of_chat))?;
        asked.with_sampling(&mut fields)?;
        let most = fields.count("max_output_tokens")?.map(Json::from);
        asked.with("max_tokens", most.clone());
        echo.insert("max_output_tokens".to_owned(), most.unwrap_or_default());
        for name in ["temperature", "top_p"] {
            echo.insert(name.to_owned(), asked.request.get(name).cloned().unwrap_or_default());
        }
        let format = match fields.object("text")? {
            Some(mut text) => text.take("format"),
            None => None,
        };
        let plain = || json!({ "type": "text" });
        echo.insert("text".to_owned(), json!({ "format": format.clone().unwrap_or_else(plain) }));
        asked.with_format(format.map(format_of_chat), "text.format")?;
        if let Some(mut reasoning) = fields.object("reasoning")? {
            asked.with_effort(reasoning.text("effort")?, "reasoning.effort")?;
        }
        echo.insert("metadata".to_owned(), fields.take("metadata").unwrap_or_else(|| json!({})));
        asked.stream = fields.flag("stream")?;
        let previous = fields.text("previous_response_id")?;
        echo.insert("previous_response_id".to_owned(), previous.clone().into());
        // As with OpenAI, what says nothing of it is kept.
        let store = fields.flag_or("store", true)?;
        echo.insert("store".to_owned(), store.into());
        Ok(Wanted { asked, echo, store, previous, said })
    }
}

/// The choice of a tool, in the form of `chat/completions`.
fn choice_of_chat(choice: Json) -> Json {
    match choice.get("name").and_then(Json::as_str) {
        Some(name) if is(&choice, "function") => {
            json!({ "type": "function", "function": { "name": name } })
        }
        _ => choice,
    }
}

fn is(value: &Json, kind: &str) -> bool {
    value.get("type").is_some_and(|known| known == kind)
}

/// The form of an answer, in that of `chat/completions`.
fn format_of_chat(format: Json) -> Json {
    if !is(&format, "json_schema") {
        return format;
    }
    let Json::Object(mut schema) = format else { return format };
    schema.remove("type");
    json!({ "type": "json_schema", "json_schema": schema })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &Json) -> Result<Json, (String, String)> {
        let mut body = json!({ "model": "desk", "input": "hi" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let wanted = Wanted::of(Fields::at(String::new(), body).unwrap());
        let wanted = wanted.map_err(|trouble| {
            let error = trouble.json()["error"].clone();
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            (text("param"), text("code"))
        })?;
        Ok(Json::Object(wanted.asked.request))
    }

    #[test]
    fn a_response_is_asked_as_a_completion_is() {
        let sent = json!({
            "instructions": "Be brief.",
            "tools": [{ "type": "function", "name": "f", "parameters": { "type": "object" }, "strict": true }],
            "tool_choice": { "type": "function", "name": "f" },
            "max_output_tokens": 9,
            "reasoning": { "effort": "low" },
            "store": true,
            "text": { "format": { "type": "json_schema", "name": "a", "schema": {}, "strict": true } },
        });
        let function = json!({ "name": "f", "parameters": { "type": "object" }, "strict": true });
        let handed = json!({
            "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "hi" }],
            "tools": [{ "type": "function", "function": function }],
            "tool_choice": { "type": "function", "function": { "name": "f" } },
            "max_tokens": 9,
            "reasoning_effort": "low",
            "response_format": { "type": "json_schema", "json_schema": { "name": "a", "schema": {}, "strict": true } },
        });
        assert_eq!(read(&sent), Ok(handed));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (sent, param, code) in [
            (json!({ "previous_response_id": 1 }), "previous_response_id", "E1091"),
            (json!({ "store": "yes" }), "store", "E1091"),
            (json!({ "conversation": "c" }), "conversation", "unsupported_parameter"),
            (json!({ "background": true }), "background", "unsupported_parameter"),
            (json!({ "tools": [{ "type": "web_search" }] }), "tools[0]", "unsupported_parameter"),
            (json!({ "tool_choice": { "type": "file_search" } }), "tool_choice", "E1091"),
            (json!({ "text": 1 }), "text", "E1091"),
            (json!({ "text": { "format": { "type": "xml" } } }), "text.format", "E1091"),
            (json!({ "text": { "format": "json_schema" } }), "text.format", "E1091"),
            (json!({ "reasoning": { "effort": 1 } }), "reasoning.effort", "E1091"),
            (json!({ "input": null }), "input", "E1091"),
            (json!({ "input": [] }), "input", "E1091"),
            (json!({ "instructions": [] }), "instructions", "E1091"),
        ] {
            assert_eq!(read(&sent), Err((param.to_owned(), code.to_owned())), "{sent}");
        }
    }
}
