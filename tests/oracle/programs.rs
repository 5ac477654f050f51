//! What the generator writes is the language, and the evaluator understands all of it.

use carapace_check::tree::{FlowId, Program};
use carapace_driver::{Checked, MemoryFiles};
use carapace_tests::generate::program;
use proptest::prelude::*;

/// How many cases are tried; `CASES=20000` looks longer.
pub(crate) fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The checked program of a source; panics with the diagnostics where there are errors.
pub(crate) fn checked(source: &str) -> Checked {
    let files = MemoryFiles::new([("main.flow", source)]);
    let checked = Checked::of(&files, "main.flow");
    let errors: Vec<String> = checked
        .diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| {
            let range = d.primary.span.range;
            let text = checked.text(d.primary.span.file).map_or("", |(_, text)| text);
            let place = text.get(range.start as usize..range.end as usize).unwrap_or("");
            format!("{} {}: `{place}`", d.code, d.message)
        })
        .collect();
    assert!(errors.is_empty(), "{}\n{source}", errors.join("\n"));
    checked
}

/// The flow of that name.
pub(crate) fn flow(program: &Program, name: &str) -> FlowId {
    let index = program.flows.iter().position(|flow| &*flow.name == name).unwrap();
    FlowId(u32::try_from(index).unwrap())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn generated_programs_check(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        checked(&program(&bytes).source);
    }
}
