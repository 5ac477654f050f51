//! Whom agents ask, as values.

use crate::document::{Member, Node, Value};
use crate::time::milliseconds;
use std::path::PathBuf;

/// Whom agents ask.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelsConfig {
    /// Those who provide models, by name.
    pub providers: Vec<(String, ProviderConfig)>,
    /// Names for lists of models.
    pub aliases: Vec<(String, Vec<String>)>,
    /// What models cost, by `provider/model` or `provider/*`.
    pub prices: Vec<(String, PriceConfig)>,
    /// How long a connection may take, in milliseconds.
    pub connect: Option<i64>,
    /// How long a piece of an answer may take, in milliseconds.
    pub first: Option<i64>,
    /// How long an answer may take, in milliseconds.
    pub whole: Option<i64>,
    /// How often an answer of the wrong shape is given back.
    pub repairs: Option<u32>,
}

/// Somebody who provides models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderConfig {
    /// What it speaks.
    pub kind: String,
    /// The name of the secret that is its key.
    pub key: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Whether it is sent schemas.
    pub schemas: Option<bool>,
    /// Where answers are recorded.
    pub record: Option<PathBuf>,
    /// The file that says what is answered: a script, or a recording.
    pub file: Option<PathBuf>,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PriceConfig {
    /// What it is given.
    pub input: f64,
    /// What it is given and has in its cache.
    pub cached: Option<f64>,
    /// What it is given and puts into its cache.
    pub written: Option<f64>,
    /// What it says.
    pub output: f64,
}

impl ModelsConfig {
    /// Of the object that stands at `models`; `path` reads a path that stands there.
    pub(crate) fn of(node: &Node, path: &dyn Fn(&Node) -> Option<PathBuf>) -> ModelsConfig {
        let members = |key| node.get(key).map(Node::members).unwrap_or_default().iter();
        let timeouts = node.get("timeouts");
        let time = |key| milliseconds(timeouts?.get(key)?.text()?);
        let models = |member: &Member| {
            let list = member.value.elements().iter().filter_map(Node::text).map(str::to_owned);
            (member.name.text.clone(), list.collect())
        };
        ModelsConfig {
            providers: members("providers").filter_map(|member| provider(member, path)).collect(),
            aliases: members("aliases").map(models).collect(),
            prices: members("prices").filter_map(price).collect(),
            connect: time("connect"),
            first: time("first"),
            whole: time("whole"),
            repairs: node.get("repairs").and_then(number).and_then(whole),
        }
    }

    /// The secrets that it names, each with the provider whose key it is.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let named = self.providers.iter();
        named.filter_map(|(name, provider)| Some((name.clone(), provider.key.clone()?))).collect()
    }
}

fn provider(member: &Member, path: &dyn Fn(&Node) -> Option<PathBuf>) -> Option<(String, ProviderConfig)> {
    let node = &member.value;
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    let file = |key| node.get(key).and_then(path);
    let flag = |node: &Node| match node.value {
        Value::Flag(value) => Some(value),
        _ => None,
    };
    let provider = ProviderConfig {
        kind: text("kind")?,
        key: text("key"),
        url: text("url"),
        schemas: node.get("schemas").and_then(flag),
        record: file("record"),
        file: file("script").or_else(|| file("recording")),
    };
    Some((member.name.text.clone(), provider))
}

fn price(member: &Member) -> Option<(String, PriceConfig)> {
    let of = |key| member.value.get(key).and_then(number);
    let price = PriceConfig {
        input: of("input")?,
        cached: of("cached"),
        written: of("written"),
        output: of("output")?,
    };
    Some((member.name.text.clone(), price))
}

fn number(node: &Node) -> Option<f64> {
    node.json(false)?.as_f64()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was checked to be from 0 to 5"
)]
fn whole(number: f64) -> Option<u32> {
    (0.0..=5.0).contains(&number).then_some(number as u32)
}
