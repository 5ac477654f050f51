//! Why nobody took an event: the first question of everybody whose flow did not start.

use crate::people::Spot;
use crate::transcript::{Happening, short};
use crate::world::World;
use carapace_engine::stored::{Operation, Place, Who};
use carapace_engine::{Event, EventKind, Origin};
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
        let reasons = self.open_questions(event).into_iter().chain(reasons).collect::<Vec<_>>();
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
                let line = text.strip_prefix('/').unwrap_or(text);
                let mut words = line.split_whitespace().map(str::to_lowercase);
                let same = name.split_whitespace().all(|word| words.next().as_deref() == Some(word));
                if !same || !self.is_there(event, channel) {
                    return None;
                }
                if !text.starts_with('/') {
                    return Some(format!("it is a command: `/{line}`, or `when ….command(…)`"));
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

    /// Questions that this would have answered in another place, or from somebody else.
    fn open_questions(&self, event: &Event) -> Vec<String> {
        let Some(origin) = &event.origin else { return Vec::new() };
        let Some(sender) = &origin.sender else { return Vec::new() };
        let mut told = Vec::new();
        for run in self.core.state().runs.iter() {
            for operation in run.operations.values() {
                let Operation::Question { question, .. } = operation else { continue };
                let meant = question.from.includes(&origin.account, Some(sender));
                let here = question.places.iter().any(|place| is_at(place, origin));
                let flow = short(&run.flow);
                match (meant, here, &question.from) {
                    (true, false, _) => {
                        told.push(format!("{flow} waits for an answer in another conversation"))
                    }
                    (false, true, Who::Only(people)) => {
                        let names: Vec<&str> = people.iter().map(|person| &*person.id).collect();
                        told.push(format!("{flow} waits for an answer of {}", names.join(", ")));
                    }
                    _ => {}
                }
            }
        }
        told
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

/// Whether an answer that is given there counts for a question with this place.
fn is_at(place: &Place, origin: &Origin) -> bool {
    match place {
        Place::Conversation { account, conversation } => {
            (account, conversation) == (&origin.account, &origin.conversation)
        }
        Place::Direct { account, user } => {
            origin.direct && *account == origin.account && Some(user) == origin.sender.as_ref()
        }
        Place::Account { account } => *account == origin.account,
        Place::Named { .. } | Place::Webhook { .. } | Place::Failed { .. } => false,
    }
}
