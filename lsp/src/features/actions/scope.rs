//! What an expression or some statements take from around them, and what they do.

use super::place::Place;
use carapace_check::{NameKind, Reference, Role};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, ItemKind, Stmt, StmtKind};
use carapace_syntax::walk::Node;

/// A name from outside.
pub(super) struct Taken {
    pub(super) name: String,
    pub(super) ty: Type,
}

impl Place<'_> {
    /// The references that stand in a range.
    pub(super) fn references_in(&self, range: TextRange) -> impl Iterator<Item = &Reference> {
        self.references().iter().filter(move |r| range.start <= r.range.start && r.range.end <= range.end)
    }

    /// Whether what a name means is declared in that range of this item.
    pub(super) fn declared_in(&self, reference: &Reference, range: TextRange) -> bool {
        let site = reference.site.span;
        let range = range.shift(self.offset);
        site.file == self.here.file && range.start <= site.range.start && site.range.end <= range.end
    }

    /// The values that a range takes from around it, in the order of their first use. None where one cannot be handed over:
    /// it is written to, or its type has no name here.
    pub(super) fn taken_from_around(&self, range: TextRange) -> Option<Vec<Taken>> {
        let mut found: Vec<Taken> = Vec::new();
        for reference in self.references_in(range) {
            let value = matches!(
                reference.kind,
                NameKind::Param | NameKind::Local | NameKind::Var | NameKind::EventField | NameKind::It
            );
            let own_field = self.names_a_part(reference);
            if !value || own_field || self.declared_in(reference, range) {
                continue;
            }
            let name = self.slice(reference.range).to_owned();
            if reference.role == Role::Write || reference.kind == NameKind::It {
                return None;
            }
            if found.iter().any(|known| known.name == name) {
                continue;
            }
            let declared =
                self.locals(reference.range.start).into_iter().find(|local| *local.name == *name)?;
            let ty = self.type_of(reference.range).unwrap_or(&declared.ty).clone();
            // What is known of it here (`x is some`) is no more known elsewhere.
            self.written(&ty)?;
            found.push(Taken { name, ty });
        }
        Some(found)
    }

    /// Whether a name is that of an argument or a field: it stands for no value.
    fn names_a_part(&self, reference: &Reference) -> bool {
        let rest = self.text().get(reference.range.end as usize..).unwrap_or_default();
        let before = self.text().get(..reference.range.start as usize).unwrap_or_default().trim_end();
        let named = rest.starts_with(':') && (before.ends_with(['(', ',', '{', '\n']) || before.is_empty());
        named || before.ends_with('.') && !before.ends_with("..")
    }

    /// Whether a range only computes, from nothing but values: no effect, no state, nothing that the deployment gives.
    pub(super) fn only_computes(&self, range: TextRange) -> bool {
        !self.acts_in(range)
            && self.references_in(range).all(|reference| {
                !matches!(
                    reference.kind,
                    NameKind::State
                        | NameKind::Setting
                        | NameKind::Channel
                        | NameKind::Room
                        | NameKind::Group
                        | NameKind::Agent
                        | NameKind::Connection
                )
            })
    }

    /// Whether something happens in a range, or the clock or chance is asked.
    pub(super) fn acts_in(&self, range: TextRange) -> bool {
        let words =
            ["await", "parallel", "race", "start", "now", "random", "listen", "fail", "cancel", "trigger"];
        self.references_in(range)
            .any(|r| matches!(r.kind, NameKind::Effect | NameKind::Flow | NameKind::Tool))
            || self
                .tokens()
                .iter()
                .any(|t| range.start <= t.start && t.end <= range.end && words.contains(&t.text(self.text())))
    }

    /// The statements that are selected, whole, with the block that they stand in.
    pub(super) fn selected_statements(&self) -> Option<Vec<&Stmt>> {
        if self.selection.is_empty() {
            return None;
        }
        let block = self.innermost(|node| match node {
            Node::Block(block) => Some(block),
            _ => None,
        })?;
        let inside =
            |stmt: &&Stmt| self.selection.start < stmt.range.end && stmt.range.start < self.selection.end;
        let found: Vec<&Stmt> = block.stmts.iter().filter(inside).collect();
        let whole = TextRange::new(found.first()?.range.start, found.last()?.range.end);
        (whole == self.selection).then_some(found)
    }

    /// The statement of a block around the selection, and the nodes between it and the innermost.
    pub(super) fn statement(&self) -> Option<(&Stmt, &[Node<'_>])> {
        let at = self.path.windows(2).rposition(|pair| matches!(pair, [Node::Block(_), Node::Stmt(_)]))?;
        let at = at.saturating_add(1);
        let Some(Node::Stmt(stmt)) = self.path.get(at) else { return None };
        Some((stmt, self.path.get(at.saturating_add(1)..)?))
    }

    /// A word for an expression: what it is a field of, what it calls, what it is for.
    pub(super) fn word_for(&self, expr: &Expr, parent: Node<'_>) -> String {
        let of_parent = match parent {
            Node::Arg(arg) => arg.name.as_ref().map(|name| name.text.clone()),
            Node::FieldInit(field) => Some(field.name.text.clone()),
            _ => None,
        };
        let of_expr = || match &expr.kind {
            ExprKind::Field { name, .. } => Some(name.text.clone()),
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Field { name, .. } | ExprKind::Name(name) => Some(name.text.clone()),
                _ => None,
            },
            ExprKind::Duration(_) => Some("delay".to_owned()),
            ExprKind::Money(..) => Some("amount".to_owned()),
            ExprKind::Text(_) => Some("words".to_owned()),
            ExprKind::Int(_) | ExprKind::Number(_) => Some("count".to_owned()),
            ExprKind::Cond { .. } => Some("holds".to_owned()),
            ExprKind::List(_) => Some("items".to_owned()),
            _ => None,
        };
        let word = of_parent.or_else(of_expr).unwrap_or_else(|| "value".to_owned());
        let reserved = carapace_syntax::parse(carapace_diagnostic::FileId(0), &format!("const {word} = 1\n"));
        let tag =
            self.references_in(expr.range).any(|r| r.kind == NameKind::Tag && self.slice(r.range) == word);
        let lower = !tag && word.starts_with(|c: char| c.is_ascii_lowercase());
        let plain = reserved.diagnostics.is_empty() && lower;
        self.free_name(if plain { &word } else { "value" })
    }

    /// Whether the item is a test.
    pub(super) fn in_a_test(&self) -> bool {
        matches!(self.item.kind, ItemKind::Test(_))
    }
}

/// Whether statements leave what is around them: then they cannot be moved.
pub(super) fn leave(stmts: &[&Stmt]) -> bool {
    fn look(node: Node<'_>) -> bool {
        if let Node::Stmt(stmt) = node
            && matches!(
                stmt.kind,
                StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue | StmtKind::Error
            )
        {
            return true;
        }
        let mut found = false;
        node.children(&mut |child| found = found || look(child));
        found
    }
    stmts.iter().any(|stmt| look(Node::Stmt(stmt)))
}
