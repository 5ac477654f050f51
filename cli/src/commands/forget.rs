//! `carapace forget`: a person is forgotten, and what is left of them is said.

mod human;

use super::run::{access, open_journal};
use super::versions::problem;
use crate::args::{Forget, Place, Results};
use crate::data::unopened;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::forget::{Found, Report};
use carapace_engine::inspect;
use carapace_engine::machine::vm;
use carapace_engine::service::Options;
use carapace_gateway::Request;
use std::path::Path;
use std::time::Duration;

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

fn forget(options: &Forget) -> Result<Report, Problem> {
    if let Some(client) = Client::connect(&options.at.place)? {
        let Forget { sender, cancel, dry_run, .. } = options;
        let request = Request::Forget { sender: sender.clone(), cancel: *cancel, dry_run: *dry_run };
        // The whole journal is read and written for it.
        return client.patiently()?.call(&request);
    }
    let data = &options.at.place.data();
    let stopped = inspect::read(data, vm::load).map_err(|e| unopened(data, &e))?;
    let Some(stopped) = stopped else {
        let message = format!("no runtime has kept anything in `{}`", data.display());
        return Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"));
    };
    let found = stopped.person(&options.sender).map_err(|e| unopened(data, &e))?;
    found.check().map_err(|rejection| problem(&rejection))?;
    if options.dry_run {
        return Ok(found.report().clone());
    }
    let living = found.living(&stopped.state);
    if !living.is_empty() {
        return Err(problem(&Found::too_early(&living, false)));
    }
    drop(stopped);
    let chosen = Options { history: Duration::MAX, ..Options::default() };
    let service = open_journal(data, chosen)?.service;
    let access = access::alone(data)?;
    let report = service.forget_now(found).map_err(|e| unopened(data, &e))?;
    let report = report.map_err(|rejection| problem(&rejection))?;
    // Who it was is not written down: that would be remembering them.
    access::note(&access, ("forget", None))?;
    Ok(report)
}

/// What there may be of the person that was not touched.
fn left(place: &Place, report: &Report) -> Vec<String> {
    let account = report.sender.split_once(':').map_or("", |(account, _)| account);
    let mut left = match &place.remote.to {
        None => files_left(&place.data(), account),
        Some(_) => vec![
            "pieces of the journal that `carapace journal repair` put aside there, and what the channel keeps for itself"
                .to_owned(),
        ],
    };
    left.extend(report.groups.iter().map(|group| {
        format!("group `{group}` names them: deploy with another `--bind` and run `carapace gc`")
    }));
    left.push("values of states that are not kept `by sender`, and what other runs made of them".to_owned());
    left.push("what others wrote about them".to_owned());
    left.push("what was sent to the networks, and what those keep".to_owned());
    left.push("backups, and logs of the process".to_owned());
    left
}

/// The files in a data directory that may tell of somebody of this account, and are not the engine's.
fn files_left(data: &Path, account: &str) -> Vec<String> {
    let cut = std::fs::read_dir(data.join("journal")).into_iter().flatten().filter_map(Result::ok);
    let cut = cut.filter(|file| file.path().extension().is_some_and(|ending| ending == "removed"));
    let mut left: Vec<String> = cut
        .map(|file| {
            format!("{}: `carapace journal repair` put it aside; remove it yourself", file.path().display())
        })
        .collect();
    let own = data.join("channels").join(account);
    if own.exists() {
        left.push(format!(
            "{}: what the channel keeps for itself, as conversations and files",
            own.display()
        ));
    }
    left
}
