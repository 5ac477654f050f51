//! The arguments of `carapace mcp`.

use super::{Place, Where};
use clap::{Args as ClapArgs, Subcommand};

/// Servers of the Model Context Protocol whose tools a runtime uses, and the runtime as such a server. Needs a runtime that runs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Mcp {
    #[command(subcommand)]
    pub(crate) command: McpCommand,
}

/// What to do about tools.
#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// How the servers of the configuration stand, and which tools they have
    List(ListServers),
    /// Use tools that have changed since they were seen first, as they are now
    Trust(TrustServer),
    /// Offer what the configuration lets be called to the program that starts this, over standard input and output
    Serve(Place),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListServers {
    /// Also what each server says of each of its tools
    #[arg(long)]
    pub(crate) tools: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TrustServer {
    /// The server's name in the configuration
    #[arg(value_name = "NAME")]
    pub(crate) server: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
