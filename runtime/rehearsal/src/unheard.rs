//! Why nobody took an event: the first question of everybody whose flow did not start.

use crate::people::Spot;
use crate::transcript::{Happening, short};
use crate::world::World;
use carapace_engine::{Event, EventKind};
use carapace_module::signature::{FlowSignature, TriggerSpec};
use std::sync::Arc;

impl World {
    /// Writes down that nobody took the event, and of each flow that is about such events why it did not.
    pub(crate) fn nobody_took(&mut self, event: &Event) {
        let code = Arc::clone(&self.loaded.code);
        let flows = code.module().flows.iter().filter(|flow| !flow.filter);
        let reasons: Vec<String> = flows
            .filter_map(|flow| {
                let why =
                    flow.triggers.iter().find_map(|trigger| self.why_not(event, flow, &trigger.spec))?;
                Some(format!("{} did not start: {why}", short(&flow.name)))
            })
            .collect();
        if reasons.is_empty() {
            self.note(Happening::Run { text: "nobody takes it".to_owned() });
        }
        for text in reasons {
            self.note(Happening::Run { text });
        }
    }

    /// Why a flow with this trigger did not start on the event; none where it is about others.
    fn why_not(&self, event: &Event, flow: &FlowSignature, spec: &TriggerSpec) -> Option<String> {
        let guard = || {
            let words = if flow.guard.is_some() { "its `where` does not hold" } else { return None };
            Some(words.to_owned())
        };
        match (&event.kind, spec) {
            (EventKind::Channel { trigger, .. }, TriggerSpec::Channel { channel, event: wanted }) => {
                if *trigger != *wanted {
                    None
                } else if self.is_there(event, channel) {
                    guard()
                } else {
                    self.other_room(event, channel)
                }
            }
            (EventKind::Channel { .. }, TriggerSpec::Command { channel, name, args }) => {
                let text = event.fields.get("message")?.get("text")?.as_str()?;
                let rest = text.strip_prefix('/')?;
                let mut words = rest.split_whitespace().map(str::to_lowercase);
                let same = name.split_whitespace().all(|word| words.next().as_deref() == Some(word));
                if !same || !self.is_there(event, channel) {
                    return None;
                }
                let shape: Vec<String> = args.iter().map(|(name, _)| format!(" {name}")).collect();
                guard().or_else(|| Some(format!("`{text}` does not read as `/{name}{}`", shape.concat())))
            }
            (EventKind::Webhook { path, method, .. }, TriggerSpec::Webhook { path: p, method: m, .. })
                if path == p =>
            {
                if method == m {
                    guard()
                } else {
                    Some(format!("it takes {m}, not {method}"))
                }
            }
            (EventKind::Named { name }, TriggerSpec::Event { name: wanted, .. }) if name == wanted => guard(),
            _ => None,
        }
    }

    /// The event happened on the account that a room is on, but not in that room.
    fn other_room(&self, event: &Event, slot: &str) -> Option<String> {
        let room = self.people.room(slot)?;
        let same = event.origin.as_ref().is_some_and(|origin| origin.account == room.account);
        same.then(|| format!("it is about what happens in `{}`", short(slot)))
    }

    /// Whether the event happened in the slot that a trigger names.
    fn is_there(&self, event: &Event, slot: &str) -> bool {
        let Some(origin) = &event.origin else { return false };
        let spot = Spot { account: origin.account.clone(), conversation: origin.conversation.clone() };
        match self.people.room(slot) {
            Some(room) => *room == spot,
            None => self.people.account(slot).is_some_and(|account| *account == origin.account),
        }
    }
}
