//! The start: with the configuration as it is, or with the one that worked last where that is asked for.

use super::journal::open_measured;
use super::kept;
use super::options::{Options, Read};
use super::reload::Reload;
use super::serving::{self, Prepared};
use super::wire::Runtime;
use crate::args::Run;
use crate::config;
use crate::log::Log;
use crate::problem::Problem;
use carapace_config::FILE_NAME;
use carapace_engine::service::Options as EngineOptions;
use std::path::{Path, PathBuf};

/// Everything that runs, and what watches its configuration.
type Begun = (Runtime, Reload);

/// What came of a configuration.
enum Tried {
    Begun(Box<Begun>),
    /// It does not work, which has been told.
    Told(Failed),
    /// It does not work, for this reason.
    Problem(Failed, Problem),
    /// The journal cannot be opened, or has another runtime: no other configuration would help.
    Journal(Problem),
}

/// A configuration that does not work.
#[derive(Default)]
struct Failed {
    /// Its files, the first of them the configuration itself.
    paths: Vec<PathBuf>,
    /// Their texts, where all could be read.
    files: Vec<(PathBuf, String)>,
}

/// Opens everything; none where it does not work, which has been told.
///
/// # Errors
/// What keeps it from running.
pub(super) async fn begin(flags: &Run, log: &Log) -> Result<Option<Begun>, Problem> {
    let tried = match gone(flags) {
        Some(failed) => Tried::Told(failed),
        None => first(flags, log).await,
    };
    let (failed, problem) = match tried {
        Tried::Begun(begun) => return Ok(Some(*begun)),
        Tried::Told(failed) => (failed, None),
        Tried::Problem(failed, problem) => (failed, Some(problem)),
        Tried::Journal(problem) => return Err(problem),
    };
    if !flags.last_known_good || failed.paths.is_empty() {
        return problem.map_or(Ok(None), Err);
    }
    if let Some(problem) = &problem {
        problem.print();
    }
    let Some(options) = Options::last_known_good(flags, &failed.files)? else {
        // There is no other one, and what is wrong was told.
        return Ok(None);
    };
    match with(flags, log, options, failed.paths).await {
        Tried::Begun(begun) => Ok(Some(*begun)),
        Tried::Told(_) => Ok(None),
        Tried::Problem(_, problem) | Tried::Journal(problem) => Err(problem),
    }
}

/// The start with the configuration as it is.
async fn first(flags: &Run, log: &Log) -> Tried {
    match Options::read(flags) {
        Ok(Read { options: Some(options), paths }) => with(flags, log, options, paths).await,
        Ok(Read { options: None, paths }) => Tried::Told(Failed { paths, files: Vec::new() }),
        Err(problem) => {
            let paths = config::file(flags.config.as_deref()).into_iter().collect();
            Tried::Problem(Failed { paths, files: Vec::new() }, problem)
        }
    }
}

async fn with(flags: &Run, log: &Log, options: Options, paths: Vec<PathBuf>) -> Tried {
    log.choose(options.log);
    let failed = Failed { paths, files: options.files.clone() };
    let prepared = match serving::prepare(&options) {
        Ok(Prepared::Broken) => return Tried::Told(failed),
        Ok(prepared) => prepared,
        Err(problem) => return Tried::Problem(failed, problem),
    };
    let reload = Reload::start(flags, &failed.paths, &options);
    let (history, break_loops) = (options.history, options.break_loops);
    let chosen = EngineOptions { history, break_loops, ..EngineOptions::default() };
    let journal = match open_measured(&options.data, chosen) {
        Ok(journal) => journal,
        Err(problem) => return Tried::Journal(problem),
    };
    match Runtime::open(options, prepared, journal, log).await {
        Ok(runtime) => Tried::Begun(Box::new((runtime, reload))),
        Err(problem) => Tried::Problem(failed, problem),
    }
}

/// The configuration that lay here and does not any more: one is kept that worked, and nobody named another.
fn gone(flags: &Run) -> Option<Failed> {
    let wanted = flags.last_known_good && config::file(flags.config.as_deref()).is_none();
    let data = flags.data.as_deref().unwrap_or(Path::new(".carapace"));
    let is_gone = wanted && kept::is_there(data);
    is_gone.then(|| Failed { paths: vec![PathBuf::from(FILE_NAME)], files: Vec::new() })
}
