//! The arguments of `carapace access`.

use super::Where;
use clap::{Args as ClapArgs, Subcommand};

/// Says who may talk to accounts whose configuration asks strangers for a code. Needs a runtime that runs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Access {
    #[command(subcommand)]
    pub(crate) command: AccessCommand,
}

/// What to do about access.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Who was let in, and who has a code
    List(ListAccess),
    /// Let in who was given a code
    Approve(Approve),
    /// Let somebody in no longer
    Revoke(Revoke),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListAccess {
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Approve {
    /// The code, as the stranger reads it out: `ABCD-EFGH`
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Revoke {
    /// Who: the account and the id that they have there, as `support:123456789`
    #[arg(value_name = "PERSON")]
    pub(crate) person: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
