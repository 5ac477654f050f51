//! What is noted while a body is looked at. Places are those of files until all is gathered; nothing is noted about files
//! that nobody asks about, so that a check without an editor pays for one test of an empty list.

use super::{Argument, Call, DefinitionSite, Facts, ItemFacts, Labels, LocalName, NameKind, Reference, Role};
use crate::collect::{Checker, DefKind, ModuleId};
use crate::needs::Node;
use crate::sources::{Origin, Sources};
use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_module::{Type, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Everything noted so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// By number of file, whether it is asked about.
    wanted: Vec<bool>,
    references: Vec<(Span, Reference)>,
    types: Vec<(Span, Type)>,
    calls: Vec<(Span, Call)>,
    args: FxHashMap<Span, Vec<Argument>>,
    locals: Vec<(FileId, u32, LocalName)>,
    labels: Vec<(Span, Labels)>,
    /// What waits by itself.
    pauses: FxHashSet<Node>,
    /// Fields and tags of types that nobody declared: what `parallel`, `race`, events and captures bring.
    pub(super) unnamed: FxHashMap<(TypeId, Arc<str>), DefinitionSite>,
    /// Lanes, by full name.
    pub(super) lanes: FxHashMap<Arc<str>, DefinitionSite>,
    /// What kinds of channels can do, by its first mention.
    pub(super) capabilities: FxHashMap<String, DefinitionSite>,
}

impl Notes {
    /// What these sources ask about.
    pub(crate) fn new(sources: &Sources<'_>) -> Notes {
        let mut notes = Notes::default();
        if sources.facts {
            for module in sources.modules {
                let at = module.file.0 as usize;
                if sources.whole || module.origin == Origin::Package {
                    notes.wanted.resize(notes.wanted.len().max(at.saturating_add(1)), false);
                    if let Some(slot) = notes.wanted.get_mut(at) {
                        *slot = true;
                    }
                }
            }
        }
        notes
    }

    /// Notes nothing about other files.
    pub(crate) fn only(&mut self, file: FileId) {
        let others = self.wanted.iter_mut().zip(0_u32..).filter(|(_, number)| *number != file.0);
        others.for_each(|(wanted, _)| *wanted = false);
    }

    /// Whether anything is noted at all.
    pub(crate) fn any(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Whether the file is asked about.
    pub(crate) fn wants(&self, file: FileId) -> bool {
        self.wanted.get(file.0 as usize).is_some_and(|wanted| *wanted)
    }

    /// A name means what is declared there.
    pub(crate) fn name(&mut self, at: Span, site: Span, kind: NameKind, role: Role) {
        if self.wants(at.file) && !at.range.is_empty() {
            let site = DefinitionSite { span: site };
            self.references.push((at, Reference { range: at.range, site, kind, role }));
        }
    }

    /// An expression or name has that type.
    pub(crate) fn ty(&mut self, at: Span, ty: &Type) {
        if self.wants(at.file) {
            self.types.push((at, ty.clone()));
        }
    }

    /// An expression has these labels.
    pub(crate) fn labels(&mut self, at: Span, labels: Labels) {
        if self.wants(at.file) {
            self.labels.push((at, labels));
        }
    }

    /// A body was looked at, and waits or does not.
    pub(crate) fn body(&mut self, node: Node, pauses: bool) {
        if pauses && self.any() {
            self.pauses.insert(node);
        }
    }

    /// A call.
    pub(crate) fn call(&mut self, at: Span, call: impl FnOnce() -> Call) {
        if self.wants(at.file) {
            self.calls.push((at, call()));
        }
    }

    /// An argument of the call at that place is for that parameter.
    pub(crate) fn argument(&mut self, call: Span, range: TextRange, param: usize) {
        if self.wants(call.file) {
            let param = u32::try_from(param).unwrap_or(u32::MAX);
            let known = self.args.entry(call).or_default();
            known.retain(|argument| argument.range != range);
            known.push(Argument { range, param });
        }
    }

    /// A name is in scope in a part of the item that begins at `offset`.
    pub(crate) fn local(&mut self, file: FileId, offset: u32, local: impl FnOnce() -> LocalName) {
        if self.wants(file) {
            self.locals.push((file, offset, local()));
        }
    }

    /// What was brought into scope last, is so only from there on (bytes from the item's start).
    pub(crate) fn local_from(&mut self, file: FileId, start: u32) {
        if self.wants(file)
            && let Some((_, _, local)) = self.locals.last_mut()
        {
            local.visible.start = local.visible.start.max(start);
        }
    }

    /// What was brought into scope last, collects events of that type.
    pub(crate) fn local_holds(&mut self, file: FileId, event: &Type) {
        if self.wants(file)
            && let Some((_, _, local)) = self.locals.last_mut()
        {
            local.ty = event.clone();
        }
    }

    /// A field or tag of a type that nobody declared stands there. Of several with the same fields, the first one counts.
    pub(crate) fn unnamed(&mut self, id: TypeId, name: &Arc<str>, site: Span) -> Span {
        self.unnamed.entry((id, name.clone())).or_insert(DefinitionSite { span: site }).span
    }
}

impl Checker<'_> {
    /// The kind of an item's name.
    pub(crate) fn name_kind(kind: DefKind) -> NameKind {
        match kind {
            DefKind::Type(_) => NameKind::Type,
            DefKind::Fn => NameKind::Fn,
            DefKind::Const => NameKind::Const,
            DefKind::Setting => NameKind::Setting,
            DefKind::State => NameKind::State,
            DefKind::Channel => NameKind::Channel,
            DefKind::Room => NameKind::Room,
            DefKind::Group => NameKind::Group,
            DefKind::Connection => NameKind::Connection,
            DefKind::Agent => NameKind::Agent,
            DefKind::Tool => NameKind::Tool,
            DefKind::Flow => NameKind::Flow,
            DefKind::Effect => NameKind::Effect,
            DefKind::Trigger => NameKind::Trigger,
            DefKind::ChannelKind => NameKind::ChannelKind,
            DefKind::TextTag => NameKind::TextTag,
            DefKind::ExternFn => NameKind::Native,
            DefKind::Broken => NameKind::Broken,
        }
    }

