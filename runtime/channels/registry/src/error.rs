//! Why an account has no channel.

use carapace_channel_api::AccountId;

/// Why an account has no channel.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The binary was built without this kind.
    #[error("`{account}` is a {kind} account, and this binary was built without the feature `{kind}`")]
    NotBuilt {
        /// The account.
        account: AccountId,
        /// The kind.
        kind: &'static str,
    },
    /// The name cannot be one: it names a folder.
    #[error("`{account}` is no name for an account: letters, digits, `-` and `_`")]
    Name {
        /// The account.
        account: AccountId,
    },
    /// The channel itself said no.
    #[error(transparent)]
    Channel(#[from] carapace_channel_api::Error),
}
