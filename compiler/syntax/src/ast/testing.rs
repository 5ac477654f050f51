//! The statements of `test` blocks.

use super::{Expr, Name};

/// A statement that only a test may have.
#[derive(Debug, Clone, PartialEq)]
pub enum TestStmt {
    /// `given CALL = value`, `given time = …`.
    Given(Given),
    /// `when support.message("…", from: "ana")`.
    When(Expr),
    /// `advance 15m`.
    Advance(Expr),
    /// `crash`.
    Crash,
    /// `crash after each await`.
    CrashAfterEachAwait,
    /// `channel support down`, `channel support up`.
    Channel {
        /// The channel.
        name: Name,
        /// Whether it comes back.
        up: bool,
    },
    /// `expect …`.
    Expect(Expect),
}

/// What the simulated world answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// A call with `_` where anything goes; or the name of a setting, a group, a state, or `time`.
    pub target: Expr,
    /// What it answers, in turn (`then`); the last repeats.
    pub kind: GivenKind,
}

/// The two shapes of `given`.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenKind {
    /// `= value`, `fails "…"`, …, joined by `then`; several of one link (`= x takes 5s costs 0.60 USD`) apply together.
    Outcomes(Vec<Vec<GivenOutcome>>),
    /// `calls refund(…) then says "…"`: an agent's script.
    Script {
        /// The tools it calls, in order.
        calls: Vec<Expr>,
        /// What it says at the end.
        says: Option<Expr>,
    },
}

/// One property of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenOutcome {
    /// `= value`.
    Value(Expr),
    /// `fails "…" [kind]`.
    Fails {
        /// The message.
        message: Expr,
        /// `timeout`, `refused`, `transient`, …
        kind: Option<Name>,
    },
    /// `takes 5s`.
    Takes(Expr),
    /// `costs 0.60 USD`.
    Costs(Expr),
    /// `unknown`.
    Unknown,
}

/// An expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// `expect not …`.
    pub negated: bool,
    /// What.
    pub kind: ExpectKind,
}

/// The forms of an expectation.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpectKind {
    /// `oncall.said("…", to: …)`, `oncall.asked(containing "…")`, `support.reacted("👍")`.
    Output {
        /// A channel, room, group, or none for any.
        place: Expr,
        /// `said`, `asked`, `reacted`, `edited`, `deleted`, …
        verb: Name,
        /// What was said.
        text: Option<MatchText>,
        /// `to: "ana"` and the like.
        args: Vec<(Name, Expr)>,
    },
    /// `CALL.called`, `CALL.called 2 times`.
    Called {
        /// The call, with `_` where anything goes.
        call: Expr,
        /// How often, exactly.
        times: Option<Expr>,
    },
    /// `in order { … }`.
    InOrder(Vec<Expect>),
    /// `front_desk.waiting`: `started waiting succeeded failed cancelled unknown`.
    Run {
        /// The flow.
        flow: Expr,
        /// What became of its latest run.
        status: Name,
    },
    /// `nothing else`.
    NothingElse,
    /// Any condition: `score["ana"] == 3`.
    Condition(Expr),
}

/// How a text is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum MatchText {
    /// `"…"`, or any expression: equal.
    Equals(Expr),
    /// `containing "…"`.
    Containing(Expr),
    /// `matching re"…"`.
    Matching(Expr),
}
