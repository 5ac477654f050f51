//! What is known of a file right after a keystroke.

use super::focus::Wanted;
use super::memo::{Memo, Told, Trees, by_item, item_at};
use super::package::Project;
use crate::checked::{Checked, sort};
use crate::files::Files;
use crate::visible::DECLARED;
use carapace_check::tree::Program;
use carapace_check::{Facts, Outline, Scope};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::Parse;
use carapace_syntax::ast::{File, Item};
use std::sync::Arc;

/// What there is to say about a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Quick {
    /// The file's number in the diagnostics.
    pub file: FileId,
    /// Its tree.
    pub tree: Arc<File>,
    /// What there is to say about it, sorted by place. What is of [`Scope::Package`] is as the last whole check said.
    pub diagnostics: Vec<Diagnostic>,
    /// Beside each of them: what it was found in.
    pub scopes: Vec<Scope>,
    /// How many items were checked for it.
    pub looked_at: usize,
}

/// What is known about the nodes of a file, or of one of its items: as much of a whole check as there is of it without one.
#[derive(Clone)]
pub struct Known {
    /// The file.
    pub file: FileId,
    /// Sources and trees are those of the whole package; facts and diagnostics are about the items that were asked for,
    /// without what only a whole check knows (labels, and what is known of an item as a whole); the program has nothing but
    /// what was looked at. The outline has what the file can see by `use`, and of a package that is not large all of it.
    pub checked: Arc<Checked>,
}

/// A package with no more items than this is checked as a whole in less time than anybody notices: some three thousand lines.
const SMALL: usize = 300;

impl Project {
    /// What there is to say about a file, right after it was edited; none where there is no such file.
    pub fn quick(&mut self, files: &dyn Files, path: &str) -> Option<Quick> {
        let index = self.index(path)?;
        let reach = self.reach(index);
        let world = self.world(&reach, |at| self.entries.get(at).map(|entry| entry.interface));
        self.remember(index, &reach, world);
        let stale = self.stale(index, world);
        let looked_at = stale.len();
        if !stale.is_empty() {
            self.look_at(files, index, &reach, world, &stale);
        }
        self.tell(index, looked_at)
    }

    /// The same in the shape of a check, in which nothing is known but the files and what there is to say.
    pub fn told(&self, quick: Quick) -> Checked {
        Checked { diagnostics: quick.diagnostics, scopes: quick.scopes, ..self.unchecked() }
    }

    /// The files and what the library declares, in the shape of a check: nothing of the package was looked at.
    pub fn unchecked(&self) -> Checked {
        Checked {
            sources: self.sources(),
            trees: self.entries.iter().map(|entry| Arc::clone(&entry.tree)).collect(),
            diagnostics: Vec::new(),
            scopes: Vec::new(),
            program: Program::default(),
            facts: Facts::default(),
            outline: Outline { library: self.library.outline(), ..Outline::default() },
        }
    }

    /// Whether the package is so small that a check of all of it is hardly noticed.
    pub fn is_small(&self) -> bool {
        self.items() <= SMALL
    }

    fn items(&self) -> usize {
        self.entries.iter().map(|entry| entry.tree.items.len()).sum()
    }

    /// What is known about the nodes of a file; kept until something changes.
    pub fn known(&mut self, files: &dyn Files, path: &str) -> Option<Known> {
        let index = self.index(path)?;
        let entry = self.entries.get(index)?;
        if let Some((revision, known)) = &self.known
            && *revision == self.revision
            && known.file == entry.source.id
        {
            return Some(known.clone());
        }
        let offsets = entry.tree.items.iter().map(|placed| placed.offset).collect();
        let parse = Parse { file: (*entry.tree).clone(), diagnostics: entry.told.clone() };
        let known = self.known_of(files, index, (entry.source.text.clone(), parse), offsets)?;
        self.known = Some((self.revision, known.clone()));
        Some(known)
    }

    /// What is known about the item at a byte, if the file had this text (as it has, or with a name put in where somebody
    /// wants to know what could stand there). Nothing of it is kept. None, and nothing is looked at, where its tree is not one
    /// that is `wanted`.
    pub fn probe(
        &self,
        files: &dyn Files,
        path: &str,
        (text, offset): (&str, u32),
        wanted: impl FnOnce(&File) -> bool,
    ) -> Option<Known> {
        let index = self.index(path)?;
        let parse = self.entries.get(index)?.probe(text);
        wanted(&parse.file).then_some(())?;
        let at = item_at(&parse.file, offset).and_then(|item| parse.file.items.get(item));
        let offsets = at.iter().map(|placed| placed.offset).collect();
        self.known_of(files, index, (Arc::from(text), parse), offsets)
    }

    fn known_of(
        &self,
        files: &dyn Files,
        index: usize,
        (text, parse): (Arc<str>, Parse),
        offsets: Vec<u32>,
    ) -> Option<Known> {
        let file = self.entries.get(index)?.source.id;
        let reach =
            if self.items() <= DECLARED { (0..self.entries.len()).collect() } else { self.reach(index) };
        let tree = Arc::new(parse.file);
        let tried = Some((text.clone(), Arc::clone(&tree)));
        let checked =
            self.check_items(files, Wanted { index, reach: &reach, offsets, tried, facts: true })?;
        let mut trees: Vec<Arc<File>> = self.entries.iter().map(|entry| Arc::clone(&entry.tree)).collect();
        let mut sources = self.sources();
        if let (Some(slot), Some(source)) = (trees.get_mut(index), sources.files.get_mut(index)) {
            *slot = tree;
            source.text = text;
        }
        let own = checked.diagnostics.into_iter().zip(checked.scopes);
        let own = own.filter(|(told, scope)| told.primary.span.file == file && *scope != Scope::Package);
        let mut told: Vec<(Diagnostic, Scope)> =
            parse.diagnostics.into_iter().map(|t| (t, Scope::Item)).collect();
        told.extend(own);
        sort(&mut told);
        let (diagnostics, scopes) = told.into_iter().unzip();
        let (library, types) = (self.library.outline(), checked.program.types.clone());
        let outline = Outline { library, package: checked.outline, types };
        let (program, facts) = (checked.program, checked.facts);
        let checked = Checked { sources, trees, program, diagnostics, scopes, facts, outline };
        Some(Known { file, checked: Arc::new(checked) })
    }

