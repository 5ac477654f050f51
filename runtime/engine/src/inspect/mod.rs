//! Looking into an engine that runs, or into a journal that nobody serves: which runs live, where each stands in the
//! source, what it waits for, and what it went through.
//!
//! [`select`] and [`Seen::of`] take what is needed out of a state, quickly; what people want to know is made of that
//! elsewhere, so that the engine goes on. Deliberately not here: source text, terminals, sockets.

mod after;
mod ended;
mod happened;
mod history;
mod logs;
mod moves;
mod outbox;
mod past;
mod plan;
mod replayed;
mod select;
mod sessions;
mod stopped;
mod usage;
mod view;
mod waits;
mod words;

pub use after::{After, NoAfter};
pub use ended::{end_in, end_of};
pub use happened::{Happened, Happenings, Occurrence, happened};
pub use history::{Entry, History, history};
pub use logs::{Level, LogEntry, LogFilter, Logged, known_flows, log_start, logs, named};
pub use moves::{Move, could_move, left_behind};
pub use outbox::{
    AwayView, Message, OutboxFilter, OutboxListed, OutboxShown, Stands, find_message, message_history,
    no_message, outbox, view,
};
pub use past::{Ended, Runs, find_past, finished};
pub use plan::{
    Change, Changes, Plan, Reach, Refused, Serving, StateChange, StateChangeKind, Stranded, Trigger, Version,
    plan, rejection, unneeded, versions,
};
pub use replayed::{Replayed, replayed};
pub use select::{Filter, Found, Seen, Selected, find, not_found, select};
pub use sessions::{
    NotBack, ReadBlob, Restorable, SeenSession, SessionBrief, SessionShown, SessionWrong, SessionsListed,
    SessionsVerified, blobs_of, every_session, find_session, no_session, sessions, verify_sessions,
};
pub use stopped::{Stopped, read};
pub use usage::{NoUsageBy, UsageBy, UsageLine, UsageListed, UsageSum, usage};
pub use view::{
    Brief, Deployed, Detail, Listed, OperationView, Over, PartView, Place, Shown, Standing, Waiting,
    WaitingOn,
};
