//! The arguments of `carapace pair`.

use super::Where;
use carapace_gateway::auth::Scope;
use clap::Args as ClapArgs;

/// Shows a code with which one device, or one browser, gets a token of its own: within five minutes, and once. A code that
/// was shown before counts no more.
#[derive(Debug, ClapArgs)]
pub(crate) struct Pair {
    /// What the device may do: `read`, `chat`, `call`, `operate`, `deploy`, `admin`. None of them contains another
    #[arg(long, required = true, value_delimiter = ',', value_name = "SCOPE,…")]
    pub(crate) scope: Vec<Scope>,
    /// How long its token counts: `12h`, `90d`, or `never` for good
    #[arg(long, value_name = "TIME", default_value = "90d")]
    pub(crate) expires: String,
    #[command(flatten)]
    pub(crate) at: Where,
}
