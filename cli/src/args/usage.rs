//! The arguments of `carapace usage`.

use super::Where;
use clap::Args as ClapArgs;

/// Tells what asking models has used up: of a runtime that runs, or out of the journal of one that is stopped.
#[derive(Debug, ClapArgs)]
pub(crate) struct Usage {
    /// From which day on: `2026-11-01`, `7d`; `all` for everything that is kept. Days are those of UTC
    #[arg(long, value_name = "DAY", default_value = "30d")]
    pub(crate) since: String,
    /// What it is put together by: `day`, `agent`, `flow`, `model`, `sender`, several joined with commas
    #[arg(long, value_name = "WHAT", default_value = "agent,model")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
