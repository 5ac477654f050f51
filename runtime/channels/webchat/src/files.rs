//! The bytes of files: in as a stream with a cap, and out as one.

use axum::body::{Body, Bytes};
use carapace_channel_api::{FetchError, Filling, Held, Media, MediaType, Scratch};
use futures_util::{Stream, StreamExt as _, stream};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// So much of a file is in memory at a time while it goes out.
const PIECE: usize = 64 * 1024;

/// The folder of files. Names in it are ours, never a visitor's.
#[derive(Clone)]
pub(crate) struct Files {
    folder: PathBuf,
    /// Where they lie until they are whole.
    scratch: Scratch,
    media: Arc<dyn Media>,
}

/// What a file is that was put there.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) media_type: String,
    pub(crate) size: u64,
    /// What its preview is, where it has one.
    pub(crate) preview: Option<String>,
}

/// Why a file was not taken.
#[derive(Debug)]
pub(crate) enum Rejected {
    /// More bytes than allowed.
    TooLarge,
    /// It broke off.
    Broken,
    /// It is not what it is said to be, or a picture larger than anybody shows; in words for a person.
    Refused(String),
    /// There is no room for it at the moment, or the disk failed.
    Disk(String),
}

impl From<FetchError> for Rejected {
    fn from(error: FetchError) -> Rejected {
        match error {
            FetchError::TooLarge { .. } => Rejected::TooLarge,
            FetchError::Refused { message } => Rejected::Refused(message),
            FetchError::Unavailable { message } => Rejected::Disk(message),
            other @ (FetchError::Unsupported | FetchError::NotFound) => Rejected::Disk(other.to_string()),
        }
    }
}

impl From<io::Error> for Rejected {
    fn from(error: io::Error) -> Rejected {
        Rejected::Disk(error.to_string())
    }
}

impl Files {
    pub(crate) fn new(folder: PathBuf, scratch: Scratch, media: Arc<dyn Media>) -> Files {
        Files { folder, scratch, media }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Where the preview of a file lies; no id has a full stop.
    fn preview_path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.preview"))
    }

    /// Takes at most `limit` bytes of `body` in. Nothing stays of a file that is not whole.
    pub(crate) async fn receive(&self, body: Body, limit: u64) -> Result<Held, Rejected> {
        let mut filling = self.scratch.begin(limit).await?;
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            filling.write(&chunk.map_err(|_| Rejected::Broken)?).await?;
        }
        Ok(filling.finish().await?)
    }

    /// Bytes that came in one piece, as a file.
    pub(crate) async fn hold(&self, bytes: &[u8]) -> Result<Held, Rejected> {
        Ok(self.scratch.hold(bytes).await?)
    }

    /// Looks at a file that is said to be `claimed`, and puts it there, with a preview where there is one; durable on return.
    pub(crate) async fn store(&self, id: &str, held: &Held, claimed: &str) -> Result<Stored, Rejected> {
        let media_type = self.media.look(held, &MediaType(claimed.to_owned())).await?.0;
        let preview = self.media.preview(held).await;
        if let Some(preview) = &preview {
            self.scratch.hold(&preview.bytes).await?.keep(&self.preview_path(id)).await?;
        }
        if let Err(error) = held.keep(&self.path(id)).await {
            self.remove(id).await;
            return Err(error.into());
        }
        Ok(Stored { media_type, size: held.size(), preview: preview.map(|preview| preview.media_type.0) })
    }

    /// Puts a file there again under another id, with its preview.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        duplicate(self.path(from), self.path(to)).await?;
        match duplicate(self.preview_path(from), self.preview_path(to)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A file as it goes out, and its bytes, counted.
    pub(crate) async fn open(&self, id: &str) -> io::Result<(Body, u64)> {
        opened(self.path(id)).await
    }

    /// The same of its preview.
    pub(crate) async fn preview(&self, id: &str) -> io::Result<(Body, u64)> {
        opened(self.preview_path(id)).await
    }

    /// Hands a file on.
    pub(crate) async fn bring(&self, id: &str, into: &mut Filling) -> Result<(), FetchError> {
        let unavailable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FetchError::NotFound,
            _ => FetchError::Unavailable { message: error.to_string() },
        };
        let mut pieces = std::pin::pin!(pieces(File::open(self.path(id)).await.map_err(unavailable)?));
        while let Some(piece) = pieces.next().await {
            into.write(&piece.map_err(unavailable)?).await?;
        }
        Ok(())
    }

    pub(crate) async fn remove(&self, id: &str) {
        let _ = self.erase(id).await;
    }

    /// Removes one that may be gone already.
    pub(crate) async fn erase(&self, id: &str) -> io::Result<()> {
        for path in [self.preview_path(id), self.path(id)] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Puts a file there a second time; durable on return.
async fn duplicate(from: PathBuf, to: PathBuf) -> io::Result<()> {
    tokio::fs::copy(from, &to).await?;
    File::open(to).await?.sync_all().await
}

async fn opened(path: PathBuf) -> io::Result<(Body, u64)> {
    let file = File::open(path).await?;
    let size = file.metadata().await?.len();
    Ok((Body::from_stream(pieces(file)), size))
}

/// The bytes of a file, a piece at a time.
fn pieces(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(file), async |file| {
        let mut file = file?;
        let mut piece = Vec::with_capacity(PIECE);
        match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(piece.into()), Some(file))),
            Err(error) => Some((Err(error), None)),
        }
    })
}
