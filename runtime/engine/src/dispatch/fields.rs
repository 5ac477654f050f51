//! Which flows want that a field of an event is just this text.

use super::Candidate;
use crate::Event;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;
use std::sync::Arc;

/// Flows by the texts that a field must be for their guard to hold.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    by_path: Vec<ByText>,
}

/// Flows that go by one field.
#[derive(Debug)]
struct ByText {
    path: Vec<Arc<str>>,
    wanted_by: FxHashMap<Arc<str>, Vec<Candidate>>,
}

impl Fields {
    pub(crate) fn add(&mut self, path: &[Arc<str>], is: &Arc<str>, candidate: Candidate) {
        let at = self.by_path.iter().position(|field| field.path == path);
        let at = at.unwrap_or_else(|| {
            self.by_path.push(ByText { path: path.to_vec(), wanted_by: FxHashMap::default() });
            self.by_path.len() - 1
        });
        if let Some(field) = self.by_path.get_mut(at) {
            field.wanted_by.entry(is.clone()).or_default().push(candidate);
        }
    }

    /// Adds everybody who wants what the event has.
    pub(crate) fn find(&self, event: &Event, found: &mut Vec<Candidate>) {
        for field in &self.by_path {
            match event.at(field.path.iter().map(|key| &**key)) {
                Some(Json::String(text)) => {
                    found.extend(field.wanted_by.get(text.as_str()).into_iter().flatten());
                }
                // An event of another form than the flows expect: they are asked, and say so.
                _ => found.extend(field.wanted_by.values().flatten()),
            }
        }
    }
}
