//! The items of an input, as messages in the form of `chat/completions`.

use crate::openai::trouble::Trouble;
use serde_json::{Value as Json, json};

/// An input as messages; a text is what the person says.
pub(super) fn messages(input: Json) -> Result<Vec<Json>, Trouble> {
    let items = match input {
        Json::String(text) => return Ok(vec![json!({ "role": "user", "content": text })]),
        Json::Array(items) => items,
        _ => return Err(Trouble::unfit("input", "`input` is a text, or a list of items")),
    };
    let mut messages: Vec<Json> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let place = format!("input[{at}]");
        match item["type"].as_str() {
            None | Some("message") => messages.push(message(&place, item)?),
            Some("function_call") => {
                let call = call(&place, item)?;
                // Calls of one step stand in one message, together with what was said before them.
                let last = messages.last_mut().filter(|last| last["role"] == "assistant");
                match last.and_then(Json::as_object_mut) {
                    Some(last) => match last.get_mut("tool_calls").and_then(Json::as_array_mut) {
                        Some(calls) => calls.push(call),
                        None => drop(last.insert("tool_calls".to_owned(), json!([call]))),
                    },
                    None => {
                        messages.push(json!({ "role": "assistant", "content": null, "tool_calls": [call] }))
                    }
                }
            }
            Some("function_call_output") => messages.push(output(&place, item)?),
            // Thoughts of a model belong to it, and are of no use to another request.
            Some("reasoning") => {}
            Some("item_reference") => {
                let why = format!("`{place}` refers to what was said before, which is not kept");
                return Err(Trouble::unsupported(&place, why).help("send the item itself"));
            }
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                let why = format!("`{place}` is a `{shown}`, which agents do not take");
                return Err(Trouble::unsupported(&place, why));
            }
        }
    }
    Ok(messages)
}

fn message(place: &str, item: &Json) -> Result<Json, Trouble> {
    let content = match &item["content"] {
        Json::Array(parts) => {
            let parts =
                parts.iter().enumerate().map(|(at, one)| part(&format!("{place}.content[{at}]"), one));
            Json::Array(parts.collect::<Result<_, _>>()?)
        }
        content => content.clone(),
    };
    Ok(json!({ "role": item["role"], "content": content }))
}

fn part(place: &str, part: &Json) -> Result<Json, Trouble> {
    Ok(match part["type"].as_str() {
        Some("input_text" | "output_text") => json!({ "type": "text", "text": part["text"] }),
        Some("refusal") => part.clone(),
        Some("input_image") if part["image_url"].is_string() => {
            json!({ "type": "image_url", "image_url": { "url": part["image_url"] } })
        }
        Some("input_image" | "input_file") => {
            let why = format!("`{place}` is no picture within the request or at an address");
            return Err(Trouble::unsupported(place, why));
        }
        _ => return Err(Trouble::unfit(place, format!("`{place}` is no text and no picture"))),
    })
}

fn call(place: &str, item: &Json) -> Result<Json, Trouble> {
    let (id, name, arguments) = (&item["call_id"], &item["name"], &item["arguments"]);
    if !(id.is_string() && name.is_string() && arguments.is_string()) {
        let why = format!("`{place}` has `call_id`, `name` and `arguments`, all of them texts");
        return Err(Trouble::unfit(place, why));
    }
    Ok(json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } }))
}

fn output(place: &str, item: &Json) -> Result<Json, Trouble> {
    let content = match &item["output"] {
        Json::String(text) => json!(text),
        Json::Array(parts) => {
            let parts = parts.iter().enumerate().map(|(at, one)| part(&format!("{place}.output[{at}]"), one));
            Json::Array(parts.collect::<Result<_, _>>()?)
        }
        _ => return Err(Trouble::unfit(place, format!("`{place}.output` is a text, or a list of parts"))),
    };
    Ok(json!({ "role": "tool", "tool_call_id": item["call_id"], "content": content }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_become_messages() {
        let call = |id: &str| json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } });
        for (input, expected) in [
            (json!("hi"), json!([{ "role": "user", "content": "hi" }])),
            (json!([{ "role": "user", "content": "hi" }]), json!([{ "role": "user", "content": "hi" }])),
            (
                json!([
                    { "type": "message", "role": "user", "content": [
                        { "type": "input_text", "text": "see" }, { "type": "input_image", "image_url": "data:," },
                    ] },
                    { "type": "reasoning", "id": "rs_1", "summary": [] },
                    { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "I look." }] },
                    { "type": "function_call", "call_id": "1", "name": "f", "arguments": "{}" },
                    { "type": "function_call", "call_id": "2", "name": "f", "arguments": "{}" },
                    { "type": "function_call_output", "call_id": "1", "output": "4" },
                    { "type": "function_call_output", "call_id": "2", "output": [{ "type": "input_text", "text": "5" }] },
                ]),
                json!([
                    { "role": "user", "content": [
                        { "type": "text", "text": "see" }, { "type": "image_url", "image_url": { "url": "data:," } },
                    ] },
                    { "role": "assistant", "content": [{ "type": "text", "text": "I look." }], "tool_calls": [call("1"), call("2")] },
                    { "role": "tool", "tool_call_id": "1", "content": "4" },
                    { "role": "tool", "tool_call_id": "2", "content": [{ "type": "text", "text": "5" }] },
                ]),
            ),
            (
                json!([{ "type": "function_call", "call_id": "1", "name": "f", "arguments": "{}" }]),
                json!([{ "role": "assistant", "content": null, "tool_calls": [call("1")] }]),
            ),
        ] {
            assert_eq!(Json::Array(messages(input.clone()).unwrap()), expected, "{input}");
        }
    }

    #[test]
    fn other_items_are_refused() {
        for (input, param) in [
            (json!(7), "input"),
            (json!([{ "type": "item_reference", "id": "x" }]), "input[0]"),
            (json!([{ "type": "web_search_call" }]), "input[0]"),
            (json!([{ "type": "function_call", "name": "f" }]), "input[0]"),
            (json!([{ "role": "user", "content": [{ "type": "input_audio" }] }]), "input[0].content[0]"),
            (
                json!([{ "role": "user", "content": [{ "type": "input_image", "file_id": "f" }] }]),
                "input[0].content[0]",
            ),
            (json!([{ "type": "function_call_output", "call_id": "1" }]), "input[0]"),
        ] {
            let trouble = messages(input.clone()).unwrap_err();
            assert_eq!(trouble.json()["error"]["param"], param, "{input}");
        }
    }
}
