//! Files at addresses, for networks that have to be given the bytes.

use crate::{FetchError, MediaType};
use async_trait::async_trait;

/// A file, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What it is, which need not be what was claimed.
    pub media_type: MediaType,
}

/// Fetches files from addresses that flows and people named, and looks at what they are.
#[async_trait]
pub trait Media: Send + Sync + 'static {
    /// The file at an address, if it has at most `limit` bytes. Only public addresses are asked.
    async fn fetch(&self, url: &str, claimed: &MediaType, limit: u64) -> Result<File, FetchError>;

    /// What bytes are that are said to be `claimed`. A wrong claim is put right; one that would make somebody open what they
    /// did not mean to is an error.
    fn look(&self, bytes: &[u8], claimed: &MediaType) -> Result<MediaType, FetchError>;
}

/// Nobody who fetches files: claims are believed, addresses stay addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMedia;

#[async_trait]
impl Media for NoMedia {
    async fn fetch(&self, _: &str, _: &MediaType, _: u64) -> Result<File, FetchError> {
        Err(FetchError::Unsupported)
    }

    fn look(&self, _: &[u8], claimed: &MediaType) -> Result<MediaType, FetchError> {
        Ok(claimed.clone())
    }
}
