//! What can be chosen about a bot.

use carapace_channel_api::access::Rules;
use carapace_channel_api::{AccountId, Secrets};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Telegram's own server.
const SERVER: &str = "https://api.telegram.org";

/// What can be chosen about a bot.
#[derive(Clone)]
pub struct Options {
    /// The account's name in the deployment.
    pub account: AccountId,
    /// The folder that is its own.
    pub data: PathBuf,
    /// Where credentials come from.
    pub secrets: Arc<dyn Secrets>,
    /// The name of the secret that is the bot's token.
    pub token: String,
    /// The Bot API server, without a slash at its end.
    pub server: String,
    /// How updates come.
    pub mode: Mode,
    /// Who may talk to it.
    pub access: Rules,
    /// How long Telegram holds a poll back while there is nothing to tell; it allows 50 s at most.
    pub poll: Duration,
    /// How long an album waits for its next picture. Telegram sends them as single messages and never says which is the last.
    pub album: Duration,
    /// The first pause after trouble with the network, and the longest.
    pub pauses: (Duration, Duration),
    /// How long a request may take. After that nobody knows what became of it.
    pub answer: Duration,
}

/// How updates come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// We ask for them.
    Polling,
    /// Telegram brings them to this public address; its path is where the gateway serves it.
    Webhook(String),
}

impl Options {
    /// What a bot is when only its token is said.
    pub fn new(
        account: impl Into<AccountId>,
        data: impl Into<PathBuf>,
        secrets: Arc<dyn Secrets>,
        token: impl Into<String>,
    ) -> Options {
        Options {
            account: account.into(),
            data: data.into(),
            secrets,
            token: token.into(),
            server: SERVER.to_owned(),
            mode: Mode::Polling,
            access: Rules::default(),
            poll: Duration::from_secs(50),
            album: Duration::from_millis(1_500),
            pauses: (Duration::from_secs(1), Duration::from_secs(60)),
            answer: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("account", &self.account)
            .field("token", &self.token)
            .field("server", &self.server)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
