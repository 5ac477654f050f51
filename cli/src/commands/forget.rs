//! `carapace forget`: a person is forgotten, and what is left of them is said.

mod human;
mod stopped;

use crate::args::{Forget, Place, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_gateway::{ForgetReport, Request};
use std::path::Path;

pub(crate) fn run(options: &Forget) -> Result<Exit, Problem> {
    let report = forget(options)?;
    let left = left(&options.at.place, &report);
    match options.at.format {
        Results::Json => {
            let mut document = serde_json::json!(report);
            if let Some(document) = document.as_object_mut() {
                document.insert("untouched".to_owned(), serde_json::json!(left));
            }
            output::print(&format!("{document:#}\n"));
        }
        Results::Human => output::print(&human::told(&report, &left, options.dry_run)),
    }
    Ok(Exit::Fine)
}

fn forget(options: &Forget) -> Result<ForgetReport, Problem> {
    let Some(client) = Client::connect(&options.at.place)? else {
        return stopped::forget(options, &options.at.place.data());
    };
    let Forget { sender, cancel, dry_run, .. } = options;
    let request = Request::Forget { sender: sender.clone(), cancel: *cancel, dry_run: *dry_run };
    // The whole journal is read and written for it.
    client.patiently()?.call(&request)
}

/// What there may be of the person that was not touched.
fn left(place: &Place, report: &ForgetReport) -> Vec<String> {
    let account = report.journal.sender.split_once(':').map_or("", |(account, _)| account);
    let mut left = match &place.remote.to {
        None => cut_off(&place.data()),
        Some(_) => vec!["pieces of the journal that `carapace journal repair` put aside there".to_owned()],
    };
    match (&place.remote.to, &report.channel) {
        (_, Some(channel)) => left.extend(channel.left.iter().cloned()),
        (None, None) => left.extend(folder(&place.data(), account)),
        (Some(_), None) => left.push("what the channel keeps for itself there".to_owned()),
    }
    left.extend(report.journal.groups.iter().map(|group| {
        format!("group `{group}` names them: deploy with another `--bind` and run `carapace gc`")
    }));
    left.push("values of states that are not kept `by sender`, and what other runs made of them".to_owned());
    left.push("what others wrote about them".to_owned());
    left.push("what was sent to the networks, and what those keep".to_owned());
    left.push("backups, and logs of the process".to_owned());
    left
}

/// The pieces that were cut off a damaged journal.
fn cut_off(data: &Path) -> Vec<String> {
    let cut = std::fs::read_dir(data.join("journal")).into_iter().flatten().filter_map(Result::ok);
    let cut = cut.filter(|file| file.path().extension().is_some_and(|ending| ending == "removed"));
    cut.map(|file| {
        format!("{}: `carapace journal repair` put it aside; remove it yourself", file.path().display())
    })
    .collect()
}

/// What a channel keeps that nobody could look through: its account does not run, or it does not say whose its files are.
fn folder(data: &Path, account: &str) -> Option<String> {
    let own = data.join("channels").join(account);
    let there = !account.is_empty() && own.exists();
    there.then(|| format!("{}: what the channel keeps for itself, as conversations and files", own.display()))
}
