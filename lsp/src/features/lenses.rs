//! What stands above flows and tests to be clicked on.

use super::tests::tests;
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::ItemKind;

/// What a lens offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LensKind {
    /// Run the test with this title.
    RunTest(String),
    /// Run all tests of the package.
    RunAllTests(usize),
    /// Draw this flow.
    ShowGraph(String),
    /// How many runs of this flow live: on the version that serves, and on older ones.
    ShowRuns(String, u64, u64),
}

/// A lens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// What it stands above.
    pub range: TextRange,
    /// What it offers.
    pub kind: LensKind,
}

/// The lenses of a file. `live` says how many runs of a flow live, by its name as the runtime knows it (`main.answer`).
pub fn lenses(snapshot: &Snapshot, file: FileId, live: &[(String, u64, u64)]) -> Vec<Lens> {
    let mut lenses = Vec::new();
    let found = tests(snapshot, file);
    let module = snapshot.module(file).map(|m| m.module.to_string()).unwrap_or_default();
    for (offset, item) in snapshot.items(file) {
        let (ItemKind::Flow(_), Some(name)) = (&item.kind, &item.name) else { continue };
        let range = name.range.shift(offset);
        lenses.push(Lens { range, kind: LensKind::ShowGraph(name.text.clone()) });
        let known = format!("{module}.{}", name.text);
        // Before the module's name stands the package's.
        let of_flow = live.iter().find(|(flow, ..)| *flow == known || flow.ends_with(&format!("/{known}")));
        if let Some((_, now, before)) = of_flow {
            lenses.push(Lens { range, kind: LensKind::ShowRuns(name.text.clone(), *now, *before) });
        }
    }
    if let [first, _, ..] = found.as_slice() {
        lenses.push(Lens { range: first.selection, kind: LensKind::RunAllTests(found.len()) });
    }
    for test in found {
        lenses.push(Lens { range: test.selection, kind: LensKind::RunTest(test.title) });
    }
    lenses.sort_by_key(|lens| lens.range.start);
    lenses
}

#[cfg(test)]
mod tests_of_lenses {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn flows_and_tests_have_lenses() {
        let f = fixture(
            "channel chat: any\nflow a on chat.message { reply(\"x\") }\ntest \"one\" { when chat.message(\"a\") }\ntest \"two\" { when chat.message(\"b\") }\n",
        );
        let live = [("shop/main.a".to_owned(), 3, 1)];
        let kinds: Vec<LensKind> = lenses(&f.snapshot, f.file, &live).into_iter().map(|l| l.kind).collect();
        assert_eq!(
            kinds,
            [
                LensKind::ShowGraph("a".to_owned()),
                LensKind::ShowRuns("a".to_owned(), 3, 1),
                LensKind::RunAllTests(2),
                LensKind::RunTest("one".to_owned()),
                LensKind::RunTest("two".to_owned()),
            ]
        );
    }
}
