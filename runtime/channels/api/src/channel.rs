//! What an adapter implements.

use crate::access::Gate;
use crate::{
    AccountId, Command, Error, FetchError, Filling, Finding, Forgotten, MediaSource, Outbound, Outcome,
    Shutdown, Sink, Status, UserId,
};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// One account of one chat network.
///
/// Life: [`run`](Channel::run), once at a time; it is run again where it failed, or was asked to end because it gave no
/// sign of life. Meanwhile any number of [`perform`](Channel::perform)s at the same time, those
/// of one conversation one after the other (`delivery` sees to it). After `run` has returned, `perform` still does
/// what it can or answers [`Outcome::NotPerformed`]: the runtime stops listening first and then finishes speaking.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// The kind's name in `stdlib/*.flow`: `terminal`, `webchat`.
    fn kind(&self) -> &'static str;

    /// The account this is.
    fn account(&self) -> &AccountId;

    /// Listens, pushing into `sink`, until `shutdown` is requested or there is nothing more to hear. Reconnects by
    /// itself; where it cannot it gives an error, and its health is then `Down`: it is `Stopped` only when it does not
    /// come back. Returns only after everything it had acknowledged to its platform was taken by the sink, or stands
    /// where the next start will push it from.
    async fn run(&self, sink: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error>;

    /// Does one thing. Never panics, never hides an unknown outcome, never cuts a text short.
    async fn perform(&self, request: Outbound) -> Outcome;

    /// How long it may give no sign of life ([`StatusCell::heard`](crate::StatusCell::heard)) while it is connected; after
    /// that it is deaf and begins anew. Longer than the pause between two polls or heartbeats. None where there is no
    /// connection that could die unnoticed.
    fn silence(&self) -> Option<Duration> {
        None
    }

    /// How it is, now and whenever that changes.
    fn status(&self) -> watch::Receiver<Status>;

    /// Finds out whether a request whose outcome is unknown happened. Only kinds that declare `delivery probe` can.
    async fn probe(&self, request: &Outbound) -> Outcome {
        Outcome::Unknown { message: format!("`{}` cannot look it up", request.account) }
    }

    /// Finds out by a real round trip whether the account works: credentials, permissions, how the network brings messages; with
    /// what to do where something is wrong. Changes nothing there, takes no message away from [`run`](Channel::run), and may be
    /// called before and while that runs. Takes ten seconds at most.
    async fn check(&self) -> Vec<Finding> {
        vec![Finding::unknown(format!("`{}` accounts offer no way to ask whether they work", self.kind()))]
    }

    /// These are the commands that flows listen to here, now and until it is said again: at the start, and whenever a deploy
    /// changes them. For networks that show them in a menu; it returns at once, and no message waits for that menu.
    fn offer(&self, commands: Vec<Command>) {
        let _ = commands;
    }

    /// Writes the bytes of an inbound attachment into `into`, as they come: never all of them in memory. What was written when it
    /// breaks off is thrown away.
    async fn fetch(&self, source: &MediaSource, into: &mut Filling) -> Result<(), FetchError> {
        let _ = (source, into);
        Err(FetchError::Unsupported)
    }

    /// Erases what it keeps for itself of somebody: what they said, whom it let in; with `dry_run` it only says what there is.
    /// Durable on return. It may be called before and while [`run`](Channel::run) runs, and after it broke off in the middle: it
    /// goes on then with what is left. Who comes again afterwards is somebody new. None where the kind keeps nothing of anybody,
    /// or cannot tell whose it is.
    ///
    /// # Errors
    /// Where the disk refuses.
    async fn forget(&self, person: &UserId, dry_run: bool) -> Result<Option<Forgotten>, Error> {
        let _ = (person, dry_run);
        Ok(None)
    }

    /// Who may talk to it, where that is a question: the gate of the account.
    fn access(&self) -> Option<Arc<Gate>> {
        None
    }

    /// The routes it wants served, where it wants any.
    fn http(&self) -> Option<Mount> {
        None
    }
}

/// Why [`Channel::run`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// It was asked to.
    Asked,
    /// There is nothing more to hear, and never will be: a pipe ended, a person typed Ctrl-D. A terminal that ends
    /// takes the runtime with it, after everything it said was answered.
    EndOfInput,
}

/// Routes of a channel in the gateway. A channel's routes are reached without the gateway's own credentials, so
/// they check for themselves who is there.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where: `/webchat`. Begins with a slash and does not end with one; the router below it is relative to it.
    pub path: String,
    /// What answers there. It may ask for `ConnectInfo<SocketAddr>`.
    pub router: axum::Router,
    /// An address a person can open, relative to the gateway's, where there is one: `/webchat/`.
    pub page: Option<String>,
    /// The name under which others reach it, without a port, where it has one of its own: `bot.example`. The gateway answers to it.
    pub host: Option<String>,
}
