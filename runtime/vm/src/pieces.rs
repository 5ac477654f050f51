//! A run written down in pieces, of which only those of tasks that moved are made anew.
//!
//! A run with a thousand branches hears of them one by one. What that costs must not depend on the branches that nothing
//! happened to.

use crate::run::Run;
use crate::snapshot::write_task;
use crate::task::Task;
use carapace_effect::TaskPath;
use carapace_module::codec::Writer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run with fewer tasks is one piece: looking for what changed would cost more than it saves.
const FEW: usize = 8;

/// What is known of tasks that have not moved since they were written down. It is a help and no state: without it
/// everything comes out the same, so two of them are always equal.
#[derive(Debug, Clone)]
pub(crate) struct Still {
    tasks: BTreeMap<TaskPath, Piece>,
    /// The sum of what they hold.
    held: u64,
    /// All other tasks of the run.
    moved: BTreeSet<TaskPath>,
}

#[derive(Debug, Clone)]
struct Piece {
    bytes: Arc<[u8]>,
    held: u64,
}

impl PartialEq for Still {
    fn eq(&self, _: &Still) -> bool {
        true
    }
}

impl Still {
    pub(crate) const fn new() -> Still {
        Still { tasks: BTreeMap::new(), held: 0, moved: BTreeSet::new() }
    }

    /// A task is there, and what was written of it is no longer so.
    pub(crate) fn moved(&mut self, path: &TaskPath) {
        self.gone(path);
        self.moved.insert(path.clone());
    }

    /// A task is taken out.
    pub(crate) fn gone(&mut self, path: &TaskPath) {
        self.moved.remove(path);
        if let Some(piece) = self.tasks.remove(path) {
            self.held = self.held.saturating_sub(piece.held);
        }
    }

    /// Logical size in bytes of what the tasks hold that have not moved.
    pub(crate) const fn held(&self) -> u64 {
        self.held
    }

    fn written(&mut self, task: &Task) {
        let mut w = Writer::default();
        write_task(&mut w, task);
        let held = task.held();
        self.held = self.held.saturating_add(held);
        self.tasks.insert(task.path.clone(), Piece { bytes: w.bytes.into(), held });
    }
}

impl Run {
    /// The run as canonical bytes, as [`Run::snapshot`] gives them, in pieces. A piece of which nothing has changed since
    /// the last call is the same one again, at the same address.
    pub fn pieces(&mut self) -> Vec<Arc<[u8]>> {
        if self.tasks.len() < FEW {
            return vec![self.snapshot().into()];
        }
        for path in std::mem::take(&mut self.still.moved) {
            if let Some(task) = self.tasks.get(&path) {
                self.still.written(task);
            }
        }
        let (mut head, mut tail) = (Writer::default(), Writer::default());
        self.write_head(&mut head);
        self.write_tail(&mut tail);
        let mut pieces = Vec::with_capacity(self.tasks.len() + 2);
        pieces.push(head.bytes.into());
        pieces.extend(self.still.tasks.values().map(|piece| Arc::clone(&piece.bytes)));
        pieces.push(tail.bytes.into());
        pieces
    }

    /// Tasks that may have changed since the run was last written down.
    pub(crate) fn moved_tasks(&self) -> impl Iterator<Item = &Task> {
        self.still.moved.iter().filter_map(|path| self.tasks.get(path))
    }
}
