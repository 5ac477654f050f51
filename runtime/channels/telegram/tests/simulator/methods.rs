//! What each method does.

use super::form::Files;
use super::world::{BOT, World, merge, words};
use serde_json::{Value, json};

type Done = Result<Value, (u16, String)>;

fn bad(description: &str) -> (u16, String) {
    (400, format!("Bad Request: {description}"))
}

impl World {
    pub(super) fn do_method(&mut self, method: &str, body: &Value, files: &Files) -> Done {
        self.calls.push((method.to_owned(), body.clone()));
        match method {
            "getme" => {
                Ok(json!({ "id": BOT, "is_bot": true, "first_name": "Bot", "username": "the_test_bot" }))
            }
            "deletewebhook" => {
                self.webhook = None;
                Ok(json!(true))
            }
            "setwebhook" => {
                self.webhook = Some(body.clone());
                Ok(json!(true))
            }
            "getwebhookinfo" => {
                let url = self.webhook.as_ref().map_or(json!(""), |webhook| webhook["url"].clone());
                Ok(json!({ "url": url, "has_custom_certificate": false, "pending_update_count": 0 }))
            }
            "setmycommands" => {
                self.menu = body["commands"].as_array().cloned();
                Ok(json!(true))
            }
            "deletemycommands" => {
                self.menu = None;
                Ok(json!(true))
            }
            "answercallbackquery" | "sendchataction" => Ok(json!(true)),
            "getchatadministrators" => self.administrators(body),
            "sendmessage" => self.send(body, "text", 4_096),
            "sendmessagedraft" => self.preview(body),
            "sendpoll" => self.send_poll(body),
            "sendphoto" | "sendvideo" | "sendanimation" | "sendaudio" | "sendvoice" | "senddocument"
            | "sendsticker" | "sendvideonote" => {
                let field = if method == "sendvideonote" { "video_note" } else { &method[4..] };
                self.send_file(body, field, files)
            }
            "sendmediagroup" => self.send_album(body, files),
            "forwardmessage" => self.forward(body),
            "editmessagetext" => self.edit(body, "text"),
            "editmessagecaption" => self.edit(body, "caption"),
            "deletemessage" => self.delete(body),
            "setmessagereaction" => self.react(body),
            "getfile" => self.get_file(body),
            other => Err((404, format!("Not Found: method {other} not found"))),
        }
    }

    /// Those of a group, never another bot.
    fn administrators(&self, body: &Value) -> Done {
        let chat = body["chat_id"].as_i64().unwrap_or_default();
        if chat >= 0 {
            return Err(bad("there are no administrators in the private chat"));
        }
        let people = self.administrators.iter().filter(|(of, ..)| *of == chat);
        let member = |(_, person, status): &(i64, i64, &str)| {
            let user = World::person(*person);
            json!({ "user": user, "status": status, "is_anonymous": false })
        };
        Ok(people.map(member).collect())
    }

    fn place(&self, body: &Value) -> Result<i64, (u16, String)> {
        let chat = body["chat_id"].as_i64().ok_or_else(|| bad("chat not found"))?;
        // A chat is there when somebody has written in it.
        if chat > 0 && !self.shown.iter().any(|shown| shown.chat == chat) {
            return Err(bad("chat not found"));
        }
        if body["message_thread_id"] == 1 {
            return Err(bad("message thread not found"));
        }
        Ok(chat)
    }

    fn send(&mut self, body: &Value, field: &str, most: usize) -> Done {
        let chat = self.place(body)?;
        let mut shown = body.clone();
        let text = body[field].as_str().unwrap_or_default();
        let read = readable(text, body)?;
        if field == "text" && read.trim().is_empty() {
            return Err(bad("message text is empty"));
        }
        if read.chars().count() > most {
            return Err(bad(if field == "text" {
                "message is too long"
            } else {
                "message caption is too long"
            }));
        }
        for row in body["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten() {
            for key in row.as_array().into_iter().flatten() {
                if key["callback_data"].as_str().is_none_or(|data| data.is_empty() || data.len() > 64) {
                    return Err(bad("BUTTON_DATA_INVALID"));
                }
            }
        }
        shown[field] = json!(read);
        let id = self.put(chat, true, &shown);
        let mut message = json!({ "message_id": id, "date": 1_790_000_000, "chat": World::chat(chat), "from": { "id": BOT, "is_bot": true, "first_name": "Bot" } });
        merge(&mut message, &json!({ field: read }));
        Ok(message)
    }

    /// Private chats have previews, which are shown and never stand there.
    fn preview(&mut self, body: &Value) -> Done {
        let chat = self.place(body)?;
        if chat < 0 {
            return Err(bad("the method is available only in private chats"));
        }
        if body["draft_id"].as_i64().is_none_or(|id| id == 0) {
            return Err(bad("draft_id must be non-zero"));
        }
        let text = body["text"].as_str().unwrap_or_default();
        if text.chars().count() > 4_096 {
            return Err(bad("message is too long"));
        }
        Ok(json!(true))
    }

    fn send_poll(&mut self, body: &Value) -> Done {
        if body["options"].as_array().is_none_or(|options| options.len() < 2) {
            return Err(bad("poll must have at least 2 option"));
        }
        let chat = self.place(body)?;
        let id = self.put(chat, true, body);
        Ok(
            json!({ "message_id": id, "date": 1_790_000_000, "chat": World::chat(chat), "poll": { "id": format!("poll{id}"), "question": body["question"] } }),
        )
    }

    fn send_file(&mut self, body: &Value, field: &str, files: &Files) -> Done {
        let name = body[field].as_str().ok_or_else(|| bad("there is no file in the request"))?;
        let file = self.keep(name, files)?;
        let mut message = self.send(body, "caption", 1_024)?;
        message[field] = json!({ "file_id": file });
        Ok(message)
    }

