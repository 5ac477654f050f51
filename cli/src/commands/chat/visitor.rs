//! A visitor of the page: what they say is said once, what is answered is shown once, over as many connections as that takes.

use super::frames::{Body, Button, Event, Told};
use super::screen::Screen;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::reach::{Door, Shut, Socket};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// How long the server may take to say something where it has to.
const SILENCE: Duration = Duration::from_secs(45);

/// How often it is asked whether it is there.
const PING: Duration = Duration::from_secs(15);

/// How long after an answer it is taken that nothing more follows.
const REST: Duration = Duration::from_millis(700);

/// The first and the longest pause between two attempts to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// Somebody who talks.
pub(super) struct Visitor {
    door: Door,
    screen: Screen,
    /// How long an answer is waited for; none where a person decides that.
    patience: Option<Duration>,
    title: String,
    session: Option<String>,
    conversation: Option<String>,
    /// The last event that was shown.
    seen: u64,
    /// What was asked for and not acknowledged, in order; asked again under the same id, it is done once.
    asked: VecDeque<Asked>,
    /// Whether the first of them is on its way.
    flying: bool,
    /// Not before, where the server asked to wait.
    not_before: Option<Instant>,
    /// The last message with buttons, and they.
    choices: Option<(String, Vec<Button>)>,
    /// Since when an answer is waited for.
    waiting: Option<Instant>,
    answered: Option<Instant>,
    typing: bool,
    /// Something that was said was not answered.
    unanswered: bool,
    /// No more lines come.
    ended: bool,
}

/// Something that was asked for. Where it is said is known once the conversation is open.
struct Asked {
    id: String,
    frame: Json,
}

/// Why a connection is over.
enum Over {
    /// It broke: the next one goes on.
    Lost,
    /// There is nothing more to say.
    Done,
    /// The server does not take us.
    Refused(Problem),
}

/// What happens next.
enum Next {
    Frame(Option<Message>),
    Line(Option<String>),
    Later,
    Ping,
}

impl Visitor {
    pub(super) fn new(
        door: Door,
        screen: Screen,
        patience: Option<Duration>,
        name: Option<String>,
    ) -> Visitor {
        let mut visitor = Visitor {
            door,
            screen,
            patience,
            title: String::new(),
            session: None,
            conversation: None,
            seen: 0,
            asked: VecDeque::new(),
            flying: false,
            not_before: None,
            choices: None,
            waiting: None,
            answered: None,
            typing: false,
            unanswered: false,
            ended: false,
        };
        if let Some(name) = name {
            visitor.ask(json!({ "type": "name", "name": name }));
        }
        visitor.ask(json!({ "type": "open" }));
        visitor
    }

    /// Talks until there is nothing more to say; over this connection first.
    pub(super) async fn talk(
        mut self,
        socket: Socket,
        mut lines: mpsc::Receiver<String>,
    ) -> Result<Exit, Problem> {
        let mut socket = Some(socket);
        loop {
            let mut open = match socket.take() {
                Some(open) => open,
                None => self.again().await?,
            };
            match self.connection(&mut open, &mut lines).await {
                Over::Lost => self.screen.note("the connection is lost; it goes on when it is back"),
                Over::Refused(problem) => return Err(problem),
                Over::Done => {
                    // The server notices by itself, too.
                    let _ = tokio::time::timeout(Duration::from_secs(1), open.close(None)).await;
                    return Ok(if self.unanswered { Exit::Findings } else { Exit::Fine });
                }
            }
        }
    }

