//! Files on their way out: as what, with which request, and which of them together.

use crate::part::Part;
use crate::wire::{Bytes, File};
use carapace_channel_api::{Attachment, MediaSource, Outcome, RefusalKind};
use serde_json::{Map, Value, json};

/// What a bot may send: a file, and a picture (Bot API, "Sending files").
const LARGEST: u64 = 50 * 1024 * 1024;
const LARGEST_PHOTO: u64 = 10 * 1024 * 1024;

/// Files in one album (Bot API, `sendMediaGroup`).
const ALBUM: usize = 10;

/// What a file is sent as: the field and the method are called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Photo,
    Video,
    Animation,
    Audio,
    Voice,
    VideoNote,
    Sticker,
    Document,
}

/// Where Telegram has a file from.
#[derive(Debug, Clone)]
enum From {
    /// An address, or Telegram's own id.
    Named(String),
    /// Us.
    Bytes(Bytes),
}

/// A file that is ready to go.
#[derive(Debug, Clone)]
pub(super) struct Ready<'a> {
    pub(super) kind: As,
    from: From,
    name: String,
    media_type: &'a str,
}

impl As {
    pub(super) fn field(self) -> &'static str {
        match self {
            As::Photo => "photo",
            As::Video => "video",
            As::Animation => "animation",
            As::Audio => "audio",
            As::Voice => "voice",
            As::VideoNote => "video_note",
            As::Sticker => "sticker",
            As::Document => "document",
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            As::Photo => "sendPhoto",
            As::Video => "sendVideo",
            As::Animation => "sendAnimation",
            As::Audio => "sendAudio",
            As::Voice => "sendVoice",
            As::VideoNote => "sendVideoNote",
            As::Sticker => "sendSticker",
            As::Document => "sendDocument",
        }
    }

    /// Whether a text can stand below it.
    pub(super) fn takes_text(self) -> bool {
        !matches!(self, As::VideoNote | As::Sticker)
    }

    /// Albums hold pictures and films, or documents, or music; nothing else, and nothing mixed.
    fn album(self) -> Option<u8> {
        match self {
            As::Photo | As::Video => Some(0),
            As::Document => Some(1),
            As::Audio => Some(2),
            As::Animation | As::Voice | As::VideoNote | As::Sticker => None,
        }
    }

    fn of(media_type: &str, size: Option<u64>) -> As {
        match media_type {
            "image/jpeg" | "image/png" | "image/webp" | "image/*"
                if size.is_none_or(|size| size <= LARGEST_PHOTO) =>
            {
                As::Photo
            }
            "image/gif" => As::Animation,
            "video/mp4" | "video/*" => As::Video,
            "audio/ogg" | "audio/opus" => As::Voice,
            "audio/mpeg" | "audio/mp3" | "audio/mp4" | "audio/x-m4a" | "audio/*" => As::Audio,
            _ => As::Document,
        }
    }

    /// What a reference of ours says that it was.
    fn said(field: &str) -> Option<As> {
        [As::Photo, As::Video, As::Animation, As::Audio, As::Voice, As::VideoNote, As::Sticker, As::Document]
            .into_iter()
            .find(|kind| kind.field() == field)
    }
}

/// The files, ready, in groups that go with one request each.
pub(super) fn groups(attachments: &[Attachment]) -> Result<Vec<Vec<Ready<'_>>>, Outcome> {
    let mut groups: Vec<Vec<Ready<'_>>> = Vec::new();
    for attachment in attachments {
        let file = ready(attachment)?;
        match groups.last_mut() {
            Some(group)
                if group.len() < ALBUM
                    && file.kind.album().is_some()
                    && group.last().is_some_and(|last| last.kind.album() == file.kind.album()) =>
            {
                group.push(file);
            }
            _ => groups.push(vec![file]),
        }
    }
    Ok(groups)
}

