//! Fetching files, and looking at them.

use super::{look, picture};
use crate::{Call, Client, Error};
use async_trait::async_trait;
use carapace_channel_api::{FetchError, File, Held, Media, MediaType, Preview, Scratch};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// How long a preview may take, its turn included.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of pictures is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Pixels of the largest picture: what shows it needs four bytes for each, however small the file is.
    pub pixels: u64,
    /// Pixels of a preview, in each direction; 0 makes none.
    pub preview: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { pixels: 64_000_000, preview: 640 }
    }
}

/// Fetches files with the guarded client onto the disk, and looks at them.
pub struct Files {
    client: Arc<Client>,
    scratch: Scratch,
    bounds: Bounds,
    /// One at a time: unpacking a picture takes more memory than all else.
    unpacking: Arc<Semaphore>,
}

impl Files {
    /// Files that come through this client, and lie in `scratch` for as long as somebody holds them.
    pub fn new(client: Arc<Client>, scratch: Scratch, bounds: Bounds) -> Files {
        Files { client, scratch, bounds, unpacking: Arc::new(Semaphore::new(1)) }
    }
}

#[async_trait]
impl Media for Files {
    async fn fetch(&self, url: &str, claimed: &MediaType, limit: u64) -> Result<File, FetchError> {
        let call = Call { address: url.to_owned(), ..Call::default() };
        let mut arriving = self.client.open(call, limit).await.map_err(why)?;
        match arriving.status {
            200 => {}
            404 | 410 => return Err(FetchError::NotFound),
            status => {
                let message = format!("`{}` answered {status}", arriving.place);
                return Err(FetchError::Unavailable { message });
            }
        }
        let mut filling = self.scratch.begin(limit).await?;
        while let Some(piece) = arriving.piece().await.map_err(why)? {
            filling.write(&piece).await?;
        }
        let held = filling.finish().await?;
        let media_type = self.look(&held, claimed).await?;
        Ok(File { held, media_type })
    }

    async fn look(&self, held: &Held, claimed: &MediaType) -> Result<MediaType, FetchError> {
        let (held, claimed, pixels) = (held.clone(), claimed.clone(), self.bounds.pixels);
        let looked = spawn_blocking(move || look::look(held.path(), &claimed, pixels)).await;
        // Whatever it is that breaks who looks at it, nobody else should have to.
        let broken = |_| FetchError::Refused { message: "what it is cannot be told".to_owned() };
        looked.map_err(broken)?
    }

    async fn preview(&self, held: &Held) -> Option<Preview> {
        let (held, bounds) = (held.clone(), self.bounds);
        let made = async {
            let turn = self.unpacking.clone().acquire_owned().await.ok()?;
            let made = spawn_blocking(move || {
                // Given back when it is done, also where nobody waits for it any more.
                let _turn = turn;
                picture::preview(held.path(), bounds.preview, bounds.pixels)
            });
            made.await.inspect_err(|error| tracing::warn!("a picture has no preview: {error}")).ok()?
        };
        // A picture can be made so that unpacking it takes for ever.
        tokio::time::timeout(PATIENCE, made).await.ok()?
    }
}

fn why(error: Error) -> FetchError {
    let message = error.to_string();
    match error {
        Error::Refused { .. } | Error::Unacceptable { .. } => FetchError::Refused { message },
        Error::Unreached { .. } | Error::Unanswered { .. } | Error::Later { .. } => {
            FetchError::Unavailable { message }
        }
    }
}