    /// Another connection, as soon as there is one.
    async fn again(&mut self) -> Result<Socket, Problem> {
        let (mut pause, longest) = PAUSES;
        let began = Instant::now();
        loop {
            match self.door.open().await {
                Ok(socket) => return Ok(socket),
                Err(Shut::ForGood(problem)) => return Err(problem),
                // A script does not wait for ever.
                Err(Shut::Now(problem)) if self.patience.is_some_and(|wait| began.elapsed() > wait) => {
                    return Err(problem);
                }
                Err(Shut::Now(_)) => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(longest);
        }
    }

    async fn connection(&mut self, socket: &mut Socket, lines: &mut mpsc::Receiver<String>) -> Over {
        self.flying = false;
        self.typing = false;
        let seen: serde_json::Map<String, Json> =
            self.conversation.iter().map(|name| (name.clone(), json!(self.seen))).collect();
        let hello = json!({ "type": "hello", "session": self.session, "seen": seen });
        if say(socket, &hello).await.is_err() {
            return Over::Lost;
        }
        let (mut welcome, mut heard) = (false, Instant::now());
        let mut pings = tokio::time::interval_at(heard + PING, PING);
        loop {
            if welcome && self.ask_next(socket).await.is_err() {
                return Over::Lost;
            }
            if self.ended && self.may_go_on() {
                return Over::Done;
            }
            let takes = welcome && !self.ended && self.may_go_on();
            let later = self.later();
            let next = tokio::select! {
                frame = socket.next() => Next::Frame(frame.and_then(Result::ok)),
                line = lines.recv(), if takes => Next::Line(line),
                () = tokio::time::sleep_until(later.unwrap_or(heard)), if later.is_some() => Next::Later,
                _ = pings.tick() => Next::Ping,
            };
            match next {
                Next::Frame(None | Some(Message::Close(_))) => return Over::Lost,
                Next::Frame(Some(Message::Text(text))) => {
                    heard = Instant::now();
                    let told = serde_json::from_str(&text).unwrap_or(Told::Other);
                    welcome |= matches!(told, Told::Welcome { .. });
                    if let Err(over) = self.hear(told, welcome) {
                        return over;
                    }
                }
                Next::Frame(Some(_)) => heard = Instant::now(),
                Next::Line(None) => self.ended = true,
                Next::Line(Some(line)) if line.trim() == "/quit" => return Over::Done,
                Next::Line(Some(line)) => self.typed(&line),
                Next::Later => self.give_up(),
                Next::Ping if heard.elapsed() > SILENCE => return Over::Lost,
                Next::Ping => {
                    if say(socket, &json!({ "type": "ping" })).await.is_err() {
                        return Over::Lost;
                    }
                }
            }
        }
    }

    /// Whether the next line is taken: from a person at any time, from a pipe when the one before it was answered.
    fn may_go_on(&self) -> bool {
        match (self.patience, self.waiting) {
            _ if !self.asked.is_empty() && (self.patience.is_some() || self.ended) => false,
            (None, _) | (Some(_), None) => true,
            (Some(_), Some(_)) => {
                !self.typing && self.answered.is_some_and(|answered| answered.elapsed() >= REST)
            }
        }
    }

    /// When something is to be done though nothing happens.
    fn later(&self) -> Option<Instant> {
        let rest = self.answered.map(|answered| answered + REST).filter(|rest| *rest > Instant::now());
        let end = self.patience.zip(self.waiting).map(|(patience, since)| since + patience);
        let again = self.not_before.filter(|_| !self.flying && !self.asked.is_empty());
        [rest.filter(|_| self.patience.is_some()), end, again].into_iter().flatten().min()
    }

    /// The time is up for whatever was waited for.
    fn give_up(&mut self) {
        let (Some(patience), Some(since)) = (self.patience, self.waiting) else { return };
        if since.elapsed() >= patience && self.asked.is_empty() {
            if self.answered.is_none() {
                let seconds = patience.as_secs_f64();
                self.screen.note(&format!("nothing was answered within {seconds} s; `--wait` waits longer"));
                self.unanswered = true;
            }
            self.waiting = None;
        }
    }

    /// A line was typed: a message, or the number of a button.
    fn typed(&mut self, line: &str) {
        let text = line.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return;
        }
        let number = text.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let pressed =
            self.choices.as_ref().zip(number).and_then(|((message, buttons), number)| {
                Some((message.clone(), buttons.get(number)?.clone()))
            });
        match pressed {
            Some((message, button)) => {
                self.choices = None;
                self.ask(json!({ "type": "press", "message": message, "button": button.id }));
            }
            None => self.ask(json!({ "type": "message", "text": text })),
        }
        (self.waiting, self.answered) = (Some(Instant::now()), None);
    }

    fn ask(&mut self, mut frame: Json) {
        let id = fresh();
        if let Some(frame) = frame.as_object_mut() {
            frame.insert("id".to_owned(), json!(id));
        }
        self.asked.push_back(Asked { id, frame });
    }

    /// Sends what is next, one after the other: so everything is said in order, whatever breaks.
    async fn ask_next(&mut self, socket: &mut Socket) -> Result<(), ()> {
        if self.flying || self.not_before.is_some_and(|at| at > Instant::now()) {
            return Ok(());
        }
        self.not_before = None;
        let Some(Asked { frame, .. }) = self.asked.front() else { return Ok(()) };
        let mut frame = frame.clone();
        if let (Some(frame), Some(conversation)) = (frame.as_object_mut(), &self.conversation)
            && matches!(frame.get("type").and_then(Json::as_str), Some("message" | "press"))
        {
            frame.insert("conversation".to_owned(), json!(conversation));
        }
        self.flying = true;
        say(socket, &frame).await
    }

