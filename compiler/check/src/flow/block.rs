//! Blocks: a scope, its statements, and the value of the last one.

use crate::code;
use crate::infer::{Body, Want};
use crate::tree::{Block, Expr, ExprKind, Stmt, StmtKind};
use carapace_module::Type;
use carapace_syntax::ast;

impl<'a> Body<'_, 'a> {
    /// A block and the type of its value: `Never` where its end is not reached.
    pub(crate) fn block(&mut self, block: &'a ast::Block, want: Want<'_>) -> (Block, Type) {
        self.scoped(|body| body.open_block(block, want))
    }

    /// The same, its names staying in scope: for bodies whose caller has opened one.
    pub(crate) fn open_block(&mut self, block: &'a ast::Block, want: Want<'_>) -> (Block, Type) {
        let around = std::mem::replace(&mut self.extent, block.range);
        let mut stmts = Vec::with_capacity(block.stmts.len());
        let mut value = None;
        let mut ty = Type::Nothing;
        let mut ended: Option<carapace_diagnostic::TextRange> = None;
        let last = block.stmts.len().saturating_sub(1);
        for (index, stmt) in block.stmts.iter().enumerate() {
            if let Some(end) = ended.take() {
                self.unreachable(stmt, end);
            }
            match &stmt.kind {
                ast::StmtKind::Expr(expr)
                    if index == last && !matches!(want, Want::Discard) && !is_loop(expr) =>
                {
                    let made = self.infer(expr, want);
                    if ty != Type::Never {
                        ty = made.ty.clone();
                    }
                    if made.ty == Type::Nothing {
                        stmts.push(Stmt { span: made.span, kind: StmtKind::Expr(made) });
                    } else {
                        value = Some(Box::new(made));
                    }
                }
                _ => {
                    if let Some(made) = self.stmt(stmt) {
                        if never(&made) {
                            ended = Some(stmt.range);
                            ty = Type::Never;
                        }
                        stmts.push(made);
                    }
                }
            }
        }
        self.extent = around;
        (Block { stmts, value, span: self.span(block.range) }, ty)
    }

    fn unreachable(&mut self, stmt: &'a ast::Stmt, end: carapace_diagnostic::TextRange) {
        let told = self
            .told(code::UNREACHABLE, stmt.range, "this is never reached")
            .also(self.span(end), "nothing goes on from here")
            .help("take it out, or move it before");
        self.report(told);
    }
}

/// Whether nothing comes after the statement.
pub(crate) fn never(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Expr(e) | StmtKind::Let(_, e) | StmtKind::Assign(_, e) | StmtKind::Set(_, _, e) => {
            e.ty == Type::Never
        }
        StmtKind::While(cond, body) => endless(cond) && !breaks(body),
        _ => false,
    }
}

/// `while true`.
fn endless(cond: &Expr) -> bool {
    matches!(cond.kind, ExprKind::Const(carapace_module::Value::Bool(true)))
}

/// Whether a `break` leaves the loop whose body this is.
fn breaks(block: &Block) -> bool {
    block.stmts.iter().any(|s| match &s.kind {
        StmtKind::Expr(e) | StmtKind::Let(_, e) | StmtKind::Assign(_, e) | StmtKind::Set(_, _, e) => {
            breaks_in(e)
        }
        StmtKind::Listen(_, _, body) => breaks(body),
        _ => false,
    }) || block.value.as_deref().is_some_and(breaks_in)
}

fn breaks_in(expr: &Expr) -> bool {
    let otherwise = |s: &crate::tree::Suffixes| {
        s.otherwise.as_ref().is_some_and(|b| breaks_in(&b.value)) || s.on_unknown.as_ref().is_some_and(breaks)
    };
    match &expr.kind {
        ExprKind::Break => true,
        ExprKind::If(_, then, other) => breaks(then) || other.as_ref().is_some_and(breaks),
        ExprKind::Match(_, arms) => arms.iter().any(|a| breaks_in(&a.body)),
        ExprKind::Block(block) => breaks(block),
        ExprKind::Do(block, suffixes) => breaks(block) || otherwise(suffixes),
        ExprKind::Coalesce(_, other) => breaks_in(other),
        ExprKind::Effect(call) => otherwise(&call.suffixes),
        ExprKind::CallFlow(_, _, s) | ExprKind::Await(_, s) | ExprKind::ListenNext(_, s) => otherwise(s),
        ExprKind::Parallel(_, s) | ExprKind::Race(_, s) | ExprKind::ForParallel { suffixes: s, .. } => {
            otherwise(s)
        }
        _ => false,
    }
}

fn is_loop(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ast::ExprKind::For(each) if each.parallel.is_none())
}
