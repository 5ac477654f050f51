//! A file of a package that is edited.

use super::memo::{Memo, places};
use crate::package::{SourceFile, module_path};
use carapace_check::{hash_interface, is_seen_everywhere};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::ast::{File, Item, ItemKind};
use carapace_syntax::{ItemCache, Parse};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A file, its tree, and what is remembered of its items.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) source: SourceFile,
    pub(super) tree: Arc<File>,
    /// Why it could not be read, or what did not parse.
    pub(super) told: Vec<Diagnostic>,
    /// Why it could not be read.
    unread: Option<Diagnostic>,
    cache: ItemCache,
    /// Of what others can see of its items.
    pub(super) interface: u64,
    /// Whether it declares what is in scope without a `use`.
    pub(super) seen_everywhere: bool,
    /// Paths of the modules it brings in.
    pub(super) uses: Vec<String>,
    /// Beside the tree's items.
    pub(super) memos: Vec<Option<Memo>>,
    /// Whether the last look at it found errors.
    pub(super) errors: bool,
}

impl Entry {
    /// A file that was read, or why it was not.
    pub(super) fn new(path: &str, id: FileId, read: Result<String, Box<Diagnostic>>) -> Entry {
        let (text, unread) = match read {
            Ok(text) => (text, None),
            Err(told) => (String::new(), Some(*told)),
        };
        let module = Arc::from(module_path(path));
        let mut entry = Entry {
            source: SourceFile { path: Arc::from(path), module, id, text: Arc::from("") },
            tree: Arc::new(File { docs: None, items: Vec::new(), comments: Vec::new() }),
            told: Vec::new(),
            unread: None,
            cache: ItemCache::default(),
            interface: 0,
            seen_everywhere: false,
            uses: Vec::new(),
            memos: Vec::new(),
            errors: false,
        };
        entry.set(text, unread);
        entry
    }

    /// Another text. What is remembered of items that are still there stays.
    pub(super) fn set(&mut self, text: String, unread: Option<Diagnostic>) {
        let parse = self.cache.parse(self.source.id, &text);
        self.source.text = Arc::from(text);
        self.unread = unread;
        self.take(parse);
    }

    /// Whether it would be another one with this.
    pub(super) fn differs(&self, text: &str, unread: Option<&Diagnostic>) -> bool {
        *self.source.text != *text || self.unread.as_ref() != unread
    }

    /// The tree of a text that is only tried.
    pub(super) fn probe(&self, text: &str) -> Parse {
        self.cache.probe(self.source.id, text)
    }

    /// Another number among the files of the package: nothing is remembered, as places have the number in them.
    pub(super) fn renumber(&mut self, id: FileId) {
        self.source.id = id;
        self.forget();
        self.told.iter_mut().flat_map(places).for_each(|span| span.file = id);
        self.unread.iter_mut().flat_map(places).for_each(|span| span.file = id);
    }

    /// Forgets what was said about its items.
    pub(super) fn forget(&mut self) {
        self.memos.iter_mut().for_each(|memo| *memo = None);
    }

    fn take(&mut self, parse: Parse) {
        let mut known: HashMap<*const Item, Vec<Memo>> = HashMap::new();
        // Of items that are the same text twice the last is taken first.
        for (placed, memo) in self.tree.items.iter().zip(std::mem::take(&mut self.memos)).rev() {
            known.entry(Arc::as_ptr(&placed.item)).or_default().extend(memo);
        }
        let items = &parse.file.items;
        self.memos = items.iter().map(|p| known.get_mut(&Arc::as_ptr(&p.item)).and_then(Vec::pop)).collect();
        self.told = self.unread.clone().into_iter().chain(parse.diagnostics).collect();
        self.tree = Arc::new(parse.file);
        self.look();
    }

    fn look(&mut self) {
        let mut state = DefaultHasher::new();
        self.source.module.hash(&mut state);
        (self.uses, self.seen_everywhere) = (Vec::new(), false);
        for placed in &self.tree.items {
            let text = self.source.text.get(placed.offset as usize..).unwrap_or_default();
            hash_interface(&placed.item, text, &mut state);
            self.seen_everywhere |= is_seen_everywhere(&placed.item);
            if let ItemKind::Use(import) = &placed.item.kind {
                let names: Vec<&str> = import.path.names.iter().map(|n| n.text.as_str()).collect();
                self.uses.push(names.join("/"));
            }
        }
        self.interface = state.finish();
    }
}
