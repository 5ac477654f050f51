//! Blocks and statements.

use super::{Builder, Pair, item::is_expr};
use crate::ast::{Await, Block, Expr, ExprKind, Listen, Name, Path, Stmt, StmtKind, TriggerRef, TypeExpr};
use crate::grammar::Rule;

impl Builder<'_> {
    pub(super) fn block(&mut self, pair: Pair<'_>) -> Block {
        let range = self.range(&pair);
        Block { stmts: pair.into_inner().map(|p| self.stmt(p)).collect(), range }
    }

    pub(super) fn stmt(&mut self, pair: Pair<'_>) -> Stmt {
        let id = self.id();
        let mut range = self.range(&pair);
        if pair.as_rule() == Rule::broken {
            range = self.broken_range(&pair);
            return Stmt { id, range, kind: StmtKind::Error };
        }
        let kind = self.stmt_kind(pair).unwrap_or(StmtKind::Error);
        Stmt { id, range, kind }
    }

    fn stmt_kind(&mut self, pair: Pair<'_>) -> Option<StmtKind> {
        Some(match pair.as_rule() {
            Rule::expr => StmtKind::Expr(self.expr(pair)),
            Rule::let_stmt => {
                let (name, ty, value) = self.binding(pair)?;
                StmtKind::Let { name, ty, value }
            }
            Rule::var_stmt => {
                let (name, ty, value) = self.binding(pair)?;
                StmtKind::Var { name, ty, value }
            }
            Rule::assign => {
                let (name, _, value) = self.binding(pair)?;
                StmtKind::Assign { name, value }
            }
            Rule::set_stmt => self.set(pair)?,
            Rule::while_stmt => {
                let (cond, body) = self.head_and_block(pair)?;
                StmtKind::While { cond, body }
            }
            Rule::repeat_stmt => {
                let (count, body) = self.head_and_block(pair)?;
                StmtKind::Repeat { count, body }
            }
            Rule::break_stmt => StmtKind::Break,
            Rule::continue_stmt => StmtKind::Continue,
            Rule::return_stmt => StmtKind::Return(self.only_expr(pair)),
            Rule::listen_stmt => StmtKind::Listen(Box::new(self.listen(pair)?)),
            _ => StmtKind::Test(Box::new(self.test_stmt(pair)?)),
        })
    }

    fn binding(&mut self, pair: Pair<'_>) -> Option<(Name, Option<TypeExpr>, Expr)> {
        let (mut name, mut ty, mut value) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::expr => value = Some(self.expr(part)),
                _ => {}
            }
        }
        Some((name?, ty, value?))
    }

    fn set(&mut self, pair: Pair<'_>) -> Option<StmtKind> {
        let (mut target, mut key, mut value) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::set_target => {
                    let path = self.path(part);
                    target = self.path_expr(path);
                }
                Rule::set_key => key = self.only_expr(part),
                Rule::expr => value = Some(self.expr(part)),
                _ => {}
            }
        }
        Some(StmtKind::Set { target: target?, key, value: value? })
    }

    /// `a.b.c` as an expression.
    pub(super) fn path_expr(&mut self, path: Path) -> Option<Expr> {
        let mut names = path.names.into_iter();
        let first = names.next()?;
        let mut expr = self.expr_node(first.range, ExprKind::Name(first));
        for name in names {
            let range = expr.range.cover(name.range);
            expr = self.expr_node(range, ExprKind::Field { base: Box::new(expr), optional: false, name });
        }
        Some(expr)
    }

    pub(super) fn head_and_block(&mut self, pair: Pair<'_>) -> Option<(Expr, Block)> {
        let (mut head, mut body) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::block => body = Some(self.block(part)),
                rule if is_expr(rule) => head = Some(self.expr(part)),
                _ => {}
            }
        }
        Some((head?, body?))
    }

    fn listen(&mut self, pair: Pair<'_>) -> Option<Listen> {
        let (mut name, mut body) = (None, None);
        let mut events = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::block => body = Some(self.block(part)),
                Rule::k_listen | Rule::k_as => {}
                _ => events.push(part),
            }
        }
        Some(Listen { events: self.awaited(events)?, name: name?, body: body? })
    }

    /// `TRIGGER [from …] [in …] [where …]`.
    pub(super) fn awaited<'p>(&mut self, parts: impl IntoIterator<Item = Pair<'p>>) -> Option<Await> {
        let mut trigger: Option<TriggerRef> = None;
        let (mut from, mut within_conversation, mut condition) = (None, None, None);
        for part in parts {
            match part.as_rule() {
                Rule::trigger_ref => trigger = Some(self.trigger_ref(part)),
                Rule::aw_from => from = self.only_expr(part),
                Rule::aw_in => within_conversation = self.only_expr(part),
                Rule::aw_where => condition = self.only_expr(part),
                _ => {}
            }
        }
        Some(Await { trigger: trigger?, from, within_conversation, condition })
    }
}
