//! From channels to the engine.

use async_trait::async_trait;
use carapace_channel_api::{Acceptance, Inbound, Sink};
use carapace_delivery::event_of;
use carapace_engine::service::Handle;
use carapace_engine::{Receipt, Reply};
use std::time::Duration;

/// How long a channel waits when the engine cannot take more, or is about to end.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes events in for the engine.
pub(crate) struct Intake(pub(crate) Handle);

#[async_trait]
impl Sink for Intake {
    async fn push(&self, inbound: Inbound) -> Acceptance {
        match self.0.event(event_of(&inbound)).await {
            Ok(decided) => match decided.reply {
                Reply::Duplicate => Acceptance::Duplicate,
                Reply::Busy(ms) => {
                    let retry_after = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
                    Acceptance::Refused { retry_after }
                }
                _ => Acceptance::Accepted(decided.sequence),
            },
            Err(_) => Acceptance::Refused { retry_after: PAUSE },
        }
    }

    async fn receipt(&self, receipt: carapace_channel_api::Receipt) {
        let (account, conversation, message, reach) = carapace_delivery::reach_of(&receipt);
        let (account, conversation) = (account.into(), conversation.into());
        let receipt = Receipt { account, conversation, message: message.into(), reach };
        // An error says that the engine ended.
        let _ = self.0.receipt(receipt).await;
    }

    async fn settled(&self) {
        self.0.settled().await;
    }
}
