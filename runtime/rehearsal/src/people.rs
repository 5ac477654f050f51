//! The world as every test finds it: an account for each channel, a conversation for each room, and whoever is named.

use crate::transcript::short;
use carapace_engine::{Binding, Person};
use carapace_module::signature::{Slot, SlotKind};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A place in the world of chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) account: Arc<str>,
    pub(crate) conversation: Arc<str>,
}

/// Who and what there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    channels: BTreeMap<Arc<str>, Arc<str>>,
    rooms: BTreeMap<Arc<str>, Spot>,
    groups: BTreeMap<Arc<str>, Vec<Person>>,
    connections: BTreeSet<Arc<str>>,
    home: Arc<str>,
}

impl People {
    /// The world of these slots. A channel's account has the channel's name. A room lives on the account of the only
    /// channel of its kind, else on one of its own.
    pub(crate) fn new(slots: &[Slot]) -> People {
        let mut people = People { home: Arc::from("people"), ..People::default() };
        let channels: Vec<&Slot> = slots.iter().filter(|slot| slot.kind == SlotKind::Channel).collect();
        if let Some(first) = channels.first() {
            people.home = first.name.clone();
        }
        for slot in slots {
            let name = slot.name.clone();
            match slot.kind {
                SlotKind::Channel => {
                    people.channels.insert(name.clone(), name);
                }
                SlotKind::Room => {
                    let mut alike = channels.iter().filter(|channel| channel.of == slot.of);
                    let account = match (alike.next(), alike.next()) {
                        (Some(only), None) => only.name.clone(),
                        _ => name.clone(),
                    };
                    people.rooms.insert(name.clone(), Spot { account, conversation: name });
                }
                SlotKind::Group => {
                    people.groups.insert(name, Vec::new());
                }
                SlotKind::Connection => {
                    people.connections.insert(name);
                }
            }
        }
        people
    }

    /// What the slots are bound to.
    pub(crate) fn bindings(&self) -> BTreeMap<Arc<str>, Binding> {
        let channels = self
            .channels
            .iter()
            .map(|(name, account)| (name.clone(), Binding::Channel { accounts: vec![account.clone()] }));
        let rooms = self.rooms.iter().map(|(name, spot)| {
            let Spot { account, conversation } = spot.clone();
            (name.clone(), Binding::Room { account, conversation })
        });
        let groups = self
            .groups
            .iter()
            .map(|(name, members)| (name.clone(), Binding::Group { members: members.clone() }));
        let connections =
            self.connections.iter().map(|name| (name.clone(), Binding::Connection { name: name.clone() }));
        channels.chain(rooms).chain(groups).chain(connections).collect()
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        Person { account: self.home.clone(), id: name.into(), name: name.into() }
    }

    pub(crate) fn set_group(&mut self, group: &Arc<str>, members: Vec<Person>) {
        self.groups.insert(group.clone(), members);
    }

    pub(crate) fn members(&self, group: &str) -> Option<&[Person]> {
        self.groups.get(group).map(Vec::as_slice)
    }

    pub(crate) fn account(&self, channel: &str) -> Option<&Arc<str>> {
        self.channels.get(channel)
    }

    pub(crate) fn room(&self, room: &str) -> Option<&Spot> {
        self.rooms.get(room)
    }

    /// A room by its full or its short name.
    pub(crate) fn room_named(&self, name: &str) -> Option<&Spot> {
        let by_short = || self.rooms.iter().find(|(full, _)| short(full) == name).map(|(_, spot)| spot);
        self.rooms.get(name).or_else(by_short)
    }

    /// Whether a message that went there was said in the slot.
    pub(crate) fn is_in(&self, slot: &str, spot: &Spot) -> bool {
        if let Some(room) = self.rooms.get(slot) {
            return room == spot;
        }
        if let Some(members) = self.groups.get(slot) {
            return members
                .iter()
                .any(|person| person.account == spot.account && person.id == spot.conversation);
        }
        let Some(account) = self.channels.get(slot) else { return false };
        *account == spot.account && !self.rooms.values().any(|room| room == spot)
    }

    /// The slot by which a test knows the place.
    pub(crate) fn slot_of(&self, spot: &Spot) -> Arc<str> {
        let room = self.rooms.iter().find(|(_, room)| *room == spot).map(|(name, _)| name);
        let channel =
            || self.channels.iter().find(|(_, account)| **account == spot.account).map(|(name, _)| name);
        room.or_else(channel).unwrap_or(&spot.account).clone()
    }

    /// The conversation as flows see it.
    pub(crate) fn conversation(&self, spot: &Spot, direct: bool) -> Json {
        let slot = self.slot_of(spot);
        let kind = if direct { "direct" } else { "room" };
        let title = if direct { Json::Null } else { json!(short(&spot.conversation)) };
        json!({ "id": spot.conversation, "channel": channel_of(&slot, spot), "kind": kind, "title": title })
    }
}

/// The channel a conversation is on.
fn channel_of(slot: &Arc<str>, spot: &Spot) -> Arc<str> {
    if *slot == spot.account { slot.clone() } else { spot.account.clone() }
}
