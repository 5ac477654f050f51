//! The channels of the accounts.

use super::bindings::{Account, Bound};
use super::packages::Ready;
use crate::problem::Problem;
use carapace_channel_api::Channel;
use carapace_channel_registry::{RoomSettings, Settings, Surroundings, WebchatSettings, open};
use carapace_engine::Binding;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An account, and what is said of it: by the configuration, and by the packages that run.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) name: Arc<str>,
    pub(crate) settings: Settings,
}

impl Said {
    /// Opens its channel.
    pub(crate) fn open(&self, surroundings: &Surroundings) -> Result<Arc<dyn Channel>, Problem> {
        open(self.name.as_ref().into(), &self.settings, surroundings)
            .map_err(|e| Problem::new("E0931", e.to_string()))
    }
}

/// What is said of each account, with what the packages that run add to that.
pub(crate) fn said(
    accounts: &[Account],
    said: &[Settings],
    (modules, bound): (&[Ready], &[Bound]),
) -> Vec<Said> {
    let one = |(account, said): (&Account, &Settings)| Said {
        name: account.name.clone(),
        settings: settings(account, said, modules, bound),
    };
    accounts.iter().zip(said).map(one).collect()
}

/// What is said of an account, with what the packages that run add to it.
fn settings(account: &Account, said: &Settings, modules: &[Ready], bound: &[Bound]) -> Settings {
    match said {
        Settings::Terminal(_) | Settings::Telegram(_) => said.clone(),
        Settings::Webchat(said) => Settings::Webchat(webchat(account, said, modules, bound)),
    }
}

/// A page, with the rooms that slots are bound to.
fn webchat(account: &Account, said: &WebchatSettings, modules: &[Ready], bound: &[Bound]) -> WebchatSettings {
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
    settings
}
