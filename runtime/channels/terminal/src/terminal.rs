//! The terminal as a channel.

use crate::ledger::{Entry, Ledger};
use crate::line::{Line, Speaker, parse};
use crate::lines::{self, Raw};
use crate::preview::{Before, Previews};
use crate::prompt::Typed;
use crate::screen::{Look, Shown, excerpt};
use crate::{Input, Options, Output};
use async_trait::async_trait;
use carapace_channel_api::{
    Acceptance, AccountId, Attachment, Button, Channel, Content, Conversation, ConversationId,
    ConversationKind, Ended, Error, Event, EventId, Finding, Health, Inbound, MediaSource, Message,
    MessageId, Operation, Outbound, Outcome, RefusalKind, Route, Shutdown, Sink, Status, StatusCell, Target,
    UnixMillis, User, UserId,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// One terminal.
pub struct Terminal {
    options: Options,
    pub(crate) look: Look,
    input: Mutex<Option<Input>>,
    output: Output,
    ledger: Mutex<Ledger>,
    status: StatusCell,
    /// Tells this start's ids from those of every other one: a terminal's messages have no ids of their own.
    start: String,
    count: AtomicU64,
    previews: Mutex<Previews>,
    /// Whether the last thing shown is that somebody is typing.
    types: AtomicBool,
}

impl Terminal {
    /// A terminal that reads from `input` and writes to `output`, in a look that fits who is there.
    pub fn new(options: Options, input: Input, output: Output, look: Look) -> Terminal {
        let mut start = [0_u8; 8];
        // Without entropy the clock has to do: it is enough to tell one start from the next.
        let number = match getrandom::fill(&mut start) {
            Ok(()) => u64::from_le_bytes(start),
            Err(_) => UnixMillis::now().0.unsigned_abs(),
        };
        Terminal {
            options,
            look,
            input: Mutex::new(Some(input)),
            output,
            ledger: Mutex::default(),
            status: StatusCell::default(),
            start: format!("{number:016x}"),
            count: AtomicU64::new(0),
            previews: Mutex::default(),
            types: AtomicBool::new(false),
        }
    }

    fn fresh(&self) -> String {
        format!("{}-{}", self.start, self.count.fetch_add(1, Ordering::Relaxed))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn previews(&self) -> MutexGuard<'_, Previews> {
        self.previews.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `[#ops]`; nothing in the direct conversation of the one who started.
    pub(crate) fn place(&self, conversation: &ConversationId) -> Option<String> {
        let home = conversation.as_str().strip_prefix('@') == Some(self.options.person.as_str());
        (!home).then(|| format!("[{conversation}]"))
    }

    fn io(&self, action: &str, source: std::io::Error) -> Error {
        Error::Io { account: self.options.account.clone(), action: action.to_owned(), source }
    }

    async fn listen(&self, input: &mut Input, sink: &dyn Sink, shutdown: &Shutdown) -> Result<Ended, Error> {
        let mut speaker = Speaker { person: self.options.person.clone(), room: None };
        let mut number = 0_u64;
        loop {
            number += 1;
            let raw = tokio::select! {
                () = shutdown.requested() => return Ok(Ended::Asked),
                raw = self.read(input, &speaker) => raw?,
            };
            self.status.heard();
            let line = match raw {
                Raw::End => return Ok(Ended::EndOfInput),
                Raw::TooLong => {
                    let longest = self.options.longest_line;
                    self.notice(&format!("line {number} is longer than {longest} bytes and was skipped"))
                        .await?;
                    continue;
                }
                Raw::NotText => {
                    self.notice(&format!("line {number} is not UTF-8 and was skipped")).await?;
                    continue;
                }
                Raw::Line(line) => line,
            };
            let Some(inbound) = self.understand(&line, &mut speaker) else { continue };
            if !push(sink, inbound, shutdown).await {
                return Ok(Ended::Asked);
            }
            if matches!(input, Input::Stream(_)) {
                tokio::select! {
                    () = shutdown.requested() => return Ok(Ended::Asked),
                    () = sink.settled() => {}
                }
            }
        }
    }

    async fn read(&self, input: &mut Input, speaker: &Speaker) -> Result<Raw, Error> {
        match input {
            Input::Stream(stream) => lines::next(stream.as_mut(), self.options.longest_line)
                .await
                .map_err(|error| self.io("cannot read the input", error)),
            Input::Prompt(prompt) => {
                let room = speaker.room.as_ref().map(|room| format!(" #{room}")).unwrap_or_default();
                match prompt.line(format!("{}{room}> ", speaker.person)).await {
                    Typed::Line(line) if line.len() > self.options.longest_line => Ok(Raw::TooLong),
                    Typed::Line(line) => Ok(Raw::Line(line)),
                    Typed::End => Ok(Raw::End),
                    Typed::Failed(error) => Err(self.io("cannot read the prompt", error)),
                }
            }
        }
    }

    async fn notice(&self, words: &str) -> Result<(), Error> {
        let text = self.look.remark(None, &format!("({words})"));
        self.output.write(text).await.map_err(|error| self.io("cannot write a notice", error))
    }

    /// What a line means to the engine; nothing where it only changed who speaks.
    fn understand(&self, line: &str, speaker: &mut Speaker) -> Option<Inbound> {
        match parse(line, speaker) {
            Line::Empty => None,
            Line::Switch(to) => {
                *speaker = to;
                None
            }
            Line::Said { speaker, text, literal } => {
                let conversation = ConversationId(speaker.conversation());
                let person = UserId::from(speaker.person.as_str());
                let choice = if literal { None } else { self.ledger().choose(&conversation, &person, &text) };
                let event = match choice {
                    Some((message, Button { id, label })) => {
                        Event::Button { message, button: id, label: Some(label) }
                    }
                    None => {
                        let id = MessageId(self.fresh());
                        let entry = Entry { conversation, text: text.clone(), ours: false };
                        self.ledger().said(id.clone(), entry);
                        Event::Message { message: Message::text(id, text) }
                    }
                };
                Some(self.inbound(&speaker, event))
            }
            Line::React { speaker, emoji, remove } => {
                let conversation = ConversationId(speaker.conversation());
                let message = self.ledger().last_ours(&conversation).cloned()?;
                Some(self.inbound(&speaker, Event::Reaction { message, emoji, removed: remove }))
            }
        }
    }

    fn inbound(&self, speaker: &Speaker, event: Event) -> Inbound {
        let kind = if speaker.room.is_some() { ConversationKind::Group } else { ConversationKind::Direct };
        Inbound {
            account: self.options.account.clone(),
            id: EventId(self.fresh()),
            conversation: Conversation {
                id: ConversationId(speaker.conversation()),
                kind,
                title: speaker.room.clone(),
                thread: None,
            },
            sender: User::person(speaker.person.as_str(), speaker.person.as_str()),
            at: Some(UnixMillis::now()),
            route: Route::default(),
            event,
        }
    }

    async fn send(&self, to: &Target, content: &Content, style: SendStyle<'_>) -> Outcome {
        let conversation = match address(to) {
            Ok(conversation) => conversation,
            Err(refused) => return refused,
        };
        if content.text.is_empty() && content.attachments.is_empty() && content.buttons.is_empty() {
            return Outcome::refused(RefusalKind::Invalid, "there is nothing to send");
        }
        let files = match self.files(&content.attachments).await {
            Ok(files) => files,
            Err(refused) => return refused,
        };
        let quote = style.reply_to.and_then(|message| {
            let ledger = self.ledger();
            let is_last = ledger.last(&conversation) == Some(message);
            ledger.find(&conversation, message).filter(|_| !is_last).map(|entry| entry.text.clone())
        });
        let place = self.place(&conversation);
        let (rest, before) = self.rest(style.preview, &content.text);
        let mut text = self.look.message(&Shown {
            place: place.as_deref(),
            quote: quote.as_deref().filter(|_| before != Before::Some),
            mark: style.mark.filter(|_| before != Before::Some),
            text: rest,
            files: &files,
            buttons: &content.buttons,
        });
        if before == Before::Other {
            text.insert_str(0, &self.look.remark(place.as_deref(), "(it begins anew)"));
        }
        // The choices are known before the question is seen: an answer may come faster than a write returns.
        let id = MessageId(self.fresh());
        {
            let mut ledger = self.ledger();
            let entry = Entry { conversation: conversation.clone(), text: content.text.clone(), ours: true };
            ledger.said(id.clone(), entry);
            if !content.buttons.is_empty() {
                ledger.offered(&conversation, &id, content.buttons.clone());
            }
        }
        let outcome = self.show(text, Outcome::sent(id.clone()).in_conversation(&conversation)).await;
        if !outcome.is_done() {
            self.ledger().forget(&id);
        }
        outcome
    }

    async fn edit(&self, conversation: &ConversationId, message: &MessageId, content: &Content) -> Outcome {
        match self.ledger().find(conversation, message) {
            None => return not_here(message),
            Some(entry) if !entry.ours => return not_ours(message),
            Some(_) => {}
        }
        let place = self.place(conversation);
        let text = self.look.message(&Shown {
            place: place.as_deref(),
            quote: None,
            mark: Some("edited"),
            text: &content.text,
            files: &[],
            buttons: &content.buttons,
        });
        {
            let mut ledger = self.ledger();
            ledger.edited(message, &content.text);
            ledger.withdrawn(message);
            if !content.buttons.is_empty() {
                ledger.offered(conversation, message, content.buttons.clone());
            }
        }
        self.show(text, Outcome::sent(message.clone())).await
    }

    async fn remark_on(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
        words: impl FnOnce(&str) -> String,
        forget: bool,
    ) -> Outcome {
        let Some(said) = self.ledger().find(conversation, message).map(|entry| excerpt(&entry.text)) else {
            return not_here(message);
        };
        let text = self.look.remark(self.place(conversation).as_deref(), &words(&said));
        if forget {
            self.ledger().forget(message);
        }
        self.show(text, Outcome::done()).await
    }

    async fn forward(&self, from: &ConversationId, message: &MessageId, to: &Target) -> Outcome {
        let Some(text) = self.ledger().find(from, message).map(|entry| entry.text.clone()) else {
            return not_here(message);
        };
        self.send(to, &Content::text(text), SendStyle { mark: Some("forwarded"), ..SendStyle::default() })
            .await
    }

    async fn typing(&self, conversation: &ConversationId, on: bool) -> Outcome {
        match self.look {
            Look::Screen { .. } if on => {
                if self.types.load(Ordering::Relaxed) {
                    return Outcome::done();
                }
                let text = self.look.remark(self.place(conversation).as_deref(), "…");
                let shown = self.show(text, Outcome::done()).await;
                self.types.store(true, Ordering::Relaxed);
                shown
            }
            Look::Screen { .. } | Look::Plain => Outcome::done(),
        }
    }

    pub(crate) async fn show(&self, text: String, done: Outcome) -> Outcome {
        if text.is_empty() {
            return done;
        }
        self.types.store(false, Ordering::Relaxed);
        match self.output.write(text).await {
            Ok(()) => done,
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                Outcome::refused(RefusalKind::Unavailable, "nobody reads what the terminal writes")
            }
            // Some of it may have been seen.
            Err(error) => Outcome::Unknown { message: format!("the terminal failed: {error}") },
        }
    }

    /// Puts files where a person finds them, and says where.
    async fn files(&self, attachments: &[Attachment]) -> Result<Vec<String>, Outcome> {
        let mut shown = Vec::new();
        for attachment in attachments {
            let name = plain_name(&attachment.name);
            shown.push(match &attachment.source {
                MediaSource::Url { url } => format!("[file] {name}: {url}"),
                MediaSource::Inline { .. } | MediaSource::Held { .. } => {
                    let Some(folder) = &self.options.files else {
                        let message = "this terminal was given no folder to put files in";
                        return Err(Outcome::refused(RefusalKind::Unsupported, message));
                    };
                    let path = folder.join(format!("{}-{name}", self.fresh()));
                    let written = async {
                        tokio::fs::create_dir_all(folder).await?;
                        match &attachment.source {
                            MediaSource::Held { file } => file.keep(&path).await,
                            MediaSource::Inline { bytes } => tokio::fs::write(&path, bytes).await,
                            MediaSource::Url { .. } | MediaSource::Platform { .. } => Ok(()),
                        }
                    };
                    written.await.map_err(|error| {
                        let message = format!("cannot write `{}`: {error}", path.display());
                        Outcome::refused(RefusalKind::Unavailable, message)
                    })?;
                    format!("[file] {}", path.display())
                }
                MediaSource::Platform { .. } => {
                    let message = format!("`{name}` belongs to another account");
                    return Err(Outcome::refused(RefusalKind::NotFound, message));
                }
            });
        }
        Ok(shown)
    }
}

#[async_trait]
impl Channel for Terminal {
    fn kind(&self) -> &'static str {
        "terminal"
    }

    fn account(&self) -> &AccountId {
        &self.options.account
    }

    async fn run(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        let taken = self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut input) = taken else {
            return Err(Error::Running { account: self.options.account.clone() });
        };
        // A terminal has no past: nothing was said to it while nobody listened.
        self.status.set(Health::CaughtUp);
        let ended = self.listen(&mut input, &*sink, &shutdown).await;
        if let Input::Prompt(prompt) = &input {
            prompt.restore();
        }
        self.status.set(Health::Stopped);
        ended
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        match &request.operation {
            Operation::Send { to, content, reply_to } => {
                let mark = request.again.then_some("again");
                self.send(
                    to,
                    content,
                    SendStyle { reply_to: reply_to.as_ref(), mark, preview: request.preview.as_deref() },
                )
                .await
            }
            Operation::Edit { conversation, message, content } => {
                self.edit(conversation, message, content).await
            }
            Operation::Delete { conversation, message } => {
                self.remark_on(conversation, message, |said| format!("(deleted: {said})"), true).await
            }
            Operation::React { conversation, message, emoji, remove } => {
                let sign = if *remove { "took back " } else { "" };
                let words = |said: &str| format!("({sign}{emoji} on: {said})");
                self.remark_on(conversation, message, words, false).await
            }
            Operation::Typing { conversation, on } => self.typing(conversation, *on).await,
            Operation::Preview { conversation, preview, text } => {
                self.preview(conversation, preview, text).await
            }
            Operation::Forward { from, message, to } => self.forward(from, message, to).await,
            Operation::Poll { .. } => request.operation.unsupported(self.kind()),
        }
    }

    async fn check(&self) -> Vec<Finding> {
        vec![Finding::fine("it is this terminal: there is no network to ask")]
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }
}

