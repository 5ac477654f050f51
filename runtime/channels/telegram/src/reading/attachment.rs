//! Files of a message, by reference: Telegram keeps them, `getFile` says where.

use crate::part::Part;
use carapace_channel_api::{Attachment, MediaSource, MediaType};
use serde_json::json;

/// The fields that hold one file, what it is where it does not say, and the name of one that has none.
const FILES: [(&str, &str, &str); 7] = [
    ("animation", "video/mp4", "animation.mp4"),
    ("audio", "audio/mpeg", "audio.mp3"),
    ("document", "application/octet-stream", ""),
    ("sticker", "image/webp", "sticker.webp"),
    ("video", "video/mp4", "video.mp4"),
    ("video_note", "video/mp4", "video.mp4"),
    ("voice", "audio/ogg", "voice.ogg"),
];

/// The files of a message.
pub(super) fn attachments(message: Part<'_>) -> Vec<Attachment> {
    let photo = message.at("photo").list().filter(|size| size.at("file_id").text().is_some());
    // The same picture in several sizes.
    let largest = photo.max_by_key(|size| {
        size.at("width").number().unwrap_or(0).saturating_mul(size.at("height").number().unwrap_or(0))
    });
    let photo = largest.and_then(|size| attachment("photo", size, "image/jpeg", "photo.jpg"));
    // An animation is repeated as a document, for those who do not know animations.
    let repeated = message.at("animation").is_there();
    let files = FILES.iter().filter(|(field, ..)| !(repeated && *field == "document"));
    let files = files.filter_map(|(field, media_type, name)| {
        let (media_type, name) = match *field {
            "sticker" => sticker(message.at(field)),
            _ => (*media_type, *name),
        };
        attachment(field, message.at(field), media_type, name)
    });
    photo.into_iter().chain(files).collect()
}

fn attachment(field: &str, file: Part<'_>, media_type: &str, name: &str) -> Option<Attachment> {
    let id = file.at("file_id").text()?;
    let said = file.at("mime_type").text().filter(|said| said.contains('/'));
    Some(Attachment {
        name: file.at("file_name").text().unwrap_or(name).to_owned(),
        media_type: MediaType(said.unwrap_or(media_type).to_owned()),
        size: file.at("file_size").number().and_then(|size| u64::try_from(size).ok()),
        source: MediaSource::Platform { reference: json!({ "file": id, "as": field }) },
    })
}

fn sticker(sticker: Part<'_>) -> (&'static str, &'static str) {
    if sticker.at("is_animated").is_true() {
        ("application/x-tgsticker", "sticker.tgs")
    } else if sticker.at("is_video").is_true() {
        ("video/webm", "sticker.webm")
    } else {
        ("image/webp", "sticker.webp")
    }
}
