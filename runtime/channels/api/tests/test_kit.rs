//! The conformance suite itself: a channel without a fault passes, and each fault is found by name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
use async_trait::async_trait;
use carapace_channel_api::test_kit::{Abilities, Stage, conform};
use carapace_channel_api::{
    Acceptance, AccountId, Attachment, Button, ButtonId, Channel, Conversation, ConversationId, Ended, Error,
    Event, FetchError, Filling, Finding, Forgotten, Health, Inbound, MediaSource, MediaType, Message,
    MessageId, Operation, Outbound, Outcome, RefusalKind, Route, Shutdown, Sink, Status, StatusCell, Target,
    User, UserId,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    TrimsWhatItHears,
    DropsWhatWasRefused,
    HearsItself,
    CutsLongTexts,
    SendsToNowhere,
    ChangesWhatIsNotItsOwn,
    GivesTheLabelForTheId,
    IgnoresKeys,
    MakesMessagesOfPreviews,
    RunsOn,
    RunsTwice,
    LosesWhatNobodyTook,
    LeavesFilesOut,
    KeepsFiles,
    BringsTooMuch,
    ChecksNothing,
    ForgetsStrangers,
}

const MOST: usize = 2_000;

/// A platform in memory, with its adapter.
struct Mock {
    fault: Fault,
    account: AccountId,
    status: StatusCell,
    came: Mutex<Option<mpsc::UnboundedReceiver<Event>>>,
    happen: mpsc::UnboundedSender<Event>,
    /// What came, was not taken, and comes again with the next run.
    kept: Mutex<Option<(usize, Event)>>,
    number: AtomicUsize,
    board: Mutex<Board>,
    changed: watch::Sender<usize>,
}

#[derive(Default)]
struct Board {
    shown: Vec<String>,
    ours: HashMap<MessageId, bool>,
    keys: HashMap<String, MessageId>,
    /// What people were sent, and what they gave.
    files: HashMap<String, Vec<u8>>,
    given: HashMap<String, Vec<u8>>,
    /// What a careless adapter never lets go.
    hoard: Vec<MediaSource>,
}

