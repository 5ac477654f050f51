//! What a test asks of the simulated world. A test is a function; each of its statements is a request with one of
//! these as its description and the values it needs as arguments, in the order given here.

use crate::Type;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestSignature {
    /// Its title.
    pub title: Arc<str>,
    /// The module it stands in: `main`.
    pub module: Arc<str>,
    /// Its code: () -> Nothing.
    pub body: crate::signature::FunctionId,
}

/// A call with wild cards: the arguments of the request that are not wild stand in the request, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallPattern {
    /// What is called.
    pub target: CallTarget,
    /// Parameter name, and whether a value for it is given (`false`: `_` or left out).
    pub params: Vec<(Arc<str>, bool)>,
}

/// What a pattern, or a `called`, is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CallTarget {
    /// An effect, and the receiver's full name where it has one (`desk` of `desk.extract`).
    Effect {
        /// `agent.extract`.
        effect: Arc<str>,
        /// Its version.
        version: u32,
        /// `main.desk`.
        receiver: Option<Arc<str>>,
    },
    /// A sub-flow or tool, by full name.
    Flow(Arc<str>),
}

/// One link of a `given`'s answers. Values stand in the request in this order: value, message, takes, costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// `= value`.
    pub value: bool,
    /// `fails "…"`.
    pub fails: bool,
    /// The kind behind `fails`.
    pub kind: Option<Arc<str>>,
    /// `takes D`.
    pub takes: bool,
    /// `costs M`.
    pub costs: bool,
    /// `unknown`.
    pub unknown: bool,
}

/// How a text is compared; the pattern's value is the request's next argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextMatch {
    /// No text given: any.
    Any,
    /// Equal.
    Equals,
    /// `containing`.
    Containing,
    /// `matching`.
    Matching,
}

/// Where something was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// A channel, room or group, by full name.
    Slot(Arc<str>),
}

/// An expectation that reads the record of what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExpectOp {
    /// `oncall.said("…", to: …)`. Arguments: the text (unless `Any`), then the named ones.
    Output {
        /// Where.
        place: Place,
        /// `said`, `asked`, `reacted`, `edited`, `deleted`, …
        verb: Arc<str>,
        /// How the text is compared.
        text: TextMatch,
        /// Names of further arguments: `to`, …
        args: Vec<Arc<str>>,
    },
    /// `CALL.called [N times]`. Arguments: the pattern's, then N where `times`.
    Called {
        /// Which calls.
        pattern: CallPattern,
        /// Whether N is given.
        times: bool,
    },
    /// `flow.waiting`.
    Run {
        /// The flow's full name.
        flow: Arc<str>,
        /// `started waiting succeeded failed cancelled unknown`.
        status: Arc<str>,
    },
    /// `nothing else`.
    NothingElse,
    /// A condition. Arguments: its value (a Bool), then what is shown when it does not hold.
    Condition {
        /// Types of what is shown: of a comparison both sides, of other conditions the value that is looked at.
        shown: Vec<Type>,
    },
}

/// One test statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TestOp {
    /// `given CALL …`. Arguments: the pattern's, then each answer's.
    Given {
        /// Which calls.
        pattern: CallPattern,
        /// What they answer, in turn; the last repeats.
        answers: Vec<Answer>,
        /// Type of the answer.
        result: Type,
    },
    /// `given agent.chat(_) calls a(…), b(…) then says "…"`. Arguments: the pattern's, each call's, then the text.
    Script {
        /// Which calls.
        pattern: CallPattern,
        /// Tools called in order: full name and parameters given.
        calls: Vec<(Arc<str>, Vec<Arc<str>>)>,
        /// Whether a text follows.
        says: bool,
    },
    /// `given setting = value`. Arguments: the value.
    GivenSetting(Arc<str>),
    /// `given group = [users]`. Arguments: the list.
    GivenGroup(Arc<str>),
    /// `given state = value`, `given state[key] = value`. Arguments: the key parts, the value.
    GivenState(Arc<str>),
    /// `given time = T`. Arguments: the time.
    GivenTime,
    /// `when support.message("…", from: "ana")`. Arguments: the values of `args`, in order.
    Event {
        /// The channel, room or group, by full name; none for `webhook`, `event`, `cron`, `started`, …
        place: Option<Arc<str>>,
        /// `message`, `command`, `button`, `joined`, `answers`, `approve`, `refuse`, `webhook`, `event`, `started`, `manual`, …
        verb: Arc<str>,
        /// Names of the arguments; positional ones under their declared name.
        args: Vec<(Arc<str>, Type)>,
    },
    /// `advance D`. Arguments: the duration.
    Advance,
    /// `crash`.
    Crash,
    /// `crash after each await`.
    CrashAfterEachAwait,
    /// `channel support down|up`.
    Channel {
        /// The channel's full name.
        channel: Arc<str>,
        /// Whether it comes back.
        up: bool,
    },
    /// `expect [not] …`. Arguments: those of the expectation.
    Expect {
        /// `not`.
        negated: bool,
        /// What.
        expect: ExpectOp,
        /// The expectation as written, for messages.
        source: Arc<str>,
    },
    /// `expect in order { … }`. Arguments: those of each, one after the other.
    ExpectInOrder(Vec<(bool, ExpectOp, Arc<str>)>),
}
