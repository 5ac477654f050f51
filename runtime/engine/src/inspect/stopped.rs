//! A journal that nobody serves: read, and nothing changed.

use super::{
    Ended, Entry, Found, History, LogFilter, Logged, find, find_past, finished, history, known_flows,
    log_start, logs, message_history, named,
};
use crate::ActId;
use crate::machine::Loader;
use crate::service::{Error, recover};
use crate::state::{RestoreError, State};
use carapace_effect::RunId;
use carapace_store::{BlobId, JsonlReader, Options, Position};
use std::path::Path;
use std::sync::Arc;

/// How often a journal is opened again that its owner changed while it was read.
const TRIES: u32 = 3;

/// An engine that does not run, as its journal tells of it.
pub struct Stopped {
    /// What it knew.
    pub state: State,
    reader: JsonlReader,
}

/// Reads the journal in a data directory, without owning it; `None` where there is none.
///
/// # Errors
/// Where it cannot be read or understood.
pub fn read(folder: &Path, loader: Loader) -> Result<Option<Stopped>, Error> {
    let mut tries = TRIES;
    loop {
        let result = read_once(folder, loader);
        tries = tries.saturating_sub(1);
        // Somebody may write it after all: what looks like damage then is only half of a change.
        if tries == 0 || !matches!(result, Err(Error::Store(_) | Error::Checkpoint(RestoreError::Shelf(_)))) {
            return result;
        }
    }
}

fn read_once(folder: &Path, loader: Loader) -> Result<Option<Stopped>, Error> {
    let Some(reader) = JsonlReader::open(Options::new(folder))? else { return Ok(None) };
    let state = recover(&reader, loader)?;
    Ok(Some(Stopped { state, reader }))
}

impl Stopped {
    /// What a run went through.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn history(&self, run: RunId) -> Result<History, Error> {
        Ok(history(&self.reader, run, &self.state.deployments)?)
    }

    /// The run whose id is, or begins with, `text`: one that lives, or that the journal still tells of.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn find(&self, text: &str) -> Result<Found, Error> {
        match find(&self.state, text) {
            Found::Nothing => Ok(find_past(&self.reader, text)?),
            found => Ok(found),
        }
    }

    /// The runs that are over, as [`finished`] finds them.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn finished(&self, flow: Option<&str>, limit: usize) -> Result<Ended, Error> {
        Ok(finished(&self.reader, flow, None, limit)?)
    }

    /// What there is of a person, as they were typed.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn person(&self, typed: &str) -> Result<crate::forget::Found, Error> {
        crate::forget::Found::look(&self.reader, self.state.loader, typed)
    }

    /// What a message went through.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn message_history(&self, act: &ActId) -> Result<Vec<Entry>, Error> {
        Ok(message_history(&self.reader, act, &self.state.deployments)?)
    }

    /// The modules that are needed and not there, each with its package.
    pub fn missing_modules(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let deployed = self.state.deployments.iter().map(|deployment| &deployment.record);
        let missing = deployed.filter(|record| record.module.bytes().is_none());
        let mut missing: Vec<_> =
            missing.map(|record| (record.module.hash().clone(), record.package.clone())).collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// The bytes of a blob, checked against its name.
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged.
    pub fn blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, carapace_store::Error> {
        carapace_store::Past::blob(&self.reader, id)
    }

    /// What its journal tells of what flows logged and of what went wrong.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn logs(&self, filter: &LogFilter) -> Result<Logged, Error> {
        let start = log_start(&self.reader, filter.since)?;
        let mut logged = logs(&self.reader, start, filter, (usize::MAX, usize::MAX))?;
        let runs: Vec<RunId> = logged.entries.iter().filter_map(|entry| entry.run).collect();
        named(&self.reader, &mut logged.entries, filter, &known_flows(&self.state, &runs));
        Ok(logged)
    }

    /// The last line.
    pub fn position(&self) -> Position {
        self.reader.position()
    }
}
