//! What became of messages after they were sent, in the engine's words.

use crate::attempt::reached;
use carapace_channel_api::Receipt;
use carapace_effect::Reach;

/// Account, conversation, message, and how far it got.
pub fn reach_of(receipt: &Receipt) -> (&str, &str, &str, Reach) {
    let Receipt { account, conversation, message, state } = receipt;
    (account.as_str(), conversation.as_str(), message.as_str(), reached(*state))
}
