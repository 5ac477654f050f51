//! What became of a message after it was sent.

use crate::{AccountId, ConversationId, DeliveryState, MessageId};
use serde::{Deserialize, Serialize};

/// A platform says that a message of ours got further. Pushed into the sink whenever it says so; a platform that says
/// nothing of the kind is as good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The account that sent it.
    pub account: AccountId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// The last message that got so far; those before it that went to the same place need no receipts of their own.
    pub message: MessageId,
    /// How far.
    pub state: DeliveryState,
}
