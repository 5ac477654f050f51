//! The thread on which everything happens that looks at flows.

use super::{Options, Session};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use tower_lsp::Client;

/// What the thread is told.
enum Event {
    /// The editor is there.
    Began(Client),
    /// Something to do, and to answer.
    Ask(Box<dyn FnOnce(&mut Session) + Send>),
}

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Worker {
    events: Sender<Event>,
    /// How many events wait to be taken.
    waiting: Arc<AtomicUsize>,
}

/// Starts the thread; it ends when nobody can tell it anything any more.
pub(super) fn start(options: Options) -> std::io::Result<(Worker, JoinHandle<()>)> {
    let (events, received) = channel();
    let session = Session::new(options);
    // Trees of deep nesting are walked by recursion.
    let thread = std::thread::Builder::new().name("flows".to_owned()).stack_size(64 * 1024 * 1024);
    let waiting = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&waiting);
    let thread = thread.spawn(move || work(session, &received, &seen))?;
    Ok((Worker { events, waiting }, thread))
}

impl Worker {
    fn send(&self, event: Event) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A thread that is gone answers nothing, and each question says so.
        let _ = self.events.send(event);
    }

    pub(super) fn began(&self, client: Client) {
        self.send(Event::Began(client));
    }

    /// Has something done in its turn, and gives what came out. `None` where the thread could not do it.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (answer, asked) = oneshot::channel();
        let job = move |session: &mut Session| {
            // The editor has taken the question back.
            if !answer.is_closed() {
                let _ = answer.send(what(session));
            }
        };
        self.send(Event::Ask(Box::new(job)));
        asked
    }

    /// Has something done in its turn that nobody may take back.
    pub(super) fn tell(&self, what: impl FnOnce(&mut Session) + Send + 'static) {
        self.send(Event::Ask(Box::new(what)));
    }
}

fn work(mut session: Session, events: &Receiver<Event>, waiting: &AtomicUsize) {
    loop {
        let event = match session.news_after() {
            Some(quiet) => match events.recv_timeout(quiet) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            },
            None => match events.recv() {
                Ok(event) => Some(event),
                Err(_) => return,
            },
        };
        if event.is_some() {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        // A panic costs the one answer it happened in. What was found out until then may be half done: it is made anew.
        let done = catch_unwind(AssertUnwindSafe(|| match event {
            Some(Event::Began(client)) => session.began(client),
            Some(Event::Ask(job)) => job(&mut session),
            // Looking at all of a large package takes a second: whoever wants something meanwhile goes first.
            None => session.tell_news(&|| waiting.load(Ordering::Relaxed) > 0),
        }));
        if done.is_err() {
            session.start_anew();
        }
    }
}
