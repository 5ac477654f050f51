//! `carapace journal …`.

use super::Results;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Journal {
    /// Where the runtime keeps what it must not lose
    #[arg(long, value_name = "DIR", default_value = ".carapace", global = true)]
    pub(crate) data: PathBuf,
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Read everything, change nothing, and say what is damaged, and where
    Verify(Verify),
    /// Say what happened, one line a transaction
    Tail(Tail),
    /// Say how damage would be cut off; with `--yes`, do it
    Repair(Repair),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Verify {
    /// Also replay everything from the first line that is kept, and compare what it comes to with what the checkpoint holds
    #[arg(long)]
    pub(crate) replay: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Tail {
    /// Go on with what happens from now on
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of the last lines; 20 where nothing is said
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) lines: Option<usize>,
    /// From this line on, out of the archive too; with `--lines N`, the first N of them
    #[arg(long, value_name = "SEQ")]
    pub(crate) from: Option<u64>,
    /// In words, or as the lines are
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Repair {
    /// The last line to keep, where something that was durable is damaged
    #[arg(long, value_name = "SEQ")]
    pub(crate) cut_at: Option<u64>,
    /// Do it
    #[arg(long)]
    pub(crate) yes: bool,
}
