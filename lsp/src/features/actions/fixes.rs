//! The repairs that diagnostics bring with them.

use super::{Action, ActionKind, Here};
use crate::features::formatting::Replacement;
use carapace_diagnostic::{Diagnostic, FileId};

/// A repair for each mistake at the place that has one.
pub(super) fn fixes(here: Here<'_>) -> Vec<Action> {
    let at_place = |d: &&Diagnostic| {
        let span = d.primary.span;
        let meets = span.range.touches(here.selection.start) || here.selection.touches(span.range.start);
        span.file == here.file && meets
    };
    let told = here.snapshot.checked.diagnostics.iter().filter(at_place);
    told.filter_map(|d| {
        let fix = d.fix.as_ref()?;
        let mut edits: Vec<(FileId, Vec<Replacement>)> = Vec::new();
        for edit in &fix.edits {
            let replacement = Replacement { range: edit.span.range, text: edit.text.clone() };
            match edits.iter_mut().find(|(file, _)| *file == edit.span.file) {
                Some((_, list)) => list.push(replacement),
                None => edits.push((edit.span.file, vec![replacement])),
            }
        }
        for (_, list) in &mut edits {
            list.sort_by_key(|r| r.range.start);
        }
        Some(Action {
            id: "fix",
            title: fix.title.clone(),
            kind: ActionKind::Fix,
            mends: vec![d.code.0],
            edits,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::actions::actions;
    use crate::features::fixture::fixture;
    use crate::features::formatting::apply;

    #[test]
    fn a_repair_is_offered_where_the_mistake_is() {
        let f = fixture("channel chat: any\nflow a on chat.message { repl$0(\"x\") }\n");
        let here = Here { snapshot: &f.snapshot, file: f.file, selection: f.selection };
        let found = actions(here);
        let action = found.iter().find(|a| a.kind == ActionKind::Fix).expect("a spelling is corrected");
        let done = apply(f.snapshot.text(f.file), &action.edits[0].1);
        assert!(done.contains("reply(\"x\")"), "{}: {done}", action.title);
        let elsewhere = fixture("chan$0nel chat: any\nflow a on chat.message { repl(\"x\") }\n");
        let here =
            Here { snapshot: &elsewhere.snapshot, file: elsewhere.file, selection: elsewhere.selection };
        assert_eq!(actions(here), []);
    }
}
