//! From a place to what may stand there.

use super::blank::{filled, inside};
use super::cursor::{Cursor, Place, Region};
use super::proposal::Completion;
use super::{agent, expected, member, modules, name, narrow, order, testing, texts, words};
use crate::workspace::Snapshot;
use carapace_check::{ItemFacts, NameKind};
use carapace_diagnostic::FileId;
use carapace_syntax::ast::{CondOp, Expr, ExprKind, Item, ItemKind, PatternKind, Stmt, StmtKind};
use carapace_syntax::walk::{Node, path_at};

/// The best of what may be written at a place, the better ones first; at most [`MOST`](super::MOST) of them.
pub fn complete(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<Completion> {
    let cursor = Cursor::of(snapshot, file, offset);
    let found = match cursor.place {
        Place::Comment => Vec::new(),
        Place::Text => texts::complete(snapshot, file, &cursor),
        Place::Number => texts::units(&cursor),
        Place::Code => code(snapshot, file, &cursor),
    };
    order::best(found, &cursor)
}

fn code(snapshot: &Snapshot, file: FileId, cursor: &Cursor<'_>) -> Vec<Completion> {
    match cursor.region {
        Region::Top => return words::items(cursor),
        Region::Behind("flow" | "tool") => return words::handlers(cursor),
        Region::Behind(_) => return Vec::new(),
        Region::Header("use") => return modules::paths(snapshot, file, cursor),
        Region::Header("channel" | "room") if cursor.back(0) == ":" => return name::kinds(snapshot, cursor),
        Region::Header("channel" | "room" | "group" | "connection") => return Vec::new(),
        Region::Inside("agent") => {
            if let Some(found) = agent::complete(cursor) {
                return found;
            }
        }
        Region::Inside("channel") => return words::kind_lines(snapshot, cursor),
        _ => {}
    }
    let mut found = match filled(snapshot, file, cursor) {
        Some(tried) => at_blank(&tried, file, cursor),
        // Behind something whole there is room for more about it only.
        None => words::behind(cursor),
    };
    match cursor.region {
        // What is above may only lack its brace.
        Region::Inside(_) if cursor.margin => found.extend(words::items(cursor)),
        Region::Header("flow") if !cursor.behind_dot() => found.extend(words::clauses(cursor)),
        Region::Header("tool") if !cursor.behind_dot() => found.extend(words::tool_clauses(cursor)),
        _ => {}
    }
    found
}

/// What may stand where the blank stands.
fn at_blank(tried: &Snapshot, file: FileId, cursor: &Cursor<'_>) -> Vec<Completion> {
    let Some(placed) = tried.item_at(file, cursor.start.saturating_add(1)) else { return Vec::new() };
    let Some(facts) = tried.checked.facts.item_at(file, placed.offset) else { return Vec::new() };
    let at = inside(placed, cursor);
    let path = path_at(&placed.item, at);
    let here = Here {
        tried,
        file,
        cursor,
        facts,
        path: &path,
        at,
        test: matches!(placed.item.kind, ItemKind::Test(_)),
    };
    narrow::narrowed(&here, here.complete())
}

/// The blank, and all around it.
pub(super) struct Here<'s, 'c> {
    pub(super) tried: &'s Snapshot,
    pub(super) file: FileId,
    pub(super) cursor: &'c Cursor<'c>,
    pub(super) facts: &'s ItemFacts,
    /// From the item to the blank.
    pub(super) path: &'c [Node<'s>],
    /// A place within the blank, from the item's start.
    pub(super) at: u32,
    /// Whether in a test.
    pub(super) test: bool,
}

impl<'s> Here<'s, '_> {
    /// The node so many levels around the blank's name.
    pub(super) fn around(&self, by: usize) -> Option<Node<'s>> {
        self.path.len().checked_sub(by.saturating_add(2)).and_then(|at| self.path.get(at)).copied()
    }

    fn complete(&self) -> Vec<Completion> {
        match self.around(0) {
            Some(Node::Path(path)) => self.path_of(path),
            Some(Node::Expr(Expr { kind: ExprKind::Name(_), .. })) => self.expression(),
            Some(Node::Expr(Expr { kind: ExprKind::Field { base, .. }, .. })) => {
                let mut found = testing::members(self, base);
                if found.is_empty() {
                    found = member::of(self, base);
                }
                found
            }
            Some(Node::FieldInit(_)) => match self.around(1) {
                Some(Node::Expr(Expr { kind: ExprKind::Record { path, fields }, .. })) => {
                    member::missing_fields(self, path, fields)
                }
                _ => Vec::new(),
            },
            Some(Node::Arg(_)) => expected::parameters(self),
            Some(Node::Expect(_)) => testing::verbs(self),
            Some(Node::Test(_)) => name::of_kinds(self, &[NameKind::Channel]),
            Some(Node::Stmt(stmt)) if matches!(stmt.kind, StmtKind::Assign { .. }) => name::values(self),
            Some(Node::FieldPattern(_)) => member::pattern_fields(self),
            Some(Node::Serial(_)) => name::lanes(self),
            _ => Vec::new(),
        }
    }

    /// A name among several: of a type, a trigger, a pattern, …
    fn path_of(&self, path: &carapace_syntax::ast::Path) -> Vec<Completion> {
        let front = path.names.len().checked_sub(2).and_then(|at| path.names.get(at));
        match self.around(1) {
            Some(Node::Type(_)) => name::types(self, front),
            Some(Node::Trigger(_)) => name::triggers(self, front),
            Some(Node::Pattern(pattern)) if matches!(pattern.kind, PatternKind::Tag { .. }) => {
                member::patterns(self, front)
            }
            Some(Node::Expr(Expr { kind: ExprKind::Cond { subject, op: CondOp::IsTag(_), .. }, .. })) => {
                member::conditions(self, subject)
            }
            Some(Node::Property(_)) => narrow::approvable(self),
            _ => Vec::new(),
        }
    }

    /// What a state is kept by.
    fn keys(&self) -> Option<Vec<Completion>> {
        let keys = match (self.path.first(), self.around(1)) {
            (Some(Node::Item(Item { kind: ItemKind::State(state), .. })), Some(Node::Item(_))) => {
                state.keys.iter().any(|key| key.range.touches(self.at))
            }
            _ => false,
        };
        keys.then(|| words::keys(self.cursor, true))
    }

    /// Where a value may stand; at the start of a statement also whatever a statement begins with.
    fn expression(&self) -> Vec<Completion> {
        if let Some(keys) = self.keys() {
            return keys;
        }
        match self.around(1) {
            Some(Node::Stmt(Stmt { kind: StmtKind::Set { target, .. }, .. }))
                if target.range.touches(self.at) =>
            {
                return name::of_kinds(self, &[NameKind::State]);
            }
            Some(Node::Expr(Expr { kind: ExprKind::Start(_), .. })) => return name::started(self),
            _ => {}
        }
        let mut found = expected::values(self);
        let whole = matches!(self.around(1), Some(Node::Stmt(_)));
        let begins = self.cursor.fresh || matches!(self.cursor.back(0), "{" | "=>" | "do" | "else");
        if whole && begins {
            if self.test {
                found.extend(testing::statements(self.cursor));
            }
            found.extend(words::statements(self.cursor, self.test));
        } else {
            found.extend(words::operators(self.cursor));
        }
        found.extend(expected::parameters(self));
        found.extend(name::values(self));
        found
    }
}
