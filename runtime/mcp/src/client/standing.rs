//! How servers stand, for people who ask.

use serde_json::Value as Json;
use std::sync::Arc;

/// What becomes of a tool of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It may be called.
    Used,
    /// The configuration leaves it out.
    LeftOut,
    /// Its server says something else of it than when it was seen first, and nobody has said yet that this is right.
    Changed,
    /// Something of it is beyond what can be used: why.
    Unusable(String),
}

impl Taken {
    /// In a word.
    pub const fn name(&self) -> &'static str {
        match self {
            Taken::Used => "used",
            Taken::LeftOut => "left out",
            Taken::Changed => "changed",
            Taken::Unusable(_) => "unusable",
        }
    }
}

/// How a server stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Its name.
    pub name: Arc<str>,
    /// How it is reached: a program, or an address.
    pub place: String,
    /// Whether it is there.
    pub state: State,
    /// Its tools, in its own order; those of the last time where it is down.
    pub tools: Vec<Described>,
}

/// Whether a server is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is being connected to for the first time.
    Connecting,
    /// It is.
    Ready,
    /// It is not: why. It is tried again by itself.
    Down(String),
}

impl State {
    /// In a word.
    pub const fn name(&self) -> &'static str {
        match self {
            State::Connecting => "connecting",
            State::Ready => "ready",
            State::Down(_) => "down",
        }
    }
}

/// A tool, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Its name.
    pub name: Arc<str>,
    /// What its server says of it.
    pub description: Arc<str>,
    /// What it is given, as a JSON Schema.
    pub parameters: Arc<Json>,
    /// What becomes of it.
    pub taken: Taken,
}
