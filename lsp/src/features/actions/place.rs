//! Where an action is asked for: the item, the nodes around the selection, and what is known of them.

use super::Here;
use super::change::Change;
use crate::features::formatting::Replacement;
use carapace_check::{Call, ItemFacts, ItemOutline, LocalName, NameKind, Outline, Reference};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, Item, ItemKind};
use carapace_syntax::walk::{Node, path_at};
use carapace_syntax::{Token, TokenKind, tokens};
use std::cell::OnceCell;

/// A place in an item. Its ranges count from the item's first byte, as those of the tree and of the facts do.
pub(super) struct Place<'a> {
    pub(super) here: Here<'a>,
    /// The item's first byte in the file.
    pub(super) offset: u32,
    pub(super) item: &'a Item,
    /// The nodes around all of the selection, the item first.
    pub(super) path: Vec<Node<'a>>,
    /// The selection without blanks at its ends.
    pub(super) selection: TextRange,
    facts: Option<&'a ItemFacts>,
    /// The file from the item's first byte on, up to its last.
    text: &'a str,
    tokens: OnceCell<Vec<Token>>,
}

impl<'a> Place<'a> {
    /// The place, where there is an item.
    pub(super) fn of(here: Here<'a>) -> Option<Place<'a>> {
        let selection = trimmed(here.snapshot.text(here.file), here.selection);
        let placed = here.snapshot.item_at(here.file, selection.start)?;
        let (offset, item) = (placed.offset, &*placed.item);
        let own = item.range.shift(offset);
        if selection.end > own.end {
            return None;
        }
        let text = here.snapshot.text(here.file).get(own.start as usize..own.end as usize)?;
        let selection =
            TextRange::new(selection.start.checked_sub(offset)?, selection.end.checked_sub(offset)?);
        let path = around(item, selection);
        let facts = here.snapshot.checked.facts.item_at(here.file, own.start);
        Some(Place { here, offset, item, path, selection, facts, text, tokens: OnceCell::new() })
    }

    /// The source of a range.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The item's source.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The cursor; the start of a selection.
    pub(super) fn cursor(&self) -> u32 {
        self.selection.start
    }

    /// Whether the selection lies in a range.
    pub(super) fn within(&self, range: TextRange) -> bool {
        range.start <= self.selection.start && self.selection.end <= range.end
    }

    /// The expressions around the selection, innermost first, each with what it stands in.
    pub(super) fn exprs(&self) -> impl Iterator<Item = (&'a Expr, Node<'a>)> + '_ {
        self.path.windows(2).rev().filter_map(|pair| match pair {
            [parent, Node::Expr(expr)] => Some((*expr, *parent)),
            _ => None,
        })
    }

    /// The first node, from the inside, of which `take` says something.
    pub(super) fn innermost<T>(&self, take: impl Fn(Node<'a>) -> Option<T>) -> Option<T> {
        self.path.iter().rev().find_map(|node| take(*node))
    }

    /// The type of an expression or a name, where it is known.
    pub(super) fn type_of(&self, range: TextRange) -> Option<&'a Type> {
        self.facts?.type_of(range).filter(|ty| **ty != Type::Error)
    }