    fn hear(&mut self, told: Told, welcome: bool) -> Result<(), Over> {
        match told {
            Told::Welcome { session, title, greeting } => self.welcomed(session, title, &greeting),
            Told::Opened { conversation } if self.conversation.is_none() => {
                self.conversation = Some(conversation.id);
            }
            // What happens while a page comes back may be told twice, under the same number.
            Told::Event { conversation, seq, event } if self.is_here(&conversation) && seq > self.seen => {
                self.seen = seq;
                self.happened(event);
            }
            Told::Page { conversation, seq, messages } if self.is_here(&conversation) => {
                for message in messages {
                    if message.seq > self.seen && message.from.bot && !message.deleted {
                        self.said(message.id, &message.body, false);
                    }
                }
                self.seen = self.seen.max(seq);
            }
            Told::Typing { conversation, on } if self.is_here(&conversation) => {
                if on && !self.typing {
                    self.screen.typing(&self.title);
                }
                self.typing = on;
            }
            Told::Ack { id, conversation } if self.asked.front().is_some_and(|asked| asked.id == id) => {
                self.done();
                self.conversation = self.conversation.take().or(conversation);
            }
            Told::Error { code, message, id, retry_after_ms } => {
                return self.refused(&code, &message, id.as_deref(), retry_after_ms, welcome);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_here(&self, conversation: &str) -> bool {
        self.conversation.as_deref() == Some(conversation)
    }

    fn welcomed(&mut self, session: Option<String>, title: String, greeting: &str) {
        let first = self.title.is_empty();
        self.title = title;
        if first && self.patience.is_none() {
            self.screen.note(&format!("you talk to {}; `/quit` or Ctrl-D ends", self.title));
            if !greeting.is_empty() {
                self.screen.note(greeting);
            }
        }
        let Some(session) = session else { return };
        if self.session.replace(session).is_some() {
            // Whoever keeps the page has forgotten us, and with us what was said.
            self.screen.note("the runtime does not know this conversation any more; a new one begins");
            (self.conversation, self.seen, self.choices) = (None, 0, None);
            let id = fresh();
            let frame = json!({ "type": "open", "id": id });
            self.asked.retain(|asked| asked.frame.get("type") != Some(&json!("open")));
            self.asked.push_front(Asked { id, frame });
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Message { id, from, body } if from.bot => self.said(id, &body, false),
            Event::Edited { id, body } => self.said(id, &body, true),
            Event::Deleted { id } => {
                if self.choices.as_ref().is_some_and(|(message, _)| *message == id) {
                    self.choices = None;
                }
            }
            Event::Message { .. } | Event::Other => {}
        }
    }

    fn said(&mut self, id: String, body: &Body, edited: bool) {
        self.screen.message(&self.title, body, edited);
        if !body.buttons.is_empty() {
            self.choices = Some((id, body.buttons.clone()));
        } else if self.choices.as_ref().is_some_and(|(message, _)| *message == id) {
            self.choices = None;
        }
        self.typing = false;
        if self.waiting.is_some() {
            self.answered = Some(Instant::now());
        }
    }

    /// What was asked for first is done.
    fn done(&mut self) {
        self.asked.pop_front();
        self.flying = false;
        if self.waiting.is_some() {
            self.waiting = Some(Instant::now());
        }
    }

    fn refused(
        &mut self,
        code: &str,
        message: &str,
        id: Option<&str>,
        after: Option<u64>,
        welcome: bool,
    ) -> Result<(), Over> {
        if let Some(after) = after {
            if !welcome {
                // The next connection may be let in.
                self.screen.note(message);
                return Err(Over::Lost);
            }
            self.not_before = Some(Instant::now() + Duration::from_millis(after));
            self.flying = false;
            return Ok(());
        }
        let first = self.asked.front().is_some_and(|asked| Some(asked.id.as_str()) == id);
        if !welcome || !first {
            return Err(Over::Refused(Problem::new(
                "E0944",
                format!("the chat page refuses: {message} ({code})"),
            )));
        }
        self.screen.note(&format!("that was not taken: {message}"));
        self.unanswered |= self.patience.is_some();
        self.done();
        self.waiting = None;
        Ok(())
    }
}

async fn say(socket: &mut Socket, frame: &Json) -> Result<(), ()> {
    socket.send(Message::text(frame.to_string())).await.map_err(|_| ())
}

/// A name that no page made up before: `c-` and 26 letters.
fn fresh() -> String {
    let mut random = [0_u8; 26];
    // Without entropy the next best is a name that the server refuses, if it is taken.
    let _ = getrandom::fill(&mut random);
    let letters = random.iter().map(|byte| char::from(b'a' + byte % 26));
    std::iter::once('c').chain(std::iter::once('-')).chain(letters).collect()
}
