//! Every page of a diagnostic code is true: its failing example gives exactly that code, its repaired one nothing; and the
//! repairs that machines may make repair what they say.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise"
)]

mod fixes;

use carapace_diagnostic::render::{Human, human};
use carapace_diagnostic::{Example, codes, explain};
use carapace_driver::{Checked, MemoryFiles};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;

/// Codes of what is not a flow (a path, a module, a command), or of a flow that fills more than a page.
const WITHOUT_FLOWS: [&str; 10] =
    ["E0005", "E0024", "E0521", "E0701", "E08", "E09", "W06", "W10", "E10", "E11"];

fn main() {
    let mut trials: Vec<Trial> = codes().map(|code| Trial::test(code, move || page(code))).collect();
    assert!(trials.len() > 5, "the pages are found");
    trials.push(Trial::test("a page that shows the wrong mistake is noticed", notices));
    trials.extend(fixes::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn page(code: &str) -> Result<(), Failed> {
    let page = explain(code).ok_or("the code has no page")?;
    let outside = WITHOUT_FLOWS.iter().any(|family| code.starts_with(family));
    match check(&page.wrong) {
        None if outside => {}
        None => return Err("the failing example is no flow".into()),
        Some((found, text)) if found.iter().map(String::as_str).ne([code]) => {
            return Err(format!("the failing example gives {found:?}\n{text}").into());
        }
        Some(_) => {}
    }
    match check(&page.right) {
        Some((found, text)) if !found.is_empty() => {
            Err(format!("the repaired example gives {found:?}\n{text}").into())
        }
        _ => Ok(()),
    }
}

/// The codes that an example gives, and the messages; none for one without flow.
fn check(example: &Example) -> Option<(BTreeSet<String>, String)> {
    let flows: Vec<_> = example.blocks.iter().filter(|b| b.language == "flow").collect();
    let root = flows.first()?.path.unwrap_or("main.flow");
    let others = example.blocks.iter().filter_map(|b| Some((b.path?, b.source)));
    let unnamed = flows.iter().filter(|b| b.path.is_none()).map(|b| ("main.flow", b.source));
    let files = MemoryFiles::new(others.chain(unnamed));
    let checked = Checked::of(&files, root);
    let found = checked.diagnostics.iter().map(|d| d.code.to_string()).collect();
    Some((found, human(&checked.diagnostics, &checked.sources.map(""), Human::default())))
}

fn notices() -> Result<(), Failed> {
    let block =
        carapace_diagnostic::Block { language: "flow", path: None, source: "flow a on nothing.message {\n" };
    let (found, _) = check(&Example { blocks: vec![block], words: String::new() }).ok_or("it was checked")?;
    if found.is_empty() { Err("a broken flow gives nothing".into()) } else { Ok(()) }
}
