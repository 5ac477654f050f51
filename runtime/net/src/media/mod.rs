//! Files at addresses that flows and people named.

mod look;

use crate::{Call, Client, Error};
use async_trait::async_trait;
use carapace_channel_api::{FetchError, File, Media, MediaType};
use std::sync::Arc;

/// Fetches files with the guarded client, and looks at them.
pub struct Files {
    client: Arc<Client>,
}

impl Files {
    /// Files that come through this client.
    pub fn new(client: Arc<Client>) -> Files {
        Files { client }
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
        let bytes = arriving.whole().await.map_err(why)?;
        let media_type = self.look(&bytes, claimed)?;
        Ok(File { bytes, media_type })
    }

    fn look(&self, bytes: &[u8], claimed: &MediaType) -> Result<MediaType, FetchError> {
        look::look(bytes, claimed)
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