    fn send_album(&mut self, body: &Value, files: &Files) -> Done {
        let media = body["media"].as_array().cloned().unwrap_or_default();
        if !(2..=10).contains(&media.len()) {
            return Err(bad("group send failed"));
        }
        let mut messages = Vec::new();
        for one in media {
            self.keep(one["media"].as_str().unwrap_or_default(), files)?;
            let mut shown = one;
            shown["chat_id"] = body["chat_id"].clone();
            shown["reply_parameters"] = body["reply_parameters"].clone();
            shown["message_thread_id"] = body["message_thread_id"].clone();
            messages.push(self.send(&shown, "caption", 1_024)?);
        }
        Ok(json!(messages))
    }

    /// A file's id: one that was given before, an address, or one that came with the request.
    fn keep(&mut self, name: &str, files: &Files) -> Result<String, (u16, String)> {
        let Some(field) = name.strip_prefix("attach://") else {
            if name.starts_with("http") || self.files.contains_key(name) {
                return Ok(name.to_owned());
            }
            return Err(bad("wrong file identifier/HTTP URL specified"));
        };
        let (_, bytes) = files.get(field).ok_or_else(|| bad("there is no file in the request"))?;
        let id = format!("up{}", self.files.len());
        self.files.insert(id.clone(), bytes.clone());
        Ok(id)
    }

    fn forward(&mut self, body: &Value) -> Done {
        let (from, id) = (body["from_chat_id"].as_i64(), body["message_id"].as_i64());
        let shown = self
            .find(from.unwrap_or(0), id.unwrap_or(0))
            .ok_or_else(|| bad("message to forward not found"))?;
        let mut again = shown.body.clone();
        again["chat_id"] = body["chat_id"].clone();
        let chat = self.place(body)?;
        let id = self.put(chat, true, &again);
        Ok(json!({ "message_id": id, "date": 1_790_000_000, "chat": World::chat(chat) }))
    }

    fn edit(&mut self, body: &Value, field: &str) -> Done {
        let read = readable(body[field].as_str().unwrap_or_default(), body)?;
        let chat = body["chat_id"].as_i64().unwrap_or(0);
        let shown = self
            .find(chat, body["message_id"].as_i64().unwrap_or(0))
            .ok_or_else(|| bad("message to edit not found"))?;
        if !shown.ours {
            return Err(bad("message can't be edited"));
        }
        if field == "text" && shown.body.get("text").is_none() {
            return Err(bad("there is no text in the message to edit"));
        }
        let keys = body.get("reply_markup").cloned().unwrap_or_default();
        if shown.body[field] == json!(read)
            && shown.body.get("reply_markup").cloned().unwrap_or_default() == keys
        {
            return Err(bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
            ));
        }
        shown.body[field] = json!(read);
        shown.body["reply_markup"] = keys;
        let seen = words(&shown.body);
        shown.seen.extend(seen);
        Ok(json!({ "message_id": shown.id, "date": 1_790_000_000, "chat": World::chat(chat) }))
    }

    fn delete(&mut self, body: &Value) -> Done {
        let (chat, id) = (body["chat_id"].as_i64().unwrap_or(0), body["message_id"].as_i64().unwrap_or(0));
        let shown = self.find(chat, id).ok_or_else(|| bad("message to delete not found"))?;
        if !shown.ours && chat > 0 {
            return Err(bad("message can't be deleted for everyone"));
        }
        shown.gone = true;
        Ok(json!(true))
    }

    fn react(&mut self, body: &Value) -> Done {
        let (chat, id) = (body["chat_id"].as_i64().unwrap_or(0), body["message_id"].as_i64().unwrap_or(0));
        let shown = self.find(chat, id).ok_or_else(|| bad("message to react not found"))?;
        let reaction = body["reaction"].as_array().and_then(|list| list.first()).cloned().unwrap_or_default();
        if reaction["type"] == "emoji" && !["👍", "❤", "🔥"].iter().any(|emoji| reaction["emoji"] == *emoji)
        {
            return Err(bad("REACTION_INVALID"));
        }
        shown.body["reaction"] = reaction;
        Ok(json!(true))
    }

    fn get_file(&mut self, body: &Value) -> Done {
        let id = body["file_id"].as_str().unwrap_or_default();
        let bytes =
            self.files.get(id).ok_or_else(|| bad("wrong file_id or the file is temporarily unavailable"))?;
        if bytes.len() > 20 << 20 {
            return Err(bad("file is too big"));
        }
        Ok(
            json!({ "file_id": id, "file_unique_id": id, "file_size": bytes.len(), "file_path": format!("files/{id}") }),
        )
    }
}

/// A text as people read it; HTML has to parse, as far as it is used.
fn readable(text: &str, body: &Value) -> Result<String, (u16, String)> {
    if body["parse_mode"] != "HTML" {
        return Ok(text.to_owned());
    }
    let (mut read, mut open, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = rest.find('<') {
        read.push_str(&rest[..at]);
        let end = rest[at..].find('>').ok_or_else(|| bad("can't parse entities: unclosed start tag"))? + at;
        let name = rest[at + 1..end].split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            None if ["b", "i", "s", "u", "a", "code", "pre"].contains(&name) => open.push(name),
            _ => return Err(bad(&format!("can't parse entities: unsupported tag \"{name}\""))),
        }
        rest = &rest[end + 1..];
    }
    if !open.is_empty() {
        return Err(bad("can't parse entities: can't find end tag"));
    }
    read.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    Ok(entities.iter().fold(read, |text, (entity, letter)| text.replace(entity, letter)))
}
