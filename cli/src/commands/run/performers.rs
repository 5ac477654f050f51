//! From the engine to those who do things.

use super::notices::Notices;
use super::{previews, told};
use carapace_effect::{Act, Failure, FailureKind, Report, Reported};
use carapace_engine::Outgoing;
use carapace_engine::record::{Muted, Noted, Quarantined};
use carapace_engine::service::Handle;
use carapace_engine::state::Summary;
use carapace_engine::stored::End;
use carapace_gateway::webhooks::Webhooks;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The code of two who only answer each other.
const LOOP: &str = "E0915";

/// Those who do things.
pub(crate) struct Performers {
    /// Speaks on channels.
    pub(crate) delivery: carapace_delivery::Handle,
    /// Asks other machines.
    pub(crate) http: carapace_net::Handle,
    /// Asks models.
    pub(crate) models: carapace_agent::Handle,
    /// Calls tools of other programs.
    pub(crate) mcp: carapace_mcp::client::Handle,
    /// Answers those who asked.
    pub(crate) webhooks: Webhooks,
}

/// Hands out what the engine wants done, until it ends.
pub(crate) async fn hand_out(
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    performers: Performers,
    engine: Handle,
    notices: Notices,
) {
    tokio::spawn(previews::show(performers.models.progress(), performers.delivery.clone()));
    while let Some(outgoing) = outgoing.recv().await {
        if let Outgoing::Perform(act) = &outgoing {
            told::asked(act);
        }
        match outgoing {
            Outgoing::Perform(act) if act.request.effect.starts_with("chat.") => {
                performers.delivery.perform(act)
            }
            Outgoing::Perform(act) if act.request.effect.starts_with("http.") => performers.http.perform(act),
            Outgoing::Perform(act) if is_of_an_agent(&act.request.effect) => {
                if act.preview.is_some() {
                    performers.delivery.preview(act.clone());
                }
                performers.models.perform(act);
            }
            Outgoing::Perform(act) if act.request.effect.starts_with("mcp.") => performers.mcp.perform(act),
            Outgoing::Perform(act) => {
                // An error says that the engine ended.
                let _ = engine.report(nobody(&act)).await;
            }
            Outgoing::Abandon(act) => {
                // Each leaves alone what is not its own.
                performers.http.abandon(act.clone());
                performers.models.abandon(act.clone());
                performers.mcp.abandon(act.clone());
                performers.delivery.abandon(act);
            }
            Outgoing::Respond(responded) => performers.webhooks.respond(responded),
            Outgoing::Unanswered(event) => performers.webhooks.unanswered(event),
            Outgoing::Note(noted) => notices.show(|| note(&noted), || told::noted(&noted)),
            Outgoing::Muted(who) => notices.show(|| muted(&who), || told::muted(&who, LOOP)),
            Outgoing::Quarantined(alone) => {
                notices.show(|| quarantined(&alone), || told::quarantined(&alone));
            }
            Outgoing::Failed(summary) => notices.show(|| failed(&summary), || told::failed(&summary)),
        }
    }
    performers.webhooks.end();
}

/// Takes what came of acts back to the engine.
pub(crate) async fn bring_back(mut reports: mpsc::UnboundedReceiver<Report>, engine: Handle) {
    while let Some(report) = reports.recv().await {
        told::came(&report);
        if engine.report(report).await.is_err() {
            return;
        }
    }
}

/// Whether a model is asked for it.
fn is_of_an_agent(effect: &str) -> bool {
    effect.starts_with("agent.")
        || matches!(effect, "exchange.think" | "exchange.sum_up" | "exchange.nearness")
}

/// Nothing here can do that: said at once, so that the flow's `else` goes on.
fn nobody(act: &Arc<Act>) -> Report {
    let what = format!("this runtime has nobody who performs `{}`", act.request.effect);
    let outcome = Reported::Failed(Failure::new(FailureKind::Unavailable, what));
    Report { act: act.id.clone(), attempt: act.attempt, outcome }
}

fn note(noted: &Noted) -> String {
    format!("{} {}: {}", noted.level, noted.flow, noted.message)
}

fn muted(who: &Muted) -> String {
    let Muted { account, conversation, sender, at, until, why, .. } = who;
    let minutes = until.saturating_sub(*at) / 60_000;
    format!(
        "`{sender}` and this runtime only answer each other in `{conversation}` of {account} ({LOOP}): {why}; what they say \
         there is passed over for {minutes} min"
    )
}

fn quarantined(alone: &Quarantined) -> String {
    let Quarantined { run, flow, why, .. } = alone;
    format!(
        "{flow} is left alone (run {run}, E0913): {why}; `carapace runs retry` tries it again, `cancel` ends it"
    )
}

fn failed(summary: &Summary) -> String {
    let why = match &summary.end {
        End::Failed(failure) => format!("failed: {}", failure.message),
        End::Fault(fault) => format!("broke a rule: {fault}"),
        End::Succeeded(_) | End::Cancelled(_) => "ended".to_owned(),
    };
    format!("{} {why} (run {})", summary.flow, summary.run)
}
