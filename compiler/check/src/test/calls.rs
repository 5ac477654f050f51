//! Calls with wild cards: `desk.extract(_)`, `orders.refund("4711")`.

use crate::code;
use crate::collect::{Callable, DefId, DefKind};
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::Expr;
use carapace_diagnostic::suggest;
use carapace_module::Type;
use carapace_module::testing::{CallPattern, CallTarget};
use carapace_syntax::ast::{self, ItemKind};
use std::rc::Rc;
use std::sync::Arc;

/// A turn of an agent whose answer is a reply.
const ANSWER: &str = "agent.answer";

/// A turn of an agent.
const TURN: &str = "chat";

/// A pattern, the values in it, and what such a call gives.
pub(super) struct Pattern {
    pub(super) pattern: CallPattern,
    pub(super) args: Vec<Expr>,
    pub(super) result: Type,
}

impl<'a> Body<'_, 'a> {
    /// What a pattern is about; none where it was told.
    pub(super) fn call_pattern(
        &mut self,
        expr: &'a ast::Expr,
        code: carapace_diagnostic::Code,
    ) -> Option<Pattern> {
        let (callee, type_args, args): (&ast::Expr, &[_], &[_]) = match &expr.kind {
            ast::ExprKind::Call { callee, type_args, args } => (callee, type_args, args),
            // Without parentheses, anything goes.
            ast::ExprKind::Name(_) | ast::ExprKind::Field { .. } => (expr, &[], &[]),
            ast::ExprKind::Error => return None,
            _ => {
                let told = self
                    .told(code, expr.range, "a call is meant here")
                    .help("write it with `_` where anything goes: `desk.chat(_)`");
                self.report(told);
                return None;
            }
        };
        let (id, target) = self.call_target(callee, code)?;
        let sig = self.cx.callable(id)?;
        let (params, values) = self.pattern_args(&sig, id, args);
        let result = match type_args.first() {
            Some(ty) => {
                let ty = self.cx.resolve_type(self.at, ty, &[]);
                crate::ty::substitute(&sig.result, &[Some(ty)])
            }
            None => sig.result.clone(),
        };
        Some(Pattern { pattern: CallPattern { target, params }, args: values, result })
    }

    fn call_target(
        &mut self,
        callee: &'a ast::Expr,
        code: carapace_diagnostic::Code,
    ) -> Option<(DefId, CallTarget)> {
        let mut receiver = None;
        let id = match self.find_path(callee) {
            Found::Item(id) => Some(id),
            Found::Told => return None,
            _ => match &callee.kind {
                ast::ExprKind::Field { base, name, .. } => match self.find_path(base) {
                    Found::Item(slot) => {
                        let effect = self.effect_on_slot(slot, &name.text);
                        if effect.is_none() {
                            let def = self.cx.def(slot);
                            let message = format!("`{}` has no `{}`", def.name, name.text);
                            let told = self.told(crate::code::UNKNOWN_METHOD, name.range, message);
                            self.report(told.help("name an effect that is called on it"));
                            return None;
                        }
                        if let Some(effect) = effect {
                            self.cx.note_item(self.at, name, effect);
                        }
                        receiver = Some(self.cx.slot(slot));
                        // A turn is a turn, whoever says its answer: what a test gives is what the agent says in it.
                        let is_turn = effect.is_some_and(|id| &*self.cx.short_name(id) == ANSWER);
                        if is_turn { self.effect_on_slot(slot, TURN) } else { effect }
                    }
                    Found::Told => return None,
                    _ => {
                        self.infer(base, Want::Any);
                        return None;
                    }
                },
                ast::ExprKind::Name(name) => {
                    self.unknown_name(name);
                    return None;
                }
                _ => None,
            },
        };
        let Some(id) = id else {
            let told = self
                .told(code, callee.range, "nothing of this name is called by flows")
                .help("name an effect, a sub-flow or a tool");
            self.report(told);
            return None;
        };
        let def = self.cx.def(id);
        match (&def.item.kind, def.kind) {
            (ItemKind::Effect(effect), _) => {
                self.cx.effect(id);
                let target =
                    CallTarget::Effect { effect: self.cx.short_name(id), version: effect.version, receiver };
                Some((id, target))
            }
            (_, DefKind::Flow | DefKind::Tool) => {
                self.cx.flow(id);
                Some((id, CallTarget::Flow(self.cx.full_name(id))))
            }
            _ => {
                let told = self
                    .told(
                        code,
                        callee.range,
                        format!("`{}` is {}: it is computed, not performed", def.name, def.kind.noun()),
                    )
                    .help("only effects, sub-flows and tools can be answered for, or counted");
                self.report(told);
                None
            }
        }
    }

    fn pattern_args(
        &mut self,
        sig: &Rc<Callable>,
        id: DefId,
        args: &'a [ast::Arg],
    ) -> (Vec<(Arc<str>, bool)>, Vec<Expr>) {
        let mut given: Vec<Option<Expr>> = vec![None; sig.params.len()];
        for (index, arg) in args.iter().enumerate() {
            let at = match &arg.name {
                Some(name) => match sig.params.iter().position(|p| *p.name == *name.text) {
                    Some(at) => {
                        self.cx.note_param(self.at, name, id);
                        at
                    }
                    None => {
                        let near =
                            suggest(&name.text, sig.params.iter().map(|p| &*p.name)).map(str::to_owned);
                        let message = format!("`{}` has no parameter `{}`", self.cx.def(id).name, name.text);
                        let told =
                            self.suggesting(code::UNKNOWN_PARAMETER, name.range, message, near.as_deref());
                        self.report(told);
                        continue;
                    }
                },
                None => index,
            };
            if matches!(arg.value.kind, ast::ExprKind::Any) {
                continue;
            }
            let Some(param) = sig.params.get(at) else {
                let message = format!("`{}` takes {} arguments", self.cx.def(id).name, sig.params.len());
                let told =
                    self.told(code::TOO_MANY_ARGUMENTS, arg.value.range, message).help("leave this one out");
                self.report(told);
                continue;
            };
            let value = if crate::ty::has_param(&param.ty) {
                self.infer_value(&arg.value)
            } else {
                self.check(&arg.value, &param.ty)
            };
            if let Some(slot) = given.get_mut(at) {
                *slot = Some(value);
            }
        }
        let params = sig.params.iter().zip(&given).map(|(p, g)| (p.name.clone(), g.is_some())).collect();
        (params, given.into_iter().flatten().collect())
    }
}
