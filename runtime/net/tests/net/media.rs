//! Files by their addresses.

use crate::server::{Server, Then, bytes, client, lead, say};
use carapace_channel_api::{FetchError, Media as _, MediaType, Scratch};
use carapace_net::{Bounds, Files};
use std::sync::Arc;

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;";

#[tokio::test]
async fn a_file_is_fetched_through_the_guard_and_looked_at() {
    let limit = 1000;
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(folder.path().join("temporary"), 10_000).unwrap();
    for (then, expected) in [
        (say(200, &[("content-type", "text/html")], GIF), Ok("image/gif")),
        (say(200, &[], &vec![b'a'; 1000]), Ok("text/plain")),
        (say(200, &[], &vec![b'a'; 1001]), Err("refused")),
        (Then::Stall(bytes(200, &[], Some(1001), b"")), Err("refused")),
        (say(200, &[], b"#!/bin/sh\nrm -rf /"), Err("refused")),
        (lead(302, "https://169.254.169.254/latest/meta-data/"), Err("refused")),
        (say(404, &[], b""), Err("not found")),
        (say(500, &[], b""), Err("unavailable")),
        (say(503, &[], b""), Err("unavailable")),
        (Then::Cut(bytes(200, &[], Some(9), b"half")), Err("unavailable")),
    ] {
        let server = Server::start(vec![then]).await;
        let files = Files::new(Arc::new(client(&[&server])), scratch.clone(), Bounds::default());
        let came = files.fetch(&server.url("/a.png"), &MediaType("image/*".into()), limit).await;
        let came = came.map(|file| file.media_type.0).map_err(|e| match e {
            FetchError::Refused { .. } => "refused",
            FetchError::NotFound => "not found",
            FetchError::Unavailable { .. } => "unavailable",
            other => panic!("{other}"),
        });
        assert_eq!(came, expected.map(str::to_owned));
        // Whatever came of it, nothing stays.
        assert_eq!(std::fs::read_dir(folder.path().join("temporary")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_fetched_file_lies_on_the_disk_until_nobody_holds_it() {
    let bytes = vec![b'a'; 3_000_000];
    let server = Server::start(vec![say(200, &[], &bytes), say(200, &[], &bytes)]).await;
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(folder.path().join("temporary"), 4_000_000).unwrap();
    let files = Files::new(Arc::new(client(&[&server])), scratch, Bounds::default());
    let text = MediaType("text/plain".into());
    let file = files.fetch(&server.url("/a.txt"), &text, 4_000_000).await.unwrap();
    assert_eq!(std::fs::read(file.held.path()).unwrap(), bytes);
    // Two of them are more than may be on their way.
    let full = files.fetch(&server.url("/a.txt"), &text, 4_000_000).await;
    assert!(matches!(full, Err(FetchError::Unavailable { .. })), "{full:?}");
    drop(file);
    assert_eq!(std::fs::read_dir(folder.path().join("temporary")).unwrap().count(), 0);
}
