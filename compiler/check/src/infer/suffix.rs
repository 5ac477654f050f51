//! Suffixes: looked at where they stand, put where they belong in the tree.

use super::{Body, Want};
use crate::code;
use crate::facts::NameKind;
use crate::tree::{Attempt, Binding, Branch, Expr, ExprKind, Suffixes, Within};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_module::signature::Delivery;
use carapace_syntax::ast;
use std::sync::Arc;

/// What `undo` is called in messages.
const UNDO: &str = "an `undo`";

impl<'a> Body<'_, 'a> {
    /// An expression with suffixes.
    pub(crate) fn suffixed(
        &mut self,
        range: TextRange,
        base: &'a ast::Expr,
        suffixes: &'a ast::Suffixes,
        want: Want<'_>,
    ) -> Expr {
        let let_name = self.let_name.take();
        // `undo` sees what was known before the call.
        let names = self.names.clone();
        let value = self.infer(base, want);
        if value.ty == Type::Error && matches!(value.kind, ExprKind::Error) {
            self.look_at_blocks(suffixes);
            let ty = match (&suffixes.otherwise, want) {
                (Some(_), Want::Ty(ty)) => ty.clone(),
                _ => Type::Error,
            };
            return Expr { ty, ..self.error(range) };
        }
        if !attachable(&value) {
            return self.on_plain_value(range, value, suffixes, want);
        }
        let lowered = self.lower(&value, suffixes, let_name, names);
        self.attach(range, value, lowered, suffixes, want)
    }

    fn look_at_blocks(&mut self, suffixes: &'a ast::Suffixes) {
        if let Some(otherwise) = &suffixes.otherwise {
            self.scoped_in(otherwise.value.range, |body| {
                if let Some(name) = &otherwise.error {
                    let ty = crate::collect::World::ty(body.cx.world.error);
                    body.declare(name, ty, false);
                }
                body.block_of(&otherwise.value, Want::Any);
            });
        }
    }

    /// Suffixes on what is no effect: only `else`, and only on a `T?`.
    fn on_plain_value(
        &mut self,
        range: TextRange,
        value: Expr,
        suffixes: &'a ast::Suffixes,
        want: Want<'_>,
    ) -> Expr {
        for (present, word, place) in [
            (suffixes.retry.is_some(), "retry", suffixes.retry.as_ref().map(|r| r.count.range)),
            (suffixes.within.is_some(), "within", suffixes.within.as_ref().map(within_range)),
            (suffixes.undo.is_some(), "undo", suffixes.undo.as_ref().map(|u| u.body.range)),
            (suffixes.delivery.is_some(), "at … once", suffixes.delivery.as_ref().map(|d| d.1)),
            (suffixes.on_unknown.is_some(), "on unknown", suffixes.on_unknown.as_ref().map(|b| b.range)),
            (suffixes.label.is_some(), "as", suffixes.label.as_ref().map(|n| n.range)),
        ] {
            if present {
                let told = self
                    .told(
                        code::SUFFIX,
                        place.unwrap_or(range),
                        format!("`{word}` belongs to something that happens, and this only computes"),
                    )
                    .help("it goes with effects, sub-flow calls, `await`, `parallel`, `race` and `do`");
                self.report(told);
                self.look_at_blocks(suffixes);
                return self.error(range);
            }
        }
        let Some(otherwise) = &suffixes.otherwise else { return value };
        let Type::Optional(inner) = &value.ty else {
            if !matches!(value.ty, Type::Error | Type::Never) {
                let shown = self.cx.show(&value.ty);
                let told = self
                    .told(
                        code::SUFFIX,
                        otherwise.value.range,
                        format!("this `{shown}` neither fails nor may be none: there is nothing else"),
                    )
                    .help("leave `else` out");
                self.report(told);
            }
            self.look_at_blocks(suffixes);
            return value;
        };
        let inner = (**inner).clone();
        if let Some(error) = &otherwise.error {
            let told = self
                .told(code::SUFFIX, error.range, "nothing failed here: there is no error to name")
                .help("write `else { … }`: the value is absent, that is all");
            self.report(told);
        }
        let inner_want = if matches!(want, Want::Discard) { Want::Discard } else { Want::Ty(&inner) };
        let (mut block, ty) = self.scoped_in(otherwise.value.range, |body| {
            if let Some(name) = &otherwise.error {
                body.declare(name, Type::Error, false);
            }
            body.block_of(&otherwise.value, inner_want)
        });
        if matches!(want, Want::Discard) {
            let absent = self.make(range, Type::Bool, ExprKind::IsNone(Box::new(value)));
            return self.make(range, Type::Nothing, ExprKind::If(Box::new(absent), block, None));
        }
        let Some(joint) =
            crate::ty::join(&inner, &ty).filter(|t| *t != Type::Nothing || inner == Type::Nothing)
        else {
            self.convert_block(&mut block, &ty, &inner);
            return self.error(range);
        };
        self.convert_block(&mut block, &ty, &joint);
        let other = self.block_value(otherwise.value.range, block, ty);
        self.coalesced(range, value, other, joint)
    }

    fn lower(
        &mut self,
        value: &Expr,
        suffixes: &'a ast::Suffixes,
        let_name: Option<&'a ast::Name>,
        before: Vec<(Arc<str>, crate::tree::LocalId)>,
    ) -> Suffixes {
        Suffixes {
            retry: suffixes.retry.as_ref().map(|r| self.retry(r)),
            within: suffixes.within.as_ref().map(|w| match w {
                ast::Within::For(d) => Within::For(Box::new(self.check(d, &Type::Duration))),
                ast::Within::Until(t) => Within::Until(Box::new(self.check(t, &Type::Time))),
            }),
            undo: suffixes.undo.as_ref().map(|u| self.undo(u, &value.ty, let_name, before)),
            on_unknown: suffixes
                .on_unknown
                .as_ref()
                .map(|b| self.scoped(|body| body.block(b, Want::Discard).0)),
            otherwise: None,
        }
    }

    fn retry(&mut self, retry: &'a ast::Retry) -> Attempt {
        let count = self.check(&retry.count, &Type::Int);
        if count.ty != Type::Error && !self.is_fixed(&count) {
            let told = self
                .told(code::NOT_CONSTANT, retry.count.range, "how often to retry has to be fixed")
                .help("write a number, a `const` or a `setting`");
            self.report(told);
        }
        let backoff = retry.backoff.as_ref().map(|(from, to)| {
            (Box::new(self.check(from, &Type::Duration)), Box::new(self.check(to, &Type::Duration)))
        });
        Attempt { count: Box::new(count), backoff }
    }

    fn is_fixed(&mut self, value: &Expr) -> bool {
        matches!(value.kind, ExprKind::Setting(_)) || crate::constant::constant(self.cx, value).is_some()
    }

    fn undo(
        &mut self,
        undo: &'a ast::Undo,
        result: &Type,
        let_name: Option<&'a ast::Name>,
        before: Vec<(Arc<str>, crate::tree::LocalId)>,
    ) -> Branch {
        let after = std::mem::replace(&mut self.names, before);
        let returns = self.result.take();
        let ((input, body), captures) = self.framed(UNDO, undo.body.range, |inner| {
            let input = let_name
                .filter(|n| !n.text.is_empty())
                .map(|name| inner.declare(name, result.clone().optional(), false));
            let (body, _) = inner.block(&undo.body, Want::Discard);
            (input, body)
        });
        self.result = returns;
        self.names = after;
        Branch { name: Arc::from(""), captures, input, body }
    }

    fn attach(
        &mut self,
        range: TextRange,
        mut value: Expr,
        mut lowered: Suffixes,
        written: &'a ast::Suffixes,
        want: Want<'_>,
    ) -> Expr {
        let span = self.span(range);
        let mut ty = value.ty.clone();
        if let Some(otherwise) = &written.otherwise {
            let (binding, joint) = self.otherwise(otherwise, &ty, want);
            lowered.otherwise = Some(binding);
            ty = joint;
        }
        if let Some(unknown) = &lowered.on_unknown
            && !matches!(ty, Type::Nothing | Type::Error | Type::Never)
            && !matches!(want, Want::Discard)
            && !ends(unknown)
        {
            let told = self
                .told(
                    code::SUFFIX,
                    written.on_unknown.as_ref().map_or(range, |b| b.range),
                    "nobody knows the value after this: the flow cannot go on with it",
                )
                .help("end the block with `return`, `fail(…)` or `cancel(…)`");
            self.report(told);
        }
        self.attach_delivery(range, &mut value, written);
        let slot = match &mut value.kind {
            ExprKind::Effect(call) => &mut call.suffixes,
            ExprKind::CallFlow(_, _, s)
            | ExprKind::Await(_, s)
            | ExprKind::ListenNext(_, s)
            | ExprKind::Parallel(_, s)
            | ExprKind::Race(_, s)
            | ExprKind::ForParallel { suffixes: s, .. }
            | ExprKind::Do(_, s) => s,
            _ => return value,
        };
        *slot = lowered;
        Expr { ty, span, kind: value.kind }
    }

    fn attach_delivery(&mut self, range: TextRange, value: &mut Expr, written: &'a ast::Suffixes) {
        if let ExprKind::Effect(call) = &mut value.kind {
            if let Some(label) = &written.label {
                self.label(label);
            }
            call.label = written.label.as_ref().map(|n| Arc::from(n.text.as_str()));
            call.delivery = match written.delivery {
                None => Delivery::Default,
                Some((ast::Delivery::AtMostOnce, _)) => Delivery::AtMostOnce,
                Some((ast::Delivery::AtLeastOnce, _)) => Delivery::AtLeastOnce,
            };
            return;
        }
        if let Some((_, place)) = written.delivery {
            let told = self
                .told(code::SUFFIX, place, "how often it may happen is said of one effect, not of this")
                .help("say it behind the effect that is meant");
            self.report(told);
        }
        if let Some(label) = &written.label {
            let told = self
                .told(code::SUFFIX, label.range, "`as` names a wait, and this is none")
                .help("it goes with `wait(…)` and `wait_until(…)`");
            self.report(told);
        }
        let _ = range;
    }

    /// A wait's name is how a run that stands there is found again in another version: each flow has it once.
    fn label(&mut self, label: &'a ast::Name) {
        if self.labels.iter().any(|known| known.text == label.text && known.range != label.range) {
            self.cx.twice(self.at, label, "label");
        }
        self.cx.note_own(self.at, label.range, NameKind::WaitLabel);
        self.labels.push(label);
    }

    fn otherwise(&mut self, otherwise: &'a ast::Else, ty: &Type, want: Want<'_>) -> (Binding, Type) {
        let (error, (mut block, other)) = self.scoped_in(otherwise.value.range, |body| {
            let error = otherwise.error.as_ref().filter(|n| !n.text.is_empty()).map(|name| {
                let ty = crate::collect::World::ty(body.cx.world.error);
                body.declare(name, ty, false)
            });
            let inner = match (want, ty) {
                (Want::Discard, _) | (_, Type::Nothing) => Want::Discard,
                (Want::Ty(wanted), _) if crate::ty::join(ty, wanted).is_some() => Want::Ty(wanted),
                (_, Type::Never) => want,
                _ => Want::Ty(ty),
            };
            (error, body.block_of(&otherwise.value, inner))
        });
        let joint = match (want, ty) {
            (Want::Discard, Type::Never) => {
                if other == Type::Never {
                    Type::Never
                } else {
                    Type::Nothing
                }
            }
            (Want::Discard, _) | (_, Type::Nothing) => Type::Nothing,
            _ if other == Type::Never => ty.clone(),
            _ => match crate::ty::join(ty, &other) {
                Some(joint) if other != Type::Nothing => joint,
                _ => ty.clone(),
            },
        };
        if joint != Type::Nothing && joint != Type::Never {
            self.convert_block(&mut block, &other, &joint);
        }
        let value = Box::new(self.block_value(otherwise.value.range, block, other));
        (Binding { error, value }, joint)
    }
}

fn attachable(value: &Expr) -> bool {
    matches!(
        value.kind,
        ExprKind::Effect(_)
            | ExprKind::CallFlow(..)
            | ExprKind::Await(..)
            | ExprKind::ListenNext(..)
            | ExprKind::Parallel(..)
            | ExprKind::Race(..)
            | ExprKind::ForParallel { .. }
            | ExprKind::Do(..)
    )
}

fn within_range(within: &ast::Within) -> TextRange {
    match within {
        ast::Within::For(e) | ast::Within::Until(e) => e.range,
    }
}

/// Whether a block never gets to its end.
fn ends(block: &crate::tree::Block) -> bool {
    let never = |e: &Expr| e.ty == Type::Never;
    block.value.as_deref().is_some_and(never)
        || block.stmts.iter().any(|s| matches!(&s.kind, crate::tree::StmtKind::Expr(e) if never(e)))
}