impl Mock {
    fn new(fault: Fault) -> Mock {
        let (happen, came) = mpsc::unbounded_channel();
        Mock {
            fault,
            account: "mock".into(),
            status: StatusCell::default(),
            came: Mutex::new(Some(came)),
            happen,
            kept: Mutex::default(),
            number: AtomicUsize::default(),
            board: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    fn show(&self, texts: impl IntoIterator<Item = String>) {
        self.board.lock().unwrap().shown.extend(texts);
        self.changed.send_modify(|count| *count += 1);
    }

    fn write(&self, ours: bool) -> MessageId {
        let mut board = self.board.lock().unwrap();
        let id = MessageId(format!("m{}", board.ours.len()));
        board.ours.insert(id.clone(), ours);
        id
    }

    fn send(&self, request: &Outbound, to: &Target, content: &carapace_channel_api::Content) -> Outcome {
        let mut text = content.text.clone();
        if text.is_empty() {
            return Outcome::refused(RefusalKind::Invalid, "nothing");
        }
        if *to != Target::Conversation("home".into()) && self.fault != Fault::SendsToNowhere {
            return Outcome::refused(RefusalKind::NotFound, "nowhere");
        }
        if text.chars().count() > MOST {
            if self.fault != Fault::CutsLongTexts {
                return Outcome::refused(RefusalKind::TooLarge, "long");
            }
            text = text.chars().take(MOST).collect();
        }
        let known = self.board.lock().unwrap().keys.get(request.key.as_str()).cloned();
        if let Some(known) = known.filter(|_| self.fault != Fault::IgnoresKeys) {
            return Outcome::sent(known);
        }
        for attachment in content.attachments.iter().filter(|_| self.fault != Fault::LeavesFilesOut) {
            let MediaSource::Held { file } = &attachment.source else { panic!("{attachment:?}") };
            let bytes = std::fs::read(file.path()).unwrap();
            let mut board = self.board.lock().unwrap();
            board.files.insert(attachment.name.clone(), bytes);
            if self.fault == Fault::KeepsFiles {
                board.hoard.push(attachment.source.clone());
            }
        }
        let id = self.write(true);
        self.board.lock().unwrap().keys.insert(request.key.0.clone(), id.clone());
        if self.fault == Fault::HearsItself {
            let _ = self.happen.send(Event::Message { message: Message::text(id.clone(), text.clone()) });
        }
        self.show([text].into_iter().chain(content.buttons.iter().map(|button| button.label.clone())));
        Outcome::sent(id)
    }

    fn touch(&self, message: &MessageId, own_only: bool) -> Outcome {
        match self.board.lock().unwrap().ours.get(message) {
            None => Outcome::refused(RefusalKind::NotFound, "no message"),
            Some(false) if own_only && self.fault != Fault::ChangesWhatIsNotItsOwn => {
                Outcome::refused(RefusalKind::Forbidden, "not ours")
            }
            Some(_) => Outcome::done(),
        }
    }

    /// Pushes it until it is taken; false where the end came first.
    async fn push(&self, sink: &dyn Sink, number: usize, event: Event, shutdown: &Shutdown) -> bool {
        let inbound = Inbound {
            account: self.account.clone(),
            id: format!("e{number}").into(),
            conversation: Conversation::direct(ConversationId::from("home")),
            sender: User::person("ana", "Ana"),
            at: None,
            route: Route::default(),
            event,
        };
        while let Acceptance::Refused { retry_after } = sink.push(inbound.clone()).await {
            if self.fault == Fault::DropsWhatWasRefused {
                return true;
            }
            tokio::select! {
                () = shutdown.requested() => return false,
                () = tokio::time::sleep(retry_after) => {}
            }
        }
        true
    }
}

#[async_trait]
impl Channel for Mock {
    fn kind(&self) -> &'static str {
        "mock"
    }

    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn run(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        let taken = self.came.lock().unwrap().take();
        let Some(mut came) = taken else {
            let twice = self.fault == Fault::RunsTwice;
            let error = Error::Running { account: self.account.clone() };
            return if twice { Ok(Ended::Asked) } else { Err(error) };
        };
        self.status.set(Health::CaughtUp);
        loop {
            let kept = self.kept.lock().unwrap().take();
            let (number, event) = match kept {
                Some(kept) => kept,
                None => tokio::select! {
                    () = shutdown.requested() => break,
                    Some(event) = came.recv() => (self.number.fetch_add(1, Ordering::SeqCst), event),
                },
            };
            if !self.push(&*sink, number, event.clone(), &shutdown).await {
                if self.fault != Fault::LosesWhatNobodyTook {
                    *self.kept.lock().unwrap() = Some((number, event));
                }
                break;
            }
        }
        *self.came.lock().unwrap() = Some(came);
        self.status.set(if self.fault == Fault::RunsOn { Health::CaughtUp } else { Health::Stopped });
        Ok(Ended::Asked)
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        match &request.operation {
            Operation::Send { to, content, .. } => self.send(&request, to, content),
            Operation::Edit { message, content, .. } => {
                let outcome = self.touch(message, true);
                if outcome.is_done() {
                    self.show([content.text.clone()]);
                }
                outcome
            }
            Operation::Delete { message, .. } | Operation::React { message, .. } => {
                self.touch(message, false)
            }
            Operation::Typing { .. } => Outcome::done(),
            Operation::Preview { .. } if self.fault == Fault::MakesMessagesOfPreviews => {
                Outcome::sent(self.write(true))
            }
            Operation::Preview { .. } => Outcome::done(),
            Operation::Forward { .. } | Operation::Poll { .. } => request.operation.unsupported("mock"),
        }
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }

    async fn check(&self) -> Vec<Finding> {
        if self.fault == Fault::ChecksNothing { Vec::new() } else { vec![Finding::fine("it is in memory")] }
    }

    async fn forget(&self, _: &UserId, _: bool) -> Result<Option<Forgotten>, Error> {
        let mut forgotten = Forgotten::default();
        forgotten.add(usize::from(self.fault == Fault::ForgetsStrangers), "person");
        Ok(Some(forgotten))
    }

    async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        let MediaSource::Platform { reference } = source else { return Err(FetchError::Unsupported) };
        let name = reference.as_str().unwrap_or_default();
        let bytes = self.board.lock().unwrap().given.get(name).cloned().ok_or(FetchError::NotFound)?;
        let most = usize::try_from(into.limit()).unwrap();
        let cut = self.fault == Fault::BringsTooMuch && bytes.len() > most;
        into.write(if cut { bytes.get(..most).unwrap() } else { &bytes }).await
    }
}

struct Person(Arc<Mock>);

