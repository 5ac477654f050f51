//! The arguments of `carapace session`.

use super::Where;
use clap::{Args as ClapArgs, Subcommand};

/// Shows what agents and people have said to each other, and whether all of it can be read; of a runtime that runs, or of one
/// that is stopped.
#[derive(Debug, ClapArgs)]
pub(crate) struct Session {
    #[command(subcommand)]
    pub(crate) command: SessionCommand,
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Who talks with which agent, the latest first
    List(ListSessions),
    /// What was said in one of them, tools that were called included
    Show(OneSession),
    /// Look through one, or all: every call has one result, and what was put away is there
    Verify(VerifySessions),
    /// Put back what was put away of one last, in place of its note and summary
    Restore(RestoreSession),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListSessions {
    /// Only sessions of this agent
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// At most so many, the latest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OneSession {
    /// The session, as the list names it, or the beginning of that
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Also what was put away
    #[arg(long)]
    pub(crate) all: bool,
    /// One turn a line, as JSON: to be searched, kept or handed on
    #[arg(long, conflicts_with = "format")]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifySessions {
    /// The session; all of them where none is named
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RestoreSession {
    /// The session, as the list names it, or the beginning of that
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
