//! Places in the source, as lines.

use crate::reach::Client;
use crate::sources::{SourceLine, Sources};
use carapace_engine::inspect::Place;
use carapace_gateway::Request;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lines behind places, out of the sources that the runtime kept.
pub(in crate::commands) struct Lines<'c> {
    kept: Kept<'c>,
    read: RefCell<BTreeMap<String, Sources>>,
}

/// Where the sources are.
enum Kept<'c> {
    /// In a data directory on this machine.
    Here(PathBuf),
    /// With a runtime on another one, which is asked for them.
    There(&'c Client),
}

/// A place that a person can look up.
pub(in crate::commands) struct Spot {
    pub(in crate::commands) file: String,
    /// None where the sources were not kept.
    pub(in crate::commands) line: Option<SourceLine>,
}

impl<'c> Lines<'c> {
    /// Those of a data directory.
    pub(in crate::commands) fn of(data: &Path) -> Lines<'c> {
        Lines { kept: Kept::Here(data.to_owned()), read: RefCell::default() }
    }

    /// Those of a runtime that answers: what lies in its data directory, where that is on this machine.
    pub(in crate::commands) fn of_runtime(client: &'c Client, data: &Path) -> Lines<'c> {
        let kept = if client.is_remote() { Kept::There(client) } else { Kept::Here(data.to_owned()) };
        Lines { kept, read: RefCell::default() }
    }

    /// The innermost of these places that is the author's own; else the innermost.
    pub(in crate::commands) fn spot(&self, module: &str, places: &[Place]) -> Option<Spot> {
        let mut read = self.read.borrow_mut();
        let sources = read.entry(module.to_owned()).or_insert_with(|| self.kept.sources(module));
        let own = places.iter().find_map(|place| {
            let line = sources.line(&place.file, place.start)?;
            Some(Spot { file: place.file.to_string(), line: Some(line) })
        });
        own.or_else(|| places.first().map(|place| Spot { file: place.file.to_string(), line: None }))
    }
}

impl Kept<'_> {
    fn sources(&self, module: &str) -> Sources {
        match self {
            Kept::Here(data) => Sources::read(data, module),
            // Without them everything is told but the lines.
            Kept::There(client) => client
                .call(&Request::Sources { module: module.to_owned() })
                .map(Sources::of_files)
                .unwrap_or_default(),
        }
    }
}

impl Spot {
    /// `main.flow:6`.
    pub(in crate::commands) fn name(&self) -> String {
        match &self.line {
            Some(line) => format!("{}:{}", self.file, line.line),
            None => self.file.clone(),
        }
    }
}
