//! `workspace/executeCommand`: what lenses and the editor's own lists of tests have done.

use crate::host::{PackageRoot, TestOutcome, Tests};
use crate::server::{Answer, Session, invalid};
use crate::workspace::Overlay;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::ls_types::{ExecuteCommandParams, Location, Uri};

/// The commands that the server carries out. `carapace.showGraph` and `carapace.showRuns` are the editor's.
pub(crate) const COMMANDS: [&str; 2] = ["carapace.runTest", "carapace.runAllTests"];

/// What is to be run.
#[derive(Debug, Clone, Deserialize)]
struct Which {
    uri: Uri,
    #[serde(default)]
    title: Option<String>,
}

/// Tests to be run, away from the thread that answers.
pub(crate) struct Job {
    tests: Arc<dyn Tests>,
    files: Overlay,
    root: PackageRoot,
    /// The file and, where only one is wanted, the title.
    file: String,
    title: Option<String>,
}

/// How one test went, for the editor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Result {
    title: String,
    uri: Uri,
    passed: bool,
    milliseconds: u64,
    message: Option<String>,
    location: Option<Location>,
}

/// What is to be done, from what the editor sent.
pub(crate) fn job(session: &mut Session, params: &ExecuteCommandParams) -> Answer<Job> {
    if !COMMANDS.contains(&params.command.as_str()) {
        return Err(invalid(format!("`{}` is no command of this server", params.command)));
    }
    let argument = params.arguments.first().cloned().unwrap_or(Value::Null);
    let which: Which = serde_json::from_value(argument).map_err(|e| {
        invalid(format!("`{}` takes an object with `uri` (and `title`): {e}", params.command))
    })?;
    let Some(tests) = session.tests.clone() else { return Err(invalid("this server runs no tests")) };
    let subject = session.whole_subject(&which.uri)?;
    let file = subject.snapshot.module(subject.file).map(|m| m.name.to_string()).unwrap_or_default();
    let package = session.workspace.package_of(&subject.path);
    let title = which.title.filter(|_| params.command == "carapace.runTest");
    Ok(Job { tests, files: package.files().clone(), root: package.root.clone(), file, title })
}

impl Job {
    /// Runs them.
    pub(crate) fn run(self) -> std::result::Result<(Job, Vec<TestOutcome>), String> {
        let only = self.title.as_ref().map(|title| (self.file.as_str(), title.as_str()));
        let mut outcomes = self.tests.run(&self.files, &self.root, only)?;
        outcomes.retain(|outcome| outcome.file == self.file);
        Ok((self, outcomes))
    }
}

/// Keeps what failed, so that it is shown in the source, and says how each went.
pub(crate) fn done(session: &mut Session, job: &Job, outcomes: Vec<TestOutcome>) -> Answer<Option<Value>> {
    let path = |file: &str| job.root.folder.join(file);
    let ran: Vec<&str> = outcomes.iter().map(|o| o.title.as_str()).collect();
    for failures in session.failures.values_mut() {
        failures.retain(|(title, ..)| !ran.contains(&title.as_str()));
    }
    for outcome in &outcomes {
        if let Some((place, why)) = &outcome.failure {
            let range = carapace_diagnostic::TextRange::new(place.range.0, place.range.1);
            let failures = session.failures.entry(path(&place.file)).or_default();
            failures.push((outcome.title.clone(), range, why.clone()));
        }
    }
    let package = session.workspace.package_of(&path(&job.file));
    package.told = false;
    let snapshot = package.snapshot();
    let result = |outcome: TestOutcome| {
        let location = outcome.failure.as_ref().and_then(|(place, _)| {
            let file = snapshot.file_at(&path(&place.file))?;
            let range = carapace_diagnostic::TextRange::new(place.range.0, place.range.1);
            session.location(&snapshot, carapace_diagnostic::Span::new(file, range))
        });
        Some(Result {
            uri: session.uri(&path(&outcome.file))?,
            passed: outcome.failure.is_none(),
            milliseconds: outcome.milliseconds,
            message: outcome.failure.map(|(_, why)| why),
            title: outcome.title,
            location,
        })
    };
    let results: Vec<Result> = outcomes.into_iter().filter_map(result).collect();
    Ok(serde_json::to_value(results).ok())
}
