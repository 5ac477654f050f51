//! What a record is about, whatever kind of record it is.

use crate::{Event, Key, Origin};
use carapace_effect::RunId;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record, as far as it says what it is about.
#[derive(Debug)]
pub(super) struct About<'a> {
    /// `accepted`, `created`, …
    pub(super) kind: &'a str,
    pub(super) members: Members<'a>,
    /// All of it but its kind.
    pub(super) body: &'a RawValue,
}

/// The members of a record that say what it is about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Members<'a> {
    #[serde(default)]
    run: Option<Id>,
    #[serde(default)]
    act: Option<Act>,
    #[serde(default)]
    pub(super) parent: Option<Id>,
    #[serde(default)]
    pub(super) retries: Option<Id>,
    #[serde(default)]
    number: Option<u64>,
    #[serde(default, borrow)]
    event: Option<&'a RawValue>,
    #[serde(default)]
    root: Option<u64>,
    #[serde(default)]
    pub(super) by: Option<Json>,
    #[serde(default)]
    flow: Option<Json>,
    #[serde(default)]
    key: Option<Json>,
}

/// The id of a run; none where something else stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id(pub(super) Option<RunId>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        Ok(Id(Json::deserialize(deserializer)?.as_str().and_then(|text| text.parse().ok())))
    }
}

#[derive(Debug, Deserialize)]
struct Act {
    run: Id,
}

/// An event that a record tells of.
pub(super) struct Told<'a> {
    /// All of it, as it is written.
    pub(super) text: &'a str,
    /// Where it came from.
    pub(super) origin: Option<Origin>,
    /// The run that failed, where that is the event.
    pub(super) failed: Option<RunId>,
}

#[derive(Deserialize)]
struct Happened {
    #[serde(default)]
    origin: Option<Origin>,
    #[serde(default)]
    run: Option<Id>,
}

impl<'a> About<'a> {
    /// What a record is about; nothing where it cannot be understood.
    pub(super) fn of(record: &'a RawValue) -> Option<About<'a>> {
        let kinds: BTreeMap<&str, &RawValue> = serde_json::from_str(record.get()).ok()?;
        let (kind, body) = kinds.into_iter().next()?;
        Some(About { kind, members: serde_json::from_str(body.get()).unwrap_or_default(), body })
    }

    /// The run it is about.
    pub(super) fn run(&self) -> Option<RunId> {
        self.members.run.and_then(|id| id.0).or_else(|| self.members.act.as_ref()?.run.0)
    }

    /// The event it is about.
    pub(super) fn event(&self) -> Option<u64> {
        self.members.number.or_else(|| self.members.event?.get().parse().ok())
    }

    /// The event from outside that led to the one it tells of.
    pub(super) fn root(&self) -> Option<u64> {
        self.members.root
    }

    /// The event that it tells.
    pub(super) fn told(&self) -> Option<Told<'a>> {
        let text = self.members.event?.get();
        let happened: Happened = serde_json::from_str(text).ok()?;
        Some(Told { text, origin: happened.origin, failed: happened.run.and_then(|id| id.0) })
    }

    /// The flow and the key, of a record that has both.
    pub(super) fn keyed(&self) -> Option<(Arc<str>, Key)> {
        let text = |json: &Option<Json>| json.as_ref().and_then(Json::as_str).map(Arc::from);
        Some((text(&self.members.flow)?, Key(text(&self.members.key)?)))
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_str(self.body.get()).unwrap_or_default()
    }
}

/// How an event's sender is called.
pub(super) fn name_in(text: &str) -> String {
    let event = serde_json::from_str::<Event>(text).ok();
    let name = event.as_ref().and_then(|event| event.at(["sender", "name"])?.as_str());
    name.unwrap_or_default().to_owned()
}
