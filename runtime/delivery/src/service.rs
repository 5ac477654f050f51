//! Delivery as a component.

use crate::Options;
use crate::attempt::{Attempt, Channels};
use crate::lane::{self, Lanes, Turn};
use crate::pace::Pace;
use crate::preview::{self, Change, Changed, Previewed, Previews, Words};
use carapace_channel_api::{Channel, Media, MessageId, NoMedia, Outcome, Scope, Scratch, Shutdown};
use carapace_effect::{Act, ActId, Destination, Failure, FailureKind, Kind, OpId, Report, Reported, RunId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is asked of delivery.
enum Request {
    Perform(Arc<Act>),
    Abandon(ActId),
    Channels(Vec<Arc<dyn Channel>>),
    Preview(Arc<Act>),
    Written(RunId, OpId, u32, Words),
    Lost,
}

/// Everything that wakes the loop.
enum Event {
    Asked(Request),
    Performed { lane: String, act: Arc<Act>, outcome: Reported },
    Changed(Box<Changed>),
    Due,
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
    previews: Previews,
    previewed: Option<mpsc::UnboundedSender<Previewed>>,
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
            Request::Preview(act) => write!(f, "preview {}", act.id),
            Request::Written(run, op, attempt, _) => write!(f, "written by attempt {attempt} of {run}/{op}"),
            Request::Lost => f.write_str("some of what was written is lost"),
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
        let (previews, previewed) = (Previews::default(), None);
        let scratch = None;
        let mut service = Service {
            options,
            channels: none,
            media,
            scratch,
            requests,
            reports,
            lanes,
            paces,
            previews,
            previewed,
            begun,
        };
        service.serve(channels);
        (service, Handle { requests: ask })
    }

    /// The same, with somebody who fetches files and looks at them, and a place where they lie while they are on their way.
    #[must_use]
    pub fn with_media(self, media: Arc<dyn Media>, scratch: Scratch) -> Service {
        Service { media, scratch: Some(scratch), ..self }
    }

    /// The same, with somebody who keeps in mind which messages show answers that are not finished: without that, a message that
    /// was left by a crash would stand there for ever.
    #[must_use]
    pub fn with_previews(self, previewed: mpsc::UnboundedSender<Previewed>) -> Service {
        Service { previewed: Some(previewed), ..self }
    }

    /// Runs until `shutdown` is requested. What is on its way then is left as it is: it has been started and has no
    /// outcome, and the next start of the runtime decides what that means.
    pub async fn run(mut self, shutdown: Shutdown) {
        let mut running: JoinSet<(String, Arc<Act>, Reported)> = JoinSet::new();
        let mut changing: JoinSet<Changed> = JoinSet::new();
        loop {
            let due = self.show(&mut changing);
            let event = tokio::select! {
                Some(request) = self.requests.recv() => Event::Asked(request),
                Some(Ok((lane, act, outcome))) = running.join_next() => Event::Performed { lane, act, outcome },
                Some(Ok(changed)) = changing.join_next() => Event::Changed(Box::new(changed)),
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
                () = shutdown.requested() => Event::End,
            };
            match event {
                Event::Asked(request) => self.asked(request, &mut running),
                Event::Performed { lane, act, outcome } => {
                    self.report(act.id.clone(), act.attempt, outcome);
                    self.go_on(&lane, &act.id, &mut running);
                }
                Event::Changed(changed) => {
                    self.changed(&changed);
                    self.go_on(&changed.lane, &holder(&changed.name), &mut running);
                }
                Event::Due => {}
                Event::End => return,
            }
        }
    }

    fn asked(&mut self, request: Request, running: &mut JoinSet<(String, Arc<Act>, Reported)>) {
        match request {
            Request::Perform(act) => self.perform(act, running),
            Request::Channels(channels) => self.serve(channels),
            Request::Abandon(act) => {
                if self.lanes.abandon(&act) {
                    let outcome = Reported::NotPerformed("nobody waits for it any more".to_owned());
                    self.report(act, 1, outcome);
                }
            }
            Request::Preview(act) => {
                let to = destination(&act);
                let channel = to.as_ref().and_then(|to| self.channels.get(&**to.account()).cloned());
                if let (Some(to), Some(channel)) = (to, channel) {
                    self.previews.begin(act, to, &*channel, Instant::now());
                }
            }
            Request::Written(run, op, attempt, words) => self.previews.written(run, &op, attempt, &words),
            Request::Lost => self.previews.lose(),
        }
    }

    /// What waits in a lane has its turn.
    fn go_on(&mut self, lane: &str, after: &ActId, running: &mut JoinSet<(String, Arc<Act>, Reported)>) {
        if let Some(turn) = self.lanes.leave(lane, after) {
            self.begin(turn, running);
        }
    }

    /// Changes what is shown, where that is due and nothing is in the way; gives when the next is.
    fn show(&mut self, changing: &mut JoinSet<Changed>) -> Option<Instant> {
        let now = Instant::now();
        let mut earliest: Option<Instant> = None;
        for (name, mut due, lane, account) in self.previews.wanting() {
            let Some(channel) = self.channels.get(&*account).cloned() else { continue };
            if !self.lanes.is_free(&lane) {
                continue;
            }
            if due <= now
                && let Some(wait) = self.crowded(&account, &lane)
            {
                due = now + wait;
                self.previews.put_off(&name, due);
            }
            if due > now {
                earliest = Some(earliest.map_or(due, |earliest| earliest.min(due)));
            } else if let Some(change) = self.previews.change(&name) {
                self.lanes.hold(&lane, holder(&name));
                changing.spawn(Change::make(change, channel));
            }
        }
        earliest
    }

    /// How long something that can be left out has to wait; else it takes its place.
    fn crowded(&self, account: &str, lane: &str) -> Option<std::time::Duration> {
        let pace = self.paces.get(account)?;
        let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.spare(lane, self.begun.elapsed()).err().map(|wait| wait.time)
    }

    fn changed(&mut self, changed: &Changed) {
        if let Outcome::Refused { retry_after: Some(after), scope, .. } = &changed.outcome
            && let Some(pace) = self.paces.get(changed.account())
        {
            let place = (*scope == Scope::Conversation).then_some(changed.lane.as_str());
            let until = self.begun.elapsed().saturating_add(*after);
            pace.lock().unwrap_or_else(PoisonError::into_inner).pause(place, until);
        }
        if let Some(previewed) = self.previews.changed(changed, Instant::now()) {
            self.tell(previewed);
        }
    }

    fn tell(&self, previewed: Previewed) {
        if let Some(tell) = &self.previewed {
            // Who is gone needs not know.
            let _ = tell.send(previewed);
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

    fn begin(&mut self, turn: Turn, running: &mut JoinSet<(String, Arc<Act>, Reported)>) {
        let Turn { lane, act, abandoned } = turn;
        let Some(to) = destination(&act) else { return };
        let replaces = self.previews.leave(&act);
        let is_new = replaces.as_ref().is_none_or(|left| left.message.is_none());
        let overtaken = if is_new && preview::says(&act) { self.overtaken(&act, &to) } else { Vec::new() };
        let (channels, options) = (self.channels.clone(), self.options.clone());
        let (media, scratch) = (self.media.clone(), self.scratch.clone());
        let pace = self.paces.get(&**to.account()).cloned().unwrap_or_default();
        let begun = self.begun;
        let attempt = Attempt {
            act: act.clone(),
            to,
            channels,
            media,
            scratch,
            options,
            pace,
            begun,
            abandoned,
            replaces,
            overtaken,
        };
        running.spawn(async move {
            // On a task of its own, so that an adapter that breaks down costs one act and not the lane.
            let performed = tokio::spawn(attempt.perform()).await;
            let broken = |_| Reported::Unknown("the channel's adapter broke down".to_owned());
            (lane, act, performed.unwrap_or_else(broken))
        });
    }

    /// Messages that show something of the run where it says something else now.
    fn overtaken(&mut self, act: &Act, to: &Destination) -> Vec<MessageId> {
        let mut messages = Vec::new();
        for mut gone in self.previews.overtaken(act.id.run, &lane::name(to)) {
            messages.extend(gone.message.take());
            self.tell(gone);
        }
        messages
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

    /// What is written in this step of an answer is shown where it belongs, as it comes.
    pub fn preview(&self, act: Arc<Act>) {
        let _ = self.requests.send(Request::Preview(act));
    }

    /// Something is written in a step, by this attempt at it. Steps that are not shown are passed over.
    pub fn written(&self, run: RunId, op: OpId, attempt: u32, words: Words) {
        let _ = self.requests.send(Request::Written(run, op, attempt, words));
    }

    /// Some of what is written now was not heard.
    pub fn lost(&self) {
        let _ = self.requests.send(Request::Lost);
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

/// Who holds a lane while something is shown.
fn holder((run, op): &preview::Name) -> ActId {
    ActId { run: *run, op: op.clone(), part: u32::MAX }
}

/// Where an act goes: where it says, else where its run's event came from.
fn destination(act: &Act) -> Option<Destination> {
    act.to.clone().or_else(|| {
        let origin = act.origin.as_ref()?;
        let (account, conversation) = (origin.account.clone(), origin.conversation.clone());
        Some(Destination::Conversation { account, conversation })
    })
}
