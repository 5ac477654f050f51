//! The statements of tests.

use super::{Builder, Pair, item::is_expr};
use crate::ast::{
    Expect, ExpectKind, Expr, ExprKind, Given, GivenKind, GivenOutcome, MatchText, Name, TestStmt,
};
use crate::grammar::Rule;

impl Builder<'_> {
    pub(super) fn test_stmt(&mut self, pair: Pair<'_>) -> Option<TestStmt> {
        Some(match pair.as_rule() {
            Rule::given => TestStmt::Given(self.given(pair)?),
            Rule::when => TestStmt::When(self.only_expr(pair)?),
            Rule::advance => TestStmt::Advance(self.only_expr(pair)?),
            Rule::crash => TestStmt::Crash,
            Rule::crash_after => TestStmt::CrashAfterEachAwait,
            Rule::channel_stmt => {
                let (mut name, mut up) = (None, false);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::name => name = Some(self.name(&part)),
                        Rule::k_up => up = true,
                        _ => {}
                    }
                }
                TestStmt::Channel { name: name?, up }
            }
            Rule::expect => {
                let inner = pair.into_inner().find(|p| p.as_rule() == Rule::expectation)?;
                TestStmt::Expect(self.expectation(inner)?)
            }
            _ => return None,
        })
    }

    fn given(&mut self, pair: Pair<'_>) -> Option<Given> {
        let (mut target, mut kind) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::operand_plain => target = Some(self.expr(part)),
                Rule::given_script => kind = Some(self.script(part)),
                Rule::given_says => {
                    kind = Some(GivenKind::Script { calls: Vec::new(), says: self.only_expr(part) });
                }
                Rule::given_links => {
                    let links = part.into_inner().filter(|p| p.as_rule() != Rule::k_then);
                    kind = Some(GivenKind::Outcomes(links.map(|p| self.outcomes(p)).collect()));
                }
                _ => {}
            }
        }
        Some(Given { target: target?, kind: kind? })
    }

    fn script(&mut self, pair: Pair<'_>) -> GivenKind {
        let (mut calls, mut says) = (Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::operand_plain => calls.push(self.expr(part)),
                Rule::given_says => says = self.only_expr(part),
                _ => {}
            }
        }
        GivenKind::Script { calls, says }
    }

    fn outcomes(&mut self, pair: Pair<'_>) -> Vec<GivenOutcome> {
        pair.into_inner().filter_map(|p| self.outcome(p)).collect()
    }

    fn outcome(&mut self, pair: Pair<'_>) -> Option<GivenOutcome> {
        Some(match pair.as_rule() {
            Rule::g_value => GivenOutcome::Value(self.only_expr(pair)?),
            Rule::g_takes => GivenOutcome::Takes(self.only_expr(pair)?),
            Rule::g_costs => GivenOutcome::Costs(self.only_expr(pair)?),
            Rule::g_unknown => GivenOutcome::Unknown,
            Rule::g_fails => {
                let (mut message, mut kind) = (None, None);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::name => kind = Some(self.name(&part)),
                        rule if is_expr(rule) => message = Some(self.expr(part)),
                        _ => {}
                    }
                }
                GivenOutcome::Fails { message: message?, kind }
            }
            rule if is_expr(rule) => GivenOutcome::Value(self.expr(pair)),
            _ => return None,
        })
    }

    fn expectation(&mut self, pair: Pair<'_>) -> Option<Expect> {
        let (mut negated, mut kind) = (false, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::k_not => negated = true,
                Rule::x_order => {
                    let items = part.into_inner().filter(|p| p.as_rule() == Rule::expectation);
                    let list = items.filter_map(|p| self.expectation(p));
                    kind = Some(ExpectKind::InOrder(list.collect()));
                }
                Rule::x_nothing => kind = Some(ExpectKind::NothingElse),
                Rule::x_output => kind = self.output(part),
                _ => kind = self.other(part),
            }
        }
        Some(Expect { negated, kind: kind? })
    }

    /// `oncall.said("…", to: "ana")`.
    fn output(&mut self, pair: Pair<'_>) -> Option<ExpectKind> {
        let (mut place, mut verb, mut text, mut args) = (None, None, None, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::x_place => {
                    let path = self.path(part);
                    place = self.path_expr(path);
                }
                Rule::x_verb => verb = Some(self.name(&part)),
                _ => {
                    let (name, value) = self.output_arg(part)?;
                    match (name, value) {
                        (Some(name), MatchText::Equals(value)) => args.push((name, value)),
                        (_, value) => {
                            if text.replace(value).is_some() {
                                let range = verb.as_ref().map(|v: &Name| v.range).unwrap_or_default();
                                self.problem(crate::codes::SYNTAX, range, "two texts for one expectation")
                                    .help = Some("expect one message at a time".to_owned());
                            }
                        }
                    }
                }
            }
        }
        Some(ExpectKind::Output { place: place?, verb: verb?, text, args })
    }

    fn output_arg(&mut self, pair: Pair<'_>) -> Option<(Option<Name>, MatchText)> {
        let (mut name, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::x_containing => value = self.only_expr(part).map(MatchText::Containing),
                Rule::x_matching => value = self.only_expr(part).map(MatchText::Matching),
                _ => value = Some(MatchText::Equals(self.expr(part))),
            }
        }
        Some((name, value?))
    }

    /// `CALL.called 2 times`, `front_desk.waiting`, or a condition.
    fn other(&mut self, pair: Pair<'_>) -> Option<ExpectKind> {
        let (mut condition, mut times) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::x_times => times = self.only_expr(part),
                _ => condition = Some(self.expr(part)),
            }
        }
        let condition = condition?;
        let Expr { id, range, kind } = condition;
        Some(match kind {
            ExprKind::Field { base, optional: false, name } if name.text == "called" => {
                ExpectKind::Called { call: *base, times }
            }
            ExprKind::Field { base, optional: false, name } if is_status(&name.text) && is_path(&base) => {
                ExpectKind::Run { flow: *base, status: name }
            }
            kind => {
                if let Some(times) = times {
                    self.problem(crate::codes::SYNTAX, times.range, "only calls are counted").help =
                        Some("write `expect orders.find(_).called 2 times`".to_owned());
                }
                ExpectKind::Condition(Expr { id, range, kind })
            }
        })
    }
}

fn is_status(word: &str) -> bool {
    matches!(word, "started" | "waiting" | "succeeded" | "failed" | "cancelled" | "unknown")
}

fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Field { base, optional: false, .. } => is_path(base),
        _ => false,
    }
}
