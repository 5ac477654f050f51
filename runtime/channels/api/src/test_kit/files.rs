//! Files, where there are any.

use super::breach::{Found, promise, soon};
use super::running::Running;
use super::stage::Stage;
use crate::{
    Attachment, Channel, Content, FetchError, Filling, MediaSource, MediaType, Operation, Scratch, Target,
};
use std::fs;
use std::time::Duration;

/// Larger than what networks hand over in one piece.
const SIZE: usize = 300_000;

fn bytes() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(SIZE).collect()
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

pub(super) async fn a_file_goes_out_whole(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let able = running.stage.abilities().media;
    let (to, route, _) = running.meet().await?;
    let folder = tempfile::tempdir().map_err(words)?;
    let way = folder.path().join("files");
    let scratch = Scratch::open(&way, 1 << 20).map_err(words)?;
    let attachment = Attachment {
        name: "numbers.bin".to_owned(),
        media_type: MediaType("application/octet-stream".to_owned()),
        size: Some(SIZE as u64),
        source: MediaSource::Held { file: scratch.hold(&bytes()).await.map_err(words)? },
    };
    let content = Content { attachments: vec![attachment], ..Content::text("here it is") };
    if !able {
        let to = Target::Conversation(to);
        let outcome = running.perform(&route, Operation::Send { to, content, reply_to: None }).await?;
        return promise(!outcome.is_done(), || {
            "it takes no files, and left one out without a word".to_owned()
        });
    }
    running.send(&to, &route, content).await?;
    let came = soon("the file's coming", running.stage.received("numbers.bin")).await?;
    promise(came == bytes(), || format!("a file of {SIZE} bytes came as another, of {}", came.len()))?;
    // It was on our disk for the way, and the way is over.
    let gone = async {
        while fs::read_dir(&way).is_ok_and(|mut files| files.next().is_some()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon("letting go of the file", gone).await
}

pub(super) async fn a_file_that_came_is_brought_whole_and_within_its_limit(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    if !soon("giving a file", running.stage.give("numbers.bin", &bytes())).await? {
        return Ok(());
    }
    let (_, message) = soon("hearing of a file", running.tape.message()).await??;
    let [attachment] = message.attachments.as_slice() else {
        return Err(format!("one file was given, and these were heard of: {:?}", message.attachments));
    };
    let folder = tempfile::tempdir().map_err(words)?;
    let scratch = Scratch::open(folder.path().join("files"), 1 << 20).map_err(words)?;
    let mut into = scratch.begin(SIZE as u64).await.map_err(words)?;
    fetch(&*running.channel, &attachment.source, &mut into).await?.map_err(words)?;
    let held = into.finish().await.map_err(words)?;
    let same = fs::read(held.path()).map_err(words)? == bytes();
    promise(same, || format!("a file of {SIZE} bytes was brought as another, of {}", held.size()))?;
    let mut into = scratch.begin(SIZE as u64 - 1).await.map_err(words)?;
    let refused = fetch(&*running.channel, &attachment.source, &mut into).await?;
    promise(matches!(refused, Err(FetchError::TooLarge { .. })), || {
        format!("a file larger than its limit is too large, not {refused:?}")
    })
}

async fn fetch(
    channel: &dyn Channel,
    source: &MediaSource,
    into: &mut Filling,
) -> Result<Result<(), FetchError>, String> {
    soon("bringing a file", channel.fetch(source, into)).await
}
