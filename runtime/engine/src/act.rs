//! What leaves the engine.

use crate::EventNumber;
use crate::record::{Muted, Noted, Quarantined, Responded};
use crate::state::Summary;
use carapace_effect::{Act, ActId};
use std::sync::Arc;

/// What leaves the engine for the performers, in the order of the journal, each only after its line is durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// Do this, and report what came of it.
    Perform(Arc<Act>),
    /// Nobody waits for it any more: if nothing of it has left the process, leave it, and report `NotPerformed`.
    Abandon(ActId),
    /// Answer the request that was taken in as this event.
    Respond(Arc<Responded>),
    /// Nothing answers the request any more that was taken in as this event.
    Unanswered(EventNumber),
    /// Tell those who run this.
    Note(Arc<Noted>),
    /// Somebody and we only answered each other, and they are not heard for a while.
    Muted(Arc<Muted>),
    /// The runtime failed at a run, and leaves it alone.
    Quarantined(Arc<Quarantined>),
    /// A run failed, and is over; those who run this will want to know.
    Failed(Arc<Summary>),
}