#[derive(Clone, Copy, Default)]
struct SendStyle<'a> {
    reply_to: Option<&'a MessageId>,
    mark: Option<&'a str>,
    /// What shows of it already.
    preview: Option<&'a str>,
}

/// Pushes until it is taken; false when the end came first. What a pipe holds is then lost with the pipe, and that
/// is said by whoever ends the process.
async fn push(sink: &dyn Sink, inbound: Inbound, shutdown: &Shutdown) -> bool {
    loop {
        match sink.push(inbound.clone()).await {
            Acceptance::Accepted(_) | Acceptance::Duplicate => return true,
            Acceptance::Refused { retry_after } => tokio::select! {
                () = shutdown.requested() => return false,
                () = tokio::time::sleep(retry_after) => {}
            },
        }
    }
}

/// The conversation that is meant, if a terminal can have one of that name.
fn address(to: &Target) -> Result<ConversationId, Outcome> {
    let id = match to {
        Target::Conversation(id) => id.clone(),
        Target::User(user) => ConversationId(format!("@{user}")),
    };
    match id.as_str().strip_prefix(['#', '@']) {
        Some(name) if !name.is_empty() => Ok(id),
        _ => {
            let message = format!("`{id}` is no conversation of a terminal, which are `#room` and `@person`");
            Err(Outcome::refused(RefusalKind::NotFound, message))
        }
    }
}

fn not_here(message: &MessageId) -> Outcome {
    Outcome::refused(RefusalKind::NotFound, format!("message `{message}` is not known here any more"))
}

fn not_ours(message: &MessageId) -> Outcome {
    Outcome::refused(RefusalKind::Forbidden, format!("message `{message}` is somebody else's"))
}

/// A file name without anything a path or a shell would read something into.
fn plain_name(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(keep).take(80).collect();
    let plain = plain.trim_matches(['.', ' ']);
    if plain.is_empty() { "file".to_owned() } else { plain.to_owned() }
}
