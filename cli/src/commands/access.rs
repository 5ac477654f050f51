//! `carapace access`: who may talk to accounts that ask strangers for a code.

use super::runs::runtime::nobody;
use crate::args::{Access, AccessCommand, Place, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_channel_api::access::{Direct, Listed};
use carapace_channel_api::{UnixMillis, access};
use carapace_gateway::{AccessListed, AccountAccess, Approved, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

pub(crate) fn run(options: &Access) -> Result<Exit, Problem> {
    match &options.command {
        AccessCommand::List(options) => {
            let listed: AccessListed = ask(&options.at.place, &Request::Access {})?;
            output::print(&match options.at.format {
                Results::Human => shown(&listed),
                Results::Json => format!("{}\n", json!(listed)),
            });
        }
        AccessCommand::Approve(options) => {
            let code = options.code.clone();
            let approved: Approved = ask(&options.at.place, &Request::Approve { code })?;
            output::print(&match options.at.format {
                Results::Human => {
                    let Approved { account, paired } = &approved;
                    format!("{} is let in: {account}:{}\n", paired.name, paired.person)
                }
                Results::Json => format!("{}\n", json!(approved)),
            });
        }
        AccessCommand::Revoke(options) => {
            let person = options.person.clone();
            let answer: Json = ask(&options.at.place, &Request::Revoke { person })?;
            output::print(&match options.at.format {
                Results::Human => format!("{} is let in no longer\n", options.person),
                Results::Json => format!("{answer}\n"),
            });
        }
    }
    Ok(Exit::Fine)
}

/// Asks the runtime of a place, which has to run.
fn ask<T: DeserializeOwned>(place: &Place, request: &Request) -> Result<T, Problem> {
    Client::connect(place)?.ok_or_else(|| nobody(&place.data()))?.call(request)
}

fn shown(listed: &AccessListed) -> String {
    if listed.accounts.is_empty() {
        return "no account of this runtime asks who may talk to it\n".to_owned();
    }
    listed.accounts.iter().map(account).collect()
}

/// An account: its rule, whom it let in, who has a code.
fn account(AccountAccess { account, listed }: &AccountAccess) -> String {
    let Listed { rules, asking, paired } = listed;
    let direct = match rules.direct {
        Direct::Open => "everybody may write".to_owned(),
        Direct::List => format!("{} listed people may write", rules.people.len()),
        Direct::Pairing => {
            format!("{} listed people may write, and whose code is approved", rules.people.len())
        }
    };
    let groups = match rules.groups {
        access::Groups::Mention => "what is addressed to it",
        access::Groups::All => "everything",
        access::Groups::Off => "nothing",
    };
    let mut text = format!("{account}: {direct}; in groups it hears {groups}\n");
    for paired in paired {
        text.push_str(&format!("  {account}:{}  {}  let in\n", paired.person, plain(&paired.name)));
    }
    let now = UnixMillis::now().0;
    for asking in asking {
        let minutes = asking.until.0.saturating_sub(now).max(0) / 60_000 + 1;
        let (code, name) = (&asking.code, plain(&asking.name));
        text.push_str(&format!(
            "  {account}:{}  {name}  asks, code {code}, {minutes} min left\n",
            asking.person
        ));
    }
    text
}

/// A stranger's name, without what a terminal would take for an order.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_api::access::{Asking, Rules};

    #[test]
    fn a_stranger_writes_nothing_into_the_terminal() {
        let asking = Asking {
            code: "ABCD-EFGH".to_owned(),
            person: "7".to_owned(),
            name: "Bo\u{1b}[2J\nroot".to_owned(),
            until: UnixMillis(UnixMillis::now().0 + 119_000),
        };
        let rules = Rules { direct: Direct::Pairing, ..Rules::default() };
        let listed = Listed { rules, asking: vec![asking], paired: Vec::new() };
        let text =
            shown(&AccessListed { accounts: vec![AccountAccess { account: "bot".to_owned(), listed }] });
        assert_eq!(
            text,
            "bot: 0 listed people may write, and whose code is approved; in groups it hears what is addressed to it\n  \
             bot:7  Bo\u{fffd}[2J\u{fffd}root  asks, code ABCD-EFGH, 2 min left\n"
        );
    }
}
