//! Menus of commands: each channel is told which commands flows listen to there, whenever that may have changed.

use super::host::Known;
use carapace_channel_api::{Channel, Command};
use carapace_engine::inspect::Occurrence;
use carapace_engine::service::Handle;
use carapace_engine::{Binding, State};
use carapace_module::signature::TriggerSpec;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

/// By account, the commands there with the first line of what is written above their flows.
type Commands = BTreeMap<Arc<str>, BTreeMap<Arc<str>, String>>;

/// Tells the channels at once, after each deploy, and when there are others, which is to be said. Until the engine ends.
pub(super) fn start(engine: Handle, channels: Known) -> Arc<Notify> {
    let others = Arc::new(Notify::new());
    tokio::spawn(follow(engine, channels, others.clone()));
    others
}

async fn follow(engine: Handle, channels: Known, others: Arc<Notify>) {
    let Ok(mut happens) = engine.watch() else { return };
    loop {
        let Ok(commands) = engine.look(commands).await else { return };
        tell(&channels, &commands);
        loop {
            tokio::select! {
                () = others.notified() => break,
                happened = happens.recv() => match happened {
                    Ok(happened) if happened.events.iter().any(changes) => break,
                    Ok(_) => {}
                    // What happened meanwhile may have been a deploy.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

fn changes(event: &Occurrence) -> bool {
    matches!(event, Occurrence::Deployed { .. } | Occurrence::Withdrawn { .. })
}

fn tell(channels: &Known, commands: &Commands) {
    let channels: Vec<Arc<dyn Channel>> =
        channels.read().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
    for channel in channels {
        let there = commands.get(channel.account().as_str()).into_iter().flatten();
        let command = |(name, description): (&Arc<str>, &String)| Command {
            name: name.to_string(),
            description: description.clone(),
        };
        channel.offer(there.map(command).collect());
    }
}

/// The commands of what serves.
fn commands(state: &State) -> Commands {
    let mut all = Commands::new();
    for deployment in state.deployments.serving() {
        let Ok(code) = &deployment.code else { continue };
        for flow in &code.module().flows {
            let about = flow.docs.as_deref().and_then(|docs| docs.lines().next()).unwrap_or_default().trim();
            for trigger in &flow.triggers {
                let TriggerSpec::Command { channel, name, .. } = &trigger.spec else { continue };
                let Some(Binding::Channel { accounts }) = deployment.record.bindings.get(channel) else {
                    continue;
                };
                for account in accounts {
                    let there = all.entry(account.clone()).or_default();
                    there.entry(name.to_string().into()).or_insert_with(|| about.to_owned());
                }
            }
        }
    }
    all
}
