//! From the start to the end.

use super::breach::{Found, promise, soon};
use super::running::Running;
use super::stage::Stage;
use super::tape::Tape;
use crate::{Content, Ended, Health, Operation, Outcome, Shutdown, Target};
use std::sync::Arc;

pub(super) async fn it_says_how_it_is_and_ends_when_asked(stage: Box<dyn Stage>) -> Found {
    let health = stage.channel().status().borrow().health.clone();
    promise(health == Health::Starting, || format!("before it runs it is starting, not {health:?}"))?;
    let mut running = Running::start(stage).await?;
    let (to, route, _) = running.meet().await?;
    let to = Target::Conversation(to);
    let late = running
        .request(route, Operation::Send { to, content: Content::text("the last word"), reply_to: None });
    let (ended, _stage, channel) = running.stop().await?;
    promise(matches!(ended, Ok(Ended::Asked)), || format!("asked to end, it gave {ended:?}"))?;
    let health = channel.status().borrow().health.clone();
    promise(health == Health::Stopped, || format!("after it ran it is stopped, not {health:?}"))?;
    // It stopped listening; what is still to be said is said, or it says that it was not.
    let outcome = soon("an outcome", channel.perform(late)).await?;
    let honest = outcome.is_done() || matches!(outcome, Outcome::NotPerformed { .. });
    promise(honest, || format!("after the end a request is done or not performed, not {outcome:?}"))
}

pub(super) async fn it_runs_once(stage: Box<dyn Stage>) -> Found {
    let running = Running::start(stage).await?;
    let (_stop, shutdown) = Shutdown::new();
    let again =
        soon("refusing to run twice", running.channel.run(Arc::new(Tape::default()), shutdown)).await?;
    promise(again.is_err(), || format!("it ran twice, and gave {again:?}"))
}