    /// What is known of a call.
    pub(super) fn call(&self, range: TextRange) -> Option<&'a Call> {
        self.facts?.calls.iter().find(|call| call.range == range)
    }

    /// Every name of the item that means something.
    pub(super) fn references(&self) -> &'a [Reference] {
        self.facts.map_or(&[], |facts| &facts.references)
    }

    /// The names in scope at a place.
    pub(super) fn locals(&self, offset: u32) -> Vec<&'a LocalName> {
        self.facts.map(|facts| facts.locals_at(offset)).unwrap_or_default()
    }

    /// Whether the item may wait for something that takes its time.
    pub(super) fn waits(&self) -> bool {
        self.facts.and_then(|facts| facts.header.as_ref()).is_some_and(|header| header.waits)
    }

    /// What the item gives.
    pub(super) fn result_type(&self) -> Option<Type> {
        self.facts?.header.as_ref().map(|header| header.result.clone()).filter(|ty| *ty != Type::Error)
    }

    /// What is declared.
    pub(super) fn outline(&self) -> &'a Outline {
        &self.here.snapshot.checked.outline
    }

    /// The path of the module that the file is.
    pub(super) fn module(&self) -> &'a str {
        self.here.snapshot.module(self.here.file).map_or("", |module| module.module)
    }

    /// The item that a call calls.
    pub(super) fn callee(&self, call: &Call) -> Option<&'a ItemOutline> {
        self.outline().item(call.site)
    }

    /// Whether the item may do something and wait: a flow, a tool.
    pub(super) fn acts(&self) -> bool {
        matches!(self.item.kind, ItemKind::Flow(_) | ItemKind::Tool(_))
    }

    /// Names that mean something at a place or are declared anywhere in the item or the module.
    pub(super) fn taken(&self, name: &str) -> bool {
        let local = self.facts.is_some_and(|facts| facts.locals.iter().any(|local| &*local.name == name));
        let own =
            self.outline().module(self.module()).map(|module| module.items.as_slice()).unwrap_or_default();
        local
            || own.iter().any(|item| &*item.name == name)
            || self.outline().modules_in_scope(self.module()).iter().any(|(known, _)| &***known == name)
            || self.word_stands_alone(name)
    }

    /// Whether the word stands somewhere in the item, and not behind a dot.
    fn word_stands_alone(&self, name: &str) -> bool {
        self.tokens().iter().any(|t| {
            let before = self.text.get(..t.start as usize).unwrap_or_default();
            t.kind == TokenKind::Word && t.text(self.text) == name && !before.ends_with('.')
        })
    }

    /// A name that is not taken: this one, or with a number behind it.
    pub(super) fn free_name(&self, wish: &str) -> String {
        let numbered = (2..100).map(|n| format!("{wish}{n}"));
        let mut names = std::iter::once(wish.to_owned()).chain(numbered);
        names.find(|name| !self.taken(name)).unwrap_or_else(|| wish.to_owned())
    }

    /// The item's tokens.
    pub(super) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.text))
    }

    /// The last word `word` before a place, blanks and other tokens between them.
    pub(super) fn word_before(&self, word: &str, offset: u32) -> Option<TextRange> {
        let is = |t: &&Token| t.kind == TokenKind::Word && t.end <= offset && t.text(self.text) == word;
        self.tokens().iter().rev().find(is).map(|t| TextRange::new(t.start, t.end))
    }

    /// A replacement in this item.
    pub(super) fn edit(&self, range: TextRange, text: impl Into<String>) -> Replacement {
        Replacement { range: range.shift(self.offset), text: text.into() }
    }

    /// Something put in at a place of this item.
    pub(super) fn insert(&self, at: u32, text: impl Into<String>) -> Replacement {
        self.edit(TextRange::new(at, at), text)
    }

    /// A change of this item.
    pub(super) fn change(&self, title: impl Into<String>, edits: Vec<Replacement>) -> Change {
        Change::of(self.here.file, title, edits)
    }

    /// A change of one range of this item.
    pub(super) fn replace(
        &self,
        title: impl Into<String>,
        range: TextRange,
        text: impl Into<String>,
    ) -> Change {
        self.change(title, vec![self.edit(range, text)])
    }

    /// An item of its own behind this one.
    pub(super) fn item_behind(&self, text: &str) -> Replacement {
        self.insert(self.item.range.end, format!("\n\n{text}"))
    }

    /// An item of its own in front of this one.
    pub(super) fn item_before(&self, text: &str) -> Replacement {
        self.insert(0, format!("{text}\n\n"))
    }

    /// The type as it is written in this module; none where it has no name here.
    pub(super) fn written(&self, ty: &Type) -> Option<String> {
        let simple = match ty {
            Type::List(inner) => format!("List<{}>", self.written(inner)?),
            Type::Map(key, value) => format!("Map<{}, {}>", self.written(key)?, self.written(value)?),
            Type::Optional(inner) => format!("{}?", self.written(inner)?),
            Type::Declared(id, args) => {
                let full = &self.outline().types.get(*id)?.name;
                let (module, name) = full.rsplit_once('.')?;
                let known = self.outline().in_scope(self.module());
                let bare = known.iter().any(|item| {
                    item.kind == NameKind::Type
                        && &*item.name == name
                        && matches!(&item.ty, Type::Declared(own, _) if own == id)
                });
                let base = if bare || module == self.module() {
                    name.to_owned()
                } else {
                    let modules = self.outline().modules_in_scope(self.module());
                    let (alias, _) = modules.iter().find(|(_, outline)| &*outline.path == module)?;
                    format!("{alias}.{name}")
                };
                let args: Option<Vec<String>> = args.iter().map(|arg| self.written(arg)).collect();
                let args = args?;
                if args.is_empty() { base } else { format!("{base}<{}>", args.join(", ")) }
            }
            Type::Bool
            | Type::Int
            | Type::Number
            | Type::Text
            | Type::Bytes
            | Type::Time
            | Type::Date
            | Type::Duration
            | Type::Money
            | Type::Json => self.outline().show(ty),
            Type::Template(_)
            | Type::Regex
            | Type::Secret
            | Type::Error
            | Type::Never
            | Type::Nothing
            | Type::Param(_)
            | Type::Fn(..) => return None,
        };
        Some(simple)
    }
}

/// The nodes that hold all of a selection, outside in.
fn around(item: &Item, selection: TextRange) -> Vec<Node<'_>> {
    let mut path = path_at(item, selection.start);
    path.retain(|node| {
        let range = node.range();
        range.start <= selection.start && selection.end <= range.end
    });
    path
}

fn trimmed(text: &str, range: TextRange) -> TextRange {
    let selected = text.get(range.start as usize..range.end as usize).unwrap_or_default();
    if selected.trim().is_empty() {
        return range;
    }
    let lead = selected.len().saturating_sub(selected.trim_start().len());
    let tail = selected.len().saturating_sub(selected.trim_end().len());
    let by = |n: usize| u32::try_from(n).unwrap_or(0);
    TextRange::new(range.start.saturating_add(by(lead)), range.end.saturating_sub(by(tail)))
}

/// Whether an expression stands for itself: nothing around it can take it apart.
pub(super) fn is_single(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Duration(_)
            | ExprKind::Money(..)
            | ExprKind::Text(_)
            | ExprKind::Tagged { .. }
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Record { .. }
            | ExprKind::Name(_)
            | ExprKind::Field { .. }
            | ExprKind::Index { .. }
            | ExprKind::Call { .. }
            | ExprKind::Paren(_)
    )
}
