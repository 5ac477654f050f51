//! A message.

use super::attachment::attachments;
use super::happening::Me;
use super::people::sender;
use crate::part::Part;
use carapace_channel_api::{Mention, Message, MessageId, Quoted, UserId};

/// What a message says; none where it says nothing: that somebody pinned something, or what this version does not know.
pub(super) fn message(part: Part<'_>, me: &Me) -> Option<Message> {
    let id = MessageId(part.at("message_id").number()?.to_string());
    let attachments = attachments(part);
    let text = match text(part) {
        Some(text) => text.to_owned(),
        None => other(part).or_else(|| (!attachments.is_empty()).then(String::new))?,
    };
    Some(Message { id, text, attachments, reply_to: quoted(part), mentions: mentions(part, me) })
}

/// The text of a message, or below its file.
fn text(part: Part<'_>) -> Option<&str> {
    part.at("text").text().or_else(|| part.at("caption").text())
}

/// What has no text and no file, in words: a place is a `geo:` address (RFC 5870).
fn other(part: Part<'_>) -> Option<String> {
    let place = part.at("location");
    if let (Some(latitude), Some(longitude)) =
        (place.at("latitude").fraction(), place.at("longitude").fraction())
    {
        let name = part.at("venue").at("title").text().map(|title| format!("{title}\n")).unwrap_or_default();
        return Some(format!("{name}geo:{latitude},{longitude}"));
    }
    let contact = part.at("contact");
    if let Some(number) = contact.at("phone_number").text() {
        let name = [contact.at("first_name").text(), contact.at("last_name").text(), Some(number)];
        return Some(name.into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    let dice = part.at("dice");
    if let (Some(emoji), Some(value)) = (dice.at("emoji").text(), dice.at("value").number()) {
        return Some(format!("{emoji} {value}"));
    }
    part.at("poll").at("question").text().map(str::to_owned)
}

fn quoted(part: Part<'_>) -> Option<Quoted> {
    let answered = part.at("reply_to_message");
    let id = answered.at("message_id").number()?;
    // Whatever stands in a topic answers the message that opened it, as far as Telegram is concerned.
    if answered.at("forum_topic_created").is_there() {
        return None;
    }
    let quote = part.at("quote").at("text").text().or_else(|| text(answered));
    let wrote = sender(answered).map(|(user, _)| user.id);
    Some(Quoted { id: MessageId(id.to_string()), text: quote.map(str::to_owned), sender: wrote })
}

fn mentions(part: Part<'_>, me: &Me) -> Vec<Mention> {
    entities(part)
        .filter_map(|(entity, said)| match entity.at("type").text()? {
            "mention" => {
                let name = said?;
                let is_me = me.is_called(name.strip_prefix('@')?);
                // Of somebody else Telegram says the name and not the id.
                let user = if is_me { me.id.to_string() } else { name.clone() };
                Some(Mention { user: UserId(user), name: Some(name), me: is_me })
            }
            "text_mention" => {
                let id = entity.at("user").at("id").number()?;
                Some(Mention { user: UserId(id.to_string()), name: said, me: id == me.id })
            }
            _ => None,
        })
        .collect()
}

/// Whether a message of a group is meant for us: it mentions us, answers us, or is a command that is not another bot's.
pub(super) fn addressed(part: Part<'_>, message: &Message, me: &Me) -> bool {
    let answers = part.at("reply_to_message").at("from").at("id").number() == Some(me.id)
        && !part.at("reply_to_message").at("forum_topic_created").is_there();
    answers || message.mentions.iter().any(|mention| mention.me) || commanded(&message.text, me) == Some(true)
}

/// Whether a text is a command for us; none where it is no command.
pub(super) fn commanded(text: &str, me: &Me) -> Option<bool> {
    let word = text.trim_start().strip_prefix('/')?.split(char::is_whitespace).next().unwrap_or_default();
    match word.split_once('@') {
        _ if !word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => None,
        Some((_, bot)) => Some(me.is_called(bot)),
        None => Some(true),
    }
}

/// The marked stretches of the text or caption, each with its part of the text.
fn entities(part: Part<'_>) -> impl Iterator<Item = (Part<'_>, Option<String>)> {
    let field = if part.at("text").text().is_some() { "entities" } else { "caption_entities" };
    let units: Vec<u16> = text(part).unwrap_or_default().encode_utf16().collect();
    part.at(field).list().map(move |entity| {
        // Offsets count UTF-16 code units (Bot API, `MessageEntity`).
        let place = |name| entity.at(name).number().and_then(|at| usize::try_from(at).ok());
        let said = place("offset").zip(place("length")).and_then(|(offset, length)| {
            String::from_utf16(units.get(offset..offset.checked_add(length)?)?).ok()
        });
        (entity, said)
    })
}
