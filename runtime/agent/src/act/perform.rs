//! Which act is which.

use super::{ask, choose, extract, nearness, sum_up, think};
use crate::models::{Heard, Models};
use crate::progress::Teller;
use crate::tally::Tally;
use crate::{Delta, Error, Toolbox};
use carapace_effect::{Act, Reported};
use serde_json::Value as Json;

/// An act, and all that is needed to perform it.
pub(crate) struct Asking<'a> {
    pub(crate) act: &'a Act,
    pub(crate) models: &'a Models,
    pub(crate) toolbox: &'a dyn Toolbox,
    pub(crate) tally: &'a Tally,
    pub(crate) teller: &'a Teller,
}

/// What comes of it, whatever it has cost.
pub(crate) async fn perform(asking: &Asking<'_>) -> Reported {
    let act = asking.act;
    let done = match (&*act.request.effect, act.request.version) {
        ("agent.ask", 1) => ask::ask(asking).await,
        ("agent.extract", 1) => extract::extract(asking).await,
        ("agent.choose", 1) => choose::choose(asking).await,
        ("exchange.think", 1) => think::think(asking).await,
        ("exchange.sum_up", 1) => sum_up::sum_up(asking).await,
        ("exchange.nearness", 1) => nearness::nearness(asking).await,
        (effect, version) => {
            Err(Error::unavailable(format!("this runtime does not know `{effect}@{version}`")))
        }
    };
    asking.teller.tell(act, Delta::Over);
    match done {
        Ok(json) => Reported::Done(json),
        Err(error) => Reported::Failed(error.into()),
    }
}

impl Asking<'_> {
    /// An argument that is a text.
    pub(super) fn text(&self, name: &str) -> Result<&str, Error> {
        let text = self.act.arguments.get(name).and_then(Json::as_str);
        text.ok_or_else(|| {
            Error::unavailable(format!("`{}` comes without `{name}`", self.act.request.effect))
        })
    }

    /// Tells those who listen.
    pub(super) fn tell(&self, heard: Heard<'_>) {
        let delta = match heard {
            Heard::Text(text) => Delta::Text(text.into()),
            Heard::Again => Delta::Again,
        };
        self.teller.tell(self.act, delta);
    }
}
