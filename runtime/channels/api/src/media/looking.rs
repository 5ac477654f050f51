//! Who fetches files, and looks at what they are.

use super::Held;
use crate::{FetchError, MediaType};
use async_trait::async_trait;

/// A file, looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// What is in it.
    pub held: Held,
    /// What it is, which need not be what was claimed.
    pub media_type: MediaType,
}

/// A small picture of a large one, without what cameras write into theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The picture.
    pub bytes: Vec<u8>,
    /// `image/jpeg`, or `image/png` where something shines through.
    pub media_type: MediaType,
}

/// Fetches files from addresses that flows and people named, and looks at what they are.
#[async_trait]
pub trait Media: Send + Sync + 'static {
    /// The file at an address, if it has at most `limit` bytes. Only public addresses are asked.
    async fn fetch(&self, url: &str, claimed: &MediaType, limit: u64) -> Result<File, FetchError>;

    /// What a file is that is said to be `claimed`. A wrong claim is put right; one that would make somebody open what they did
    /// not mean to is an error, and so is a picture of more pixels than are taken.
    async fn look(&self, held: &Held, claimed: &MediaType) -> Result<MediaType, FetchError>;

    /// A small picture of a file that is one; none where it is none, where it is small already, and where nobody makes any.
    async fn preview(&self, held: &Held) -> Option<Preview>;
}

/// Nobody who fetches files: claims are believed, addresses stay addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMedia;

#[async_trait]
impl Media for NoMedia {
    async fn fetch(&self, _: &str, _: &MediaType, _: u64) -> Result<File, FetchError> {
        Err(FetchError::Unsupported)
    }

    async fn look(&self, _: &Held, claimed: &MediaType) -> Result<MediaType, FetchError> {
        Ok(claimed.clone())
    }

    async fn preview(&self, _: &Held) -> Option<Preview> {
        None
    }
}
