//! Forgetting a person in a data directory that nobody serves.

use crate::args::Forget;
use crate::commands::run::{access, open_journal};
use crate::commands::versions::problem;
use crate::data::unopened;
use crate::forgetting;
use crate::problem::Problem;
use carapace_channel_api::{NoMedia, NoSecrets, Scratch, UserId};
use carapace_channel_registry::{Attended, Surroundings, left};
use carapace_engine::Rejection;
use carapace_engine::forget::{Found, Sender};
use carapace_engine::inspect;
use carapace_engine::machine::vm;
use carapace_engine::service::Options;
use carapace_gateway::{ForgetReport, KeptByChannel};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn forget(options: &Forget, data: &Path) -> Result<ForgetReport, Problem> {
    let sender = options.sender.as_str();
    let stopped = inspect::read(data, vm::load).map_err(|e| unopened(data, &e))?;
    let Some(stopped) = stopped else {
        let message = format!("no runtime has kept anything in `{}`", data.display());
        return Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"));
    };
    let found = stopped.person(sender).map_err(|e| unopened(data, &e))?;
    let known = unless_nobody(found.check())?;
    if options.dry_run {
        let journal = known.map(|()| found.report().clone());
        return ForgetReport::of(sender, journal, channel(data, sender, true)?).map_err(|r| problem(&r));
    }
    let living = found.living(&stopped.state);
    if !living.is_empty() {
        return Err(problem(&Found::too_early(&living, false)));
    }
    drop(stopped);
    let chosen = Options { history: Duration::MAX, ..Options::default() };
    let service = open_journal(data, chosen)?.service;
    let access = access::alone(data)?;
    forgetting::begin(data, sender).map_err(|error| {
        let message = format!("it cannot be written down that `{sender}` is to be forgotten: {error}");
        Problem::new("E1110", message).help("nothing was changed: make room, and try again")
    })?;
    let journal = match known {
        Ok(()) => service.forget_now(found).map_err(|e| unopened(data, &e))?,
        Err(nobody) => {
            drop(service);
            Err(nobody)
        }
    };
    let journal = unless_nobody(journal).inspect_err(|_| forgetting::end(data, sender))?;
    let channel = channel(data, sender, false)?;
    forgetting::end(data, sender);
    let report = ForgetReport::of(sender, journal, channel).map_err(|rejection| problem(&rejection))?;
    // Who it was is not written down: that would be remembering them.
    access::note(&access, ("forget", None))?;
    Ok(report)
}

/// That the journal knows nobody of that name says nothing of what a channel keeps. Everything else that is refused is final.
fn unless_nobody<T>(result: Result<T, Rejection>) -> Result<Result<T, Rejection>, Problem> {
    match result {
        Err(rejection) if rejection.code != "E0967" => Err(problem(&rejection)),
        other => Ok(other),
    }
}

/// What the channel of their account keeps of them.
fn channel(data: &Path, sender: &str, dry_run: bool) -> Result<Option<KeptByChannel>, Problem> {
    let Some(sender) = Sender::read(sender) else { return Ok(None) };
    let around = Surroundings {
        data: data.to_owned(),
        attended: Attended::Input { screen: false, colour: false },
        secrets: Arc::new(NoSecrets),
        media: Arc::new(NoMedia),
        // Nothing comes or goes here.
        scratch: Scratch::unopened(data.join("temporary"), 0),
        file_bytes: 0,
        announcer: Arc::default(),
    };
    // A name that is none, or a kind that this binary does not have: the files are named among what is left.
    let Ok(Some(channel)) = left(sender.account.as_ref().into(), &around) else { return Ok(None) };
    let kept = wait(channel.forget(&UserId(sender.id.to_string()), dry_run))?;
    let kept = kept.map_err(|error| {
        let source = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
        Problem::new("E1110", format!("{error}{source}"))
            .help("the journal has forgotten them; the rest is tried again at the next start, or now: the same command")
    })?;
    Ok(kept.map(KeptByChannel::from))
}

fn wait<T>(what: impl Future<Output = T>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    Ok(runtime.block_on(what))
}
