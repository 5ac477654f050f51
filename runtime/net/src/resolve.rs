//! From a host to its addresses.

use async_trait::async_trait;
use std::net::IpAddr;

/// Who knows the addresses of hosts. A test has one that changes its mind.
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of a host, in the order in which they are tried. It is asked once for each request.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The resolver of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

#[async_trait]
impl Resolver for System {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
