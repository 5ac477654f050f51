//! Which files a file can see.

use super::package::Project;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Project {
    /// The files whose items the file can see by `use`, directly and by way of others, itself among them; in the order of the
    /// package.
    pub(super) fn reach(&self, index: usize) -> Vec<usize> {
        let everywhere = self.entries.iter().enumerate().filter(|(_, e)| e.seen_everywhere).map(|(i, _)| i);
        let mut list: Vec<usize> = std::iter::once(index).chain(everywhere).collect();
        let mut seen: HashSet<usize> = HashSet::new();
        while let Some(next) = list.pop() {
            if !seen.insert(next) {
                continue;
            }
            let uses = self.entries.get(next).map(|entry| entry.uses.as_slice()).unwrap_or_default();
            list.extend(uses.iter().filter_map(|path| self.by_module.get(path.as_str())));
        }
        let mut all: Vec<usize> = seen.into_iter().collect();
        all.sort_unstable();
        all
    }

    /// What is to be seen in these files, as a number: as long as it stays, so does what is said about an item that does not
    /// change.
    pub(super) fn world(&self, reach: &[usize], interfaces: impl Fn(usize) -> Option<u64>) -> u64 {
        let mut state = DefaultHasher::new();
        self.texts.hash(&mut state);
        reach.iter().for_each(|index| (index, interfaces(*index)).hash(&mut state));
        state.finish()
    }
}
