//! `carapace test`: the tests that stand beside the flows, in a simulated world.

mod suite;

use crate::args::{Format, Test};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::progress::Progress;
use carapace_rehearsal::{Options, render};
use std::fmt::Write as _;
use suite::{Came, Suite};

pub(crate) fn run(options: &Test) -> Result<Exit, Problem> {
    let packages = Package::find(&options.paths)?;
    let how = Options { filter: options.filter.clone(), ..Options::default() };
    let progress = Progress::of(format!("testing {}", output::plural(packages.len(), "package")));
    let suites: Vec<Suite> = packages.iter().map(|package| Suite::of(package, &how)).collect();
    drop(progress);
    if let Some(part) = &options.filter
        && suites.iter().all(|suite| suite.tests() == 0 && !suite.failed())
    {
        return Err(Problem::new("E0912", format!("no test has `{part}` in its title"))
            .help("without `--filter` all tests run, and their titles are listed"));
    }
    for suite in &suites {
        output::diagnostics(suite.diagnostics(), &suite.sources, Format::Human);
    }
    output::print(&words(&suites, options.filter.is_some()));
    Ok(if suites.iter().any(Suite::failed) { Exit::Findings } else { Exit::Fine })
}

/// What people read: a line for each test, then every failure at length, then the sum.
fn words(suites: &[Suite], filtered: bool) -> String {
    let mut out = String::new();
    // Writing to a String does not fail, here and below.
    for suite in suites {
        match &suite.came {
            Came::Mistaken(_) => {
                let _ = writeln!(out, "{}\n  ✗ not run: it does not check", suite.name);
            }
            Came::Unfit(reason) => {
                let _ = writeln!(out, "{}\n  ✗ not run: {reason}", suite.name);
            }
            Came::Ran { report, .. } if report.tests.is_empty() => {
                if !filtered {
                    let _ = writeln!(out, "{}\n  no tests", suite.name);
                }
            }
            Came::Ran { report, .. } => out.push_str(&render::tests(report, suite)),
        }
    }
    for suite in suites {
        if let Came::Ran { report, .. } = &suite.came {
            out.push_str(&render::failures(report, suite));
        }
    }
    let passed: usize = suites.iter().map(Suite::passed).sum();
    let failed: usize = suites.iter().map(Suite::tests).sum::<usize>() - passed;
    let took: f64 = suites.iter().map(Suite::took).sum();
    let _ = write!(out, "\n{passed} passed, {failed} failed");
    let broken = suites.iter().filter(|suite| !matches!(suite.came, Came::Ran { .. })).count();
    if broken > 0 {
        let _ = write!(out, ", {} not run", output::plural(broken, "package"));
    }
    let _ = writeln!(out, ", in {took:.2} s");
    out
}
