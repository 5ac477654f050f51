//! The channels of the accounts.

use super::bindings::{Account, Bound};
use super::packages::Ready;
use crate::problem::Problem;
use carapace_channel_api::Channel;
use carapace_channel_registry::{RoomSettings, Settings, Surroundings, open};
use carapace_engine::Binding;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Opens the channel of each account, of what is said of it and what the packages that run add to that.
pub(crate) fn channels(
    accounts: &[Account],
    said: &[Settings],
    (modules, bound): (&[Ready], &[Bound]),
    surroundings: &Surroundings,
) -> Result<Vec<Arc<dyn Channel>>, Problem> {
    let one = |(account, said): (&Account, &Settings)| {
        open(account.name.as_ref().into(), &settings(account, said, modules, bound), surroundings)
    };
    let opened = accounts.iter().zip(said).map(one).collect::<Result<_, _>>();
    opened.map_err(|e| Problem::new("E0931", e.to_string()))
}

/// What is said of an account, with what the packages that run add to it.
fn settings(account: &Account, said: &Settings, modules: &[Ready], bound: &[Bound]) -> Settings {
    let Settings::Webchat(said) = said else { return said.clone() };
    let mut settings = said.clone();
    let mut rooms: BTreeSet<&str> = BTreeSet::new();
    for binding in bound.iter().flat_map(|bound| bound.bindings.values()) {
        if let Binding::Room { account: at, conversation } = binding
            && **at == *account.name
        {
            rooms.extend(conversation.strip_prefix('#'));
        }
    }
    rooms.retain(|name| said.rooms.iter().all(|room| room.name != *name));
    settings.rooms.extend(rooms.into_iter().map(|name| RoomSettings { name: name.to_owned(), title: None }));
    if let ([only], None) = (modules, &said.title) {
        settings.title = Some(only.module.package.to_string());
    }
    Settings::Webchat(settings)
}
