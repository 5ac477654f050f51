//! Attacks that the checker must refuse, and honest flows that it must accept: one trial each, from the Markdown files of
//! `refused/` and `accepted/`.
//!
//! A case is a heading `## …`, perhaps words, and fenced blocks: ```` ```flow ```` is `main.flow`, behind which stands what
//! [`WORLD`] declares; ```` ```flow shop/orders.flow ```` is another module. In `refused/`, ```` ```says ```` holds what the
//! checker says, a line each: `5: E0503`, and there is nothing else. In `accepted/` it says no mistake and nothing about labels.
//! What remains when a model obeys an attacker is shown by the packages of `obeyed/`, whose tests are run.
//!
//! `BLESS=1 cargo test -p carapace-tests --test attacks` writes what is in `says`; read the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod bless;
mod case;
mod obeyed;

use crate::case::{Case, cases};
use carapace_diagnostic::Diagnostic;
use carapace_diagnostic::render::{Human, human};
use carapace_driver::Checked;
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;

/// What every case may use; it stands behind the case's own source.
const WORLD: &str = "
channel chat: any
room oncall: any
room sales: any
room support: any
group managers
agent desk { model: \"anthropic/claude-sonnet-4-5\" }
";

/// How many cases of each kind there must be.
const ENOUGH: usize = 150;

fn main() {
    if std::env::var_os("BLESS").is_some() {
        bless::bless(&cases("refused"));
    }
    let (refused, accepted) = (cases("refused"), cases("accepted"));
    let mut trials = vec![
        Trial::test("there are enough cases, and none twice", || {
            enough(&cases("refused"), &cases("accepted"))
        }),
        Trial::test("a case that is not as it says is noticed", notices),
    ];
    for case in refused {
        trials.push(Trial::test(format!("refused › {} › {}", case.topic, case.title), move || {
            refuses(&case)
        }));
    }
    for case in accepted {
        trials.push(Trial::test(format!("accepted › {} › {}", case.topic, case.title), move || {
            accepts(&case)
        }));
    }
    trials.extend(obeyed::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// What the checker says of a case.
fn checked(case: &Case) -> Checked {
    Checked::of(&case.files(WORLD), "main.flow")
}

fn shown(case: &Case, checked: &Checked) -> Failed {
    let told = human(&checked.diagnostics, &checked.sources.map(""), Human::default());
    format!("{}\n{told}", case.place).into()
}

fn refuses(case: &Case) -> Result<(), Failed> {
    let checked = checked(case);
    let found = said(&checked);
    // A flow that is refused for another reason shows nothing.
    let labels = found.lines().all(|line| line.contains(": E05") || line.contains(": W05"));
    if labels && !found.is_empty() && found == case.says { Ok(()) } else { Err(shown(case, &checked)) }
}

fn accepts(case: &Case) -> Result<(), Failed> {
    let checked = checked(case);
    let wrong = checked.diagnostics.iter().any(counts);
    if wrong { Err(shown(case, &checked)) } else { Ok(()) }
}

/// A mistake of any kind, or a warning about labels: other warnings are other tests' business.
fn counts(diagnostic: &Diagnostic) -> bool {
    diagnostic.is_error() || diagnostic.code.0.starts_with("W05")
}

/// Line and code of every mistake, in order.
fn said(checked: &Checked) -> String {
    let mistakes = checked.diagnostics.iter().filter(|d| counts(d));
    let lines = mistakes.map(|diagnostic| {
        let span = diagnostic.primary.span;
        let (path, text) = checked.text(span.file).unwrap_or(("nowhere", ""));
        let before = text.get(..span.range.start as usize).unwrap_or("");
        let path = if path == "main.flow" { String::new() } else { format!("{path}:") };
        format!("{path}{}: {}\n", before.matches('\n').count() + 1, diagnostic.code)
    });
    lines.collect()
}

fn enough(refused: &[Case], accepted: &[Case]) -> Result<(), Failed> {
    for (kind, all) in [("refused", refused), ("accepted", accepted)] {
        if all.len() < ENOUGH {
            return Err(format!("{} cases are {kind}, {ENOUGH} are needed", all.len()).into());
        }
    }
    let mut seen = BTreeSet::new();
    for case in refused.iter().chain(accepted) {
        if !seen.insert(case.source()) {
            return Err(format!("{} has the source of another case", case.place).into());
        }
    }
    Ok(())
}

fn notices() -> Result<(), Failed> {
    let attack = "flow a on chat.message {\n  emit(message.text, 1)\n}\n";
    let honest = "flow a on chat.message {\n  reply(message.text)\n}\n";
    let case = |source: &str, says: &str| Case::made(source, says);
    refuses(&case(attack, "2: E0503\n"))?;
    accepts(&case(honest, ""))?;
    let wrong = [
        ("another line", refuses(&case(attack, "3: E0503\n"))),
        ("another code", refuses(&case(attack, "2: E0504\n"))),
        ("nothing said", refuses(&case(honest, ""))),
        ("an attack among the honest", accepts(&case(attack, ""))),
        ("a flow that does not parse", accepts(&case("flow a on chat.message {\n", ""))),
    ];
    for (what, outcome) in wrong {
        if outcome.is_ok() {
            return Err(format!("{what} is not noticed").into());
        }
    }
    Ok(())
}
