//! Files, brought from where they are to those who have to be given them.

use crate::network::{House, Network, place, reply};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carapace_channel_api::{
    Attachment, FetchError, File, Held, Media, MediaSource, MediaType, Operation, Preview, Scratch,
};
use carapace_effect::{Act, FailureKind, Reported};
use serde_json::json;
use std::sync::Arc;

/// Knows one picture; whatever says `meow` is one, too, and what says that it is a program is none.
struct Library(Scratch);

#[async_trait]
impl Media for Library {
    async fn fetch(&self, url: &str, _: &MediaType, _: u64) -> Result<File, FetchError> {
        match url {
            "https://a.example/cat.png?size=1" => {
                Ok(File { held: self.0.hold(b"meow").await?, media_type: MediaType("image/cat".into()) })
            }
            "https://a.example/slow.png" => std::future::pending().await,
            _ => Err(FetchError::Refused { message: "no".to_owned() }),
        }
    }

    async fn look(&self, _: &Held, claimed: &MediaType) -> Result<MediaType, FetchError> {
        match claimed.0.as_str() {
            "application/x-program" => Err(FetchError::Refused { message: "no".to_owned() }),
            _ => Ok(MediaType("image/cat".into())),
        }
    }

    async fn preview(&self, _: &Held) -> Option<Preview> {
        None
    }
}

/// With the library.
fn house(networks: &[&Arc<Network>]) -> House {
    let place = place();
    let library = Arc::new(Library(place.1.clone()));
    House::with_media(networks, library, place)
}

fn read(attachment: &Attachment) -> Vec<u8> {
    let MediaSource::Held { file } = &attachment.source else { panic!("{attachment:?}") };
    std::fs::read(file.path()).unwrap()
}

fn on_their_way(house: &House) -> usize {
    std::fs::read_dir(house.folder.path().join("temporary")).unwrap().count()
}

fn picture(url: &str, media_type: &str) -> Act {
    let attachment = json!({ "kind": "image", "url": url, "media_type": media_type });
    let mut act = reply(0, "look");
    act.arguments.insert("content".into(), json!({ "text": "look", "attachments": [attachment] }));
    act
}

/// The attachment as the network got it.
async fn sent(kind: &'static str, url: &str) -> (House, Attachment) {
    let network = Network::new(kind, "main", []);
    let mut house = house(&[&network]);
    let outcome = house.perform(picture(url, "image/*")).await;
    assert!(matches!(outcome, Reported::Sent(..)), "{outcome:?}");
    let Operation::Send { content, .. } = network.take().remove(0).operation else { panic!() };
    (house, content.attachments.into_iter().next().unwrap())
}

#[tokio::test(start_paused = true)]
async fn who_asks_no_address_is_given_the_bytes() {
    let url = "https://a.example/cat.png?size=1";
    let (house, given) = sent("webchat", url).await;
    assert_eq!((read(&given), on_their_way(&house)), (b"meow".to_vec(), 1));
    assert_eq!(
        (given.media_type.0.as_str(), given.size, given.name.as_str()),
        ("image/cat", Some(4), "cat.png")
    );
    drop(given);
    assert_eq!(on_their_way(&house), 0, "it was sent, and is not there any more");
    // Who asks for itself, or can show an address, gets that.
    let (_, given) = sent("line", url).await;
    assert_eq!(given.source, MediaSource::Url { url: url.to_owned() });
    assert_eq!(given.media_type.0, "image/*");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_had_is_shown_as_its_address() {
    for url in ["https://10.0.0.1/x.png", "https://a.example/slow.png"] {
        let (house, given) = sent("webchat", url).await;
        assert_eq!((given.source, on_their_way(&house)), (MediaSource::Url { url: url.to_owned() }, 0));
    }
}

#[tokio::test]
async fn a_file_of_another_account_is_looked_at_on_its_way() {
    let source = MediaSource::Platform { reference: json!("cat") };
    let reference =
        format!("attachment:other/{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&source).unwrap()));
    let (main, other) = (Network::new("webchat", "main", []), Network::new("webchat", "other", []));
    let mut house = house(&[&main, &other]);
    let outcome = house.perform(picture(&reference, "image/png")).await;
    assert!(matches!(outcome, Reported::Sent(..)), "{outcome:?}");
    let Operation::Send { content, .. } = main.seen().remove(0).operation else { panic!() };
    assert_eq!(
        (content.attachments[0].media_type.0.as_str(), read(&content.attachments[0])),
        ("image/cat", b"meow".to_vec())
    );
    drop(content);
    let Reported::Failed(failure) = house.perform(picture(&reference, "application/x-program")).await else {
        panic!()
    };
    assert_eq!((failure.kind, main.seen().len()), (FailureKind::Refused, 1));
    let left = main.take();
    assert_eq!((left.len(), on_their_way(&house)), (1, 1));
    drop(left);
    assert_eq!(on_their_way(&house), 0);
}
