//! What a runtime that runs says of itself and of its channels.

use super::Looked;
use crate::commands::run::{Account, Astray};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_channel_api::{Finding, Health};
use carapace_engine::inspect::Version;
use carapace_gateway::{About, CheckedChannel, Deployments, Request, ServersListed};

pub(super) fn look(client: &Client, looked: &mut Vec<Looked>) -> Result<(), Problem> {
    let about: About = client.call(&Request::About {})?;
    let served = match about.packages.as_slice() {
        [] => "it serves nothing yet".to_owned(),
        packages => format!("it serves {}", packages.join(", ")),
    };
    looked.push(Looked::at("runtime", Finding::fine(format!("carapace {}: {served}", about.version))));
    if about.version != env!("CARGO_PKG_VERSION") {
        let message = format!("this command is of version {}", env!("CARGO_PKG_VERSION"));
        let help = "they understand each other; restart the runtime with the newer one when it suits";
        looked.push(Looked::at("runtime", Finding::doubtful(message, help)));
    }
    versions(client, looked)?;
    let channels: Vec<CheckedChannel> = client.call(&Request::CheckChannels {})?;
    for channel in channels {
        let what = format!("channel {}", channel.account);
        if let Health::Down { reason } = &channel.health {
            let help = "it tries again by itself; what follows says whether its network can be reached";
            looked.push(Looked::at(&what, Finding::wrong(format!("it does not hear: {reason}"), help)));
        }
        if channel.health == Health::Stopped {
            let help = "what it said when it ended is in `carapace logs`; a change of its account, or a new start, begins it anew";
            looked.push(Looked::at(&what, Finding::wrong("it has stopped, and hears nothing", help)));
        }
        looked.extend(channel.findings.into_iter().map(|finding| Looked::at(&what, finding)));
    }
    servers(client, looked)
}

/// Servers of tools: whether they are there, and whether they are as they were.
fn servers(client: &Client, looked: &mut Vec<Looked>) -> Result<(), Problem> {
    let listed: ServersListed = client.call(&Request::Servers {})?;
    for server in listed.servers {
        let what = format!("tools {}", server.name);
        let count = |state: &str| server.tools.iter().filter(|tool| tool.state == state).count();
        looked.push(match (server.state.as_str(), &server.why) {
            ("ready", _) => {
                Looked::at(&what, Finding::fine(format!("{} of its tools are used", count("used"))))
            }
            ("down", Some(why)) => {
                let help = "it is tried again by itself: `carapace explain W1082`";
                Looked::at(&what, Finding::wrong(format!("it is not there: {why}"), help))
            }
            _ => Looked::at(&what, Finding::unknown("it is just being connected to")),
        });
        if count("changed") > 0 {
            let message = format!("{} of its tools changed, and are not used", count("changed"));
            let help = format!(
                "`carapace mcp list --tools` shows them; `carapace mcp trust {}` has them used",
                server.name
            );
            looked.push(Looked::at(&what, Finding::doubtful(message, help)));
        }
    }
    Ok(())
}

/// Slots of what serves that stand for accounts that are not there.
pub(super) fn bindings(versions: &[Version], accounts: &[Account]) -> Vec<Looked> {
    let of = |version: &Version| {
        let what = format!("package {}", version.package);
        let looked = |astray: Astray| {
            let (words, way_out) = (astray.words(), astray.way_out());
            let finding = match astray.is_empty() {
                true => Finding::wrong(words, way_out),
                false => Finding::doubtful(words, way_out),
            };
            Looked::at(&what, finding)
        };
        Astray::find(&version.bindings, accounts).into_iter().map(looked).collect::<Vec<_>>()
    };
    versions.iter().filter(|version| version.serves).flat_map(of).collect()
}

/// What serves: whether it can be loaded, and whether its accounts are there.
fn versions(client: &Client, looked: &mut Vec<Looked>) -> Result<(), Problem> {
    let there: Deployments = client.call(&Request::Deployments {})?;
    looked.extend(bindings(&there.versions, &Account::of(&there.accounts)));
    for version in there.versions.iter().filter(|version| version.serves) {
        if let Some(why) = &version.fault {
            let help = "deploy it again: `carapace explain E0927`";
            looked.push(Looked::at(
                format!("package {}", version.package),
                Finding::wrong(format!("it cannot be loaded: {why}"), help),
            ));
        }
    }
    Ok(())
}
