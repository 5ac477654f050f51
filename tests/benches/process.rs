//! The whole process, as one waits for it at the prompt: `--help`, and `check` of a small project.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at the first surprise, and says what it leaves out"
)]

use carapace_tests::measure::{Budget, Contender, released_binary, side_by_side, tell};
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    let Some(binary) = released_binary() else {
        println!("skipped: the binary was not built");
        return;
    };
    let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let small = flows.join("hello");
    let run = |args: &[&Path]| {
        let mut command = Command::new(&binary);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        move || assert!(command.status().unwrap().success())
    };
    let times = side_by_side(
        60,
        vec![
            // What starting any process takes here, to see how much of the rest is ours.
            Contender::new("a process that does nothing (`true`)", || {
                Command::new("true").status().unwrap();
            }),
            Contender::new("`carapace --help`", run(&[Path::new("--help")])),
            Contender::new("`carapace check` of a small project", run(&[Path::new("check"), &small])),
            Contender::new("`carapace check` of all examples", run(&[Path::new("check"), &flows])),
        ],
    );
    let budgets = [Budget::None, Budget::AtMost(10.0), Budget::AtMost(15.0), Budget::None];
    for ((name, time), budget) in times.iter().zip(budgets) {
        tell(name, time.best / 1e6, "ms", budget);
    }
}
