//! Files that visitors of the page bring: on the disk while they come, looked at, and gone after a power cut.

use crate::talk::{Talk, package};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Nothing that is waited for here takes as long on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

const GREETS: &str = "channel chat: any\n\nflow greet on chat.message {\n  reply(\"hello\")\n}\n";

/// Somebody on the page, who has a conversation.
struct Visitor {
    address: String,
    session: String,
    conversation: String,
}

impl Visitor {
    async fn new(address: &str) -> Visitor {
        let mut request = format!("ws://{address}/webchat/ws").into_client_request().unwrap();
        request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let frames = [
            json!({ "type": "hello", "session": null, "seen": {} }),
            json!({ "type": "open", "id": "c-0123456789abcdef" }),
        ];
        let (mut session, mut conversation) = (None, None);
        for asked in frames {
            socket.send(Message::text(asked.to_string())).await.unwrap();
            let wanted = if session.is_none() { "welcome" } else { "ack" };
            let told = loop {
                let frame = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
                let Message::Text(text) = frame else { continue };
                let frame: Json = serde_json::from_str(&text).unwrap();
                if frame["type"] == wanted {
                    break frame;
                }
            };
            session = session.or(told["session"].as_str().map(str::to_owned));
            conversation = told["conversation"].as_str().map(str::to_owned);
        }
        let (session, conversation) = (session.unwrap(), conversation.unwrap());
        Visitor { address: address.to_owned(), session, conversation }
    }

    /// Begins to upload a file of so many bytes.
    fn begin(&self, media_type: &str, size: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let Visitor { address, session, conversation } = self;
        let head = format!(
            "POST /webchat/conversations/{conversation}/files HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
             authorization: Bearer {session}\r\ncontent-type: {media_type}\r\nx-file-name: a\r\nconnection: close\r\n\
             content-length: {size}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Uploads a file; the status, and what is answered.
    fn upload(&self, media_type: &str, bytes: &[u8]) -> (String, Json) {
        let mut stream = self.begin(media_type, bytes.len());
        // Who turns somebody away does not read to the end.
        let _ = stream.write_all(bytes);
        let (status, body) = answer(stream);
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// The preview of a file.
    fn preview(&self, file: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "GET /webchat/files/{file}/preview HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            self.address, self.session
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (status, body) = answer(stream);
        assert_eq!(status, "200");
        body
    }
}

fn answer(mut stream: TcpStream) -> (String, Vec<u8>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8_lossy(&answer[9..12]).into_owned(), body)
}

fn serve(folder: &Path, more: &[&str]) -> (Talk, String) {
    let shop = package(folder, GREETS);
    let mut flags = vec!["--no-terminal", "--no-watch"];
    flags.extend_from_slice(more);
    let talk = Talk::launch(Some(&shop), &folder.join("data"), "127.0.0.1:0", &flags);
    let address = talk.told("chat page: ").split('/').nth(2).unwrap().to_owned();
    (talk, address)
}

fn files(folder: &Path) -> Vec<fs::DirEntry> {
    fs::read_dir(folder).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_coming_when_the_power_went_is_gone_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (talk, address) = serve(folder.path(), &[]);
    let temporary = folder.path().join("data/temporary");
    let visitor = Visitor::new(&address).await;
    let mut coming = visitor.begin("image/png", 10_000_000);
    coming.write_all(&[7; 5_000_000]).unwrap();
    let begun = Instant::now();
    let half = loop {
        match files(&temporary).pop() {
            Some(file) if file.metadata().unwrap().len() > 1_000_000 => break file,
            _ => assert!(begun.elapsed() < PATIENCE, "nothing of it comes to the disk"),
        }
        std::thread::yield_now();
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(half.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    talk.kill();
    assert_eq!(files(&temporary).len(), 1, "nobody was there to tidy up");
    let (talk, address) = serve(folder.path(), &[]);
    assert!(files(&temporary).is_empty());
    assert!(files(&folder.path().join("data/channels/webchat/files")).is_empty());
    // What is whole is kept, and nothing of it stays where it came in.
    let visitor = Visitor::new(&address).await;
    assert_eq!(visitor.upload("text/plain", b"just words").0, "200");
    assert!(files(&temporary).is_empty());
    assert_eq!(files(&folder.path().join("data/channels/webchat/files")).len(), 1);
    drop(talk);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_looked_at_within_the_bounds_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("carapace.json5");
    fs::write(&config, "{ version: 1, media: { file: 1, picture: 2, preview: 50 } }").unwrap();
    let (talk, address) = serve(folder.path(), &["--config", config.to_str().unwrap()]);
    let visitor = Visitor::new(&address).await;
    let picture = |width, height| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let (status, file) = visitor.upload("text/plain", &picture(1_000, 500));
    assert_eq!(
        (status.as_str(), &file["media_type"], &file["preview"]),
        ("200", &json!("image/png"), &json!("image/jpeg"))
    );
    let preview = visitor.preview(file["file"].as_str().unwrap());
    let preview = image::load_from_memory(&preview).unwrap();
    assert_eq!((preview.width(), preview.height()), (50, 25));
    for (media_type, bytes, expected, why) in [
        ("image/png", vec![7; (1 << 20) + 1], "413", "at most 1048576 bytes"),
        ("image/png", b"#!/bin/sh\nrm -rf /".to_vec(), "415", "it is said to be `image/png`"),
        ("image/png", picture(2_000, 1_001), "415", "it is a picture of 2000 × 1001 pixels"),
    ] {
        let (status, said) = visitor.upload(media_type, &bytes);
        assert!(status == expected && said["error"].as_str().unwrap().contains(why), "{status} {said}");
    }
    drop(talk);
}
