//! Delivery as a component.

use crate::Options;
use crate::attempt::{Attempt, Channels};
use crate::lane::{Lanes, Turn};
use crate::pace::Pace;
use carapace_channel_api::{Channel, Media, NoMedia, Scratch, Shutdown};
use carapace_effect::{Act, ActId, Destination, Failure, FailureKind, Kind, Report, Reported};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is asked of delivery.
enum Request {
    Perform(Arc<Act>),
    Abandon(ActId),
    Channels(Vec<Arc<dyn Channel>>),
}

/// Everything that wakes the loop.
enum Event {
    Asked(Request),
    Performed { lane: String, act: Arc<Act>, outcome: Reported },
    End,
}

/// Delivery that is not running yet.
pub struct Service {
    options: Options,
    channels: Arc<Channels>,
    media: Arc<dyn Media>,
    scratch: Option<Scratch>,
    requests: mpsc::UnboundedReceiver<Request>,
    reports: mpsc::UnboundedSender<Report>,
    lanes: Lanes,
    paces: BTreeMap<String, Arc<Mutex<Pace>>>,
    /// The point from which paces count.
    begun: Instant,
}

/// The way in to delivery. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    requests: mpsc::UnboundedSender<Request>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Request::Perform(act) => write!(f, "perform {}", act.id),
            Request::Abandon(act) => write!(f, "abandon {act}"),
            Request::Channels(channels) => write!(f, "{} channels", channels.len()),
        }
    }
}

impl Service {
    /// Delivery to these channels. What comes of acts goes to `reports`.
    pub fn new(
        options: Options,
        channels: impl IntoIterator<Item = Arc<dyn Channel>>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> (Service, Handle) {
        let (ask, requests) = mpsc::unbounded_channel();
        let (lanes, begun) = (Lanes::default(), Instant::now());
        let (none, paces, media) = (Arc::default(), BTreeMap::new(), Arc::new(NoMedia));
        let scratch = None;
        let mut service =
            Service { options, channels: none, media, scratch, requests, reports, lanes, paces, begun };
        service.serve(channels);
        (service, Handle { requests: ask })
    }

    /// The same, with somebody who fetches files and looks at them, and a place where they lie while they are on their way.
    #[must_use]
    pub fn with_media(self, media: Arc<dyn Media>, scratch: Scratch) -> Service {
        Service { media, scratch: Some(scratch), ..self }
    }

    /// Runs until `shutdown` is requested. What is on its way then is left as it is: it has been started and has no
    /// outcome, and the next start of the runtime decides what that means.
    pub async fn run(mut self, shutdown: Shutdown) {
        let mut running: JoinSet<(String, Arc<Act>, Reported)> = JoinSet::new();
        loop {
            let event = tokio::select! {
                Some(request) = self.requests.recv() => Event::Asked(request),
                Some(Ok((lane, act, outcome))) = running.join_next() => Event::Performed { lane, act, outcome },
                () = shutdown.requested() => Event::End,
            };
            match event {
                Event::Asked(Request::Perform(act)) => self.perform(act, &mut running),
                Event::Asked(Request::Channels(channels)) => self.serve(channels),
                Event::Asked(Request::Abandon(act)) => {
                    if self.lanes.abandon(&act) {
                        let outcome = Reported::NotPerformed("nobody waits for it any more".to_owned());
                        self.report(act, 1, outcome);
                    }
                }
                Event::Performed { lane, act, outcome } => {
                    self.report(act.id.clone(), act.attempt, outcome);
                    if let Some(turn) = self.lanes.leave(&lane, &act.id) {
                        self.begin(turn, &mut running);
                    }
                }
                Event::End => return,
            }
        }
    }

    /// From here on to these channels. One that stays keeps its pace; what is on its way to one that goes is on its way.
    fn serve(&mut self, channels: impl IntoIterator<Item = Arc<dyn Channel>>) {
        let by_account = |channel: Arc<dyn Channel>| (channel.account().as_str().to_owned(), channel);
        let channels: Channels = channels.into_iter().map(by_account).collect();
        let pace = |(name, channel): (&String, &Arc<dyn Channel>)| {
            let stays = self.channels.get(name).is_some_and(|before| before.kind() == channel.kind());
            let before = self.paces.get(name).filter(|_| stays).cloned();
            let fresh = || Arc::new(Mutex::new(Pace::of(Kind::named(channel.kind()))));
            (name.clone(), before.unwrap_or_else(fresh))
        };
        self.paces = channels.iter().map(pace).collect();
        self.channels = Arc::new(channels);
    }

    fn perform(&mut self, act: Arc<Act>, running: &mut JoinSet<(String, Arc<Act>, Reported)>) {
        match destination(&act) {
            Some(to) => {
                if let Some(turn) = self.lanes.enter(act, &to) {
                    self.begin(turn, running);
                }
            }
            None => {
                let failure = Failure::new(FailureKind::Unavailable, "this run belongs to no conversation");
                self.report(act.id.clone(), act.attempt, Reported::Failed(failure));
            }
        }
    }

    fn begin(&self, turn: Turn, running: &mut JoinSet<(String, Arc<Act>, Reported)>) {
        let Turn { lane, act, abandoned } = turn;
        let Some(to) = destination(&act) else { return };
        let (channels, options) = (self.channels.clone(), self.options.clone());
        let (media, scratch) = (self.media.clone(), self.scratch.clone());
        let pace = self.paces.get(&**to.account()).cloned().unwrap_or_default();
        let begun = self.begun;
        let attempt =
            Attempt { act: act.clone(), to, channels, media, scratch, options, pace, begun, abandoned };
        running.spawn(async move {
            // On a task of its own, so that an adapter that breaks down costs one act and not the lane.
            let performed = tokio::spawn(attempt.perform()).await;
            let broken = |_| Reported::Unknown("the channel's adapter broke down".to_owned());
            (lane, act, performed.unwrap_or_else(broken))
        });
    }

    fn report(&self, act: ActId, attempt: u32, outcome: Reported) {
        if self.reports.send(Report { act, attempt, outcome }).is_err() {
            tracing::debug!("nobody wants to know any more what came of an act");
        }
    }
}

impl Handle {
    /// Perform this, after everything that goes to the same place and was asked for before.
    pub fn perform(&self, act: Arc<Act>) {
        // Where delivery has ended, the act stays started and without an outcome, which is the truth.
        let _ = self.requests.send(Request::Perform(act));
    }

    /// From here on to these channels: what was asked for before goes to those that there were.
    pub fn serve(&self, channels: Vec<Arc<dyn Channel>>) {
        // Where delivery has ended nobody needs to know.
        let _ = self.requests.send(Request::Channels(channels));
    }

    /// Nobody waits for it any more: leave it, if nothing of it was begun.
    pub fn abandon(&self, act: ActId) {
        let _ = self.requests.send(Request::Abandon(act));
    }
}

/// Where an act goes: where it says, else where its run's event came from.
fn destination(act: &Act) -> Option<Destination> {
    act.to.clone().or_else(|| {
        let origin = act.origin.as_ref()?;
        let (account, conversation) = (origin.account.clone(), origin.conversation.clone());
        Some(Destination::Conversation { account, conversation })
    })
}
