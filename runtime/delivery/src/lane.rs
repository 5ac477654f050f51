//! The acts of one conversation, one after the other.

use carapace_effect::{Act, ActId, Destination};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;

/// Acts in order, by where they go.
#[derive(Default)]
pub(crate) struct Lanes {
    table: BTreeMap<String, Lane>,
    /// Where an act is, so that it can be left.
    places: BTreeMap<ActId, String>,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Arc<Act>>,
    /// The act that is being performed, and who tells it that nobody waits for it.
    running: Option<(ActId, watch::Sender<bool>)>,
}

/// An act whose turn it is.
pub(crate) struct Turn {
    pub(crate) lane: String,
    pub(crate) act: Arc<Act>,
    pub(crate) abandoned: watch::Receiver<bool>,
}

impl Lanes {
    /// Takes an act in; gives it back where it is its turn.
    pub(crate) fn enter(&mut self, act: Arc<Act>, to: &Destination) -> Option<Turn> {
        let name = name(to);
        self.places.insert(act.id.clone(), name.clone());
        let lane = self.table.entry(name.clone()).or_default();
        lane.waiting.push_back(act);
        if lane.running.is_some() { None } else { lane.next(name) }
    }

    /// Whether nothing is on its way there, and nothing waits.
    pub(crate) fn is_free(&self, lane: &str) -> bool {
        !self.table.contains_key(lane)
    }

    /// Takes a free lane for a moment, so that what comes meanwhile waits; [`Lanes::leave`] ends it.
    pub(crate) fn hold(&mut self, lane: &str, by: ActId) {
        let (tell, _) = watch::channel(false);
        self.table.entry(lane.to_owned()).or_default().running = Some((by, tell));
    }

    /// The lane's act has been performed: the next one's turn.
    pub(crate) fn leave(&mut self, lane: &str, act: &ActId) -> Option<Turn> {
        self.places.remove(act);
        let here = self.table.get_mut(lane)?;
        here.running = None;
        let turn = here.next(lane.to_owned());
        if turn.is_none() {
            self.table.remove(lane);
        }
        turn
    }

    /// Nobody waits for the act any more. True where nothing of it was begun: it is taken out. One that is being
    /// performed is told, and ends by itself where it still can.
    pub(crate) fn abandon(&mut self, act: &ActId) -> bool {
        let Some(lane) = self.places.get(act).and_then(|name| self.table.get_mut(name)) else { return false };
        if let Some((_, abandoned)) = lane.running.as_ref().filter(|(running, _)| running == act) {
            abandoned.send_replace(true);
            return false;
        }
        let before = lane.waiting.len();
        lane.waiting.retain(|waiting| waiting.id != *act);
        self.places.remove(act);
        lane.waiting.len() < before
    }
}

impl Lane {
    fn next(&mut self, lane: String) -> Option<Turn> {
        let act = self.waiting.pop_front()?;
        let (tell, abandoned) = watch::channel(false);
        self.running = Some((act.id.clone(), tell));
        Some(Turn { lane, act, abandoned })
    }
}

/// What a place is called here.
pub(crate) fn name(to: &Destination) -> String {
    match to {
        Destination::Conversation { account, conversation } => format!("{account} {conversation}"),
        Destination::User { account, user } => format!("{account} @{user}"),
    }
}