    /// The start of a module's file.
    pub(crate) fn module_site(&self, id: ModuleId) -> Span {
        let file = self.sources.modules.get(id.0 as usize).map_or(FileId(0), |source| source.file);
        Span::new(file, TextRange::new(0, 0))
    }

    /// All that was noted, by item.
    pub(crate) fn gather_facts(&mut self) -> Facts {
        if !self.notes.any() {
            return Facts::default();
        }
        self.note_declarations();
        let notes = std::mem::take(&mut self.notes);
        let mut items: Vec<ItemFacts> = Vec::new();
        for source in self.sources.modules.iter().filter(|source| notes.wants(source.file)) {
            let asked = source.tree.items.iter().filter(|placed| self.is_focused(source.file, placed));
            items.extend(asked.map(|placed| ItemFacts {
                file: source.file,
                offset: placed.offset,
                len: placed.item.range.end,
                references: Vec::new(),
                types: Vec::new(),
                labels: Vec::new(),
                calls: Vec::new(),
                locals: Vec::new(),
                header: None,
            }));
        }
        items.sort_by_key(|item| (item.file, item.offset));
        if self.focus.is_none() {
            self.note_headers(&notes.pauses, &mut items);
        }
        notes.deal(&mut items);
        Facts { items }
    }
}

impl Notes {
    /// Gives every item its own.
    fn deal(self, items: &mut [ItemFacts]) {
        for (at, reference) in self.references {
            if let Some((item, range)) = item_of(items, at) {
                item.references.push(Reference { range, ..reference });
            }
        }
        for (at, ty) in self.types {
            if let Some((item, range)) = item_of(items, at) {
                item.types.push((range, ty));
            }
        }
        for (at, labels) in self.labels {
            if let Some((item, range)) = item_of(items, at) {
                item.labels.push((range, labels));
            }
        }
        for (at, call) in self.calls {
            if let Some((item, range)) = item_of(items, at) {
                let args = self.args.get(&at).cloned().unwrap_or_default();
                item.calls.push(Call { range, args, ..call });
            }
        }
        for (file, offset, mut local) in self.locals {
            if let Ok(at) = items.binary_search_by_key(&(file, offset), |item| (item.file, item.offset))
                && let Some(item) = items.get_mut(at)
            {
                local.visible.end = local.visible.end.min(item.len);
                item.locals.push(local);
            }
        }
        items.iter_mut().for_each(settle);
    }
}

/// Sorts, and leaves of what was found twice the better one: of references the one that says more, of types and calls the
/// last, as it was found with more known.
fn settle(item: &mut ItemFacts) {
    item.references.sort_by_key(|r| (r.range, r.site, std::cmp::Reverse(r.role)));
    item.references.dedup_by_key(|r| (r.range, r.site));
    item.types.reverse();
    item.types.sort_by_key(|(range, _)| *range);
    item.types.dedup_by_key(|(range, _)| *range);
    item.labels.sort_by_key(|(range, _)| *range);
    label_declarations(item);
    item.calls.reverse();
    item.calls.sort_by_key(|call| call.range);
    item.calls.dedup_by_key(|call| call.range);
    item.locals.dedup();
}

/// A name that is declared has the labels of its uses.
fn label_declarations(item: &mut ItemFacts) {
    let local = |kind| matches!(kind, NameKind::Param | NameKind::Local | NameKind::Var);
    let mut by_site: FxHashMap<DefinitionSite, Labels> = FxHashMap::default();
    for reference in item.references.iter().filter(|r| r.role == Role::Use && local(r.kind)) {
        if let Some(labels) = item.labels_of(reference.range) {
            let known = by_site.entry(reference.site).or_default();
            *known = known.with(labels);
        }
    }
    let declared = item.references.iter().filter(|r| r.role == Role::Declaration);
    let more: Vec<(TextRange, Labels)> =
        declared.filter_map(|r| by_site.get(&r.site).map(|labels| (r.range, *labels))).collect();
    item.labels.extend(more);
    item.labels.sort_by_key(|(range, _)| *range);
    item.labels.dedup_by_key(|(range, _)| *range);
}

fn item_of(items: &mut [ItemFacts], at: Span) -> Option<(&mut ItemFacts, TextRange)> {
    let after = items.partition_point(|item| (item.file, item.offset) <= (at.file, at.range.start));
    let item = items.get_mut(after.checked_sub(1)?)?;
    if item.file != at.file || at.range.end > item.offset.saturating_add(item.len) {
        return None;
    }
    let range = TextRange::new(at.range.start - item.offset, at.range.end - item.offset);
    Some((item, range))
}
