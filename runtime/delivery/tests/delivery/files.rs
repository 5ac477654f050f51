//! Files, brought from where they are to those who have to be given them.

use crate::network::{House, Network, reply};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carapace_channel_api::{Attachment, FetchError, File, Media, MediaSource, MediaType, Operation};
use carapace_effect::{Act, FailureKind, Reported};
use serde_json::json;
use std::sync::Arc;

/// Knows one picture; whatever says `meow` is one, too, and what says that it is a program is none.
struct Library;

#[async_trait]
impl Media for Library {
    async fn fetch(&self, url: &str, _: &MediaType, _: u64) -> Result<File, FetchError> {
        match url {
            "https://a.example/cat.png?size=1" => {
                Ok(File { bytes: b"meow".to_vec(), media_type: MediaType("image/cat".into()) })
            }
            "https://a.example/slow.png" => std::future::pending().await,
            _ => Err(FetchError::Refused { message: "no".to_owned() }),
        }
    }

    fn look(&self, _: &[u8], claimed: &MediaType) -> Result<MediaType, FetchError> {
        match claimed.0.as_str() {
            "application/x-program" => Err(FetchError::Refused { message: "no".to_owned() }),
            _ => Ok(MediaType("image/cat".into())),
        }
    }
}

fn picture(url: &str, media_type: &str) -> Act {
    let attachment = json!({ "kind": "image", "url": url, "media_type": media_type });
    let mut act = reply(0, "look");
    act.arguments.insert("content".into(), json!({ "text": "look", "attachments": [attachment] }));
    act
}

/// The attachment as the network got it.
async fn sent(kind: &'static str, url: &str) -> Attachment {
    let network = Network::new(kind, "main", []);
    let mut house = House::with_media(&[&network], Arc::new(Library));
    let outcome = house.perform(picture(url, "image/*")).await;
    assert!(matches!(outcome, Reported::Sent(..)), "{outcome:?}");
    let Operation::Send { content, .. } = network.seen().remove(0).operation else { panic!() };
    content.attachments.into_iter().next().unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_asks_no_address_is_given_the_bytes() {
    let url = "https://a.example/cat.png?size=1";
    let given = sent("webchat", url).await;
    assert_eq!(given.source, MediaSource::Inline { bytes: b"meow".to_vec() });
    assert_eq!(
        (given.media_type.0.as_str(), given.size, given.name.as_str()),
        ("image/cat", Some(4), "cat.png")
    );
    // Who asks for itself, or can show an address, gets that.
    let given = sent("line", url).await;
    assert_eq!(given.source, MediaSource::Url { url: url.to_owned() });
    assert_eq!(given.media_type.0, "image/*");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_had_is_shown_as_its_address() {
    for url in ["https://10.0.0.1/x.png", "https://a.example/slow.png"] {
        assert_eq!(sent("webchat", url).await.source, MediaSource::Url { url: url.to_owned() });
    }
}

#[tokio::test]
async fn a_file_of_another_account_is_looked_at_on_its_way() {
    let source = MediaSource::Platform { reference: json!("cat") };
    let reference =
        format!("attachment:other/{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&source).unwrap()));
    let (main, other) = (Network::new("webchat", "main", []), Network::new("webchat", "other", []));
    let mut house = House::with_media(&[&main, &other], Arc::new(Library));
    let outcome = house.perform(picture(&reference, "image/png")).await;
    assert!(matches!(outcome, Reported::Sent(..)), "{outcome:?}");
    let Operation::Send { content, .. } = main.seen().remove(0).operation else { panic!() };
    assert_eq!(content.attachments[0].media_type.0, "image/cat");
    let Reported::Failed(failure) = house.perform(picture(&reference, "application/x-program")).await else {
        panic!()
    };
    assert_eq!((failure.kind, main.seen().len()), (FailureKind::Refused, 1));
}
