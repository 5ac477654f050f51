//! Files, as flows and channels name them.
//!
//! A flow sees one text where the bytes of a file are: a public address, or a reference that only the channel it came
//! from understands. That reference names its account, so that a flow may send on to another network what it got.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carapace_channel_api::{AccountId, Attachment, MediaSource, MediaType};
use serde_json::{Value as Json, json};

/// What a reference of a channel begins with.
const SCHEME: &str = "attachment:";

/// Where a file's bytes are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// At a public address.
    Address(String),
    /// With the channel of this account.
    Account(AccountId, MediaSource),
}

/// An attachment as flows see it.
pub(crate) fn to_json(account: &AccountId, attachment: &Attachment) -> Json {
    json!({
        "kind": kind(&attachment.media_type),
        "name": (!attachment.name.is_empty()).then_some(&attachment.name),
        "media_type": attachment.media_type.0,
        "size": attachment.size,
        "url": reference(account, &attachment.source),
    })
}

/// What it is, roughly, as the library's `AttachmentKind` has it.
fn kind(media_type: &MediaType) -> &'static str {
    match media_type.family() {
        "image" => "image",
        "audio" => "audio",
        "video" => "video",
        "text" | "application" => "document",
        _ => "other",
    }
}

fn reference(account: &AccountId, source: &MediaSource) -> String {
    match source {
        MediaSource::Url { url } => url.clone(),
        // Bytes that came with the event have no other place: the whole source is the reference.
        MediaSource::Platform { .. } | MediaSource::Inline { .. } => {
            let source = serde_json::to_vec(source).unwrap_or_default();
            format!("{SCHEME}{account}/{}", URL_SAFE_NO_PAD.encode(source))
        }
        // Only what goes out lies on our disk; such a file is gone when a flow would ask for it.
        MediaSource::Held { .. } => String::new(),
    }
}

/// Where the bytes behind a flow's text are; none where it is no text of ours and no address.
pub(crate) fn place(url: &str) -> Option<Place> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Some(Place::Address(url.to_owned()));
    }
    let (account, source) = url.strip_prefix(SCHEME)?.split_once('/')?;
    let source = URL_SAFE_NO_PAD.decode(source).ok()?;
    Some(Place::Account(AccountId::from(account), serde_json::from_slice(&source).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_back_to_its_account_and_source() {
        let source = MediaSource::Platform { reference: json!({ "file": "A/B?" }) };
        let text = reference(&"shop".into(), &source);
        assert_eq!(place(&text), Some(Place::Account("shop".into(), source)));
        assert_eq!(
            place("https://example.org/a.png"),
            Some(Place::Address("https://example.org/a.png".into()))
        );
        for wrong in
            ["", "file:///etc/passwd", "attachment:shop", "attachment:shop/!!", "attachment:shop/e30"]
        {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn flows_see_what_it_is() {
        let attachment = Attachment {
            name: String::new(),
            media_type: MediaType("image/png".into()),
            size: Some(3),
            source: MediaSource::Url { url: "https://example.org/a.png".into() },
        };
        let json = to_json(&"shop".into(), &attachment);
        assert_eq!(json["kind"], "image");
        assert_eq!(json["name"], Json::Null);
        assert_eq!(json["url"], "https://example.org/a.png");
    }
}
