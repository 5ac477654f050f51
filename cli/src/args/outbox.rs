//! The arguments of `carapace outbox`.

use super::Where;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

/// Shows messages that have not reached their channel, and those that failed. `list` and `show` also look into a runtime
/// that is stopped; the others need one that runs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Outbox {
    #[command(subcommand)]
    pub(crate) command: OutboxCommand,
}

/// What to do with messages.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// Messages that wait, are on their way, may have been sent, or failed
    List(ListMessages),
    /// Everything about one: to whom, what it says, why it is not there, what it went through
    Show(OneMessage),
    /// Send one again that failed, or of which nobody knows
    Retry(OneMessage),
    /// Throw one away that waits or failed
    Drop(OneMessage),
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stand {
    /// It has not left
    Queued,
    /// Its channel has it
    Sending,
    /// Nobody knows whether it was sent
    Unknown,
    /// It failed for good, and is kept
    Dead,
    /// It was sent, as far as its platform says
    Sent,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListMessages {
    /// Only messages that stand so
    #[arg(long, value_enum)]
    pub(crate) state: Option<Stand>,
    /// Only messages of this account
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) channel: Option<String>,
    /// At most so many, the oldest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OneMessage {
    /// The message, as the list names it: `3fa2b1c9/:2`; the beginning of its run's id, where that has only one
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
