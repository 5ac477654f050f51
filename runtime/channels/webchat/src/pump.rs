//! From the inbox to the engine, each conversation in its own order and at its own pace.

use crate::hub::Hub;
use carapace_channel_api::{Acceptance, ConversationId, Health, Shutdown, Sink, StatusCell};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Pushes what comes until `shutdown`, then what the engine still takes at once. The rest stays in the inbox.
pub(crate) async fn run(
    hub: &Arc<Hub>,
    sink: &Arc<dyn Sink>,
    woken: &mut mpsc::UnboundedReceiver<ConversationId>,
    status: &StatusCell,
    shutdown: &Shutdown,
) {
    let start = |tasks: &mut JoinSet<()>, conversation: ConversationId| {
        tasks.spawn(push(hub.clone(), sink.clone(), conversation, shutdown.clone()));
    };
    let mut backlog = JoinSet::new();
    let mut live = JoinSet::new();
    for conversation in hub.inbox.lock().await.unattended() {
        start(&mut backlog, conversation);
    }
    status.set(if backlog.is_empty() { Health::CaughtUp } else { Health::CatchingUp });
    let mut receipts = hub.receipts.subscribe();
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            // Some may have been forgotten; those that follow say more.
            Ok(receipt) = receipts.recv() => sink.receipt(receipt).await,
            Some(conversation) = woken.recv() => start(&mut live, conversation),
            Some(_) = live.join_next(), if !live.is_empty() => {}
            Some(_) = backlog.join_next(), if !backlog.is_empty() => {
                if backlog.is_empty() {
                    status.set(Health::CaughtUp);
                }
            }
        }
    }
    while let Ok(conversation) = woken.try_recv() {
        start(&mut live, conversation);
    }
    while backlog.join_next().await.is_some() || live.join_next().await.is_some() {}
}

async fn push(hub: Arc<Hub>, sink: Arc<dyn Sink>, conversation: ConversationId, shutdown: Shutdown) {
    loop {
        let next = hub.inbox.lock().await.next(&conversation);
        let Some(inbound) = next else { return };
        let id = inbound.id.clone();
        match sink.push(inbound).await {
            Acceptance::Accepted(_) | Acceptance::Duplicate => {
                if let Err(error) = hub.inbox.lock().await.taken(&conversation, &id).await {
                    tracing::warn!(%error, "the inbox cannot be written; what was taken is pushed again at the next start");
                }
            }
            Acceptance::Refused { retry_after } => tokio::select! {
                () = shutdown.requested() => {
                    // Whoever runs it next begins with what is left here.
                    hub.inbox.lock().await.put_down(&conversation);
                    return;
                }
                () = tokio::time::sleep(retry_after) => {}
            },
        }
    }
}
