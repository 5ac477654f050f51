//! What a process has around its runtime.

use crate::{Figures, Notices, ToolServer};
use carapace_channel_api::Channel;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// The text of a package's files, by path.
pub type Sources = BTreeMap<String, String>;

/// What a process has around its runtime, and methods can be asked about.
pub trait Host: fmt::Debug + Send + Sync + 'static {
    /// Keeps the sources behind a module, for people who look into runs.
    fn keep_sources(&self, module: &[u8], sources: &Sources) {
        let _ = (module, sources);
    }

    /// The sources behind a module, by its hash; empty where they were not kept.
    fn sources(&self, hash: &str) -> Sources {
        let _ = hash;
        Sources::new()
    }

    /// Those of these secrets that are not there. None where it cannot be said.
    fn missing_secrets(&self, names: &[Arc<str>]) -> Vec<Arc<str>> {
        let _ = names;
        Vec::new()
    }

    /// What it had to say to those who run it; none where nobody keeps that.
    fn notices(&self) -> Option<Arc<Notices>> {
        None
    }

    /// Copies everything that is kept into a folder in the data directory, and says which. Called while the engine decides nothing.
    ///
    /// # Errors
    /// Why it could not be done, for a person.
    fn copy(&self) -> Result<String, String> {
        Err("this process keeps nothing".to_owned())
    }

    /// Writes down, durably, that somebody is to be forgotten: `telegram:12345`.
    ///
    /// # Errors
    /// Why it could not be done, for a person.
    fn begin_forgetting(&self, sender: &str) -> Result<(), String> {
        let _ = sender;
        Ok(())
    }

    /// Strikes it out: it is done, or was refused.
    fn end_forgetting(&self, sender: &str) {
        let _ = sender;
    }

    /// Who is to be forgotten still.
    fn forgettings(&self) -> Vec<String> {
        Vec::new()
    }

    /// The servers of tools that it uses.
    fn tool_servers(&self) -> Vec<ToolServer> {
        Vec::new()
    }

    /// A server of tools is right as it is now; this waits for the disk. Gives those of its tools that had changed; none where there is no such server.
    ///
    /// # Errors
    /// Why that cannot be kept, for a person.
    fn trust_tools(&self, server: &str) -> Result<Option<Vec<Arc<str>>>, String> {
        let _ = server;
        Ok(None)
    }

    /// Where the gateway listens, once it does.
    fn address(&self) -> Option<SocketAddr> {
        None
    }

    /// What it counts that its engine does not know.
    fn figures(&self) -> Figures {
        Figures::default()
    }

    /// The channels, to be asked how they are.
    fn channels(&self) -> Vec<Arc<dyn Channel>> {
        Vec::new()
    }
}

/// A process that has nothing around its runtime.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHost;

impl Host for NoHost {}
