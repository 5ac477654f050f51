//! The arguments of `carapace runs`.

use super::Where;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

/// Shows runs that wait, and steers them. `list` and `show` also look into a runtime that is stopped; the others need
/// one that runs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Runs {
    #[command(subcommand)]
    pub(crate) command: RunsCommand,
}

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// The runs that live, and what each waits for; or those that are over
    List(List),
    /// Everything about one: where it stands, why it waits, what it went through
    Show(Show),
    /// Ask one to end: what it did is undone, and its `on cancel` runs
    Cancel(Cancel),
    /// Start a flow by hand: one that begins `on manual(…)`
    Start(Start),
    /// Have those of former versions go on with the one that serves, where they stand at a wait with a name
    Move(Move),
    /// Have one tried again that failed: a new run of the same flow, on the same event
    Retry(Retry),
    /// Say what became of an operation of which nobody knows
    Resolve(Resolve),
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WaitsFor {
    /// An answer or an approval
    Ask,
    /// A time
    Timer,
    /// Something that happens
    Event,
    /// Somebody who does something
    Effect,
    /// A person who says what became of something
    Person,
    /// Its turn in a lane
    Turn,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// Only runs that wait for this
    #[arg(long, value_enum)]
    pub(crate) waiting_on: Option<WaitsFor>,
    /// Only runs of this flow
    #[arg(long, value_name = "NAME")]
    pub(crate) flow: Option<String>,
    /// The runs that are over instead, as far back as `carapace run --history` keeps them
    #[arg(long, conflicts_with = "waiting_on")]
    pub(crate) finished: bool,
    /// At most so many, the oldest; of those that are over, the latest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// The run: its id, or the beginning of it
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Cancel {
    /// The run: its id, or the beginning of it
    pub(crate) run: String,
    /// Why, for its history
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Start {
    /// The flow: its name, `by_hand`, or as much of the full one as tells it from others
    pub(crate) flow: String,
    /// What it is given, as JSON of its type; null where nothing is said
    #[arg(long, value_name = "JSON")]
    pub(crate) input: Option<String>,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
#[group(id = "which", required = true, multiple = false, args = ["run", "all"])]
pub(crate) struct Move {
    /// The run: its id, or the beginning of it
    pub(crate) run: Option<String>,
    /// All runs of former versions
    #[arg(long)]
    pub(crate) all: bool,
    /// Only runs of this flow
    #[arg(long, value_name = "NAME", requires = "all")]
    pub(crate) flow: Option<String>,
    /// Say which could, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) at: Where,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Retry {
    /// The run: its id, or the beginning of it
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) at: Where,
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Outcome {
    /// It happened
    Done,
    /// It did not
    Failed,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Resolve {
    /// The run: its id, or the beginning of it
    pub(crate) run: String,
    /// The operation, as `carapace runs show` names it: `:3`
    pub(crate) op: String,
    /// What became of it
    #[arg(value_enum)]
    pub(crate) outcome: Outcome,
    /// What it answered, where it happened and the flow wants to know
    #[arg(long, value_name = "JSON")]
    pub(crate) value: Option<String>,
    #[command(flatten)]
    pub(crate) at: Where,
}
