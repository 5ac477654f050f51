//! Files, both ways.

use crate::page::{Page, http};
use crate::server::Server;
use carapace_channel_api::{
    Attachment, Channel as _, Content, Event, FetchError, MediaSource, MediaType, Operation, Target,
};
use carapace_channel_webchat::Limits;
use serde_json::{Value, json};

fn body(answer: &str) -> Value {
    let text = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(text.get(text.find('{').unwrap()..=text.rfind('}').unwrap()).unwrap()).unwrap()
}

struct Desk {
    server: Server,
    _folder: tempfile::TempDir,
    page: Page,
    conversation: String,
}

async fn desk(limits: Limits) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), limits).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    server.heard().await;
    Desk { server, _folder: folder, page, conversation }
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
    assert_eq!(desk.server.channel.fetch(source, 100).await.unwrap(), b"<b>hi</b>");
    assert_eq!(desk.server.channel.fetch(source, 8).await, Err(FetchError::TooLarge { limit: 8 }));
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
