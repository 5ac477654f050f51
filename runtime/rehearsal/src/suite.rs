//! Runs tests: each in a world of its own, and again with crashes where it asks for them.

use crate::coverage::coverage;
use crate::host::TestHost;
use crate::loaded::Loaded;
use crate::report::{FailureClass, SuiteReport, TestFailure, TestReport};
use crate::world::{Step, World};
use carapace_effect::{Outcome, RequestKind};
use carapace_engine::machine::vm::{counted, observed};
use carapace_engine::machine::{Limits, StretchStatus};
use carapace_module::Value;
use carapace_module::testing::{TestOp, TestSignature};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// How much may happen in one test. What goes beyond is a loop that never ends, and the test fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Statements that the test carries out.
    pub statements: u32,
    /// Steps of the engine at one instant.
    pub at_once: u32,
    /// Steps of the engine in the whole test.
    pub steps: u32,
}

impl Default for Bounds {
    /// Far more than a test needs: a year of something that happens every quarter of an hour is 100,000 steps.
    fn default() -> Bounds {
        Bounds { statements: 20_000, at_once: 50_000, steps: 200_000 }
    }
}

/// How tests are run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How much may happen in each.
    pub bounds: Bounds,
    /// Only tests whose title contains this.
    pub filter: Option<String>,
    /// Every test also with a crash after each await, whether it asks for that or not.
    pub crash_after_each_await: bool,
    /// Find branches that no test took.
    pub coverage: bool,
}

/// Runs the tests of a module.
pub fn run(loaded: &Loaded, options: &Options) -> SuiteReport {
    let wanted =
        |test: &&TestSignature| options.filter.as_ref().is_none_or(|part| test.title.contains(part.as_str()));
    let all = || loaded.tests().iter().filter(wanted).map(|test| run_test(loaded, test, options)).collect();
    if !options.coverage {
        return SuiteReport { tests: all(), coverage: None };
    }
    let (tests, visited) = observed(all);
    SuiteReport { tests, coverage: Some(coverage(loaded.module(), &visited)) }
}

/// Runs one test.
pub fn run_test(loaded: &Loaded, test: &TestSignature, options: &Options) -> TestReport {
    let begun = Instant::now();
    let mut members = BTreeSet::new();
    let mut rounds = 1;
    let (mut failure, awaits, each) = round(loaded, test, options.bounds, &BTreeSet::new(), &mut members);
    if failure.is_none() && (each || options.crash_after_each_await) {
        // Once for each await, and where there are several once with a crash at all of them.
        let singles = (1..=awaits).map(|at| BTreeSet::from([at]));
        let all = (awaits > 1).then(|| (1..=awaits).collect());
        for crashes in singles.chain(all) {
            rounds += 1;
            let (failed, _, _) = round(loaded, test, options.bounds, &crashes, &mut members);
            if let Some(mut failed) = failed {
                failed.after_crash = crashes.first().copied();
                failure = Some(failed);
                break;
            }
        }
    }
    TestReport {
        module: Arc::clone(&test.module),
        file: loaded.file(test.body),
        title: Arc::clone(&test.title),
        took: begun.elapsed(),
        rounds,
        failure,
    }
}

type Ended = (Option<Box<TestFailure>>, u32, bool);

/// One round: the test from its beginning, with these crashes.
fn round(
    loaded: &Loaded,
    test: &TestSignature,
    bounds: Bounds,
    crashes: &BTreeSet<u32>,
    members: &mut BTreeSet<(Arc<str>, Arc<str>)>,
) -> Ended {
    loop {
        let mut world = World::new(loaded, &test.module, bounds);
        world.crashes.clone_from(crashes);
        world.populate(members);
        let failure = counted(|| play(&mut world, test)).err();
        // Somebody decides for a group that the test never described: then that is who the group is.
        let known = members.len();
        members.append(&mut world.missing);
        if members.len() == known {
            return (failure, world.awaits, world.crash_each);
        }
    }
}

fn play(world: &mut World, test: &TestSignature) -> Step {
    let code = Arc::clone(&world.loaded.code);
    let mut frames = code.start(test.body, Vec::new());
    loop {
        let stretch = frames.advance(&mut TestHost(world), Limits::STRETCH);
        for request in stretch.requests {
            let RequestKind::Test { op, args } = request.kind else {
                return Err(
                    world.failure(FailureClass::Fault, "a test asks for something that only flows may")
                );
            };
            world.site = request.site;
            world.another()?;
            let loaded = world.loaded.clone();
            let Some(statement) = loaded.op(op) else {
                return Err(world.failure(FailureClass::Fault, "the module does not have this statement"));
            };
            let late = matches!(statement, TestOp::CrashAfterEachAwait) && world.awaits > 0;
            if late {
                let message = "`crash after each await` stands before the first `when`";
                return Err(world.failure(FailureClass::Impossible, message));
            }
            let done = world.carry_out(statement, args);
            // Who a group is has turned out to be wrong: the rest only tells who else belongs to it.
            if world.missing.is_empty() {
                done?;
            }
            frames.apply(&request.op, Outcome::Done(Value::None));
        }
        let message = match stretch.status {
            StretchStatus::Waiting => continue,
            StretchStatus::Finished(_) => return Ok(()),
            StretchStatus::Failed(failure) => failure.message,
            StretchStatus::Cancelled(reason) => reason,
            StretchStatus::Panicked(panic) => format!("the runtime failed at it: {panic}"),
            StretchStatus::Fault(fault) => {
                world.site = frames.broke_at().unwrap_or(world.site);
                fault
            }
        };
        return Err(world.failure(FailureClass::Fault, message));
    }
}
