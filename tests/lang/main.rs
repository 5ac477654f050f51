//! The language, construct by construct, through every layer: literate cases in `cases/*.md`, one trial each.
//!
//! A case is a heading `## …`, words, and fenced blocks:
//!
//! - ```` ```flow ```` is `main.flow` of a package, ```` ```flow shop/orders.flow ```` another module of it. Its `test` blocks run
//!   in the simulated world, and again with a crash after each await.
//! - ```` ```says ```` holds what the compiler must say, a line each: `3: E0101 nothing is called `x``. Without it, it says nothing.
//! - ```` ```fails ```` holds the tests that must fail, and what they say. Without it, every test passes.
//! - ```` ```values ```` holds expressions and what they come to, `1 + 2 * 3 ⇒ 7`: in the machine and in the evaluator.
//! - ```` ```text prompts/desk.md ```` is a text file of the package.
//!
//! Every case is also formatted: the formatted package must be the same module. `BLESS=1 cargo test -p carapace-tests --test
//! lang` writes what is behind `⇒`, in `says` and in `fails`; read the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod bless;
mod case;
mod judge;
mod show;
mod values;

use crate::case::{Case, cases};
use libtest_mimic::{Arguments, Trial};
use std::path::Path;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lang/cases");
    if std::env::var_os("BLESS").is_some() {
        bless::bless(&folder);
    }
    let trials: Vec<Trial> = cases(&folder).into_iter().map(trial).collect();
    assert!(!trials.is_empty(), "no cases found");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn trial(case: Case) -> Trial {
    let title = format!("{} › {}", case.topic, case.title);
    Trial::test(title, move || judge::judge(&case).map_err(|why| format!("{}\n{why}", case.place()).into()))
}