#[async_trait]
impl Stage for Person {
    fn channel(&self) -> Arc<dyn Channel> {
        self.0.clone()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            buttons: true,
            edit: true,
            delete: true,
            react: true,
            typing: true,
            preview: true,
            keyed: true,
            lines: true,
            media: true,
            again: true,
            max_text: MOST,
        }
    }

    async fn say(&mut self, text: &str) {
        let text = if self.0.fault == Fault::TrimsWhatItHears { text.trim_end_matches('.') } else { text };
        let message = Message::text(self.0.write(false), text);
        self.0.happen.send(Event::Message { message }).unwrap();
    }

    async fn press(&mut self, message: &MessageId, button: &Button) {
        let wrong = self.0.fault == Fault::GivesTheLabelForTheId;
        let id = if wrong { ButtonId::from(button.label.as_str()) } else { button.id.clone() };
        let event = Event::Button { message: message.clone(), button: id, label: None };
        self.0.happen.send(event).unwrap();
    }

    async fn shown(&mut self, text: &str, times: usize) {
        let mut changed = self.0.changed.subscribe();
        while self.count(text).await < times {
            changed.changed().await.unwrap();
        }
    }

    async fn received(&mut self, name: &str) -> Vec<u8> {
        let mut changed = self.0.changed.subscribe();
        loop {
            if let Some(bytes) = self.0.board.lock().unwrap().files.get(name) {
                return bytes.clone();
            }
            changed.changed().await.unwrap();
        }
    }

    async fn give(&mut self, name: &str, bytes: &[u8]) -> bool {
        self.0.board.lock().unwrap().given.insert(name.to_owned(), bytes.to_vec());
        let attachment = Attachment {
            name: name.to_owned(),
            media_type: MediaType("application/octet-stream".to_owned()),
            size: None,
            source: MediaSource::Platform { reference: name.into() },
        };
        let message = Message { attachments: vec![attachment], ..Message::text(self.0.write(false), "") };
        self.0.happen.send(Event::Message { message }).unwrap();
        true
    }

    async fn count(&mut self, text: &str) -> usize {
        self.0.board.lock().unwrap().shown.iter().filter(|shown| shown.contains(text)).count()
    }
}

/// Virtual time: what never happens is known at once.
#[tokio::test(start_paused = true)]
async fn each_fault_is_found_and_nothing_else() {
    for (fault, found) in [
        (Fault::None, &[][..]),
        (Fault::TrimsWhatItHears, &["a_text_comes_in_byte_for_byte"]),
        (
            Fault::DropsWhatWasRefused,
            &[
                "what_was_refused_comes_again_and_nothing_overtakes_it",
                "it_can_be_run_again_and_has_lost_nothing",
            ],
        ),
        (Fault::HearsItself, &["its_own_messages_do_not_come_back"]),
        (Fault::CutsLongTexts, &["a_text_that_is_too_long_is_refused_and_not_cut"]),
        (Fault::SendsToNowhere, &["nothing_and_nobody_are_refused"]),
        (Fault::ChangesWhatIsNotItsOwn, &["what_stands_can_be_changed_as_declared"]),
        (Fault::GivesTheLabelForTheId, &["a_button_comes_back_under_our_id"]),
        (Fault::IgnoresKeys, &["the_same_key_is_the_same_message"]),
        (Fault::MakesMessagesOfPreviews, &["a_preview_is_no_message"]),
        (Fault::RunsOn, &["it_says_how_it_is_and_ends_when_asked"]),
        (Fault::RunsTwice, &["it_runs_once"]),
        (Fault::LosesWhatNobodyTook, &["it_can_be_run_again_and_has_lost_nothing"]),
        (Fault::LeavesFilesOut, &["a_file_goes_out_whole"]),
        (Fault::KeepsFiles, &["a_file_goes_out_whole"]),
        (Fault::BringsTooMuch, &["a_file_that_came_is_brought_whole_and_within_its_limit"]),
        (Fault::ChecksNothing, &["a_checkup_says_something_and_takes_nothing_away"]),
        (Fault::ForgetsStrangers, &["who_was_never_there_leaves_nothing_to_forget"]),
    ] {
        let stage = async || Box::new(Person(Arc::new(Mock::new(fault)))) as Box<dyn Stage>;
        let breaches = conform(stage).await;
        let checks: Vec<&str> = breaches.iter().map(|breach| breach.check).collect();
        assert_eq!(checks, found, "{fault:?}: {breaches:#?}");
    }
}
