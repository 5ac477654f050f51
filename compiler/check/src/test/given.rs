//! `given …`: what the world answers.

use crate::check::Scope;
use crate::code;
use crate::collect::{DefId, DefKind};
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::Expr;
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::testing::{Answer, CallTarget, TestOp};
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, Given, GivenKind, GivenOutcome, ItemKind, Name, Property};
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
                GivenOutcome::Costs(expr) => costs = Some(self.costs(expr)),
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
            let CallTarget::Flow(name) = called.pattern.target else {
                let told = self
                    .told(code::GIVEN, call.range, "an agent calls tools, and this is none")
                    .help("name a `tool`");
                self.report(told);
                return None;
            };
            self.is_called_by(&pattern.pattern.target, call, &name);
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

    /// Tells a tool that the agent does not have: no model would ever call it. What an agent has stands in its own item, so this is
    /// told where the whole package is looked at.
    fn is_called_by(&mut self, asked: &CallTarget, call: &'a ast::Expr, tool: &Arc<str>) {
        let CallTarget::Effect { receiver: Some(agent), .. } = asked else { return };
        if self.cx.focus.is_some() {
            return;
        }
        let ids = (0..self.cx.defs.len()).map(|index| DefId(u32::try_from(index).unwrap_or(u32::MAX)));
        let mut agents = ids.filter(|id| self.cx.def(*id).kind == DefKind::Agent);
        let Some(id) = agents.find(|id| self.cx.full_name(*id) == *agent) else { return };
        self.cx.agent_used(id);
        if !self.is_understood(id) {
            return;
        }
        let known = self.cx.program.agents.iter().find(|known| known.signature.name == *agent);
        let Some(signature) = known.map(|known| &known.signature) else { return };
        if signature.tools.contains(tool) {
            return;
        }
        let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        let (agent, name) = (short(agent), short(tool));
        let tools: Vec<String> = signature.tools.iter().map(|tool| format!("`{}`", short(tool))).collect();
        let help = match tools.as_slice() {
            [] => format!("`{agent}` has no tools: `tools: [{name}]` gives it this one"),
            _ => format!("it has {}; `tools` of `{agent}` says which", tools.join(", ")),
        };
        let told = self
            .told(
                code::GIVEN,
                call.range,
                format!("`{name}` is not among the tools of `{agent}`, which cannot call it"),
            )
            .help(help);
        let scope = std::mem::replace(&mut self.cx.scope, Scope::Package);
        self.report(told);
        self.cx.scope = scope;
    }

    /// Whether nothing is wrong with an agent: else its tools may be those that are missing.
    fn is_understood(&self, agent: DefId) -> bool {
        let def = self.cx.def(agent);
        let ItemKind::Agent(decl) = &def.item.kind else { return false };
        let place = def.at.span(def.item.range);
        let inside = |told: &carapace_diagnostic::Diagnostic| {
            let at = told.primary.span;
            told.is_error()
                && at.file == place.file
                && place.range.start <= at.range.start
                && at.range.end <= place.range.end
        };
        !decl.properties.iter().any(|property| matches!(property, Property::Error(_)))
            && !self.cx.diagnostics.iter().any(inside)
    }

    /// What an answer costs, in the currency in which models are paid.
    fn costs(&mut self, amount: &'a ast::Expr) -> Expr {
        let value = self.check(amount, &Type::Money);
        if let Some(Value::Money(money)) = crate::constant::constant(self.cx, &value)
            && money.currency != *b"USD"
        {
            let told = self
                .told(code::BUDGET_CURRENCY, amount.range, "what models cost is known in US dollars only")
                .help("write what the answer costs in `USD`");
            self.report(told);
        }
        value
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
