//! `carapace test`: the tests that stand beside the flows, in a simulated world.

mod results;
mod suite;

use crate::args::{Format, Results, Test};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::progress::Progress;
use carapace_rehearsal::Options;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;
use suite::Suite;

pub(crate) fn run(options: &Test) -> Result<Exit, Problem> {
    let packages = Package::find(&options.paths)?;
    let how = Options {
        filter: options.filter.clone(),
        crash_after_each_await: options.crash,
        coverage: options.coverage,
        ..Options::default()
    };
    let suites = all(&packages, &how);
    if let Some(part) = &options.filter
        && suites.iter().all(|suite| suite.tests() == 0 && !suite.failed())
    {
        return Err(Problem::new("E0912", format!("no test has `{part}` in its title"))
            .help("without `--filter` all tests run, and their titles are listed"));
    }
    match options.format {
        Results::Human => {
            for suite in &suites {
                output::diagnostics(suite.diagnostics(), &suite.sources, Format::Human);
            }
            output::print(&results::human(&suites, options.filter.is_some()));
        }
        Results::Json => output::print(&results::json(&suites)),
    }
    if let Some(path) = &options.junit {
        std::fs::write(path, results::junit(&suites)).map_err(|e| Problem::unwritable(path, &e))?;
    }
    Ok(if suites.iter().any(Suite::failed) { Exit::Findings } else { Exit::Fine })
}

/// The checker walks trees by recursion, as deep as the parser lets them be: more than a thread's stack usually has.
const STACK: usize = 32 << 20;

/// Tests all packages, as many at once as the machine has cores; in the order in which they were named.
fn all(packages: &[Package], how: &Options) -> Vec<Suite> {
    let (next, done) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (count, seen) = (packages.len(), Arc::clone(&done));
    let progress = Progress::telling(move || {
        format!("testing {}, {} done", output::plural(count, "package"), seen.load(Ordering::Relaxed))
    });
    let suites: Mutex<Vec<(usize, Suite)>> = Mutex::new(Vec::with_capacity(count));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(package) = packages.get(index) else { return };
            let suite = Suite::of(package, how);
            done.fetch_add(1, Ordering::Relaxed);
            if let Ok(mut suites) = suites.lock() {
                suites.push((index, suite));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count);
    std::thread::scope(|scope| {
        let threads = (0..threads).map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, work));
        // A machine that has no room for a thread has it for us.
        if threads.filter(Result::is_ok).count() == 0 {
            work();
        }
    });
    drop(progress);
    let mut suites = suites.into_inner().unwrap_or_default();
    suites.sort_by_key(|(index, _)| *index);
    suites.into_iter().map(|(_, suite)| suite).collect()
}
