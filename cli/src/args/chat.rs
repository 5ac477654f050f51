//! The arguments of `carapace chat`.

use super::Place;
use clap::Args as ClapArgs;

/// Talks to a chat page's account of a runtime, here or on another machine, as a visitor of the page does: what you type is said,
/// what is answered is shown, a button is pressed by its number. From a pipe each line waits for its answer before the next one
/// is said.
///
/// Exit codes: 0 all that was said was answered; 1 something of it was not; 2 nobody could be talked to.
#[derive(Debug, ClapArgs)]
pub(crate) struct Chat {
    /// The account; the only chat page where it is left out
    pub(crate) account: Option<String>,
    /// What you are called there
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// How long an answer is waited for where the input is no terminal: `10s`, `2m`
    #[arg(long, value_name = "TIME", default_value = "10s")]
    pub(crate) wait: String,
    #[command(flatten)]
    pub(crate) place: Place,
}
