//! `match`, exhaustive.

use super::condition::plain;
use super::{Body, Want};
use crate::code;
use crate::exhaust::{self, Row};
use crate::tree::{Arm, Block, Expr, ExprKind};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast;

impl<'a> Body<'_, 'a> {
    /// `match x { p if g => e … }`.
    pub(crate) fn match_(&mut self, range: TextRange, cases: &'a ast::Match, want: Want<'_>) -> Expr {
        let subject = self.infer_value(&cases.subject);
        let mut arms = Vec::with_capacity(cases.arms.len());
        let mut rows = Vec::with_capacity(cases.arms.len());
        let mut types = Vec::with_capacity(cases.arms.len());
        let mut sound = subject.ty != Type::Error;
        for case in &cases.arms {
            let (pattern, guard, (block, ty)) = self.scoped_in(case.range, |body| {
                let pattern = body.pattern(&case.pattern, &subject.ty);
                let guard = case.guard.as_ref().map(|g| {
                    let (guard, shown) = body.cond(g);
                    body.learn(&shown.yes);
                    guard
                });
                (pattern, guard, body.block_of(&case.body, want))
            });
            match pattern {
                Some(pattern) => {
                    rows.push(Row { pattern: pattern.clone(), guarded: guard.is_some() });
                    arms.push((pattern, guard, block, case.body.range));
                    types.push(ty);
                }
                None => sound = false,
            }
        }
        if sound {
            self.judge(range, cases, &subject.ty, &rows);
        }
        if arms.is_empty() {
            // All cases were mistakes that were told.
            return self.error(range);
        }
        let ty = self.join_arms(&mut arms, &mut types, want);
        let arms = arms
            .into_iter()
            .zip(types)
            .map(|((pattern, guard, block, range), arm_ty)| {
                let arm_ty = if arm_ty == Type::Never { Type::Never } else { ty.clone() };
                Arm { pattern, guard, body: self.block_value(range, block, arm_ty) }
            })
            .collect();
        self.make(range, ty, ExprKind::Match(Box::new(subject), arms))
    }

    fn join_arms(
        &mut self,
        arms: &mut [(crate::tree::Pattern, Option<Expr>, Block, TextRange)],
        types: &mut [Type],
        want: Want<'_>,
    ) -> Type {
        if let Want::Discard = want {
            let never = !types.is_empty() && types.iter().all(|t| *t == Type::Never);
            return if never { Type::Never } else { Type::Nothing };
        }
        let mut blocks: Vec<(&mut Block, &mut Type)> =
            arms.iter_mut().map(|(_, _, block, _)| block).zip(types.iter_mut()).collect();
        self.join_blocks(&mut blocks, want)
    }

    /// A block as an expression; one that is a value alone is that value.
    pub(crate) fn block_value(&self, range: TextRange, block: Block, ty: Type) -> Expr {
        match block {
            Block { stmts, value: Some(value), .. } if stmts.is_empty() => *value,
            block => self.make(range, ty, ExprKind::Block(block)),
        }
    }

    fn judge(&mut self, range: TextRange, cases: &'a ast::Match, ty: &Type, rows: &[Row]) {
        let verdict = exhaust::judge(&self.cx.program.types, ty, rows);
        for index in verdict.unreachable {
            let Some(row) = rows.get(index) else { continue };
            let told = carapace_diagnostic::Diagnostic::new(
                code::UNREACHABLE_CASE,
                row.pattern.span,
                "no value gets as far as this case".to_owned(),
            )
            .help("leave it out, or put it before the case that takes its values");
            self.report(told);
        }
        let Some(missing) = verdict.missing else { return };
        let head = TextRange::new(range.start, cases.subject.range.end);
        let shown = self.cx.show(plain(ty));
        let list = missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ");
        let told = self
            .told(code::NOT_EXHAUSTIVE, head, format!("this `match` forgets {list}"))
            .label(format!("a `{shown}` may be that"))
            .help("add a case for it, or `_ => …` for all the rest");
        self.report(told);
    }
}
