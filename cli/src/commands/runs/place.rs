//! Places in the source, as lines.

use crate::sources::{SourceLine, Sources};
use carapace_engine::inspect::Place;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lines behind places, out of the sources that the runtime kept.
pub(in crate::commands) struct Lines {
    data: PathBuf,
    read: RefCell<BTreeMap<String, Sources>>,
}

/// A place that a person can look up.
pub(in crate::commands) struct Spot {
    pub(in crate::commands) file: String,
    /// None where the sources were not kept.
    pub(in crate::commands) line: Option<SourceLine>,
}

impl Lines {
    pub(in crate::commands) fn of(data: &Path) -> Lines {
        Lines { data: data.to_owned(), read: RefCell::default() }
    }

    /// The innermost of these places that is the author's own; else the innermost.
    pub(in crate::commands) fn spot(&self, module: &str, places: &[Place]) -> Option<Spot> {
        let mut read = self.read.borrow_mut();
        let sources = read.entry(module.to_owned()).or_insert_with(|| Sources::read(&self.data, module));
        let own = places.iter().find_map(|place| {
            let line = sources.line(&place.file, place.start)?;
            Some(Spot { file: place.file.to_string(), line: Some(line) })
        });
        own.or_else(|| places.first().map(|place| Spot { file: place.file.to_string(), line: None }))
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
