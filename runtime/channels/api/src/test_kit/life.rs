//! From the start to the end.

use super::breach::{Found, promise, soon};
use super::running::Running;
use super::stage::Stage;
use super::tape::Tape;
use crate::{Content, Ended, Event, Health, Operation, Outcome, Shutdown, Target, UserId, Verdict};
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

pub(super) async fn it_can_be_run_again_and_has_lost_nothing(stage: Box<dyn Stage>) -> Found {
    if !stage.abilities().again {
        return Ok(());
    }
    let mut running = Running::start(stage).await?;
    running.tape.refuse(usize::MAX);
    soon("saying something", running.stage.say("nobody took it")).await?;
    let first = loop {
        let (inbound, _) = soon("hearing it", running.tape.next()).await?.ok_or("nothing came")?;
        if matches!(inbound.event, Event::Message { .. }) {
            break inbound;
        }
    };
    let (ended, stage, _) = running.stop().await?;
    promise(matches!(ended, Ok(Ended::Asked)), || {
        format!("asked to end while nobody takes anything, it gave {ended:?}")
    })?;
    let running = Running::resume(stage).await?;
    let (again, message) = soon("hearing it after the next start", running.tape.message()).await??;
    promise(message.text == "nobody took it" && again.id == first.id, || {
        format!("what was not taken comes again as `{}`, not {:?} as `{}`", first.id, message.text, again.id)
    })
}

pub(super) async fn a_checkup_says_something_and_takes_nothing_away(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let findings = soon("a checkup", running.channel.check()).await?;
    promise(!findings.is_empty(), || "a checkup that finds nothing says so".to_owned())?;
    for finding in &findings {
        let said = finding.verdict <= Verdict::Unknown || finding.help.is_some();
        promise(said, || format!("what is not fine comes with what to do: {}", finding.message))?;
    }
    soon("saying something", running.stage.say("after it")).await?;
    let (_, message) = soon("hearing a message", running.tape.message()).await??;
    promise(message.text == "after it", || format!("it heard {:?}", message.text))
}

pub(super) async fn who_was_never_there_leaves_nothing_to_forget(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let (_, _, _) = running.meet().await?;
    let nobody = UserId::from("nobody-that-was-ever-here");
    for dry_run in [true, false] {
        let forgotten = soon("forgetting", running.channel.forget(&nobody, dry_run)).await?;
        let nothing =
            matches!(&forgotten, Ok(None)) || matches!(&forgotten, Ok(Some(said)) if said.is_nothing());
        promise(nothing, || format!("of somebody who was never here there is nothing, not {forgotten:?}"))?;
    }
    soon("saying something", running.stage.say("still here")).await?;
    let (_, message) = soon("hearing a message", running.tape.message()).await??;
    promise(message.text == "still here", || format!("it heard {:?}", message.text))
}
