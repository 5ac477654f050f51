//! What waits until a line is durable, and what is in flight.

use super::handle::Request;
use crate::core::Decided;
use crate::inspect::Happened;
use crate::{ActId, Outgoing};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Answers and acts on their way out.
pub(super) struct Pending {
    answers: VecDeque<(u64, oneshot::Sender<Decided>, Decided)>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    in_flight: BTreeSet<ActId>,
    settled: Vec<oneshot::Sender<()>>,
    /// What those who watch are told once it is durable.
    happened: VecDeque<Happened>,
    /// None once the engine ends.
    watched: Option<broadcast::Sender<Arc<Happened>>>,
}

impl Pending {
    pub(super) fn new(
        outgoing: mpsc::UnboundedSender<Outgoing>,
        watched: broadcast::Sender<Arc<Happened>>,
    ) -> Pending {
        Pending {
            answers: VecDeque::new(),
            outgoing,
            in_flight: BTreeSet::new(),
            settled: Vec::new(),
            happened: VecDeque::new(),
            watched: Some(watched),
        }
    }

    /// An answer that is given when everything up to its line is durable.
    pub(super) fn answer(&mut self, answer: oneshot::Sender<Decided>, decided: Decided) {
        self.answers.push_back((decided.sequence, answer, decided));
    }

    pub(super) fn wait_for_rest(&mut self, answer: oneshot::Sender<()>) {
        self.settled.push(answer);
    }

    /// Lets out what is durable by now.
    pub(super) fn release(&mut self, durable: u64, outgoing: Vec<Outgoing>) {
        while self.answers.front().is_some_and(|(sequence, _, _)| *sequence <= durable) {
            if let Some((_, answer, decided)) = self.answers.pop_front() {
                // Whoever asked may have stopped waiting.
                let _ = answer.send(decided);
            }
        }
        while self.happened.front().is_some_and(|happened| happened.seq <= durable) {
            if let (Some(happened), Some(watched)) = (self.happened.pop_front(), &self.watched) {
                // Nobody may watch any more.
                let _ = watched.send(Arc::new(happened));
            }
        }
        for outgoing in outgoing {
            if let Outgoing::Perform(act) = &outgoing {
                self.in_flight.insert(act.id.clone());
            }
            if self.outgoing.send(outgoing).is_err() {
                tracing::debug!("nobody performs any more");
            }
        }
    }

    /// Whether somebody watches what happens.
    pub(super) fn is_watched(&self) -> bool {
        self.watched.as_ref().is_some_and(|watched| watched.receiver_count() > 0)
    }

    /// Tells those who watch, once it is durable.
    pub(super) fn tell(&mut self, happened: Happened) {
        self.happened.push_back(happened);
    }

    /// Tells those who watch that the engine ends; what still happens is in the journal.
    pub(super) fn stop_telling(&mut self) {
        self.watched = None;
        self.happened.clear();
    }

    /// A performer has reported.
    pub(super) fn landed(&mut self, act: &ActId) {
        self.in_flight.remove(act);
    }

    /// Whether nothing is on its way out or expected back.
    pub(super) fn at_rest(&self) -> bool {
        self.answers.is_empty() && self.in_flight.is_empty()
    }

    /// Tells those who wait for it that everything has come to rest.
    pub(super) fn tell_rest(&mut self) {
        for answer in self.settled.drain(..) {
            let _ = answer.send(());
        }
    }

    pub(super) fn is_waited_for(&self) -> bool {
        !self.settled.is_empty()
    }
}

/// The act that a request reports on.
pub(super) fn reported(request: &Request) -> Option<&ActId> {
    match request {
        Request::Submit { input: crate::Input::Report(report), .. } => Some(&report.act),
        _ => None,
    }
}
