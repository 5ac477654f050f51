//! Files, both ways.

use crate::page::{Page, http};
use crate::server::Server;
use async_trait::async_trait;
use carapace_channel_api::{
    Attachment, Channel as _, Content, Event, FetchError, File, Held, Media, MediaSource, MediaType,
    Operation, Outcome, Preview, RefusalKind, Scratch, Target,
};
use carapace_channel_webchat::{Limits, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// What begins with `meow` is a cat, and has a preview; what begins with `hiss` is refused.
struct Vet;

#[async_trait]
impl Media for Vet {
    async fn fetch(&self, _: &str, _: &MediaType, _: u64) -> Result<File, FetchError> {
        Err(FetchError::Unsupported)
    }

    async fn look(&self, held: &Held, claimed: &MediaType) -> Result<MediaType, FetchError> {
        match std::fs::read(held.path()).unwrap().get(..4) {
            Some(b"meow") => Ok(MediaType("image/png".into())),
            Some(b"hiss") => Err(FetchError::Refused { message: "it is no cat".to_owned() }),
            _ => Ok(claimed.clone()),
        }
    }

    async fn preview(&self, held: &Held) -> Option<Preview> {
        let cat = std::fs::read(held.path()).unwrap().starts_with(b"meow");
        cat.then(|| Preview { bytes: b"mew".to_vec(), media_type: MediaType("image/jpeg".into()) })
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn body(answer: &str) -> Value {
    let text = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(text.get(text.find('{').unwrap()..=text.rfind('}').unwrap()).unwrap()).unwrap()
}

struct Desk {
    server: Server,
    folder: tempfile::TempDir,
    page: Page,
    conversation: String,
}

async fn desk(limits: Limits) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { limits, media: Arc::new(Vet), ..Options::new("web", folder.path()) };
    let server = Server::start_with(options).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    server.heard().await;
    Desk { server, folder, page, conversation }
}

impl Desk {
    async fn upload(&self, session: &str, conversation: &str, bytes: &[u8]) -> (u16, String) {
        let origin = format!("http://{}", self.server.address);
        let bearer = format!("Bearer {session}");
        let headers = [
            ("origin", origin.as_str()),
            ("authorization", bearer.as_str()),
            ("content-type", "text/html"),
            ("x-file-name", "..%2Fa%20b.html"),
        ];
        let first = format!("POST /webchat/conversations/{conversation}/files");
        http(self.server.address, &first, &headers, bytes).await
    }

    /// What the channel brings of a file, of which it may have so many bytes.
    async fn fetched(&self, source: &MediaSource, limit: u64) -> Result<Vec<u8>, FetchError> {
        let scratch = Scratch::open(self.folder.path().join("elsewhere"), 1 << 20).unwrap();
        let mut into = scratch.begin(limit).await?;
        self.server.channel.fetch(source, &mut into).await?;
        Ok(std::fs::read(into.finish().await?.path()).unwrap())
    }

    async fn send(&self, bytes: &[u8]) -> Outcome {
        let scratch = Scratch::open(self.folder.path().join("elsewhere"), 1 << 20).unwrap();
        let attachment = Attachment {
            name: "cat".to_owned(),
            media_type: MediaType("text/plain".to_owned()),
            size: None,
            source: MediaSource::Held { file: scratch.hold(bytes).await.unwrap() },
        };
        let content = Content { attachments: vec![attachment], ..Content::default() };
        let to = Target::Conversation(self.conversation.as_str().into());
        let key = format!("send {bytes:?}");
        self.server.perform(&key, Operation::Send { to, content, reply_to: None }).await
    }

    async fn download(&self, session: &str, id: &str) -> (u16, String) {
        let bearer = format!("Bearer {session}");
        let first = format!("GET /webchat/files/{id}");
        http(self.server.address, &first, &[("authorization", &bearer)], b"").await
    }
}

#[tokio::test]
async fn a_file_of_the_visitor_reaches_the_flow() {
    let mut desk = desk(Limits::default()).await;
    let (status, answer) = desk.upload(&desk.page.session, &desk.conversation, b"<b>hi</b>").await;
    assert_eq!(status, 200, "{answer}");
    let file = body(&answer);
    assert_eq!((file["name"].as_str(), file["size"].as_u64()), (Some("a b.html"), Some(9)));
    let frame = json!({ "type": "message", "conversation": desk.conversation, "files": [file["file"]] });
    assert_eq!(desk.page.ask(frame).await["type"], "ack");
    let Event::Message { message } = desk.server.heard().await.event else { panic!() };
    let source = &message.attachments[0].source;
    assert_eq!(desk.fetched(source, 100).await.unwrap(), b"<b>hi</b>");
    assert_eq!(desk.fetched(source, 8).await, Err(FetchError::TooLarge { limit: 8 }));
    // Whatever it is called, a browser does not run it.
    let (status, answer) = desk.download(&desk.page.session, file["file"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    for header in ["application/octet-stream", "attachment", "sandbox", "nosniff"] {
        assert!(answer.contains(header), "{answer}");
    }
}

#[tokio::test]
async fn a_file_of_the_flow_reaches_the_visitor_and_nobody_else() {
    let mut desk = desk(Limits::default()).await;
    let attachment = Attachment {
        name: "report.txt".to_owned(),
        media_type: MediaType("text/plain".to_owned()),
        size: None,
        source: MediaSource::Inline { bytes: b"42".to_vec() },
    };
    let content = Content { attachments: vec![attachment], ..Content::default() };
    let to = Target::Conversation(desk.conversation.as_str().into());
    assert!(desk.server.perform("k", Operation::Send { to, content, reply_to: None }).await.is_done());
    let event = desk.page.event("message").await;
    let file = event["event"]["files"][0]["file"].as_str().unwrap().to_owned();
    let (status, answer) = desk.download(&desk.page.session, &file).await;
    assert!(status == 200 && answer.ends_with("42"), "{answer}");
    let eve = Page::newcomer(desk.server.address).await;
    assert_eq!(desk.download(&eve.session, &file).await.0, 404);
    assert_eq!(desk.download("", &file).await.0, 401);
    assert_eq!(desk.download(&desk.page.session, "..%2Findex.jsonl").await.0, 404);
    assert_eq!(desk.upload(&eve.session, &desk.conversation, b"x").await.0, 403);
    assert_eq!(desk.upload("", &desk.conversation, b"x").await.0, 401);
}

#[tokio::test]
async fn files_have_a_cap_each_and_together() {
    let mut desk = desk(Limits { file: 1000, visitor_files: 1500, ..Limits::default() }).await;
    assert_eq!(desk.upload(&desk.page.session, &desk.conversation, &[0; 1001]).await.0, 413);
    assert_eq!(desk.upload(&desk.page.session, &desk.conversation, &[0; 1000]).await.0, 200);
    assert_eq!(desk.upload(&desk.page.session, &desk.conversation, &[0; 501]).await.0, 413);
    assert_eq!(desk.upload(&desk.page.session, &desk.conversation, &[0; 500]).await.0, 200);
    let frame = json!({ "type": "message", "conversation": desk.conversation, "files": ["f-made-up"] });
    assert_eq!(desk.page.ask(frame).await["code"], "not_found");
}

#[tokio::test]
async fn a_picture_either_way_has_a_preview_for_those_who_may_see_it() {
    let mut desk = desk(Limits::default()).await;
    let (status, answer) = desk.upload(&desk.page.session, &desk.conversation, b"meow and more").await;
    assert_eq!(status, 200, "{answer}");
    let file = body(&answer);
    assert_eq!(
        (file["media_type"].as_str(), file["preview"].as_str()),
        (Some("image/png"), Some("image/jpeg"))
    );
    let ours = file["file"].as_str().unwrap().to_owned();
    let frame = json!({ "type": "message", "conversation": desk.conversation, "files": [ours] });
    assert_eq!(desk.page.ask(frame).await["type"], "ack");
    assert_eq!(desk.page.event("message").await["event"]["files"][0]["preview"], "image/jpeg");
    assert!(desk.send(b"meow").await.is_done());
    let event = desk.page.event("message").await;
    let theirs = &event["event"]["files"][0];
    assert_eq!((theirs["media_type"].as_str(), theirs["size"].as_u64()), (Some("image/png"), Some(4)));
    let theirs = theirs["file"].as_str().unwrap().to_owned();
    let eve = Page::newcomer(desk.server.address).await;
    for file in [&ours, &theirs] {
        let (status, answer) = desk.download(&desk.page.session, &format!("{file}/preview")).await;
        assert!(status == 200 && answer.ends_with("\r\n\r\nmew"), "{answer}");
        assert!(answer.contains("nosniff") && answer.contains("application/octet-stream"), "{answer}");
        assert_eq!(desk.download(&eve.session, &format!("{file}/preview")).await.0, 404);
        assert_eq!(desk.download("", &format!("{file}/preview")).await.0, 401);
    }
    // What is forgotten is gone with its preview.
    assert_eq!(names(&desk.folder.path().join("files")).len(), 4);
    let visitor = desk.page.welcome["user"]["id"].as_str().unwrap().into();
    desk.server.channel.forget(&visitor, false).await.unwrap();
    assert!(names(&desk.folder.path().join("files")).is_empty());
}

#[tokio::test]
async fn a_file_that_is_refused_leaves_nothing() {
    let mut desk = desk(Limits { file: 1000, ..Limits::default() }).await;
    let (status, answer) = desk.upload(&desk.page.session, &desk.conversation, b"hiss").await;
    assert!(status == 415 && answer.contains("the file is not taken: it is no cat"), "{answer}");
    let outcome = desk.send(b"hiss").await;
    assert!(matches!(outcome, Outcome::Refused { kind: RefusalKind::Invalid, .. }), "{outcome:?}");
    assert_eq!(desk.upload(&desk.page.session, &desk.conversation, &[0; 1001]).await.0, 413);
    for folder in ["files", "incoming"] {
        assert!(names(&desk.folder.path().join(folder)).is_empty(), "{folder}");
    }
    // A file without a preview says so, and has none.
    let (_, answer) = desk.upload(&desk.page.session, &desk.conversation, b"words").await;
    let file = body(&answer);
    assert_eq!(file["preview"], Value::Null);
    let id = file["file"].as_str().unwrap();
    assert_eq!(desk.download(&desk.page.session, &format!("{id}/preview")).await.0, 404);
    let frame = json!({ "type": "message", "conversation": desk.conversation, "files": [id] });
    assert_eq!(desk.page.ask(frame).await["type"], "ack");
}

#[tokio::test]
async fn a_large_file_comes_and_goes_whole() {
    let desk = desk(Limits::default()).await;
    let bytes: Vec<u8> = (b'a'..=b'z').cycle().take(3_000_000).collect();
    let (_, answer) = desk.upload(&desk.page.session, &desk.conversation, &bytes).await;
    let file = body(&answer);
    let (status, answer) = desk.download(&desk.page.session, file["file"].as_str().unwrap()).await;
    let (head, came) = answer.split_once("\r\n\r\n").unwrap();
    assert!(status == 200 && head.contains("content-length: 3000000"), "{head}");
    assert!(came.as_bytes() == bytes, "{} bytes came", came.len());
}
