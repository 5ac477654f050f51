//! What was decided: a closed set of facts. One line of the journal is the list of one decision's records.
//!
//! Everything that was decided stands in them, so that `evolve` has nothing left to decide.

mod channel;
mod deployment;
mod event;
mod forgetting;
mod operation;
mod outbox;
mod preview;
mod regulation;
mod run;
mod schedule;
mod session;
mod stretch;
mod usage;
mod value;

pub use channel::ChannelHeard;
pub use deployment::{Accounts, Deployed, Retired, Swept, Withdrawn};
pub use event::{Accepted, DropReason, Dropped, Emitted, Filtered, Responded, Seen};
pub use forgetting::{Erased, Forgetting, Forgot};
pub use operation::{
    Abandoned, Acted, Buffered, Delivered, Held, Late, Prompted, PutOff, Reported, Requested, Voted,
};
pub use outbox::{Discarded, HeldBack, Posted, Queued, Reached, Returned, Shelved, Slowed, StalenessSet};
pub use preview::{PreviewTaken, Previewed, Previewing};
pub use regulation::{Counted, Debounced, Deduped, Muted, PassedOver};
pub use run::{
    Cancelling, Closed, Crashed, Created, Moved, Noted, Quarantined, Released, Skipped, TimedOut, Woken,
    Yielded,
};
pub use schedule::Scheduled;
pub use session::{Change, Compacted, Context, Said, Speaker};
pub use stretch::{Frames, Read, Stretched, Write};
pub use usage::{Payer, Spent, Used};
pub use value::{Forgotten, StateSet};

pub use crate::patch::Patch;

use crate::Timer;
use serde::{Deserialize, Serialize};

/// A fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A deployment took effect.
    Deployed(Box<Deployed>),
    /// A package was withdrawn.
    Withdrawn(Withdrawn),
    /// Deployments were forgotten.
    Retired(Retired),
    /// Modules are gone from the store.
    Swept(Swept),
    /// The runtime has these accounts.
    Accounts(Accounts),
    /// An event was taken in.
    Accepted(Box<Accepted>),
    /// A flow that would have started on the event did not, and why.
    Dropped(Dropped),
    /// A filter decided.
    Filtered(Filtered),
    /// An event waits for silence.
    Debounced(Debounced),
    /// A start counts against a rolling limit.
    Counted(Counted),
    /// A key of `dedupe` is remembered.
    Deduped(Deduped),
    /// Somebody and we only answer each other, and they are not heard for a while.
    Muted(Muted),
    /// An event is given to nobody, as its sender is not heard.
    PassedOver(PassedOver),
    /// A run came to be; it waits in its lane, or is released in the same line.
    Created(Box<Created>),
    /// A run left its lane, or had none.
    Released(Released),
    /// A run left its lane without starting: its guard did not hold.
    Skipped(Skipped),
    /// A run's code went on.
    Stretched(Box<Stretched>),
    /// An operation is asked for.
    Requested(Box<Requested>),
    /// An act may leave the process after this line.
    Acted(Acted),
    /// A performer said what came of an act.
    Reported(Reported),
    /// A message waits for its turn.
    Queued(Queued),
    /// So much went to a place lately that it waits.
    Slowed(Slowed),
    /// A performer gave a message back: nothing of it left.
    Returned(Returned),
    /// A message waited too long, and a digest will say so.
    HeldBack(HeldBack),
    /// A letter is sent.
    Posted(Box<Posted>),
    /// A digest of what was held back is sent.
    Digested(Box<Posted>),
    /// A message failed for good and is kept.
    Shelved(Box<Shelved>),
    /// A letter is kept no longer.
    Discarded(Discarded),
    /// A message that was sent got further.
    Reached(Reached),
    /// What becomes of an account's messages that waited too long.
    StalenessSet(StalenessSet),
    /// A question is asked once more.
    Prompted(Prompted),
    /// A person decided about an approval.
    Voted(Voted),
    /// A listener's buffer took an event.
    Buffered(Buffered),
    /// An operation has its outcome: the run will be told.
    Delivered(Delivered),
    /// Something that the run stopped waiting for did happen: the run will be told.
    Late(Late),
    /// The run stopped waiting for operations.
    Abandoned(Abandoned),
    /// A run shall be cancelled.
    Cancelling(Cancelling),
    /// A run took longer than its `timeout`.
    TimedOut(TimedOut),
    /// A deadline waits for a channel that does not hear.
    Held(Held),
    /// A deadline stands still, as somebody is asked to agree to a tool's call, or goes on.
    PutOff(PutOff),
    /// A parked run gave its lane to the next.
    Yielded(Yielded),
    /// A run can go on that was parked.
    Woken(Woken),
    /// A run goes on with another version.
    Moved(Box<Moved>),
    /// The process ended while it carried a run out.
    Crashed(Crashed),
    /// A run is left alone, as the runtime fails at it.
    Quarantined(Quarantined),
    /// A run wrote a note.
    Noted(Noted),
    /// A run is over and settled.
    Closed(Closed),
    /// Something happened inside: it will be dispatched like what comes from outside.
    Emitted(Emitted),
    /// A webhook's request is answered.
    Responded(Responded),
    /// A timer went off.
    Fired {
        /// When it was due.
        due: i64,
        /// Which.
        timer: Timer,
    },
    /// A schedule's next slot, and the one that was claimed.
    Scheduled(Scheduled),
    /// A piece of the agenda is done.
    Worked {
        /// Which.
        work: u64,
    },
    /// A state was written from outside.
    StateSet(StateSet),
    /// A state's value was forgotten (`keep`).
    Forgotten(Forgotten),
    /// A channel hears, or does not.
    ChannelHeard(ChannelHeard),
    /// A person is to be forgotten.
    Forgetting(Box<Forgetting>),
    /// They are.
    Forgot(Forgot),
    /// Stands in the place of a record that was theirs.
    Erased(Erased),
    /// A turn of a session.
    Said(Box<Said>),
    /// The older turns of a session are in the store.
    Compacted(Compacted),
    /// What an agent is given of a session changed.
    Context(Box<Context>),
    /// Asking models used something up.
    Spent(Box<Spent>),
    /// A program asked models, and that used something up.
    Used(Box<Used>),
    /// What an agent writes is shown from here on.
    Previewing(Previewing),
    /// A message holds a preview, or does not any more.
    Previewed(Previewed),
    /// An operation replaces a preview or takes it away.
    PreviewTaken(PreviewTaken),
}
