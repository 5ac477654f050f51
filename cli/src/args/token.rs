//! The arguments of `carapace token`.

use super::Where;
use carapace_gateway::auth::Scope;
use clap::{Args as ClapArgs, Subcommand};

/// Gives out tokens for those who come from other machines, lists them and takes them back; whether the runtime runs or not.
#[derive(Debug, ClapArgs)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Give one out. It is shown once, on standard output
    Create(CreateToken),
    /// Who was given one, what it permits, and until when
    List(Where),
    /// Take one back, at once
    Revoke(RevokeToken),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CreateToken {
    /// The name under which what is done with it is written down
    pub(crate) name: String,
    /// What its holder may do: `read`, `chat`, `call`, `operate`, `deploy`, `admin`. None of them contains another
    #[arg(long, required = true, value_delimiter = ',', value_name = "SCOPE,…")]
    pub(crate) scope: Vec<Scope>,
    /// How long it counts: `12h`, `90d`, or `never` for good
    #[arg(long, value_name = "TIME", default_value = "90d")]
    pub(crate) expires: String,
    /// Take a token of your own from standard input, instead of a fresh one
    #[arg(long)]
    pub(crate) stdin: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RevokeToken {
    /// Its name, or its id as the list has it
    pub(crate) token: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
