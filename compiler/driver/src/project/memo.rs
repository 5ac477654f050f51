//! What was said about an item, in a form that does not mind where the item stands.

use carapace_check::Scope;
use carapace_diagnostic::{Diagnostic, FileId, Span, TextRange};
use carapace_syntax::ast::{File, Placed};

/// What a check said about an item.
#[derive(Debug, Clone)]
pub(super) struct Memo {
    /// What was to be seen around it.
    pub(super) world: u64,
    pub(super) told: Vec<Told>,
}

/// A diagnostic whose places count from items.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) scope: Scope,
    diagnostic: Diagnostic,
    /// Beside its places.
    anchors: Vec<Anchor>,
}

/// What a place counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    /// The item that it is about.
    Own,
    /// The name of an item, by its number in its file: of another item only what is declared is spoken of.
    Name(FileId, usize),
    /// The start of the file: of the library, which nobody edits.
    File,
}

/// The trees that places are of.
pub(super) type Trees<'a> = &'a dyn Fn(FileId) -> Option<&'a File>;

impl Told {
    /// The diagnostic as said about the item of that number in that file.
    pub(super) fn new(diagnostic: Diagnostic, scope: Scope, own: (FileId, usize), trees: Trees<'_>) -> Told {
        let mut told = Told { scope, diagnostic, anchors: Vec::new() };
        for span in places(&mut told.diagnostic) {
            let anchor = anchor(*span, own, trees);
            told.anchors.push(anchor);
            if let Some(from) = base(anchor, own, trees) {
                *span = moved(*span, 0_u32.wrapping_sub(from));
            }
        }
        told
    }

    /// The diagnostic with places as they are now; none where an item is no more.
    pub(super) fn at(&self, own: (FileId, usize), trees: Trees<'_>) -> Option<Diagnostic> {
        let mut told = self.diagnostic.clone();
        for (span, anchor) in places(&mut told).into_iter().zip(&self.anchors) {
            *span = moved(*span, base(*anchor, own, trees)?);
        }
        Some(told)
    }

    /// Whether it keeps the package from being compiled.
    pub(super) fn is_error(&self) -> bool {
        self.diagnostic.is_error()
    }
}

/// What is said about the items of a file, by their numbers: what is of the whole package is left out.
pub(super) fn by_item(
    told: impl IntoIterator<Item = (Diagnostic, Scope)>,
    file: FileId,
    trees: Trees<'_>,
) -> Vec<Vec<Told>> {
    let Some(tree) = trees(file) else { return Vec::new() };
    let mut all: Vec<Vec<Told>> = vec![Vec::new(); tree.items.len()];
    for (told, scope) in told {
        let span = told.primary.span;
        if span.file != file || scope == Scope::Package {
            continue;
        }
        let Some(item) = item_at(tree, span.range.start) else { continue };
        if let Some(list) = all.get_mut(item) {
            list.push(Told::new(told, scope, (file, item), trees));
        }
    }
    all
}

fn anchor(span: Span, own: (FileId, usize), trees: Trees<'_>) -> Anchor {
    let Some(tree) = trees(span.file) else { return Anchor::File };
    match item_at(tree, span.range.start) {
        Some(item) if (span.file, item) != own => Anchor::Name(span.file, item),
        _ if span.file == own.0 => Anchor::Own,
        _ => Anchor::File,
    }
}

/// Where what is anchored there counts from.
fn base(anchor: Anchor, own: (FileId, usize), trees: Trees<'_>) -> Option<u32> {
    match anchor {
        Anchor::Own => trees(own.0)?.items.get(own.1).map(|placed| placed.offset),
        Anchor::Name(file, item) => trees(file)?.items.get(item).map(name_of),
        Anchor::File => Some(0),
    }
}

fn name_of(placed: &Placed) -> u32 {
    placed.offset.saturating_add(placed.item.name.as_ref().map_or(0, |name| name.range.start))
}

/// All places that a diagnostic speaks of.
pub(super) fn places(told: &mut Diagnostic) -> Vec<&mut Span> {
    let labels = std::iter::once(&mut told.primary).chain(&mut told.secondary).map(|label| &mut label.span);
    let edits = told.fix.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
    labels.chain(edits).collect()
}

/// A place so many bytes further on; with numbers that wrap, also further back.
pub(super) fn moved(span: Span, by: u32) -> Span {
    let range = TextRange::new(span.range.start.wrapping_add(by), span.range.end.wrapping_add(by));
    Span::new(span.file, range)
}

/// The number of the item that holds the byte, or ends with it.
pub(super) fn item_at(file: &File, offset: u32) -> Option<usize> {
    let index = file.items.partition_point(|placed| placed.offset <= offset).checked_sub(1)?;
    let placed = file.items.get(index)?;
    (offset <= placed.offset.saturating_add(placed.item.range.end)).then_some(index)
}
