//! A network that is there or not, remembers keys, and writes down when it took what.

use async_trait::async_trait;
use carapace_channel_api::{
    AccountId, Channel, Ended, Error, Health, Operation, Outbound, Outcome, Shutdown, Sink, Status,
    StatusCell,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Something it took.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

pub(crate) struct Network {
    kind: &'static str,
    account: AccountId,
    sent: Mutex<Vec<Sent>>,
    keys: Mutex<HashMap<String, usize>>,
    asked: Mutex<usize>,
    pub(crate) status: StatusCell,
}

impl Network {
    pub(crate) fn new(kind: &'static str, account: &str) -> Arc<Network> {
        Arc::new(Network {
            kind,
            account: account.into(),
            sent: Mutex::default(),
            keys: Mutex::default(),
            asked: Mutex::default(),
            status: StatusCell::default(),
        })
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// How often it was asked for anything.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

#[async_trait]
impl Channel for Network {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn run(&self, _: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        shutdown.requested().await;
        Ok(Ended::Asked)
    }

    async fn perform(&self, request: Outbound) -> Outcome {
        *self.asked.lock().unwrap() += 1;
        let health = self.status.watch().borrow().health.clone();
        if let Health::Down { reason } = health {
            return Outcome::NotPerformed { message: reason };
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Operation::Send { content, .. } = request.operation else { return Outcome::done() };
        let mut keys = self.keys.lock().unwrap();
        let mut sent = self.sent.lock().unwrap();
        let number = *keys.entry(request.key.0).or_insert_with(|| {
            sent.push(Sent { at: Instant::now(), text: content.text });
            sent.len()
        });
        Outcome::sent(format!("m{number}"))
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }
}
