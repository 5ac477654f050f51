//! Children of the statements of tests.

use super::Node;
use crate::ast::{Expect, ExpectKind, Given, GivenKind, GivenOutcome, MatchText, TestStmt};

pub(super) fn test<'a>(test: &'a TestStmt, each: &mut dyn FnMut(Node<'a>)) {
    match test {
        TestStmt::Given(given) => each(Node::Given(given)),
        TestStmt::When(expr) | TestStmt::Advance(expr) => each(Node::Expr(expr)),
        TestStmt::Channel { name, .. } => each(Node::Name(name)),
        TestStmt::Expect(expect) => each(Node::Expect(expect)),
        TestStmt::Crash | TestStmt::CrashAfterEachAwait => {}
    }
}

pub(super) fn given<'a>(given: &'a Given, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Expr(&given.target));
    match &given.kind {
        GivenKind::Outcomes(links) => links.iter().flatten().for_each(|outcome| match outcome {
            GivenOutcome::Value(expr) | GivenOutcome::Takes(expr) | GivenOutcome::Costs(expr) => {
                each(Node::Expr(expr));
            }
            GivenOutcome::Fails { message, kind } => {
                each(Node::Expr(message));
                kind.iter().for_each(|kind| each(Node::Name(kind)));
            }
            GivenOutcome::Unknown => {}
        }),
        GivenKind::Script { calls, says } => {
            calls.iter().chain(says).for_each(|expr| each(Node::Expr(expr)));
        }
    }
}

pub(super) fn expect<'a>(expect: &'a Expect, each: &mut dyn FnMut(Node<'a>)) {
    match &expect.kind {
        ExpectKind::Output { place, verb, text, args } => {
            each(Node::Expr(place));
            each(Node::Name(verb));
            if let Some(MatchText::Equals(text) | MatchText::Containing(text) | MatchText::Matching(text)) =
                text
            {
                each(Node::Expr(text));
            }
            for (name, value) in args {
                each(Node::Name(name));
                each(Node::Expr(value));
            }
        }
        ExpectKind::Called { call, times } => {
            each(Node::Expr(call));
            times.iter().for_each(|times| each(Node::Expr(times)));
        }
        ExpectKind::InOrder(all) => all.iter().for_each(|expect| each(Node::Expect(expect))),
        ExpectKind::Run { flow, status } => {
            each(Node::Expr(flow));
            each(Node::Name(status));
        }
        ExpectKind::Condition(expr) => each(Node::Expr(expr)),
        ExpectKind::NothingElse => {}
    }
}
