//! Channels that break down or go deaf begin anew, alone. Time is simulated.

use async_trait::async_trait;
use carapace_channel_api::{
    Acceptance, AccountId, Channel, Ended, Error, Health, Inbound, Outbound, Outcome, Shutdown, Sink, Status,
    StatusCell,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// What a channel does when it runs.
#[derive(Clone, Copy)]
enum Runs {
    /// Says that it is connected, and gives a sign of life so many times, 30 s apart. Then it is silent.
    Lives(u32),
    /// The same, and does not end when it is asked to.
    Stubborn,
    Fails,
    Panics,
    Refused,
    EndsItself,
}

struct Ear {
    account: AccountId,
    script: Mutex<VecDeque<Runs>>,
    begun: Mutex<Vec<Instant>>,
    status: StatusCell,
}

#[async_trait]
impl Channel for Ear {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn run(&self, _: Arc<dyn Sink>, shutdown: Shutdown) -> Result<Ended, Error> {
        self.begun.lock().unwrap().push(Instant::now());
        let account = self.account.clone();
        let runs = self.script.lock().unwrap().pop_front().unwrap_or(Runs::EndsItself);
        self.status.set(Health::CaughtUp);
        match runs {
            Runs::Lives(times) => {
                for _ in 0..times {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    self.status.heard();
                }
                shutdown.requested().await;
                Ok(Ended::Asked)
            }
            Runs::Stubborn => std::future::pending().await,
            Runs::Fails => {
                self.status.set(Health::Down { reason: "no disk".into() });
                let source = std::io::Error::other("no disk");
                Err(Error::Io { account, action: "cannot read".into(), source })
            }
            Runs::Panics => panic!("as scripted"),
            Runs::Refused => Err(Error::Unauthorized { account, message: "wrong token".into() }),
            Runs::EndsItself => Ok(Ended::EndOfInput),
        }
    }

    async fn perform(&self, _: Outbound) -> Outcome {
        Outcome::done()
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.watch()
    }

    fn silence(&self) -> Option<Duration> {
        Some(Duration::from_secs(60))
    }
}

struct Nobody;

#[async_trait]
impl Sink for Nobody {
    async fn push(&self, _: Inbound) -> Acceptance {
        Acceptance::Accepted(1)
    }
}

/// When it began, in seconds from the start; how it ended; what was told.
async fn listens(script: &[Runs]) -> (Vec<u64>, Option<Ended>, Vec<String>) {
    let ear = Arc::new(Ear {
        account: "main".into(),
        script: Mutex::new(script.iter().copied().collect()),
        begun: Mutex::default(),
        status: StatusCell::default(),
    });
    let (_stop, shutdown) = Shutdown::new();
    let told = Mutex::new(Vec::new());
    let start = Instant::now();
    let tell = |line| told.lock().unwrap().push(line);
    let ended = carapace_delivery::listen(ear.clone(), Arc::new(Nobody), shutdown, tell).await;
    let begun = ear.begun.lock().unwrap().iter().map(|at| at.duration_since(start).as_secs()).collect();
    (begun, ended, told.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn one_that_is_connected_and_deaf_begins_anew() {
    let (begun, ended, told) = listens(&[Runs::Lives(10)]).await;
    // Signs of life until 300, a minute of silence, a pause of a second.
    assert_eq!((begun, ended), (vec![0, 361], Some(Ended::EndOfInput)));
    assert_eq!(told, ["`main` is connected and has heard nothing for 60 s; it begins anew in 1 s"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_end_is_ended() {
    let (begun, _, _) = listens(&[Runs::Stubborn]).await;
    assert_eq!(begun, [0, 71]);
}

#[tokio::test(start_paused = true)]
async fn the_pauses_grow_and_a_sound_run_ends_that() {
    let script = [Runs::Fails, Runs::Panics, Runs::Fails, Runs::Lives(20), Runs::Fails];
    let (begun, _, told) = listens(&script).await;
    // 1, 2, 4; ten minutes and the silence; 1 again, then 2.
    assert_eq!(begun, [0, 1, 3, 7, 668, 670]);
    assert!(told[1].starts_with("`main` broke down"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_let_in_is_told_of_once_and_begins_anew_soon() {
    let script = [Runs::Refused, Runs::Refused, Runs::Refused, Runs::EndsItself];
    let (begun, ended, told) = listens(&script).await;
    assert_eq!((begun, ended), (vec![0, 3, 6, 9], Some(Ended::EndOfInput)));
    assert_eq!(told, ["`main` is not let in: wrong token; it begins anew by itself once that is mended"]);
}