    /// The items of which is not known what there is to say.
    fn stale(&self, index: usize, world: u64) -> Vec<usize> {
        let memos = self.entries.get(index).map(|entry| entry.memos.as_slice()).unwrap_or_default();
        let is_stale = |memo: &Option<Memo>| memo.as_ref().is_none_or(|memo| memo.world != world);
        memos.iter().enumerate().filter(|(_, memo)| is_stale(memo)).map(|(item, _)| item).collect()
    }

    fn look_at(&mut self, files: &dyn Files, index: usize, reach: &[usize], world: u64, items: &[usize]) {
        let Some(entry) = self.entries.get(index) else { return };
        let offset = |item: &usize| entry.tree.items.get(*item).map(|placed| placed.offset);
        let offsets = items.iter().filter_map(offset).collect();
        let wanted = Wanted { index, reach, offsets, tried: None, facts: false };
        let Some(checked) = self.check_items(files, wanted) else { return };
        let told = checked.diagnostics.into_iter().zip(checked.scopes);
        let mut all = by_item(told, entry.source.id, &|id| self.tree_of(id));
        let all =
            items.iter().map(|item| (*item, all.get_mut(*item).map(std::mem::take).unwrap_or_default()));
        self.note(index, world, all.collect());
    }

    /// Notes what was said about these items.
    fn note(&mut self, index: usize, world: u64, all: Vec<(usize, Vec<Told>)>) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let entry = Arc::make_mut(entry);
        for (item, told) in all {
            if let Some(memo) = entry.memos.get_mut(item) {
                *memo = Some(Memo { world, told });
            }
        }
        let memos = entry.memos.iter().flatten();
        entry.errors = memos.flat_map(|memo| &memo.told).any(Told::is_error);
    }

    /// Everything that is known by now.
    fn tell(&self, index: usize, looked_at: usize) -> Option<Quick> {
        let entry = self.entries.get(index)?;
        let right = self.is_right();
        let file = entry.source.id;
        let trees: Trees<'_> = &|id| self.tree_of(id);
        let mut told: Vec<(Diagnostic, Scope)> =
            entry.told.iter().cloned().map(|t| (t, Scope::Item)).collect();
        for (item, memo) in entry.memos.iter().enumerate() {
            let all = memo.iter().flat_map(|memo| &memo.told);
            let wanted = all.filter(|told| right || told.scope != Scope::Style);
            told.extend(wanted.filter_map(|t| Some((t.at((file, item), trees)?, t.scope))));
        }
        let carried = self.whole.iter().flat_map(|kept| &kept.carried);
        let own = carried.filter(|carried| carried.file() == file);
        told.extend(own.filter_map(|c| Some((c.at(trees)?, Scope::Package))));
        sort(&mut told);
        let (diagnostics, scopes) = told.into_iter().unzip();
        let tree = Arc::clone(&entry.tree);
        Some(Quick { file, tree, diagnostics, scopes, looked_at })
    }

    /// Whether nothing in the package is wrong, as far as is known: only then is anything said about style.
    fn is_right(&self) -> bool {
        let mut carried = self.whole.iter().flat_map(|kept| &kept.carried);
        self.entries.iter().all(|entry| entry.told.is_empty() && !entry.errors)
            && !carried.any(|carried| carried.is_error() && carried.at(&|id| self.tree_of(id)).is_some())
    }

    /// Takes over what the last whole check said about items that are as they were, where everything that they see is, too.
    fn remember(&mut self, index: usize, reach: &[usize], world: u64) {
        let Some(kept) = &self.whole else { return };
        let whole = kept.whole.clone();
        let then = self.world(reach, |at| whole.interface(at));
        if kept.wrong || then != world || !whole.same_texts(self) {
            return;
        }
        let stale = self.stale(index, world);
        let (Some(entry), Some(then)) = (self.entries.get(index), whole.checked.trees.get(index)) else {
            return;
        };
        let old = |item: &usize| {
            let placed = entry.tree.items.get(*item)?;
            // Of two items of one text only the second is one too many.
            only(&entry.tree, &placed.item)?;
            only(then, &placed.item)
        };
        let pairs: Vec<(usize, usize)> = stale.iter().filter_map(|item| Some((*item, old(item)?))).collect();
        if pairs.is_empty() {
            return;
        }
        let checked = &whole.checked;
        let told = checked.diagnostics.iter().cloned().zip(checked.scopes.iter().copied());
        let all = by_item(told, entry.source.id, &|id| checked.tree(id).map(|tree| &**tree));
        let all = pairs.into_iter().filter_map(|(item, old)| Some((item, all.get(old)?.clone())));
        self.note(index, world, all.collect());
    }

    fn tree_of(&self, id: FileId) -> Option<&File> {
        self.of(id).map(|entry| &*entry.tree)
    }
}

/// The number of the item, if it stands there once.
fn only(tree: &File, item: &Arc<Item>) -> Option<usize> {
    let mut found = tree.items.iter().enumerate().filter(|(_, placed)| Arc::ptr_eq(&placed.item, item));
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}
