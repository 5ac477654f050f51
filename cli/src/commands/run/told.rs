//! What the engine tells those who run it, as lines of the log. Runs, flows, kinds and codes stand in them; what people wrote does
//! not, and words that may hold some of it only for those who look for a mistake.

use carapace_effect::{Act, Report, Reported};
use carapace_engine::inspect::{Happened, Occurrence};
use carapace_engine::record::{Muted, Noted, Quarantined};
use carapace_engine::service::Handle;
use carapace_engine::state::Summary;
use carapace_engine::stored::End;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// A flow's `log(…)`: its author wrote it for this.
pub(super) fn noted(noted: &Noted) {
    let Noted { run, flow, level, message } = noted;
    match &**level {
        "debug" => tracing::debug!(target: "carapace::flow", %run, %flow, "{message}"),
        "warning" => tracing::warn!(target: "carapace::flow", %run, %flow, "{message}"),
        "error" => tracing::error!(target: "carapace::flow", %run, %flow, "{message}"),
        _ => tracing::info!(target: "carapace::flow", %run, %flow, "{message}"),
    }
}

/// Two who only answer each other.
pub(super) fn muted(who: &Muted, code: &str) {
    let Muted { account, conversation, sender, until, .. } = who;
    tracing::warn!(target: "carapace::run", %account, code, until, "somebody and this runtime only answer each other");
    tracing::debug!(target: "carapace::run", %account, %conversation, %sender, "who is not heard for a while");
}

/// A run that is left alone.
pub(super) fn quarantined(alone: &Quarantined) {
    let Quarantined { run, flow, why, .. } = alone;
    tracing::error!(target: "carapace::run", %run, %flow, code = "E0913", %why, "a run is left alone");
}

/// A run that failed.
pub(super) fn failed(summary: &Summary) {
    let Summary { run, flow, created, at, end } = summary;
    let ms = at.saturating_sub(*created);
    let (kind, words) = match end {
        End::Failed(failure) => (failure.kind.name(), failure.message.as_str()),
        End::Fault(fault) => ("fault", &**fault),
        End::Succeeded(_) | End::Cancelled(_) => ("ended", ""),
    };
    tracing::error!(target: "carapace::run", %run, %flow, kind, ms, "a run failed");
    tracing::debug!(target: "carapace::run", %run, %flow, "it said: {words}");
}

/// Somebody is to do something.
pub(super) fn asked(act: &Act) {
    let Act { id, attempt, flow, request, .. } = act;
    tracing::debug!(target: "carapace::act", run = %id.run, op = %id.op, part = id.part, attempt, %flow, effect = %request.effect, "is done");
}

/// What came of it.
pub(super) fn came(report: &Report) {
    let Report { act, attempt, outcome } = report;
    let outcome = word(outcome);
    tracing::debug!(target: "carapace::act", run = %act.run, op = %act.op, part = act.part, attempt, outcome, "was done");
}

fn word(outcome: &Reported) -> &'static str {
    match outcome {
        Reported::Done(_) | Reported::Value(_) => "done",
        Reported::Sent(..) => "sent",
        Reported::Failed(failure) => failure.kind.name(),
        Reported::Spent(outcome, _) => word(outcome),
        Reported::Partly(..) => "partly",
        Reported::NotPerformed(_) => "not_performed",
        Reported::Held { .. } => "held",
        Reported::Unknown(_) => "unknown",
    }
}

/// Follows what happens, until the engine ends.
pub(super) async fn follow(engine: Handle) {
    let Ok(mut happens) = engine.watch() else { return };
    drop(engine);
    while let Some(happened) = next(&mut happens).await {
        happened.events.iter().for_each(occurred);
    }
}

async fn next(happens: &mut Receiver<Arc<Happened>>) -> Option<Arc<Happened>> {
    loop {
        match happens.recv().await {
            Ok(happened) => return Some(happened),
            Err(RecvError::Lagged(lines)) => {
                tracing::debug!(target: "carapace::run", lines, "more happened than is told here");
            }
            Err(RecvError::Closed) => return None,
        }
    }
}

fn occurred(event: &Occurrence) {
    match event {
        Occurrence::RunStarted { run, flow } => {
            tracing::debug!(target: "carapace::run", %run, %flow, "a run came to be");
        }
        Occurrence::RunWaiting { run, on } => {
            tracing::debug!(target: "carapace::run", %run, ?on, "a run waits");
        }
        Occurrence::RunFinished { run } => {
            tracing::debug!(target: "carapace::run", %run, "a run is finished")
        }
        Occurrence::RunCancelled { run, .. } => {
            tracing::info!(target: "carapace::run", %run, "a run was cancelled");
        }
        Occurrence::Deployed { package, number } => {
            tracing::info!(target: "carapace::deploy", %package, number, "a package is deployed");
        }
        Occurrence::Withdrawn { package } => {
            tracing::info!(target: "carapace::deploy", %package, "a package is withdrawn");
        }
        Occurrence::Channel { account, caught_up: true } => {
            tracing::info!(target: "carapace::channel", %account, "a channel hears");
        }
        Occurrence::Channel { account, caught_up: false } => {
            tracing::info!(target: "carapace::channel", %account, "a channel does not hear");
        }
        Occurrence::Spent { run, agent, usage, .. } => {
            tracing::debug!(target: "carapace::run", %run, %agent, requests = usage.len(), "an agent was asked");
        }
        // Those are told by the engine, once each.
        Occurrence::RunFailed { .. } | Occurrence::RunQuarantined { .. } | Occurrence::Noted { .. } => {}
    }
}
