//! `if` as statement and as value.

use super::{Body, Want};
use crate::tree::{Block, Expr, ExprKind};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast;

impl<'a> Body<'_, 'a> {
    /// `if c { … } else { … }`.
    pub(crate) fn if_(&mut self, range: TextRange, branch: &'a ast::If, want: Want<'_>) -> Expr {
        let (cond, shown) = self.cond(&branch.cond);
        let (mut then, mut then_ty) = self.scoped_in(branch.then.range, |body| {
            body.learn(&shown.yes);
            body.block(&branch.then, if branch.otherwise.is_some() { want } else { Want::Discard })
        });
        let Some(otherwise) = &branch.otherwise else {
            if then_ty == Type::Never {
                // Whoever gets past it knows that the condition did not hold.
                self.learn(&shown.no);
            }
            return self.make(range, Type::Nothing, ExprKind::If(Box::new(cond), then, None));
        };
        let (mut other, mut other_ty) = self.scoped_in(otherwise.range, |body| {
            body.learn(&shown.no);
            body.block_of(otherwise, want)
        });
        match (&then_ty, &other_ty) {
            (Type::Never, Type::Never) => {}
            (Type::Never, _) => self.learn(&shown.no),
            (_, Type::Never) => self.learn(&shown.yes),
            _ => {}
        }
        let ty = match want {
            Want::Discard => {
                if then_ty == Type::Never && other_ty == Type::Never {
                    Type::Never
                } else {
                    Type::Nothing
                }
            }
            _ => self.join_blocks(&mut [(&mut then, &mut then_ty), (&mut other, &mut other_ty)], want),
        };
        self.make(range, ty, ExprKind::If(Box::new(cond), then, Some(other)))
    }

    /// An expression as a block: `else if` and `=> value` too.
    pub(crate) fn block_of(&mut self, expr: &'a ast::Expr, want: Want<'_>) -> (Block, Type) {
        if let ast::ExprKind::Do(block) = &expr.kind {
            return self.block(block, want);
        }
        let value = self.infer(expr, want);
        let ty = value.ty.clone();
        let span = value.span;
        let block = match want {
            Want::Discard if ty != Type::Never => {
                let stmt = crate::tree::Stmt { span, kind: crate::tree::StmtKind::Expr(value) };
                return (Block { stmts: vec![stmt], value: None, span }, Type::Nothing);
            }
            _ => Block { stmts: Vec::new(), value: Some(Box::new(value)), span },
        };
        (block, ty)
    }

    /// What all branches give, each made one of it.
    pub(crate) fn join_blocks(&mut self, blocks: &mut [(&mut Block, &mut Type)], want: Want<'_>) -> Type {
        let mut joint = Type::Never;
        if let Some(wanted) = want.ty().filter(|t| !crate::ty::has_param(t) && **t != Type::Error) {
            if blocks.iter().any(|(_, ty)| **ty != Type::Never) {
                joint = wanted.clone();
            }
        } else {
            for (block, ty) in blocks.iter() {
                match crate::ty::join(&joint, ty) {
                    Some(next) => joint = next,
                    None => {
                        self.branches_differ(block, &joint, ty);
                        return Type::Error;
                    }
                }
            }
        }
        if joint == Type::Nothing {
            return joint;
        }
        for (block, ty) in blocks {
            self.convert_block(block, ty, &joint);
        }
        joint
    }

    fn branches_differ(&mut self, block: &Block, joint: &Type, ty: &Type) {
        let (a, b) = (self.cx.show(joint), self.cx.show(ty));
        let span = block.value.as_ref().map_or(block.span, |v| v.span);
        let told = if *ty == Type::Nothing || *joint == Type::Nothing {
            carapace_diagnostic::Diagnostic::new(
                crate::code::NO_VALUE,
                span,
                format!(
                    "one branch gives {}, another one gives nothing",
                    if *ty == Type::Nothing { with_article(&a) } else { with_article(&b) }
                ),
            )
            .help("end each branch with a value, or use none of them")
        } else {
            carapace_diagnostic::Diagnostic::new(
                crate::code::MISMATCH,
                span,
                format!("the branches give different types: `{a}` before, `{b}` here"),
            )
            .help("make them one type")
        };
        self.report(told);
    }

    /// A block's value as one of `ty`.
    pub(crate) fn convert_block(&mut self, block: &mut Block, have: &Type, ty: &Type) {
        match block.value.take() {
            Some(mut value) => {
                self.convert_in_place(&mut value, ty);
                block.value = Some(value);
            }
            None if matches!(have, Type::Never | Type::Error) || *ty == Type::Nothing => {}
            None => {
                let end = carapace_diagnostic::Span::new(block.span.file, block.span.range);
                let shown = self.cx.show(ty);
                let told = carapace_diagnostic::Diagnostic::new(
                    crate::code::NO_VALUE,
                    end,
                    format!("this gives no value, but a `{shown}` is needed"),
                )
                .help("end it with a value of that type");
                self.report(told);
            }
        }
    }
}

fn with_article(name: &str) -> String {
    format!("a `{name}`")
}
