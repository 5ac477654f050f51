//! The bytes of files: in as a stream with a cap, out whole.

use axum::body::Body;
use futures_util::StreamExt as _;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;

/// The folder of files. Names in it are ours, never a visitor's.
#[derive(Debug, Clone)]
pub(crate) struct Files(PathBuf);

/// Why a file was not taken.
#[derive(Debug)]
pub(crate) enum Rejected {
    /// More bytes than allowed.
    TooLarge,
    /// It broke off.
    Broken,
    /// The disk failed.
    Disk(std::io::Error),
}

impl Files {
    pub(crate) fn new(folder: PathBuf) -> Files {
        Files(folder)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }

    /// Takes at most `limit` bytes of `body` in; how many it were. Nothing stays of a file that is not whole.
    pub(crate) async fn receive(&self, id: &str, body: Body, limit: u64) -> Result<u64, Rejected> {
        let path = self.path(id);
        let received = write_stream(&path, body, limit).await;
        if received.is_err() {
            let _ = tokio::fs::remove_file(&path).await;
        }
        received
    }

    /// Puts a file of ours there.
    pub(crate) async fn store(&self, id: &str, bytes: Vec<u8>) -> std::io::Result<()> {
        let path = self.path(id);
        let write = move || {
            let mut file = std::fs::File::create(&path)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()
        };
        tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other)?
    }

    pub(crate) async fn read(&self, id: &str) -> std::io::Result<Vec<u8>> {
        tokio::fs::read(self.path(id)).await
    }

    pub(crate) async fn remove(&self, id: &str) {
        let _ = tokio::fs::remove_file(self.path(id)).await;
    }

    /// Removes one that may be gone already.
    pub(crate) async fn erase(&self, id: &str) -> std::io::Result<()> {
        match tokio::fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

async fn write_stream(path: &Path, body: Body, limit: u64) -> Result<u64, Rejected> {
    let mut file = tokio::fs::File::create(path).await.map_err(Rejected::Disk)?;
    let mut chunks = body.into_data_stream();
    let mut size = 0_u64;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Rejected::Broken)?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(Rejected::TooLarge);
        }
        file.write_all(&chunk).await.map_err(Rejected::Disk)?;
    }
    file.sync_all().await.map_err(Rejected::Disk)?;
    Ok(size)
}
