//! The channels of the accounts.

use super::bindings::{Account, Bound};
use super::packages::Ready;
use crate::problem::Problem;
use carapace_channel_api::Channel;
use carapace_channel_registry::{
    RoomSettings, Settings, Surroundings, TelegramSettings, WebchatSettings, open,
};
use carapace_engine::Binding;
use carapace_module::signature::TriggerSpec;
use std::collections::{BTreeMap, BTreeSet};
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
    match said {
        Settings::Terminal(_) => said.clone(),
        Settings::Webchat(said) => Settings::Webchat(webchat(account, said, modules, bound)),
        Settings::Telegram(said) => {
            let commands = commands(account, modules, bound);
            Settings::Telegram(TelegramSettings { commands, ..said.clone() })
        }
    }
}

/// The commands of the flows that listen to an account, with the first line of what is written above each.
fn commands(account: &Account, modules: &[Ready], bound: &[Bound]) -> BTreeMap<String, String> {
    let mut commands = BTreeMap::new();
    for (ready, bound) in modules.iter().zip(bound) {
        let here = |channel: &str| match bound.bindings.get(channel) {
            Some(Binding::Channel { accounts }) => accounts.contains(&account.name),
            _ => false,
        };
        for flow in &ready.module.flows {
            let about = flow.docs.as_deref().and_then(|docs| docs.lines().next()).unwrap_or_default().trim();
            for trigger in &flow.triggers {
                if let TriggerSpec::Command { channel, name, .. } = &trigger.spec
                    && here(channel)
                {
                    commands.entry(name.to_string()).or_insert_with(|| about.to_owned());
                }
            }
        }
    }
    commands
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
