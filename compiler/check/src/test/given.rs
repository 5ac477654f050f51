//! `given …`: what the world answers.

use crate::code;
use crate::collect::DefKind;
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::Expr;
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::Type;
use carapace_module::testing::{Answer, TestOp};
use carapace_syntax::ast::{self, Given, GivenKind, GivenOutcome, Name};
use std::sync::Arc;

/// What may stand behind `fails "…"`.
const KINDS: [&str; 9] = [
    "failed",
    "refused",
    "transient",
    "timeout",
    "limited",
    "budget",
    "invalid",
    "unavailable",
    "not_performed",
];

impl<'a> Body<'_, 'a> {
    /// A `given`.
    pub(super) fn given(&mut self, range: TextRange, given: &'a Given) -> Option<(TestOp, Vec<Expr>)> {
        match &given.kind {
            GivenKind::Script { calls, says } => self.script(given, calls, says.as_ref()),
            GivenKind::Outcomes(links) => {
                if matches!(given.target.kind, ast::ExprKind::Call { .. }) {
                    return self.answers(given, links);
                }
                self.given_slot(range, given, links)
            }
        }
    }

    fn answers(&mut self, given: &'a Given, links: &'a [Vec<GivenOutcome>]) -> Option<(TestOp, Vec<Expr>)> {
        let pattern = self.call_pattern(&given.target, code::GIVEN)?;
        let mut args = pattern.args;
        let mut result = pattern.result;
        let mut answers = Vec::with_capacity(links.len());
        for link in links {
            answers.push(self.answer(link, &mut result, &mut args));
        }
        if crate::ty::has_param(&result) {
            result = Type::Text;
        }
        Some((TestOp::Given { pattern: pattern.pattern, answers, result }, args))
    }

    fn answer(&mut self, link: &'a [GivenOutcome], result: &mut Type, args: &mut Vec<Expr>) -> Answer {
        let mut answer = Answer::default();
        let (mut value, mut message, mut takes, mut costs) = (None, None, None, None);
        for outcome in link {
            match outcome {
                GivenOutcome::Value(expr) if crate::ty::has_param(result) => {
                    let made = self.infer_value(expr);
                    let mut bound = vec![None; 8];
                    crate::ty::bind(result, &made.ty, &mut bound);
                    *result = crate::ty::substitute(result, &bound);
                    value = Some(self.convert(made, result));
                }
                GivenOutcome::Value(expr) if *result == Type::Nothing => {
                    // An effect without a result just succeeds: any value stands for that.
                    value = Some(self.infer(expr, Want::Any));
                }
                GivenOutcome::Value(expr) => value = Some(self.check(expr, result)),
                GivenOutcome::Fails { message: text, kind } => {
                    message = Some(self.check(text, &Type::Text));
                    answer.fails = true;
                    answer.kind = kind.as_ref().and_then(|k| self.failure_kind(k));
                }
                GivenOutcome::Takes(expr) => takes = Some(self.check(expr, &Type::Duration)),
                GivenOutcome::Costs(expr) => costs = Some(self.check(expr, &Type::Money)),
                GivenOutcome::Unknown => answer.unknown = true,
            }
        }
        answer.value = value.is_some();
        answer.takes = takes.is_some();
        answer.costs = costs.is_some();
        args.extend([value, message, takes, costs].into_iter().flatten());
        answer
    }

    fn failure_kind(&mut self, kind: &Name) -> Option<Arc<str>> {
        if KINDS.contains(&kind.text.as_str()) {
            if let Some(crate::collect::DefKind::Type(ty)) =
                self.cx.prelude.get("ErrorKind").map(|id| self.cx.def(*id).kind)
            {
                self.cx.note_tag(self.at, kind, &Type::declared(ty));
            }
            return Some(Arc::from(kind.text.as_str()));
        }
        let near = suggest(&kind.text, KINDS);
        let message = format!("there is no kind of failure `{}`", kind.text);
        let mut told = self.suggesting(code::GIVEN, kind.range, message, near);
        if near.is_none() {
            told = told.help(format!("there are {}", KINDS.join(", ")));
        }
        self.report(told);
        None
    }

    fn script(
        &mut self,
        given: &'a Given,
        calls: &'a [ast::Expr],
        says: Option<&'a ast::Expr>,
    ) -> Option<(TestOp, Vec<Expr>)> {
        let pattern = self.call_pattern(&given.target, code::GIVEN)?;
        let mut args = pattern.args;
        let mut made = Vec::with_capacity(calls.len());
        for call in calls {
            let called = self.call_pattern(call, code::GIVEN)?;
            let carapace_module::testing::CallTarget::Flow(name) = called.pattern.target else {
                let told = self
                    .told(code::GIVEN, call.range, "an agent calls tools, and this is none")
                    .help("name a `tool`");
                self.report(told);
                return None;
            };
            let given =
                called.pattern.params.into_iter().filter(|(_, given)| *given).map(|(n, _)| n).collect();
            made.push((name, given));
            args.extend(called.args);
        }
        let says = says.map(|text| self.check(text, &Type::Text));
        let op = TestOp::Script { pattern: pattern.pattern, calls: made, says: says.is_some() };
        args.extend(says);
        Some((op, args))
    }

    /// `given setting = …`, `given group = […]`, `given state[key] = …`, `given time = …`.
    fn given_slot(
        &mut self,
        range: TextRange,
        given: &'a Given,
        links: &'a [Vec<GivenOutcome>],
    ) -> Option<(TestOp, Vec<Expr>)> {
        let [link] = links else { return self.bad_given(range) };
        let [GivenOutcome::Value(value)] = link.as_slice() else { return self.bad_given(range) };
        let (target, key) = match &given.target.kind {
            ast::ExprKind::Index { base, index } => (&**base, Some(&**index)),
            _ => (&given.target, None),
        };
        let found = self.find_path(target);
        if let (ast::ExprKind::Name(name), None) = (&target.kind, key)
            && name.text == "time"
            && !matches!(found, Found::Item(_))
        {
            let value = self.infer(value, Want::Ty(&Type::Time));
            let value = if value.ty == Type::Text { value } else { self.convert(value, &Type::Time) };
            return Some((TestOp::GivenTime, vec![value]));
        }
        let Found::Item(id) = found else {
            if found == Found::Nothing {
                match &target.kind {
                    ast::ExprKind::Name(name) => self.unknown_name(name),
                    ast::ExprKind::Error => {}
                    _ => return self.bad_given(range),
                }
            }
            return None;
        };
        let full = self.cx.full_name(id);
        match self.cx.def(id).kind {
            DefKind::Setting if key.is_none() => {
                let (_, ty) = self.cx.setting(id)?;
                let value = self.check(value, &ty);
                Some((TestOp::GivenSetting(full), vec![value]))
            }
            DefKind::Group if key.is_none() => {
                self.cx.slot(id);
                let value = self.infer_value(value);
                Some((TestOp::GivenGroup(full), vec![value]))
            }
            DefKind::State => {
                let read = match key {
                    Some(key) => self.state_read_at(id, target.range, key),
                    None => self.state_read(id, target.range),
                };
                let crate::tree::ExprKind::StateGet(_, mut keys) = read.kind else { return None };
                keys.push(self.check(value, &read.ty));
                Some((TestOp::GivenState(full), keys))
            }
            _ => self.bad_given(target.range),
        }
    }

    fn bad_given<T>(&mut self, range: TextRange) -> Option<T> {
        let told = self
            .told(code::GIVEN, range, "this is nothing that a test can give")
            .help("give what a call answers (`given desk.chat(_) = \"…\"`), a setting, a group, a state, or the time");
        self.report(told);
        None
    }
}
