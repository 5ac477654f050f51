//! What is said, as a network can take it.

use crate::attachment::{Place, place};
use carapace_channel_api::parts::{Unit, split};
use carapace_channel_api::{Attachment, Button, Content, Markup, MediaSource, MediaType};
use carapace_effect::Kind;
use serde_json::Value as Json;

/// A message in the making: the content, and files that are still to be fetched from other accounts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) buttons: Vec<Button>,
    pub(crate) files: Vec<(Attachment, Place)>,
}

impl Draft {
    /// Of a `Content` of the language, or a plain text. Why not, where a file of it is nowhere.
    pub(crate) fn of(content: &Json) -> Result<Draft, String> {
        let text = content.as_str().or_else(|| content.get("text")?.as_str()).unwrap_or_default();
        let list = |name: &str| content.get(name).and_then(Json::as_array).into_iter().flatten();
        let button = |button: &Json| {
            let field = |name| button.get(name).and_then(Json::as_str);
            Some(Button::new(field("value")?, field("label")?))
        };
        Ok(Draft {
            text: text.to_owned(),
            buttons: list("buttons").filter_map(button).collect(),
            files: list("attachments").map(file).collect::<Result<_, _>>()?,
        })
    }

    /// As messages: the text in parts that the kind can take, buttons below the last, files with the first. Choices that
    /// the kind cannot show as buttons are numbered lines, which the engine understands when they are answered.
    pub(crate) fn messages(self, kind: Option<&Kind>) -> Vec<Content> {
        let able = |ability| kind.is_none_or(|kind| kind.can(ability));
        let (mut text, mut buttons) = (self.text, self.buttons);
        if !able("buttons") {
            for (n, button) in buttons.drain(..).enumerate() {
                let line = format!("{}. {}", n.saturating_add(1), button.label);
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&line);
            }
        }
        let most = kind.map_or(usize::MAX, |kind| kind.max_text);
        let mut messages: Vec<Content> =
            split(&text, most, Unit::Chars).into_iter().map(Content::text).collect();
        if let Some(first) = messages.first_mut() {
            first.attachments = self.files.into_iter().map(|(attachment, _)| attachment).collect();
        }
        if let Some(last) = messages.last_mut() {
            last.buttons = buttons;
            last.markup = Markup::Plain;
        }
        messages
    }
}

fn file(json: &Json) -> Result<(Attachment, Place), String> {
    let field = |name| json.get(name).and_then(Json::as_str);
    let url = field("url").unwrap_or_default();
    let place = place(url).ok_or_else(|| format!("`{url}` is no address of a file"))?;
    let source = match &place {
        Place::Address(url) => MediaSource::Url { url: url.clone() },
        Place::Account(_, source) => source.clone(),
    };
    let media_type = field("media_type").unwrap_or(match field("kind") {
        Some("image") => "image/*",
        Some("audio" | "voice") => "audio/*",
        Some("video") => "video/*",
        _ => "application/octet-stream",
    });
    let attachment = Attachment {
        name: field("name").or_else(|| file_name(url)).unwrap_or_default().to_owned(),
        media_type: MediaType(media_type.to_owned()),
        size: json.get("size").and_then(Json::as_u64),
        source,
    };
    Ok((attachment, place))
}

/// The last part of an address, as the name of what lies there.
fn file_name(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next().filter(|url| url.starts_with("http"))?;
    path.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(name: &str) -> Option<&'static Kind> {
        Kind::named(name)
    }

    #[test]
    fn a_long_text_goes_out_in_parts_with_the_buttons_below_the_last() {
        let text = "word ".repeat(3_000);
        let content = json!({ "text": text, "buttons": [{ "label": "Yes", "value": "y" }] });
        let messages = Draft::of(&content).unwrap().messages(kind("telegram"));
        assert_eq!(messages.len(), 4);
        assert_eq!(messages.iter().map(|m| m.text.as_str()).collect::<String>(), text);
        let buttons: Vec<usize> = messages.iter().map(|m| m.buttons.len()).collect();
        assert_eq!(buttons, [0, 0, 0, 1]);
    }

    #[test]
    fn choices_are_numbered_lines_where_there_are_no_buttons() {
        let content = json!({ "text": "Tea?", "buttons": [{ "label": "Yes", "value": "y" }, { "label": "No", "value": "n" }] });
        let [message] = &Draft::of(&content).unwrap().messages(kind("signal"))[..] else { panic!() };
        assert_eq!((message.text.as_str(), message.buttons.len()), ("Tea?\n1. Yes\n2. No", 0));
    }

    #[test]
    fn a_file_that_is_nowhere_is_told() {
        let content = json!({ "text": "", "attachments": [{ "kind": "image", "url": "/etc/passwd" }] });
        assert_eq!(Draft::of(&content).unwrap_err(), "`/etc/passwd` is no address of a file");
    }
}
