//! `expect …`: what must have happened.

use crate::code;
use crate::collect::DefKind;
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::Type;
use carapace_module::testing::{ExpectOp, Place, TestOp, TextMatch};
use carapace_syntax::ast::{self, Expect, ExpectKind, MatchText, Name};
use std::sync::Arc;

/// What channels, rooms and groups are seen doing in tests.
pub const VERBS: [&str; 11] = [
    "said",
    "asked",
    "reacted",
    "unreacted",
    "edited",
    "deleted",
    "forwarded",
    "typing",
    "polled",
    "kicked",
    "banned",
];
/// What becomes of runs.
pub const STATUSES: [&str; 6] = ["started", "waiting", "succeeded", "failed", "cancelled", "unknown"];

impl<'a> Body<'_, 'a> {
    /// `expect in order { … }`.
    pub(super) fn expect_in_order(&mut self, all: &'a [Expect]) -> Option<(TestOp, Vec<Expr>)> {
        let mut made = Vec::with_capacity(all.len());
        let mut values = Vec::new();
        for expect in all {
            let (op, args) = self.expect(expect)?;
            let source = match self.extent(expect) {
                Some(range) => self.source(range),
                None => Arc::from(""),
            };
            made.push((expect.negated, op, source));
            values.extend(args);
        }
        Some((TestOp::ExpectInOrder(made), values))
    }

    fn extent(&self, expect: &'a Expect) -> Option<TextRange> {
        Some(match &expect.kind {
            ExpectKind::Output { place, verb, text, args } => {
                let mut range = place.range.cover(verb.range);
                if let Some(MatchText::Equals(e) | MatchText::Containing(e) | MatchText::Matching(e)) = text {
                    range = range.cover(e.range);
                }
                for (_, value) in args {
                    range = range.cover(value.range);
                }
                TextRange::new(range.start, range.end + u32::from(text.is_some() || !args.is_empty()))
            }
            ExpectKind::Called { call, .. } => call.range,
            ExpectKind::Run { flow, status } => flow.range.cover(status.range),
            ExpectKind::Condition(e) => e.range,
            ExpectKind::InOrder(_) | ExpectKind::NothingElse => return None,
        })
    }

    /// One expectation, with its arguments.
    pub(super) fn expect(&mut self, expect: &'a Expect) -> Option<(ExpectOp, Vec<Expr>)> {
        match &expect.kind {
            ExpectKind::Output { place, verb, text, args } => self.output(place, verb, text.as_ref(), args),
            ExpectKind::Called { call, times } => {
                let pattern = self.call_pattern(call, code::EXPECT)?;
                let mut args = pattern.args;
                let times = times.as_ref().map(|t| self.check(t, &Type::Int));
                let op = ExpectOp::Called { pattern: pattern.pattern, times: times.is_some() };
                args.extend(times);
                Some((op, args))
            }
            ExpectKind::InOrder(all) => {
                let first = all.first()?;
                let told = self
                    .told(
                        code::EXPECT,
                        self.extent(first).unwrap_or_default(),
                        "`in order` cannot stand in another expectation",
                    )
                    .help("write it as a statement of its own");
                self.report(told);
                None
            }
            ExpectKind::Run { flow, status } => self.run_status(flow, status),
            ExpectKind::NothingElse => Some((ExpectOp::NothingElse, Vec::new())),
            ExpectKind::Condition(condition) => {
                if let ast::ExprKind::Field { base, optional: false, name } = &condition.kind
                    && let Found::Item(id) = self.find_path(base)
                    && matches!(self.cx.def(id).kind, DefKind::Flow | DefKind::Tool)
                {
                    // Nothing else stands behind a flow's name and a dot: this is no run's status.
                    return self.run_status(base, name);
                }
                Some(self.expect_condition(condition))
            }
        }
    }

    fn output(
        &mut self,
        place: &'a ast::Expr,
        verb: &'a Name,
        text: Option<&'a MatchText>,
        args: &'a [(Name, ast::Expr)],
    ) -> Option<(ExpectOp, Vec<Expr>)> {
        let slot = match self.find_path(place) {
            Found::Item(id) => id,
            Found::Nothing => {
                if let ast::ExprKind::Name(name) = &place.kind {
                    self.unknown_name(name);
                }
                return None;
            }
            _ => return None,
        };
        let def = self.cx.def(slot);
        if !matches!(def.kind, DefKind::Channel | DefKind::Room | DefKind::Group) {
            let told = self
                .told(
                    code::EXPECT,
                    place.range,
                    format!("`{}` is {}: nothing is said there", def.name, def.kind.noun()),
                )
                .help("name a channel, a room or a group");
            self.report(told);
            return None;
        }
        if !VERBS.contains(&verb.text.as_str()) {
            let near = suggest(&verb.text, VERBS);
            let message = format!("there is no expectation `{}`", verb.text);
            let mut told = self.suggesting(code::EXPECT, verb.range, message, near);
            if near.is_none() {
                told = told.help(format!("there are {}", VERBS.join(", ")));
            }
            self.report(told);
            return None;
        }
        let place = Place::Slot(self.cx.slot(slot));
        let mut values = Vec::new();
        let text = match text {
            None => TextMatch::Any,
            Some(MatchText::Equals(e)) if matches!(e.kind, ast::ExprKind::Any) => TextMatch::Any,
            Some(MatchText::Equals(e)) => {
                values.push(self.check(e, &Type::Text));
                TextMatch::Equals
            }
            Some(MatchText::Containing(e)) => {
                values.push(self.check(e, &Type::Text));
                TextMatch::Containing
            }
            Some(MatchText::Matching(e)) => {
                values.push(self.check(e, &Type::Regex));
                TextMatch::Matching
            }
        };
        let mut names = Vec::with_capacity(args.len());
        for (name, value) in args {
            let value = self.infer(value, Want::Any);
            names.push(Arc::from(name.text.as_str()));
            values.push(value);
        }
        let verb = Arc::from(verb.text.as_str());
        Some((ExpectOp::Output { place, verb, text, args: names }, values))
    }

    fn run_status(&mut self, flow: &'a ast::Expr, status: &'a Name) -> Option<(ExpectOp, Vec<Expr>)> {
        let id = match self.find_path(flow) {
            Found::Item(id) if matches!(self.cx.def(id).kind, DefKind::Flow | DefKind::Tool) => id,
            Found::Nothing => {
                if let ast::ExprKind::Name(name) = &flow.kind {
                    self.unknown_name(name);
                }
                return None;
            }
            Found::Told => return None,
            _ => {
                let told = self
                    .told(code::EXPECT, flow.range, "this is not a flow")
                    .help("name a flow: `front_desk.waiting`");
                self.report(told);
                return None;
            }
        };
        if !STATUSES.contains(&status.text.as_str()) {
            let near = suggest(&status.text, STATUSES);
            let message = format!("a run is never `{}`", status.text);
            let mut told = self.suggesting(code::EXPECT, status.range, message, near);
            if near.is_none() {
                told = told.help(format!("it is one of {}", STATUSES.join(", ")));
            }
            self.report(told);
            return None;
        }
        self.cx.flow(id);
        let op = ExpectOp::Run { flow: self.cx.full_name(id), status: Arc::from(status.text.as_str()) };
        Some((op, Vec::new()))
    }

    /// A condition; what it looks at is shown when it fails.
    fn expect_condition(&mut self, condition: &'a ast::Expr) -> (ExpectOp, Vec<Expr>) {
        let (value, learnt) = self.cond(condition);
        self.learn(&learnt.yes);
        let looked: Vec<Expr> = looked_at(&value).into_iter().cloned().collect();
        let shown = looked.iter().map(|side| side.ty.clone()).collect();
        (ExpectOp::Condition { shown }, std::iter::once(value).chain(looked).collect())
    }
}

/// Both sides of a comparison, or the one value that another condition is about.
fn looked_at(condition: &Expr) -> Vec<&Expr> {
    let values = match &condition.kind {
        ExprKind::Not(inner) | ExprKind::Narrow(inner) => return looked_at(inner),
        ExprKind::Compare { left, right, .. } => vec![&**left, &**right],
        ExprKind::IsEmpty(value)
        | ExprKind::IsNone(value)
        | ExprKind::IsTag(value, _)
        | ExprKind::HasKey(value, _)
        | ExprKind::TextTest { left: value, .. }
        | ExprKind::Matches { text: value, .. }
        | ExprKind::In { item: value, .. } => vec![&**value],
        _ => return Vec::new(),
    };
    if values.iter().any(|value| holds_unknown(value)) { Vec::new() } else { values }
}

/// Whether the type of a side is not settled: `== none`, `== []`.
fn holds_unknown(side: &Expr) -> bool {
    match &side.ty {
        Type::Optional(inner) | Type::List(inner) => **inner == Type::Never,
        Type::Error => true,
        _ => false,
    }
}