fn ready(attachment: &Attachment) -> Result<Ready<'_>, Outcome> {
    let media_type = attachment.media_type.0.as_str();
    let name = if attachment.name.is_empty() { "file".to_owned() } else { attachment.name.clone() };
    let ready = |kind, from| Ready { kind, from, name: name.clone(), media_type };
    match &attachment.source {
        MediaSource::Url { url } => Ok(ready(As::of(media_type, None), From::Named(url.clone()))),
        MediaSource::Inline { bytes } => {
            let kind = As::of(media_type, Some(checked(&name, bytes.len() as u64)?));
            Ok(ready(kind, From::Bytes(Bytes::Here(bytes.clone()))))
        }
        MediaSource::Held { file } => {
            let kind = As::of(media_type, Some(checked(&name, file.size())?));
            Ok(ready(kind, From::Bytes(Bytes::Held(file.clone()))))
        }
        MediaSource::Platform { reference } => {
            let reference = Part::of(reference);
            let id = reference.at("file").text();
            let kind = reference.at("as").text().and_then(As::said);
            let (Some(id), Some(kind)) = (id, kind) else {
                let message = format!("`{name}` belongs to another account");
                return Err(Outcome::refused(RefusalKind::NotFound, message));
            };
            Ok(ready(kind, From::Named(id.to_owned())))
        }
    }
}

/// The size of a file that Telegram takes.
fn checked(name: &str, size: u64) -> Result<u64, Outcome> {
    let (kind, why) = match size {
        0 => (RefusalKind::Invalid, "is empty, and telegram takes no empty file"),
        1..=LARGEST => return Ok(size),
        _ => (RefusalKind::TooLarge, "is larger than the 50 MB that a bot may send"),
    };
    Err(Outcome::refused(kind, format!("`{name}` {why}")))
}

/// The method for one group, with its fields and what is uploaded. The first file bears the text, where `text` has one.
pub(super) fn request(group: &[Ready<'_>], text: Map<String, Value>) -> (&'static str, Value, Vec<File>) {
    let mut uploads = Vec::new();
    let mut upload = |file: &Ready<'_>| match &file.from {
        From::Named(named) => named.clone(),
        From::Bytes(bytes) => {
            let field = format!("file{}", uploads.len());
            uploads.push(File {
                field: field.clone(),
                name: file.name.clone(),
                media_type: file.media_type.to_owned(),
                bytes: bytes.clone(),
            });
            format!("attach://{field}")
        }
    };
    match group {
        [file] => {
            let mut body = text;
            body.insert(file.kind.field().to_owned(), upload(file).into());
            (file.kind.method(), Value::Object(body), uploads)
        }
        _ => {
            let mut text = text;
            let media: Vec<Value> = group
                .iter()
                .map(|file| {
                    let mut media = std::mem::take(&mut text);
                    media.insert("type".to_owned(), file.kind.field().into());
                    media.insert("media".to_owned(), upload(file).into());
                    Value::Object(media)
                })
                .collect();
            ("sendMediaGroup", json!({ "media": media }), uploads)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_api::MediaType;

    fn file(media_type: &str) -> Attachment {
        Attachment {
            name: "a".to_owned(),
            media_type: MediaType(media_type.to_owned()),
            size: None,
            source: MediaSource::Inline { bytes: vec![1] },
        }
    }

    #[test]
    fn files_go_as_what_they_are_and_together_where_they_fit() {
        let files: Vec<Attachment> = [
            "image/png",
            "video/mp4",
            "application/pdf",
            "text/plain",
            "audio/ogg",
            "image/gif",
            "audio/mpeg",
        ]
        .map(file)
        .to_vec();
        let groups = groups(&files).unwrap();
        let kinds: Vec<Vec<As>> = groups.iter().map(|g| g.iter().map(|file| file.kind).collect()).collect();
        assert_eq!(
            kinds,
            [
                vec![As::Photo, As::Video],
                vec![As::Document, As::Document],
                vec![As::Voice],
                vec![As::Animation],
                vec![As::Audio]
            ]
        );
        let (method, body, uploads) =
            request(&groups[0], json!({ "caption": "hi" }).as_object().unwrap().clone());
        assert_eq!((method, uploads.len()), ("sendMediaGroup", 2));
        assert_eq!(body["media"][0], json!({ "type": "photo", "media": "attach://file0", "caption": "hi" }));
        assert_eq!(body["media"][1], json!({ "type": "video", "media": "attach://file1" }));
    }

    #[test]
    fn more_than_an_album_holds_are_two() {
        let files = vec![file("image/jpeg"); 12];
        let sizes: Vec<usize> = groups(&files).unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, [10, 2]);
    }
}
