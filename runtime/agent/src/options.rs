//! What the operator says about models.

use crate::Price;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What the operator says about models.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Whom to ask, by the name that stands before the `/` of an agent's `model`.
    pub providers: BTreeMap<String, Provider>,
    /// Names for lists of models: the first is asked, and the next where that cannot be had.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// What models cost, by `provider/model`, or by `provider/*` for all of a provider; before what is known of prices here.
    pub prices: BTreeMap<String, Price>,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// How often an answer of the wrong shape is given back to be mended.
    pub repairs: u32,
    /// Authorities who vouch for servers besides those in whom browsers trust: certificates in PEM.
    pub roots: Vec<Vec<u8>>,
}

/// Somebody who provides models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which wire it speaks.
    pub kind: Kind,
    /// Where it is; none for the kind's own place.
    pub url: Option<String>,
    /// The name of the secret that is its key; none where it wants none.
    pub key: Option<String>,
    /// Whether it is sent the schema of an answer, to which it holds the model; else the model is told the schema in words.
    pub schemas: bool,
    /// Where what it answers is written down, to be played again.
    pub record: Option<PathBuf>,
}

/// How a provider is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Anthropic's Messages API.
    Anthropic,
    /// OpenAI's chat completions, which many others serve, too.
    Openai,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Google's Gemini API.
    Gemini,
    /// Ollama's own API.
    Ollama,
    /// Nobody: answers are those of this file.
    Scripted(PathBuf),
    /// Nobody: answers are those that were written down in this file.
    Replay(PathBuf),
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the first piece of an answer, and for each further one.
    pub first: Duration,
    /// For all of an answer.
    pub whole: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            providers: BTreeMap::new(),
            aliases: BTreeMap::new(),
            prices: BTreeMap::new(),
            timeouts: Timeouts::default(),
            repairs: 1,
            roots: Vec::new(),
        }
    }
}

impl Default for Timeouts {
    /// A model that thinks may be silent for a minute or two before its first word.
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            first: Duration::from_secs(120),
            whole: Duration::from_secs(600),
        }
    }
}

impl Provider {
    /// A provider of this kind, at the kind's own place, without a key.
    pub const fn new(kind: Kind) -> Provider {
        Provider { kind, url: None, key: None, schemas: true, record: None }
    }
}
